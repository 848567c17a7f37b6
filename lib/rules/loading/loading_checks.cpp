// What is no mistake, but hardly meant: rules that never or always hold, that ask the same, that nobody tests.
#include <algorithm>

#include "rules/conditions/condition_worlds.hpp"
#include "rules/loading/loading.hpp"

namespace tocsin::rules {

namespace {

std::string key_of(const Program& program) {
    std::string key;
    for (const Program::Op& op : program.ops)
        key += std::to_string(static_cast<int>(op.step)) + ":" + std::to_string(op.test) + " ";
    return key;
}

bool ask_about_the_same(const Program& a, const Program& b) {
    return std::ranges::any_of(a.ops, [&b](const Program::Op& one) {
        return one.step == Program::Step::Test && std::ranges::any_of(b.ops, [&one](const Program::Op& other) {
                   return other.step == Program::Step::Test && other.test == one.test;
               });
    });
}

// Whether `outer` holds wherever `inner` does: "not inner or outer" always holds.
bool follows(const Program& inner, const Program& outer, const std::vector<Test>& tests) {
    Program joined = inner;
    joined.ops.push_back({Program::Step::Not, 0});
    joined.ops.insert(joined.ops.end(), outer.ops.begin(), outer.ops.end());
    joined.ops.push_back({Program::Step::Or, 0});
    return when_it_holds(joined, tests) == Holds::Always;
}

// Whether all that `inner` does, `outer` does as well.
bool adds_nothing(const Rule& inner, const Rule& outer) {
    const auto gives = [](const auto& own, const auto& others) { return !own || own == others; };
    const bool tags = std::ranges::all_of(inner.tags, [&outer](const std::string& tag) {
        return std::ranges::find(outer.tags, tag) != outer.tags.end();
    });
    return inner.score == 0 && tags && (!inner.floor || (outer.floor && *outer.floor >= *inner.floor)) &&
           (!inner.cap || (outer.cap && *outer.cap <= *inner.cap)) && gives(inner.kind, outer.kind) &&
           gives(inner.language, outer.language) && gives(inner.acknowledgement, outer.acknowledgement) &&
           gives(inner.signal, outer.signal) && (inner.acknowledge || !outer.acknowledge);
}

// What one mail has one of, so that the rule that is read last decides: the key that `inner` names in vain.
const char* named_in_vain(const Rule& inner, const Rule& later) {
    if (inner.kind && later.kind && inner.kind != later.kind) return "kind";
    if (inner.language && later.language && inner.language != later.language) return "language";
    if (inner.acknowledgement && later.acknowledgement && inner.acknowledgement != later.acknowledgement)
        return "template";
    return nullptr;
}

}  // namespace

// Pairs are many and the question is dear: asked only of a thorough reading.
void Loading::check_shadows(const LoadedRules& loaded, const std::vector<Test>& tests) {
    const std::vector<Rule>& all = loaded.rules;
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = i + 1; j < all.size(); ++j) {
            const Rule &first = all[i], &later = all[j];
            const bool together = first.policy.empty() || later.policy.empty() || first.policy == later.policy;
            if (!together || !ask_about_the_same(first.condition, later.condition)) continue;
            if (key_of(first.condition) == key_of(later.condition)) continue;  // told by check_rule
            const bool in_later = follows(first.condition, later.condition, tests);
            const bool in_first = follows(later.condition, first.condition, tests);
            if (in_later) check_shadow(first, later, in_first);
            if (in_later)
                if (const char* key = named_in_vain(first, later))
                    rules_.find(first.id, first.policy)
                        ->table.warn_at(key, "rule '" + later.id + "' holds wherever '" + first.id +
                                                 "' does, is read later and names another " + key);
            if (in_first) check_shadow(later, first, in_later);
        }
    }
}

// `inner` holds only where `outer` does.
void Loading::check_shadow(const Rule& inner, const Rule& outer, bool both_ways) {
    const Layer<RuleDraft>* entry = rules_.find(inner.id, inner.policy);
    const Layer<RuleDraft>* other = rules_.find(outer.id, outer.policy);
    if (entry == nullptr || other == nullptr) return;
    const Place place = other->table.place_of("when");
    const std::string where = "'" + outer.id + "' at " + place.file + ":" + std::to_string(place.line);
    if (adds_nothing(inner, outer))
        entry->table.warn_at("when", "rule '" + inner.id + "' stands in the shadow of rule " + where +
                                         ", which holds wherever it does and says the same");
    else if (both_ways && entry > other)
        entry->table.warn_at("when", "rule '" + inner.id + "' asks the same as rule " + where + "; both count");
}

void Loading::check_rule(const Layer<RuleDraft>& entry, const Program& program, const std::vector<Test>& tests) {
    const auto holds = when_it_holds(program, tests);
    if (holds == Holds::Never)
        entry.table.warn_at("when", "rule '" + entry.id + "' can never hold: its tests exclude each other");
    if (holds == Holds::Always) entry.table.warn_at("when", "rule '" + entry.id + "' always holds");
    for (const Program::Op& op : program.ops)
        if (op.step == Program::Step::Test && tests[op.test].op == Operator::Any &&
            when_it_holds(tests[op.test].inner, tests[op.test].asked) == Holds::Never)
            entry.table.warn_at("when", "rule '" + entry.id + "' asks for an attachment that can never be");
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
