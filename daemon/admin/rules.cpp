#include "daemon/admin/rules.hpp"

#include <fmt/core.h>
#include <sysexits.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/examiner.hpp"
#include "intake/decide/decide.hpp"
#include "rules/loading/json_schema.hpp"
#include "rules/rule_test.hpp"

namespace tocsin::daemon {

namespace {

using PublicJson = nlohmann::ordered_json;

// A folder without policies of its own is a layer: it stands in for the last configured one, or on top of the only one.
std::vector<std::filesystem::path> path_with(const std::vector<std::filesystem::path>& configured,
                                             const std::vector<std::string>& wanted) {
    std::vector<std::filesystem::path> path{wanted.begin(), wanted.end()};
    const bool whole = configured.empty() || wanted.size() != 1 || std::filesystem::exists(path.front() / "policies");
    if (whole) return path;
    std::vector<std::filesystem::path> layered = configured;
    if (layered.size() > 1) layered.pop_back();
    layered.push_back(path.front());
    return layered;
}

struct Wanted {
    Configuration configuration;
    std::vector<std::filesystem::path> path;
};

std::optional<Wanted> wanted_configuration(const AdminContext& context, const RulesOptions& options) {
    std::error_code none;
    if (!options.rules.empty() && !std::filesystem::exists(context.configuration, none)) {
        Wanted wanted{configuration_for_rules_alone({}), {}};
        wanted.path = path_with({}, options.rules);
        return wanted;
    }
    auto configuration = configuration_or_complain(context);
    if (!configuration) return std::nullopt;
    Wanted wanted{std::move(*configuration), {}};
    wanted.path = options.rules.empty() ? wanted.configuration.rules_path
                                        : path_with(wanted.configuration.rules_path, options.rules);
    return wanted;
}

PublicJson mistakes_json(const rules::Mistakes& mistakes) {
    PublicJson list = PublicJson::array();
    for (const rules::Mistake& mistake : mistakes.all())
        list.push_back({{"file", mistake.place.file},
                        {"line", mistake.place.line},
                        {"column", mistake.place.column},
                        {"level", mistake.warning ? "warning" : "error"},
                        {"what", mistake.what}});
    return list;
}

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : noun.ends_with("y") ? "" : "s");
}

}  // namespace

void print_json(const PublicJson& json) {
    const std::string text = json.dump(2, ' ', false, PublicJson::error_handler_t::replace) + "\n";
    std::fputs(text.c_str(), stdout);
}

std::optional<Loaded> load_wanted_rules(const AdminContext& context, const RulesOptions& options, bool thorough) {
    auto wanted = wanted_configuration(context, options);
    if (!wanted) return std::nullopt;
    rules::Mistakes mistakes;
    auto loaded = load_with_rules(std::move(wanted->configuration), std::move(wanted->path), thorough, mistakes);
    if (!loaded) std::fputs(mistakes.to_text().c_str(), stderr);
    return loaded;
}

int check_rules(const AdminContext& context, const RulesOptions& options) {
    auto wanted = wanted_configuration(context, options);
    if (!wanted) return EX_CONFIG;
    rules::Mistakes mistakes;
    const auto loaded = load_with_rules(std::move(wanted->configuration), std::move(wanted->path), true, mistakes);
    std::size_t errors = 0;
    for (const rules::Mistake& mistake : mistakes.all()) errors += mistake.warning ? 0 : 1;
    const std::size_t warnings = mistakes.all().size() - errors;
    if (context.json) {
        PublicJson json{{"mistakes", mistakes_json(mistakes)}, {"errors", errors}, {"warnings", warnings}};
        json["rules"] = loaded ? PublicJson(loaded->rule_set.rules().size()) : PublicJson{};
        json["tests"] = loaded ? PublicJson(loaded->rule_set.tests().size()) : PublicJson{};
        json["policies"] = loaded ? PublicJson(loaded->rule_set.policy_names()) : PublicJson{};
        json["hash"] = loaded ? PublicJson(loaded->rule_set.hash()) : PublicJson{};
        print_json(json);
        return loaded ? EX_OK : EX_CONFIG;
    }
    std::fputs(mistakes.to_text().c_str(), stderr);
    if (!loaded) {
        std::fputs(
            (counted(errors, "error") + ", " + counted(warnings, "warning") + "; nothing of it would be loaded\n")
                .c_str(),
            stderr);
        return EX_CONFIG;
    }
    const rules::RuleSet& rule_set = loaded->rule_set;
    std::string policies;
    for (const std::string& name : rule_set.policy_names()) policies += (policies.empty() ? "" : ", ") + name;
    std::fputs(fmt::format("{}, {}, policies {}; no error, {}\n", counted(rule_set.rules().size(), "rule"),
                           counted(rule_set.tests().size(), "test"), policies, counted(warnings, "warning"))
                   .c_str(),
               stdout);
    return EX_OK;
}

