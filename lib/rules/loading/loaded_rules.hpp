// What a rule set is made of once it is loaded.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rules/conditions/test_table.hpp"
#include "rules/policies/policy.hpp"
#include "rules/rule.hpp"
#include "rules/rule_set.hpp"
#include "rules/templates/template.hpp"

namespace tocsin::rules {

struct LoadedRules {
    std::string hash;
    std::vector<std::string> languages;
    std::map<std::string, Policy, std::less<>> policies;
    Templates templates;
    std::unique_ptr<const TestTable> table;
    std::vector<Rule> rules;
    std::vector<Program> element_conditions;
    std::vector<RuleTest> tests;
    // Tests that stand in every rule set: whether there is a CVSS score, and whether it reaches medium, high, critical.
    std::uint32_t has_cvss = 0;
    std::array<std::uint32_t, 3> cvss_reaches{};
};

struct RuleSet::State : LoadedRules {
    explicit State(LoadedRules loaded) : LoadedRules{std::move(loaded)} {}
};

}  // namespace tocsin::rules
