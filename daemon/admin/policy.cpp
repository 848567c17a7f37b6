// policy show: what a policy promises, as a company could publish it.
#include <sysexits.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/utf8.hpp"
#include "daemon/admin/rules.hpp"
#include "rules/conditions/field.hpp"
#include "rules/policies/policy_words.hpp"

namespace tocsin::daemon {

namespace {

using PolicyJson = nlohmann::ordered_json;

PolicyJson clock_json(const rules::ClockRule& clock) {
    PolicyJson json{{"name", clock.id},
                    {"promise", clock.promise},
                    {"start", cvd::to_text(clock.start)},
                    {"stop", PolicyJson::array()},
                    {"stop_needs", clock.stop.of == rules::StopCondition::Of::All ? "all" : "any"},
                    {"within", sla::to_text(clock.within)},
                    {"calendar", clock.calendar.empty() ? PolicyJson{} : PolicyJson(clock.calendar)},
                    {"severity", PolicyJson::array()},
                    {"goal", clock.goal}};
    for (const cvd::EventKind event : clock.stop.events) json["stop"].push_back(cvd::to_text(event));
    for (const cvd::Severity severity : clock.severity) json["severity"].push_back(cvd::to_text(severity));
    return json;
}

}  // namespace

int no_such_policy(const rules::RuleSet& rule_set, const std::string& name, int code) {
    const auto& names = rule_set.policy_names();
    return complain("there is no policy '" + for_one_line(name, 60) + "'; there are " +
                        rules::in_a_row({names.begin(), names.end()}),
                    code);
}

int show_policy(const AdminContext& context, const RulesOptions& options, const std::string& name,
                const std::string& language) {
    const auto loaded = load_wanted_rules(context, options, false);
    if (!loaded) return EX_CONFIG;
    const rules::Policy* policy = loaded->rule_set.policy(name);
    if (policy == nullptr) return no_such_policy(loaded->rule_set, name);
    const intake::Organisation& organisation = loaded->configuration.organisation;
    const std::string wanted = language.empty() ? organisation.languages.front() : language;
    if (std::ranges::find(organisation.languages, wanted) == organisation.languages.end())
        return complain("no words in '" + for_one_line(wanted, 60) + "'; configured: " +
                            rules::in_a_row({organisation.languages.begin(), organisation.languages.end()}),
                        EX_USAGE);
    const rules::PolicyWords words = rules::in_plain_words(*policy, {organisation.name, organisation.address.text()},
                                                           wanted, organisation.languages.front());
    if (!context.json) {
        std::fputs(words.to_text().c_str(), stdout);
        return EX_OK;
    }
    PolicyJson json{{"name", policy->name},
                    {"hash", policy->hash},
                    {"language", wanted},
                    {"text", words.to_text()},
                    {"clocks", PolicyJson::array()}};
    for (const rules::ClockRule& clock : policy->clocks) json["clocks"].push_back(clock_json(clock));
    json["guards"] = PolicyJson::array();
    for (const rules::Guard& guard : policy->guards) {
        PolicyJson after = PolicyJson::array();
        for (const cvd::EventKind event : guard.after) after.push_back(cvd::to_text(event));
        json["guards"].push_back({{"event", cvd::to_text(guard.event)}, {"after", after}, {"why", guard.why}});
    }
    json["elements"] = PolicyJson::array();
    for (const rules::Element& element : policy->elements)
        json["elements"].push_back({{"id", element.id}, {"ask", element.ask}, {"optional", element.optional}});
    json["promise"] = policy->promise;
    json["templates"] = policy->templates;
    print_json(json);
    return EX_OK;
}

}  // namespace tocsin::daemon
