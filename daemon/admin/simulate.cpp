#include <fmt/core.h>
#include <sysexits.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/admin/clocks.hpp"
#include "daemon/admin/rules.hpp"
#include "intake/promises/account.hpp"
#include "intake/promises/named_dates.hpp"
#include "report/policy_picture.hpp"
#include "report/svg.hpp"

namespace tocsin::daemon {

namespace {

using SimulationJson = nlohmann::ordered_json;

SimulationJson json_of(const std::vector<intake::AccountedTime>& account) {
    SimulationJson list = SimulationJson::array();
    for (const intake::AccountedTime& one : account)
        list.push_back({{"from", to_rfc3339(one.from)},
                        {"to", to_rfc3339(one.to)},
                        {"counted", one.kind == intake::AccountedTime::Kind::Counted},
                        {"kind", intake::to_text(one.kind)}});
    return list;
}

SimulationJson severities_json(const rules::ClockRule& rule) {
    SimulationJson list = SimulationJson::array();
    for (const cvd::Severity severity : rule.severity) list.push_back(cvd::to_text(severity));
    return list;
}

SimulationJson simulation_json(const intake::Simulation& simulation) {
    SimulationJson clocks = SimulationJson::array();
    for (const intake::SimulatedClock& clock : simulation.clocks) {
        SimulationJson reminders = SimulationJson::array();
        SimulationJson marks = SimulationJson::array();
        SimulationJson escalations = SimulationJson::array();
        for (const intake::SimulatedReminder& reminder : clock.reminders) {
            const std::string at = to_rfc3339(reminder.at);
            if (reminder.escalates)
                escalations.push_back({{"at", at}, {"mark", reminder.mark}, {"to", reminder.to}});
            else if (reminders.empty() || reminders.back() != at)
                reminders.push_back(at);
            if (!reminder.escalates) marks.push_back({{"at", at}, {"mark", reminder.mark}, {"to", reminder.to}});
        }
        clocks.push_back({{"name", clock.rule.id},
                          {"started", to_rfc3339(clock.started)},
                          {"due", to_rfc3339(clock.due)},
                          {"within", sla::to_text(clock.rule.within)},
                          {"goal", clock.rule.goal},
                          {"severity", severities_json(clock.rule)},
                          {"reminders", std::move(reminders)},
                          {"marks", std::move(marks)},
                          {"escalations", std::move(escalations)},
                          {"intervals", json_of(clock.intervals)}});
    }
    SimulationJson waiting = SimulationJson::array();
    for (const rules::ClockRule& rule : simulation.not_started)
        waiting.push_back({{"name", rule.id},
                           {"start", cvd::to_text(rule.start)},
                           {"within", sla::to_text(rule.within)},
                           {"severity", severities_json(rule)}});
    return {{"clocks", std::move(clocks)}, {"not_started", std::move(waiting)}};
}

std::string people(const std::vector<std::string>& to) {
    std::string text;
    for (const std::string& one : to) text.append(text.empty() ? "" : ", ").append(one);
    return text;
}

// ", only critical or high", where a severity was not asked for and the clock binds some alone.
std::string only_some(const rules::ClockRule& rule, std::optional<cvd::Severity> severity) {
    if (severity) return {};
    std::string text;
    for (const cvd::Severity one : rule.severity)
        text.append(text.empty() ? ", only " : " or ").append(cvd::to_text(one));
    return text;
}

std::string simulation_text(const rules::Policy& policy, const intake::Simulation& simulation,
                            std::optional<cvd::Severity> severity, const Palette& palette) {
    std::string text;
    std::vector<std::vector<Cell>> rows;
    for (const intake::SimulatedClock& clock : simulation.clocks) {
        const sla::Zone zone = intake::zone_for(policy, &clock.rule);
        rows.push_back({{clock.rule.id, Colour::Bold},
                        {"due", Colour::Bold},
                        {report::short_time(clock.due, zone), Colour::Bold},
                        {sla::to_text(clock.rule.within) + (clock.rule.goal ? ", a goal" : "") +
                         only_some(clock.rule, severity)}});
        for (const intake::SimulatedReminder& reminder : clock.reminders)
            rows.push_back({{""},
                            {reminder.escalates ? "escalates" : "reminds"},
                            {report::short_time(reminder.at, zone)},
                            {reminder.mark + ", to " + people(reminder.to)}});
        for (const intake::AccountedTime& one : clock.intervals)
            rows.push_back({{""},
                            {std::string{intake::to_text(one.kind)}, Colour::Dim},
                            {report::short_time(one.from, zone), Colour::Dim},
                            {"to " + report::short_time(one.to, zone), Colour::Dim}});
    }
    text += rows.empty() ? "No clock starts when a report comes.\n" : table({"CLOCK", "", "AT", ""}, rows, palette);
    for (const rules::ClockRule& rule : simulation.not_started)
        text += fmt::format("{} waits for '{}', then {}{}\n", rule.id, cvd::to_text(rule.start),
                            sla::to_text(rule.within), only_some(rule, severity));
    return text;
}

}  // namespace

nlohmann::ordered_json account_json(const std::vector<intake::AccountedTime>& account) { return json_of(account); }

int simulate_policy(const AdminContext& context, const SimulateOptions& options) {
    const auto received = from_rfc3339(options.received);
    if (!received)
        return complain("--received: '" + options.received +
                            "' is no time; accepted is RFC 3339, such as 2026-03-06T15:30:00+01:00",
                        EX_USAGE);
    std::optional<cvd::Severity> severity;
    if (!options.severity.empty() && !(severity = cvd::severity_from(options.severity)))
        return complain("there is no severity '" + options.severity + "'; accepted: critical, high, medium, low",
                        EX_USAGE);
    RulesOptions with;
    with.rules = options.rules;
    const auto loaded = load_wanted_rules(context, with, false);
    if (!loaded) return EX_CONFIG;
    const rules::Policy* policy = loaded->rule_set.policy(options.policy);
    if (policy == nullptr) return no_such_policy(loaded->rule_set, options.policy, EX_USAGE);
    if (severity && policy->levels.known(*severity) != *severity)
        return complain("the policy '" + policy->name + "' knows no severity '" + options.severity + "'", EX_USAGE);
    const intake::Simulation simulation = intake::simulate(*policy, *received, severity);
    if (!options.svg.empty()) {
        // For a page of the company, and nothing in it is of anybody's report.
        const auto written = replace_file(options.svg, report::policy_picture(*policy, simulation, *received, severity),
                                          Readers::Everyone);
        if (!written) return complain(written.error().what, EX_IOERR);
    }
    if (context.json)
        std::puts(simulation_json(simulation).dump(2).c_str());
    else
        std::fputs(simulation_text(*policy, simulation, severity, context.palette).c_str(), stdout);
    return EX_OK;
}

}  // namespace tocsin::daemon
