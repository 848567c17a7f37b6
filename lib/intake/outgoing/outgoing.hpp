// The mails that decisions ask for: acknowledgements to people outside, notices to each member alone.
#pragma once

#include <string>
#include <vector>

#include "intake/decide/decide.hpp"
#include "intake/decide/decision.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/examine/examination.hpp"

namespace tocsin::intake {

// What each mail begins as: from us, in our first language. `occasion` makes it unique beside template and recipient.
Recipe recipe_for(const std::string& template_name, const Organisation& organisation, const std::string& occasion);
rules::TemplateFields common_fields(const Organisation& organisation);
// The open clocks that are told to the reporter (`promises`, `goals`): those that every such report gets, when how it
// was rated may not show.
void set_promises(Recipe& recipe, const cvd::Ticket& ticket, const rules::Policy& policy, bool rating_may_show,
                  Instant now);

// What an acknowledgement may say of a report that came in the clear; of an encrypted or unread one nothing.
struct KnownOfReport {
    const rules::Evaluation& evaluation;  // of what was in the clear
    std::string language;
    bool rating_may_show = true;  // no ciphertext had a part in how the ticket is rated
};

// Nothing unless the mail came in the clear and was read; `evaluation` outlives what is returned.
std::optional<KnownOfReport> known_of(const Examination& examination, const rules::Evaluation& evaluation,
                                      const std::string& language);

// Worked out from the outer mail alone, but for what `known` adds; `known` is nothing unless the mail came in the
// clear and was read.
Recipe acknowledgement(const OuterMail& outer, const std::optional<KnownOfReport>& known, const mail::Address& to,
                       const cvd::Ticket& ticket, const rules::Policy& policy, const Organisation& organisation,
                       const Arrival& arrival, Instant now);
// The only thing that can be told of a mail that was encrypted to keys which are all named, and none of them ours.
Recipe cannot_decrypt(const OuterMail& outer, const std::vector<std::string>& keys, const mail::Address& to,
                      const cvd::Ticket& ticket, const rules::Policy& policy, const Organisation& organisation,
                      const Arrival& arrival, Instant now);

// One mail for several reports of one sender, by their numbers. Where one of them came encrypted (`keys` is there), it
// goes out to these, or says how to send one.
Recipe acknowledgement_of_several(const std::vector<std::string>& numbers, const mail::Address& to,
                                  const std::string& language, const Organisation& organisation,
                                  const std::optional<std::vector<std::string>>& keys = std::nullopt);

struct NoticeSubject {
    const Examination* examination = nullptr;  // nothing: the mail could not be read at all
    const TicketView* view = nullptr;
    const rules::RuleSet& rule_set;
    const Arrival& arrival;
    bool answered = false;
    std::vector<std::string> alarms{};  // in words: they come first
};

// One for each member; no member's address stands in another's.
std::vector<Recipe> notices(const NoticeSubject& about, const Decision& decision, const rules::Policy& policy,
                            const Organisation& organisation);

// A word to each member that is no report: something needs a human.
std::vector<Recipe> alarms(const std::string& template_name, const rules::TemplateFields& fields,
                           const std::string& occasion, const Organisation& organisation);

}  // namespace tocsin::intake
