#include "rules/rule_test.hpp"

#include <algorithm>

#include "sla/deadline.hpp"

namespace tocsin::rules {

namespace {

class Comparison {
public:
    void same(const char* what, const std::string& expected, const std::string& found) {
        if (expected != found) differences.push_back(std::string{what} + ": expected " + expected + ", found " + found);
    }
    void has(const char* what, const std::vector<std::string>& expected, const std::vector<std::string>& found) {
        for (const std::string& one : expected)
            if (std::ranges::find(found, one) == found.end())
                differences.push_back(std::string{what} + ": expected '" + one + "', found " + joined(found));
    }

    std::vector<std::string> differences;

private:
    static std::string joined(const std::vector<std::string>& texts) {
        std::string row;
        for (const std::string& text : texts) row += (row.empty() ? "" : ", ") + text;
        return row.empty() ? "none" : row;
    }
};

void compare_deadlines(const RuleTest& test, const Policy& policy, cvd::Severity severity, Comparison& compare) {
    for (const auto& [name, expected] : test.expect.due) {
        const ClockRule* clock = policy.clock(name);
        const bool runs =
            clock != nullptr && test.at && clock->start == cvd::EventKind::Received && clock->binds(severity);
        const std::string found = runs ? to_rfc3339(sla::due_after(*test.at, clock->within, policy.calendar_of(*clock)))
                                       : "no such clock running";
        compare.same(("due." + name).c_str(), to_rfc3339(expected), found);
    }
}

RuleTestResult run_one(const RuleTest& test, const Policy& policy, const TestedMail& mail) {
    const RuleTest::Expectation& expect = test.expect;
    const Evaluation& found = mail.evaluation;
    Comparison compare;
    if (expect.kind && !mail.kind.empty()) compare.same("kind", *expect.kind, mail.kind);
    if (expect.severity)
        compare.same("severity", std::string{cvd::to_text(*expect.severity)},
                     std::string{cvd::to_text(found.severity)});
    if (expect.score) compare.same("score", std::to_string(*expect.score), std::to_string(found.score));
    if (expect.acknowledge)
        compare.same("acknowledge", *expect.acknowledge ? "true" : "false", found.acknowledge ? "true" : "false");
    std::vector<std::string> hits;
    for (const Hit& hit : found.hits) hits.push_back(hit.rule);
    compare.has("rules", expect.rules, hits);
    for (const std::string& rule : expect.not_rules)
        if (std::ranges::find(hits, rule) != hits.end())
            compare.differences.push_back("not_rules: '" + rule + "' hit all the same");
    compare.has("tags", expect.tags, {found.tags.begin(), found.tags.end()});
    compare.has("present", expect.present, found.elements_present);
    compare.has("missing", expect.missing, found.elements_missing);
    compare_deadlines(test, policy, found.severity, compare);
    return {&test, std::move(compare.differences)};
}

}  // namespace

std::vector<RuleTestResult> run_tests(const RuleSet& rule_set, const TestReading& reading) {
    std::vector<RuleTestResult> results;
    for (const RuleTest& test : rule_set.tests()) {
        const Policy& policy = *rule_set.policy(test.policy);  // checked when it was loaded
        results.push_back(run_one(test, policy, reading(test, policy)));
    }
    return results;
}

}  // namespace tocsin::rules
