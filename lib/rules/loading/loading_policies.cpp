// Policies: levels, templates, calendars, elements, clocks and guards of every file, joined by name.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/loading/loading.hpp"

namespace tocsin::rules {

namespace {

constexpr std::int64_t largest_level = 10'000;

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

}  // namespace

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
            cvss->mistake(is_not_known(levels.cvss, {"raise", "decide", "ignore"}));
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
            table.mistake_at(name, "template " + is_not_known(name, known));
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
            entry->table.mistake_in("calendar", "calendar " + is_not_known(clock.calendar, calendar_names));
        if (clock.calendar.empty() && clock.counts_business_time())
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
