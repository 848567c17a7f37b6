#include "rules/rule_set.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/loading/loaded_rules.hpp"
#include "rules/loading/loading.hpp"

namespace tocsin::rules {

namespace {

// What the CVSS score says, from the tests that every rule set has.
std::optional<cvd::Severity> severity_of_cvss(const LoadedRules& rules, const std::vector<Answer>& answers) {
    if (answers.at(rules.has_cvss) != Answer::Yes) return std::nullopt;
    cvd::Severity severity = cvd::Severity::Low;
    const std::array levels{cvd::Severity::Medium, cvd::Severity::High, cvd::Severity::Critical};
    for (std::size_t level = 0; level < levels.size(); ++level)
        if (answers.at(rules.cvss_reaches[level]) == Answer::Yes) severity = levels[level];
    return severity;
}

Hit hit_of(const Rule& rule, const LoadedRules& rules, const std::vector<Answer>& tests, const Answers& answers) {
    Hit hit{rule.id, rule.score, {}, {}};
    for (const std::uint32_t place : rule.condition.affirmed) {
        if (tests.at(place) != Answer::Yes) continue;
        hit.where = rules.table->test(place).field_name();
        const auto words = std::ranges::find(answers.words, place, &Answers::Words::test);
        if (words != answers.words.end()) hit.words = for_one_line(words->hit);
        return hit;
    }
    // Only what is not there made it hit.
    if (!rule.condition.empty()) hit.where = rules.table->test(rule.condition.ops.front().test).field_name();
    return hit;
}

void apply_rule(const Rule& rule, Evaluation& result) {
    result.score += rule.score;
    result.tags.insert(rule.tags.begin(), rule.tags.end());
    if (rule.kind) result.kind = rule.kind;
    if (rule.language) result.language = rule.language;
    if (rule.acknowledgement) result.acknowledgement = rule.acknowledgement;
    result.acknowledge = result.acknowledge && rule.acknowledge;
    if (rule.signal)
        result.signals.push_back({*rule.signal, rule.id, rule.why, result.hits.back().words, rule.of_the_outside});
    if (!rule.of_the_outside) return;
    if (rule.kind) result.outer_kind = rule.kind;
    result.outer_acknowledge = result.outer_acknowledge && rule.acknowledge;
}

// The score's level, what CVSS says of it, then the highest floor, then the lowest cap.
cvd::Severity rate(const SeverityLevels& levels, int score, std::optional<cvd::Severity> cvss,
                   const std::vector<const Rule*>& hits) {
    cvd::Severity severity = levels.of(score);
    if (cvss && levels.cvss == "raise") severity = std::max(severity, *cvss);
    if (cvss && levels.cvss == "decide") severity = *cvss;
    for (const Rule* rule : hits)
        if (rule->floor) severity = std::max(severity, *rule->floor);
    for (const Rule* rule : hits)
        if (rule->cap) severity = std::min(severity, *rule->cap);
    return levels.known(severity);
}

}  // namespace

RuleSet::RuleSet(std::unique_ptr<const State> state) : state_{std::move(state)} {}
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;

std::optional<RuleSet> RuleSet::load(const LoadOptions& options, Mistakes& mistakes) {
    Loading loading{options, mistakes};
    loading.read();
    auto loaded = loading.finish();
    if (!loaded) return std::nullopt;
    return RuleSet{std::make_unique<const State>(std::move(*loaded))};
}

const std::string& RuleSet::hash() const { return state_->hash; }
const std::vector<std::string>& RuleSet::languages() const { return state_->languages; }
const Templates& RuleSet::templates() const { return state_->templates; }
const std::vector<Rule>& RuleSet::rules() const { return state_->rules; }
const std::vector<RuleTest>& RuleSet::tests() const { return state_->tests; }

const Policy* RuleSet::policy(std::string_view name) const {
    const auto found = state_->policies.find(name);
    return found == state_->policies.end() ? nullptr : &found->second;
}

std::vector<std::string> RuleSet::policy_names() const {
    std::vector<std::string> names;
    for (const auto& [name, policy] : state_->policies) names.push_back(name);
    return names;
}

std::string_view RuleSet::why(std::string_view id) const {
    const auto found = std::ranges::find(state_->rules, id, &Rule::id);
    return found == state_->rules.end() ? std::string_view{} : std::string_view{found->why};
}

Answers RuleSet::examine(const MailFacts& facts) const { return state_->table->ask(facts); }

bool RuleSet::fits(const Answers& answers) const { return answers.tests.size() == state_->table->size(); }

Evaluation RuleSet::evaluate(const Answers& answers, const ThreadFacts& facts, const Policy& policy) const {
    const LoadedRules& rules = *state_;
    if (!fits(answers)) throw std::logic_error{"answers to another rule set"};
    std::vector<Answer> tests = answers.tests;
    std::vector<Answer> stack;
    for (std::size_t place = 0; place < tests.size(); ++place)
        if (known_from_the_store(rules.table->test(place).field))
            tests[place] = TestTable::ask(rules.table->test(place), facts);

    Evaluation result;
    std::vector<std::string_view> present, hidden;
    for (const Element& element : policy.elements) {
        if (element.condition >= rules.element_conditions.size()) continue;  // of a policy that only the store knows
        const Answer answer = run(rules.element_conditions[element.condition], tests, stack);
        if (answer == Answer::Yes) result.elements_present.push_back(element.id);
        if (answer == Answer::No && !element.optional) result.elements_missing.push_back(element.id);
        if (answer == Answer::CouldNotTell) hidden.push_back(element.id);
    }
    for (std::size_t place = 0; place < tests.size(); ++place) {
        const Test& test = rules.table->test(place);
        if (test.field != Field::Element) continue;
        const auto asks_for = [&test](std::string_view id) {
            return test.op == Operator::Has ||
                   (test.op == Operator::Equal ? equal_ignoring_case(test.text, id)
                                               : std::ranges::find(test.words, lower(id)) != test.words.end());
        };
        tests[place] = std::ranges::any_of(result.elements_present, asks_for) ? Answer::Yes
                       : std::ranges::any_of(hidden, asks_for)                ? Answer::CouldNotTell
                                                                              : Answer::No;
    }

    std::vector<const Rule*> hits;
    for (const Rule& rule : rules.rules) {
        if ((!rule.policy.empty() && rule.policy != policy.name) || rule.not_in.contains(policy.name)) continue;
        const Answer answer = run(rule.condition, tests, stack);
        if (answer == Answer::CouldNotTell) result.could_not_tell.push_back(rule.id);
        if (answer != Answer::Yes) continue;
        hits.push_back(&rule);
        result.hits.push_back(hit_of(rule, rules, tests, answers));
        apply_rule(rule, result);
    }
    result.severity = rate(policy.levels, result.score, severity_of_cvss(rules, tests), hits);
    return result;
}

}  // namespace tocsin::rules
