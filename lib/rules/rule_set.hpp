// The rules of an administrator: loaded whole or not at all, then only read.
//
// What a condition asks of the mail is answered in `examine` (in the process that reads hostile mail), the
// rest in `decide`; Answers travel between the two, so that both see one rule set, named by its hash.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cvd/severity.hpp"
#include "rules/conditions/answer.hpp"
#include "rules/conditions/facts.hpp"
#include "rules/mistake.hpp"
#include "rules/policies/policy.hpp"
#include "rules/rule.hpp"
#include "rules/templates/template.hpp"

namespace tocsin::rules {

struct Hit {
    std::string rule;
    int score = 0;
    std::string where;  // the field that the first matching test looked at
    std::string words;  // what it hit there; empty for a test that hits no words
};

// Of a mail that no person wrote, or that nobody waits at an answer to.
struct Signal {
    std::string kind;  // "bounce", "auto-reply", "bulk", "machine", "unattended"
    std::string rule;
    std::string why;
    std::string words;  // what it hit; may be empty
    bool of_the_outside = true;
};

struct Evaluation {
    std::vector<Hit> hits;
    std::vector<std::string> could_not_tell;  // rules that a limit kept from being answered
    int score = 0;
    cvd::Severity severity = cvd::Severity::Low;
    std::vector<std::string> elements_present;
    std::vector<std::string> elements_missing;  // without the optional ones
    std::set<std::string> tags;
    std::optional<std::string> kind;  // set by a rule
    std::optional<std::string> language;
    std::optional<std::string> acknowledgement;  // another template for it
    bool acknowledge = true;
    std::vector<Signal> signals;
    // The same by those rules alone that ask for nothing an encryption may have hidden: whether an encrypted mail is
    // answered must not tell what lies in it.
    std::optional<std::string> outer_kind;
    bool outer_acknowledge = true;
};

struct LoadOptions {
    std::vector<std::filesystem::path> path;  // a later one adds to and replaces by id
    std::vector<std::string> languages = {
        "en"};              // those that every element and template must have; the first is the fallback
    bool thorough = false;  // warn of rules that no test names, too
    bool for_mail = true;   // false where answers are evaluated that another process got: no pattern is kept
};

class RuleSet {
public:
    // Reads every file below the paths. Nothing where there is an error; `mistakes` has warnings in any case.
    static std::optional<RuleSet> load(const LoadOptions& options, Mistakes& mistakes);
    RuleSet(RuleSet&&) noexcept;
    RuleSet& operator=(RuleSet&&) noexcept;
    ~RuleSet();

    const std::string& hash() const;  // over all files, in hex
    const std::vector<std::string>& languages() const;
    const Policy* policy(std::string_view name) const;
    std::vector<std::string> policy_names() const;
    const Templates& templates() const;
    const std::vector<Rule>& rules() const;      // those that are not disabled everywhere
    const std::vector<RuleTest>& tests() const;  // the [[test]] tables

    Answers examine(const MailFacts& facts) const;

    // Answers of another size than this rule set's are a bug and throw. The policy must be one of this rule set's.
    // Whether they are answers to these rules, as far as can be told. Others are a bug to ask `evaluate` about.
    bool fits(const Answers& answers) const;
    Evaluation evaluate(const Answers& answers, const ThreadFacts& facts, const Policy& policy) const;

    // What rule `id` says of itself ("why"); empty when there is none.
    std::string_view why(std::string_view id) const;

private:
    struct State;
    explicit RuleSet(std::unique_ptr<const State> state);
    std::unique_ptr<const State> state_;
};

}  // namespace tocsin::rules
