// Whether a member's words hold text that only the team has seen. Runs in `tocsin-examine`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/examine/examine.hpp"
#include "intake/outgoing/message_ids.hpp"
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
    std::vector<JournalId> relayed;  // members' mails, of which the reporter knows the words that went out alone
    std::vector<std::string> secret_recipes;
    std::vector<std::string> known_recipes;
    std::string answered_recipe{};  // of the mail of ours that is answered; empty: none
    std::vector<JournalId> others;  // the newest reports of other people: secret too, as far as there is room
    bool incomplete = false;        // more is secret than can be compared: then nothing may leave the house
};
// What only the team has seen of a ticket, and what its reporter knows; what other people reported, above all in the
// tickets that are `spoken_of`; and what else this member was told lately.
Comparison comparison_for(const store::Store& store, TicketId ticket, const std::vector<TicketId>& spoken_of,
                          std::string_view member, Instant now, bool reporter_has_key = false);
// The tickets that a mail names, and those whose report has words in common with it.
std::vector<TicketId> tickets_spoken_of(const store::Store& store, const Examination& examination,
                                        const MessageIds& ids);

// The bytes of the member's mail and of the others.
struct ComparedMails {
    std::string mail;
    std::vector<std::string> secret;
    std::vector<std::string> known;
    std::vector<std::string> relayed{};
    std::string answered{};                   // the mail that the answered mail of ours shows
    std::vector<std::string> member_names{};  // that may not stand in her words; empty: they may
};
// Why words may not leave the house, each in itself.
struct RelayVerdict {
    bool shares = false;        // text that only the team has seen
    bool names_member = false;  // by name or address
    bool nothing = false;       // there are no words and no files to send
    bool too_large = false;     // a file
    bool buried = false;        // words of hers stand in what looks like the end of the mail that she answers
    bool bares = false;         // it came in the clear, and holds text that came encrypted
};
// What came encrypted is opened for it; an Error where it cannot be now.
Result<RelayVerdict> judge_words(const ComparedMails& mails, const Comparison& comparison,
                                 const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                                 openpgp::Engine& engine);

}  // namespace tocsin::intake
