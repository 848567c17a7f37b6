// Configuration and rules, read and checked together: whole, or not at all.
#pragma once

#include <filesystem>
#include <optional>

#include "daemon/configuration/configuration.hpp"
#include "intake/examine/frame.hpp"
#include "rules/mistake.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::daemon {

struct Loaded {
    Configuration configuration;
    rules::RuleSet rule_set;
};

// Every mistake of every file is in `mistakes`; nothing is returned when one of them is an error. Thorough: what is
// hardly meant is looked for as well (rules that nobody tests, that stand in the shadow of another).
std::optional<Loaded> load(const std::filesystem::path& configuration, rules::Mistakes& mistakes,
                           bool thorough = false);

// What `tocsin-examine` is to load, so that it reads mail with the same rules and limits.
intake::ExaminerSetup examiner_setup(const Configuration& configuration);

// The same configuration with the rules of other paths.
std::optional<Loaded> load_with_rules(Configuration configuration, std::vector<std::filesystem::path> path,
                                      bool thorough, rules::Mistakes& mistakes);

}  // namespace tocsin::daemon
