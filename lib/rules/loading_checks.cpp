// What is no mistake, but hardly meant: rules that never or always hold, that ask the same, that nobody tests.
#include <algorithm>

#include "rules/condition_worlds.hpp"
#include "rules/loading.hpp"

namespace tocsin::rules {

namespace {

std::string key_of(const Program& program) {
    std::string key;
    for (const Program::Op& op : program.ops)
        key += std::to_string(static_cast<int>(op.step)) + ":" + std::to_string(op.test) + " ";
    return key;
}

}  // namespace

void Loading::check_rule(const Layer<RuleDraft>& entry, const Program& program, const std::vector<Test>& tests) {
    const auto holds = when_it_holds(program, tests);
    if (holds == Holds::Never)
        entry.table.warn_at("when", "rule '" + entry.id + "' can never hold: its tests exclude each other");
    if (holds == Holds::Always) entry.table.warn_at("when", "rule '" + entry.id + "' always holds");
    const auto [first, is_new] = conditions_.emplace(entry.policy + '\n' + key_of(program), &entry);
    if (is_new) return;
    const Place place = first->second->table.place_of("when");
    entry.table.warn_at("when", "rule '" + entry.id + "' asks the same as rule '" + first->second->id + "' at " +
                                    place.file + ":" + std::to_string(place.line) + "; both count");
}

void Loading::check_that_rules_are_tested(const LoadedRules& loaded) {
    for (const auto& entry : rules_.all()) {
        const bool tested = std::ranges::any_of(loaded.tests, [&entry](const RuleTest& test) {
            return std::ranges::find(test.expect.rules, entry.id) != test.expect.rules.end();
        });
        if (!tested && !disabled(entry.id, ""))
            entry.table.warn_at("id", "rule '" + entry.id + "' is never tested: no [[test]] expects it");
    }
}

}  // namespace tocsin::rules
