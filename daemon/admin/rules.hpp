// The verbs of tocsinctl that look after rules and policies (INTERFACES section 1). Each returns a sysexits code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cvd/agreement.hpp"
#include "daemon/admin/admin.hpp"
#include "intake/decide/backtest.hpp"

#include <nlohmann/json_fwd.hpp>

namespace tocsin::daemon {

// Which rules, and which mails.
struct RulesOptions {
    std::vector<std::string> rules;  // folders that stand in for rules.path; none: as configured
    std::string reports;             // a folder of mails with labels.jsonl, instead of the journal
    std::string half = "all";        // of it: "fitted" and "held-out" never have a mail in common
    std::string policy = "default";
    double pull = 0.5;
};

int check_rules(const AdminContext& context, const RulesOptions& options);
int test_rules(const AdminContext& context, const RulesOptions& options);
int print_rules_schema();
int backtest_rules(const AdminContext& context, const RulesOptions& options);
int learn_rules(const AdminContext& context, const RulesOptions& options);
// Says which ones there are.
int no_such_policy(const rules::RuleSet& rule_set, const std::string& name, int code = 64);  // EX_USAGE
int show_policy(const AdminContext& context, const RulesOptions& options, const std::string& name,
                const std::string& language);

// Configuration with the wanted rules; without a configuration file where both rules and mails are named. Says what is
// wrong on standard error.
std::optional<Loaded> load_wanted_rules(const AdminContext& context, const RulesOptions& options, bool thorough);

// One mail of a folder of reports, and what its team made of it.
struct RatedReport {
    std::string file;
    cvd::Severity team;
};
// labels.jsonl: {"file": "a.eml", "severity": "high"} on each line, "none" meaning low. The mails of a half are those
// whose name's SHA-256 begins with an even ("fitted") or odd byte ("held-out").
Result<std::vector<RatedReport>> rated_reports(const std::string& folder, const std::string& half);

nlohmann::ordered_json to_public_json(const cvd::Agreement& agreement);
std::string confusion_text(const cvd::Agreement& agreement, const Palette& palette);
void print_json(const nlohmann::ordered_json& json);

}  // namespace tocsin::daemon