int test_rules(const AdminContext& context, const RulesOptions& options) {
    const auto loaded = load_wanted_rules(context, options, false);
    if (!loaded) return EX_CONFIG;
    const std::vector<rules::RuleTest>& tests = loaded->rule_set.tests();
    std::map<const rules::RuleTest*, rules::TestedMail> read;
    std::string failure;
    const auto done = [&](std::size_t number, const Result<intake::Examination>& examination) {
        const rules::RuleTest& test = tests.at(number);
        if (!examination) {
            failure = examination.error().what;
            return;
        }
        intake::MailboxRules mailbox = loaded->configuration.mailboxes.front().rules;
        mailbox.policy = test.policy;
        intake::Arrival arrival;
        arrival.received = test.at.value_or(context.clock.now());
        const auto decision = intake::decide(*examination, {}, loaded->rule_set, loaded->configuration.organisation,
                                             mailbox, arrival, arrival.received);
        read[&test] = {decision.kind, decision.evaluation.value_or(rules::Evaluation{})};
    };
    const auto asked = examine_many(
        *loaded, tests.size(), Process::Shared, [&](std::size_t number) { return tests.at(number).mail; }, done);
    if (!asked) return complain(asked.error().what, EX_SOFTWARE);
    if (read.size() != tests.size()) return complain("a test's mail could not be examined: " + failure, EX_SOFTWARE);
    const auto results = rules::run_tests(
        loaded->rule_set, [&](const rules::RuleTest& test, const rules::Policy&) { return read.at(&test); });
    std::size_t failed = 0;
    PublicJson list = PublicJson::array();
    for (const rules::RuleTestResult& result : results) {
        const rules::RuleTest& test = *result.test;
        failed += result.differences.empty() ? 0 : 1;
        list.push_back({{"name", test.name},
                        {"file", test.place.file},
                        {"line", test.place.line},
                        {"policy", test.policy},
                        {"passed", result.differences.empty()},
                        {"differences", result.differences}});
        if (context.json || result.differences.empty()) continue;
        std::fputs(fmt::format("{}:{}: {}: {}\n", test.place.file, test.place.line,
                               context.palette.paint("failed", Colour::Red), for_one_line(test.name, 200))
                       .c_str(),
                   stdout);
        for (const std::string& difference : result.differences)
            std::fputs(("    " + for_one_line(difference, 300) + "\n").c_str(), stdout);
    }
    if (context.json)
        print_json({{"tests", list}, {"passed", results.size() - failed}, {"failed", failed}});
    else
        std::fputs(fmt::format("{} passed, {} failed\n", results.size() - failed, failed).c_str(), stdout);
    return failed == 0 ? EX_OK : EX_DATAERR;
}

int print_rules_schema() {
    std::fputs(rules::json_schema().c_str(), stdout);
    return EX_OK;
}

Result<std::vector<RatedReport>> rated_reports(const std::string& folder, const std::string& half) {
    std::ifstream labels{std::filesystem::path{folder} / "labels.jsonl"};
    if (!labels) return permanent(Code::BadInput, folder + "/labels.jsonl cannot be read");
    std::vector<RatedReport> reports;
    std::size_t number = 0;
    for (std::string line; std::getline(labels, line);) {
        ++number;
        if (trim(line).empty()) continue;
        const auto json = nlohmann::json::parse(line, nullptr, false);
        const std::string where = folder + "/labels.jsonl:" + std::to_string(number) + ": ";
        if (!json.is_object() || !json.contains("file") || !json["file"].is_string() || !json.contains("severity") ||
            !json["severity"].is_string())
            return permanent(Code::BadInput, where + R"(expected {"file": "a.eml", "severity": "high"})");
        const std::string file = json["file"];
        if (file.find('/') != std::string::npos)
            return permanent(Code::BadInput, where + "a file is named without a folder");
        const std::string severity = json["severity"];
        const auto known = severity == "none" ? std::optional{cvd::Severity::Low} : cvd::severity_from(severity);
        if (!known) return permanent(Code::BadInput, where + "accepted severities: none, low, medium, high, critical");
        const bool held_out = (sha256(file)[0] & 1U) != 0;
        if (half == "all" || (half == "held-out") == held_out) reports.push_back({file, *known});
    }
    return reports;
}

PublicJson to_public_json(const cvd::Agreement& agreement) {
    PublicJson json{{"reports", agreement.total()},
                    {"exact", agreement.exact()},
                    {"macro_f1", agreement.macro_f1()},
                    {"within_one", agreement.within_one()},
                    {"critical_seen", agreement.critical_seen()},
                    {"critical_missed", agreement.critical_missed()}};
    for (const cvd::Severity team : cvd::all_severities)
        for (const cvd::Severity rules : cvd::all_severities)
            json["confusion"][std::string{cvd::to_text(team)}][std::string{cvd::to_text(rules)}] =
                agreement.counts[static_cast<std::size_t>(team)][static_cast<std::size_t>(rules)];
    return json;
}

std::string confusion_text(const cvd::Agreement& agreement, const Palette& palette) {
    std::vector<std::vector<Cell>> rows;
    for (const cvd::Severity team : cvd::all_severities) {
        std::vector<Cell> row{{std::string{cvd::to_text(team)}, Colour::Bold}};
        for (const cvd::Severity rules : cvd::all_severities)
            row.push_back(
                {std::to_string(agreement.counts[static_cast<std::size_t>(team)][static_cast<std::size_t>(rules)]),
                 team == rules ? Colour::Green : Colour::None, true});
        rows.push_back(std::move(row));
    }
    return table({"TEAM \\ RULES", "LOW", "MEDIUM", "HIGH", "CRITICAL"}, rows, palette) + agreement.in_words() + "\n";
}

}  // namespace tocsin::daemon
