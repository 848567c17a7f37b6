// Whether a member's words hold text that only the team has seen. Runs in `tocsin-examine`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "intake/examine.hpp"
#include "intake/organisation.hpp"
#include "openpgp/engine.hpp"
#include "rules/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

inline constexpr std::size_t longest_shared = 40;  // characters in a row, blanks and case aside

// Whether so many characters of `words` stand in one of the secret texts and in none of the known ones.
bool shares_secret(std::string_view words, const std::vector<std::string>& secret,
                   const std::vector<std::string>& known);

// What is compared: mails by their place in the journal, and mails of ours by their recipes.
struct Comparison {
    std::vector<JournalId> secret;
    std::vector<JournalId> known;
    std::vector<std::string> secret_recipes;
    std::vector<std::string> known_recipes;
};
// What only the team has seen of a ticket, and what its reporter knows.
Comparison comparison_for(const store::Store& store, TicketId ticket);

// The bytes of the member's mail and of the others.
struct ComparedMails {
    std::string mail;
    std::vector<std::string> secret;
    std::vector<std::string> known;
};
// What came encrypted is opened for it.
bool words_share_secret(const ComparedMails& mails, const Comparison& comparison, const rules::RuleSet& rule_set,
                        const ExaminationLimits& limits, openpgp::Engine& engine);
bool words_share_secret(const ComparedMails& mails, const Comparison& comparison, const rules::RuleSet& rule_set,
                        const ExaminationLimits& limits);

}  // namespace tocsin::intake
