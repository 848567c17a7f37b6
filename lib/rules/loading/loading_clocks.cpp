// Clocks and guards, read table by table: what starts and ends them, who hears of them, and what could never be kept.
#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/loading/loading.hpp"

namespace tocsin::rules {

namespace {

// An event of a clock or a guard, or a mistake at the value.
std::optional<cvd::EventKind> event_at(const TomlValue& value) {
    const auto text = value.text();
    if (!text) return std::nullopt;
    const auto event = cvd::event_kind_from(*text);
    if (event && cvd::moves_clocks(*event)) return event;
    value.mistake(is_not_known(*text, cvd::names_of_events_that_move_clocks()));
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

// Who hears of it: owner, team, role:NAME or an address.
std::vector<std::string> recipients_at(const TomlValue& value) {
    std::vector<std::string> to;
    const auto each = value.each();
    for (const TomlValue& one : each) {
        const auto text = one.text();
        if (!text) continue;
        const bool is_known = *text == "owner" || *text == "team" || (text->starts_with("role:") && text->size() > 5) ||
                              mail::Address::from(*text);
        if (!is_known)
            one.mistake("'" + for_one_line(*text, 60) + "' is not known; accepted: owner, team, role:NAME, an address");
        to.push_back(*text);
    }
    if (each.empty()) value.mistake("nobody would hear of it; accepted: owner, team, role:NAME, an address");
    return to;
}

std::optional<sla::Mark> mark_at(const TomlValue& value) {
    const auto text = value.text();
    if (!text) return std::nullopt;
    auto mark = sla::parse_mark(*text);
    if (mark) return *mark;
    value.mistake(mark.error().what);
    return std::nullopt;
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

}  // namespace

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
        const auto levels = severities->each();
        for (const TomlValue& level : levels) {
            const auto text = level.text();
            const auto severity = text ? cvd::severity_from(*text) : std::nullopt;
            if (severity) clock.severity.push_back(*severity);
            if (text && !severity) level.mistake(is_not_known(*text, {"low", "medium", "high", "critical"}));
        }
        if (levels.empty())
            severities->mistake("at least one level is needed; without 'severity' the clock is for all of them");
    }
    if (const auto pause = table.value("pause")) clock.pause = event_at(*pause);
    clock.goal = table.boolean("goal").value_or(false);
    if (const auto remind = table.value("remind")) {
        for (const TomlValue& value : remind->each())
            if (const auto mark = mark_at(value)) clock.remind.push_back(*mark);
    }
    const auto to = table.value("to");
    clock.to = to ? recipients_at(*to) : std::vector<std::string>{"owner"};
    for (TomlTable& step : table.tables("escalate")) {
        Escalation escalation;
        const auto at = step.value("at");
        if (!at) step.mistake("missing key 'at'");
        const auto mark = at ? mark_at(*at) : std::nullopt;
        if (mark) escalation.at = *mark;
        if (const auto whom = step.value("to"))
            escalation.to = recipients_at(*whom);
        else
            step.mistake("missing key 'to'");
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

}  // namespace tocsin::rules
