// Runs the [[test]] tables: what a mail becomes, held against what its author expects.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rules/rule.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::rules {

// What a test's mail became.
struct TestedMail {
    std::string kind;  // empty where nobody worked it out; an expectation of a kind is then not looked at
    Evaluation evaluation;
};

// Reads the mail of a test as if it had arrived, and evaluates it under the policy.
using TestReading = std::function<TestedMail(const RuleTest& test, const Policy& policy)>;

struct RuleTestResult {
    const RuleTest* test = nullptr;             // of the rule set
    std::vector<std::string> differences = {};  // "severity: expected high, found low"; empty: passed
};

// Deadlines are those of the clocks that start when the mail is received.
std::vector<RuleTestResult> run_tests(const RuleSet& rule_set, const TestReading& reading);

}  // namespace tocsin::rules
