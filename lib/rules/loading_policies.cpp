// Calendars, clocks, guards and levels: read table by table, then joined into policies.
#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/loading.hpp"

namespace tocsin::rules {

namespace {

constexpr std::int64_t largest_level = 10'000;

std::string unknown_word(std::string_view word, const std::vector<std::string_view>& accepted) {
    const std::string_view near = nearest(word, accepted);
    return "'" + for_one_line(word, 60) + "' is not known" +
           (near.empty() ? "; accepted: " + in_a_row(accepted) : "; did you mean '" + std::string{near} + "'?");
}

// An event of a clock or a guard, or a mistake at the value.
std::optional<cvd::EventKind> event_at(const TomlValue& value) {
    const auto text = value.text();
    if (!text) return std::nullopt;
    const auto event = cvd::event_kind_from(*text);
    if (event && cvd::moves_clocks(*event)) return event;
    value.mistake(unknown_word(*text, cvd::names_of_events_that_move_clocks()));
    return std::nullopt;
}

std::vector<cvd::EventKind> events_at(const TomlValue& value) {
    std::vector<cvd::EventKind> events;
    const auto list = value.list();
    if (list.empty() && value.type() == TomlValue::Type::List) value.mistake("at least one event is needed");
    for (const TomlValue& one : list)
        if (const auto event = event_at(one)) events.push_back(*event);
    return events;
}

// "2026-12-24" is one day, "12-26" the day in every year.
bool add_closed_day(std::string_view text, CalendarPlan& plan) {
    const auto number = [](std::string_view digits) {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc{} && end == digits.data() + digits.size() ? value : 0U;
    };
    const auto parts = split(text, '-');
    using namespace std::chrono;
    if (parts.size() == 3 && text.size() == 10) {
        const year_month_day date{year{static_cast<int>(number(parts[0]))}, month{number(parts[1])},
                                  day{number(parts[2])}};
        if (!date.ok() || number(parts[0]) == 0) return false;
        plan.closed.insert(sys_days{date});
        return true;
    }
    if (parts.size() == 2 && text.size() == 5) {
        const month_day date{month{number(parts[0])}, day{number(parts[1])}};
        if (!date.ok()) return false;
        plan.closed_every_year.insert({date});
        return true;
    }
    return false;
}

void read_closed_days(const TomlValue& days, CalendarPlan& plan) {
    for (const TomlValue& value : days.list()) {
        const auto text = value.type() == TomlValue::Type::Date ? value.date() : value.text();
        if (text && !add_closed_day(*text, plan))
            value.mistake("expected a day such as \"2026-12-24\", or \"12-24\" for every year");
    }
}

// Who hears of it: owner, team, role:NAME or an address.
void check_recipients(const TomlTable& table, std::string_view key, const std::vector<std::string>& to) {
    for (const std::string& one : to)
        if (one != "owner" && one != "team" && !(one.starts_with("role:") && one.size() > 5) &&
            !mail::Address::from(one))
            table.mistake_at(
                key, "'" + for_one_line(one, 60) + "' is not known; accepted: owner, team, role:NAME, an address");
}

std::optional<sla::Mark> mark_at(const TomlValue& value) {
    const auto text = value.text();
    if (!text) return std::nullopt;
    auto mark = sla::parse_mark(*text);
    if (mark) return *mark;
    value.mistake(mark.error().what);
    return std::nullopt;
}

bool counts_business_time(const sla::Mark& mark) {
    const bool has_span = mark.kind != sla::Mark::Kind::Fraction && mark.kind != sla::Mark::Kind::Due;
    return has_span && mark.span.counts_business_time();
}

// How long in one measure: what cannot be compared (a day and a business day) gives different measures.
std::pair<int, std::int64_t> measured(const sla::Span& span) {
    switch (span.unit) {
        case sla::Unit::Minute:
            return {0, span.count};
        case sla::Unit::Hour:
            return {0, span.count * 60};
        case sla::Unit::Day:
            return {0, span.count * 24 * 60};
        case sla::Unit::BusinessHour:
            return {1, span.count};
        case sla::Unit::BusinessDay:
            return {2, span.count};
    }
    return {3, 0};
}

// A mark so long before the deadline that the clock has not started by then.
void warn_of_early_marks(const TomlTable& table, const ClockRule& clock) {
    const auto is_early = [&clock](const sla::Mark& mark) {
        if (mark.kind != sla::Mark::Kind::Before) return false;
        const auto [measure, length] = measured(mark.span);
        const auto [of_clock, whole] = measured(clock.within);
        return measure == of_clock && length >= whole;
    };
    const auto warn = [&](const char* key, const sla::Mark& mark) {
        table.warn_at(key, "'" + sla::to_text(mark) + "' lies before the start of a clock of " +
                               sla::to_text(clock.within) + ": it never speaks");
    };
    for (const sla::Mark& mark : clock.remind)
        if (is_early(mark)) warn("remind", mark);
    for (const Escalation& step : clock.escalate)
        if (is_early(step.at)) warn("escalate", step.at);
}

// What happens more than once, so that a clock may well run from one to the next.
bool comes_again(cvd::EventKind event) {
    using cvd::EventKind;
    constexpr EventKind again[] = {
        EventKind::ReporterUpdated, EventKind::Delayed, EventKind::EtaSet,   EventKind::Eta,
        EventKind::Waiting,         EventKind::Resumed, EventKind::Assigned, EventKind::Reopened};
    return std::ranges::find(again, event) != std::end(again);
}

// What can never be kept, or only by accident: a clock that ends as it starts, waits for what is long over, or rests
// for good.
void warn_of_clocks_that_never_run(const TomlTable& table, const ClockRule& clock) {
    using cvd::EventKind;
    const auto ends_with = [&clock](EventKind event) {
        return std::ranges::find(clock.stop.events, event) != clock.stop.events.end();
    };
    const bool any_ends_it = clock.stop.of == StopCondition::Of::Any || clock.stop.events.size() == 1;
    const std::string id = "clock '" + clock.id + "' ";
    if (clock.start == EventKind::Closed)
        table.warn_at("start", id + "never runs: 'closed' ends every clock");
    else if (ends_with(EventKind::Received))
        table.warn_at("stop", id + (any_ends_it && clock.stop.events.size() > 1
                                        ? "waits for 'received', which comes once, before everything else"
                                        : "can never end: 'received' comes once, before everything else"));
    else if (clock.stop.events.size() == 1 && ends_with(clock.start) && !comes_again(clock.start))
        table.warn_at("stop", id + "ends with the event that starts it");
    if (!clock.pause) return;
    if (*clock.pause == EventKind::Resumed)
        table.warn_at("pause", id + "is never paused: 'resumed' ends a pause; 'waiting' begins one");
    else if (any_ends_it && ends_with(*clock.pause))
        table.warn_at("pause", id + "is never paused: the event that pauses it ends it");
    else if (*clock.pause == clock.start)
        table.warn_at("pause", id + "rests from its start until /resume");
}

// What each guard waits for, followed to its end: a circle can never be entered.
void tell_circles(const std::vector<const Layer<Guard>*>& guards) {
    for (const Layer<Guard>* entry : guards) {
        std::set<cvd::EventKind> before{entry->what.after.begin(), entry->what.after.end()};
        for (std::size_t known = 0; known != before.size();) {
            known = before.size();
            for (const Layer<Guard>* other : guards)
                if (before.contains(other->what.event))
                    before.insert(other->what.after.begin(), other->what.after.end());
        }
        const std::string event{cvd::to_text(entry->what.event)};
        const bool waits_for_itself =
            std::ranges::find(entry->what.after, entry->what.event) != entry->what.after.end();
        if (before.contains(entry->what.event) && !waits_for_itself)
            entry->table.mistake_at(
                "after", "'" + event + "' waits for what itself waits for '" + event + "': none of them could ever be");
    }
}

bool needs_calendar(const ClockRule& clock) {
    return clock.within.counts_business_time() || std::ranges::any_of(clock.remind, counts_business_time) ||
           std::ranges::any_of(clock.escalate, [](const Escalation& step) { return counts_business_time(step.at); });
}

}  // namespace

void Loading::read_calendar(TomlTable table, const std::string& name, const RulesFile& file) {
    CalendarDraft draft;
    const auto zone_value = table.value("zone");
    if (!zone_value) table.mistake("missing key 'zone'");
    const auto zone_name = zone_value ? zone_value->text() : std::nullopt;
    draft.plan.zone = zone_name.value_or("");
    bool sound = zone_name.has_value();
    if (const auto zone = sla::Zone::load(draft.plan.zone); sound && !zone) {
        zone_value->mistake(zone.error().what);
        sound = false;
    }
    if (auto hours = table.table("hours")) {
        std::set<unsigned> named;
        for (const std::string& days : hours->keys()) {
            const auto value = hours->value(days);
            const auto weekdays = sla::parse_weekdays(days);
            if (!weekdays) hours->mistake_at(days, weekdays.error().what);
            const auto text = value->text();
            sound = sound && text && weekdays;
            if (!text || !weekdays) continue;
            const auto open = sla::parse_open_hours(*text);
            if (!open) value->mistake(open.error().what);
            sound = sound && open;
            for (const unsigned day : *weekdays) {
                if (open) draft.plan.week.at(day) = *open;
                if (named.insert(day).second) continue;
                hours->mistake_at(days,
                                  "a day of it has its hours already; each day stands once, with all of its hours");
                break;
            }
        }
    } else if (!table.has("hours")) {
        table.mistake("missing key 'hours'");
        sound = false;
    }
    if (const auto closed = table.value("closed")) read_closed_days(*closed, draft.plan);
    if (const auto holidays = table.value("holidays")) {
        for (const TomlValue& value : holidays->list()) {
            const auto path = value.text();
            const auto bytes = path ? read_beside(file, *path, value) : std::nullopt;
            if (!bytes) continue;
            const auto days = sla::holidays_of(*bytes);
            if (!days) value.mistake("'" + *path + "': " + days.error().what);
            if (days) draft.plan.closed.insert(days->begin(), days->end());
        }
    }
    const bool replaces = table.boolean("override").value_or(false);
    table.done();
    if (sound) {
        auto calendar = draft.plan.make();
        if (!calendar) table.mistake(calendar.error().what);
        if (calendar) draft.calendar = std::move(*calendar);
    }
    // The table's own place stands for its name: [calendar.NAME].
    calendars_.add({name, file.policy, replaces, table, std::move(draft)}, "calendar", "");
}

void Loading::read_clock(TomlTable table, const std::string& policy) {
    ClockRule clock;
    clock.id = read_id(table);
    if (table.has("promise")) clock.promise = read_words(table, "promise");
    if (const auto start = table.value("start"))
        clock.start = event_at(*start).value_or(clock.start);
    else
        table.mistake("missing key 'start'");
    if (const auto stop = table.value("stop")) {
        if (stop->type() == TomlValue::Type::Table) {
            auto of = *stop->table();
            const auto all = of.value("all"), any = of.value("any");
            if (all.has_value() == any.has_value()) stop->mistake("expected { all = […] } or { any = […] }");
            if (all) clock.stop = {StopCondition::Of::All, events_at(*all)};
            if (any) clock.stop = {StopCondition::Of::Any, events_at(*any)};
            of.done();
        } else if (const auto event = event_at(*stop)) {
            clock.stop.events = {*event};
        }
    } else {
        table.mistake("missing key 'stop'");
    }
    if (const auto within = table.value("within")) {
        if (const auto text = within->text()) {
            const auto span = sla::parse_span(*text);
            if (!span) within->mistake(span.error().what);
            if (span) clock.within = *span;
            if (span && span->count == 0) within->mistake("a promise needs some time");
        }
    } else {
        table.mistake("missing key 'within'");
    }
    clock.calendar = table.text("calendar").value_or("");
    if (const auto severities = table.value("severity")) {
        const auto levels = severities->type() == TomlValue::Type::Text ? std::vector{*severities} : severities->list();
        for (const TomlValue& level : levels) {
            const auto text = level.text();
            const auto severity = text ? cvd::severity_from(*text) : std::nullopt;
            if (severity) clock.severity.push_back(*severity);
            if (text && !severity) level.mistake(unknown_word(*text, {"low", "medium", "high", "critical"}));
        }
        if (levels.empty() && severities->type() == TomlValue::Type::List)
            severities->mistake("at least one level is needed; without 'severity' the clock is for all of them");
    }
    if (const auto pause = table.value("pause")) clock.pause = event_at(*pause);
    clock.goal = table.boolean("goal").value_or(false);
    if (const auto remind = table.value("remind")) {
        const auto marks = remind->type() == TomlValue::Type::Text ? std::vector{*remind} : remind->list();
        for (const TomlValue& value : marks)
            if (const auto mark = mark_at(value)) clock.remind.push_back(*mark);
    }
    clock.to = table.texts("to");
    if (!table.has("to")) clock.to = {"owner"};
    if (const auto to = table.value("to"); to && clock.to.empty() && to->type() == TomlValue::Type::List)
        to->mistake("nobody would hear of it; accepted: owner, team, role:NAME, an address");
    check_recipients(table, "to", clock.to);
    for (TomlTable& step : table.tables("escalate")) {
        Escalation escalation;
        const auto at = step.value("at");
        if (!at) step.mistake("missing key 'at'");
        const auto mark = at ? mark_at(*at) : std::nullopt;
        if (mark) escalation.at = *mark;
        escalation.to = step.texts("to");
        if (escalation.to.empty()) step.mistake("missing key 'to'");
        check_recipients(step, "to", escalation.to);
        step.done();
        if (mark) clock.escalate.push_back(std::move(escalation));
    }
    const bool replaces = table.boolean("override").value_or(false);
    table.done();
    if (clock.goal && clock.promise.empty())
        table.mistake_at("goal", "a goal is told in words; it needs promise = { … }");
    if (clock.id == eta_clock || clock.id == embargo_clock || clock.id == disclosure_clock)
        table.mistake_at("id", "every ticket has a clock '" + clock.id +
                                   "' of its own, for the date that the team names; "
                                   "choose another id");
    warn_of_early_marks(table, clock);
    if (table.has("start") && table.has("stop")) warn_of_clocks_that_never_run(table, clock);
    if (clock.id.empty()) return;
    const std::string id = clock.id;
    clocks_.add({id, policy, replaces, table, std::move(clock)}, "clock", "id");
}

void Loading::read_guard(TomlTable table, const std::string& policy) {
    Guard guard;
    std::optional<cvd::EventKind> event;
    if (const auto value = table.value("event"))
        event = event_at(*value);
    else
        table.mistake("missing key 'event'");
    if (const auto after = table.value("after"))
        guard.after = events_at(*after);
    else
        table.mistake("missing key 'after'");
    if (const auto why = table.value("why"); why && why->type() == TomlValue::Type::Table)
        guard.why = read_words(table, "why");
    else
        guard.why[options_.languages.empty() ? "en" : options_.languages.front()] = table.required_text("why");
    guard.id = table.text("id").value_or("");
    const bool replaces = table.boolean("override").value_or(false);
    table.done();
    if (!event) return;
    if (std::ranges::find(guard.after, *event) != guard.after.end())
        table.mistake_at("after", "'" + std::string{cvd::to_text(*event)} + "' would wait for itself");
    if (*event == cvd::EventKind::Received)
        table.mistake_at("event", "nothing comes before 'received', and nobody can keep it back");
    guard.event = *event;
    const std::string id = guard.id.empty() ? std::string{cvd::to_text(*event)} : guard.id;
    guards_.add({id, policy, replaces, table, std::move(guard)}, "guard", guard.id.empty() ? "event" : "id");
}

void Loading::read_levels(const SeverityDraft& draft, SeverityLevels& levels) {
    TomlTable table = draft.table;
    const auto level = [&](std::string_view key, int& score) {
        const auto value = table.value(key);
        if (!value) return;
        if (value->type() == TomlValue::Type::Text) {
            if (value->text() == "none" && key != "low") {
                score = SeverityLevels::never;
            } else {
                value->mistake(key == "low" ? "expected a whole number"
                                            : "expected a whole number, or \"none\" where there is no such level");
            }
        } else if (const auto number = value->whole()) {
            if (*number < -largest_level || *number > largest_level)
                value->mistake("a level lies between -10000 and 10000");
            else
                score = static_cast<int>(*number);
        }
    };
    level("critical", levels.critical);
    level("high", levels.high);
    level("medium", levels.medium);
    level("low", levels.low);
    if (table.text("unreadable") == "none")
        levels.unreadable.reset();
    else if (table.has("unreadable"))
        levels.unreadable = read_severity(table, "unreadable");
    if (const auto cvss = table.value("cvss")) {
        levels.cvss = cvss->text().value_or(levels.cvss);
        if (levels.cvss != "raise" && levels.cvss != "decide" && levels.cvss != "ignore")
            cvss->mistake(unknown_word(levels.cvss, {"raise", "decide", "ignore"}));
    }
    table.done();
    // A level that is not known lies above all others, wherever it stands.
    const std::pair<std::string_view, int> begins[] = {
        {"critical", levels.critical}, {"high", levels.high}, {"medium", levels.medium}, {"low", levels.low}};
    const std::pair<std::string_view, int>* above = nullptr;
    for (const auto& one : begins) {
        if (one.second == SeverityLevels::never) continue;
        if (above != nullptr && above->second <= one.second) {
            const std::string_view key = draft.table.has(above->first) ? above->first : one.first;
            table.mistake_at(key, "each level needs a higher score than the one below it: " +
                                      std::string{above->first} + " begins at " + std::to_string(above->second) + ", " +
                                      std::string{one.first} + " at " + std::to_string(one.second));
        }
        above = &one;
    }
}

void Loading::read_template_choice(const TemplateChoice& choice, Policy& policy, const LoadedRules& loaded) {
    TomlTable table = choice.table;
    for (const std::string& name : table.keys()) {
        const auto stands_in = table.text(name);
        if (!stands_in) continue;
        if (const auto known = template_names(); std::ranges::find(known, name) == known.end()) {
            table.mistake_at(name, "template " + unknown_word(name, known));
            continue;
        }
        if (const std::string_view like = template_like(*stands_in); like != name)
            table.mistake_at(name, "'" + for_one_line(*stands_in, 60) + "' has the fields of '" + std::string{like} +
                                       "'; what stands in for '" + name + "' is called '" + name + "-…'");
        for (const std::string& language : loaded.languages)
            if (!loaded.templates.has(*stands_in, language))
                table.mistake_at(name,
                                 "there is no template '" + for_one_line(*stands_in, 60) + "." + language + ".eml'");
        policy.templates[name] = *stands_in;
    }
}

Policy Loading::make_policy(const std::string& name, const LoadedRules& loaded) {
    Policy policy;
    policy.name = name;
    if (const auto promise = promises_.find(name); promise != promises_.end()) policy.promise = promise->second;
    for (const bool own : {false, true}) {
        for (const SeverityDraft& draft : severities_)
            if (draft.policy.empty() != own && (!own || draft.policy == name)) read_levels(draft, policy.levels);
        for (const TemplateChoice& choice : template_choices_)
            if (choice.policy.empty() != own && (!own || choice.policy == name))
                read_template_choice(choice, policy, loaded);
    }
    std::map<std::string, CalendarPlan> plans;
    std::vector<std::string_view> calendar_names;
    for (const auto* entry : calendars_.of(name, "calendar", "")) {
        calendar_names.push_back(entry->id);
        if (!entry->what.calendar) continue;
        policy.calendars.insert_or_assign(entry->id, *entry->what.calendar);
        plans.insert_or_assign(entry->id, entry->what.plan);
    }
    for (const auto* entry : elements_.of(name, "element", "id")) {
        if (disabled(entry->id, name)) continue;
        policy.elements.push_back(entry->what.element);
        policy.elements.back().condition = element_conditions_.at(entry->policy + '\n' + entry->id);
    }
    for (const auto* entry : clocks_.of(name, "clock", "id")) {
        const ClockRule& clock = entry->what;
        if (disabled(entry->id, name)) continue;
        const bool known = std::ranges::find(calendar_names, clock.calendar) != calendar_names.end();
        if (!clock.calendar.empty() && !known)
            entry->table.mistake_at("calendar", "calendar " + unknown_word(clock.calendar, calendar_names));
        if (clock.calendar.empty() && needs_calendar(clock))
            entry->table.mistake_at("within", "business time needs calendar = \"NAME\"; calendars: " +
                                                  (calendar_names.empty() ? "none" : in_a_row(calendar_names)));
        const auto is_unknown = [&policy](cvd::Severity level) { return policy.levels.known(level) != level; };
        if (entry->policy == name && !clock.severity.empty() && std::ranges::all_of(clock.severity, is_unknown))
            entry->table.warn_at("severity", "clock '" + clock.id + "' never binds: the policy has no such level");
        policy.clocks.push_back(clock);
    }
    std::vector<const Layer<Guard>*> guards = guards_.of(name, "guard", "event");
    std::erase_if(guards, [&](const auto* entry) { return disabled(entry->id, name); });
    tell_circles(guards);
    for (const auto* entry : guards) policy.guards.push_back(entry->what);
    // Only what a clock counts in is kept: an unused calendar would make the same promise another text.
    std::erase_if(policy.calendars, [&](const auto& calendar) {
        return std::ranges::none_of(policy.clocks,
                                    [&](const ClockRule& clock) { return clock.calendar == calendar.first; });
    });
    if (!mistakes_.any_error()) write_source(policy, plans);
    return policy;
}

void Loading::make_policies(LoadedRules& loaded) {
    policy_names_.insert("default");  // tables outside of policies are enough for one
    for (const std::string& name : policy_names_) loaded.policies.emplace(name, make_policy(name, loaded));
}

}  // namespace tocsin::rules
