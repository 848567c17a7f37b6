// `/open`: the mail that a member forwards is a report of its author's, and becomes a ticket. Pure.
#pragma once

#include "intake/decide/decide.hpp"
#include "intake/team/commanding.hpp"

namespace tocsin::intake {

// Turns the decision on her mail into one that opens the ticket, rated by what the whole mail says, with the
// acknowledgement to its author and the notices to the team. The mail has a forwarded author: `done.opens`.
OpenTicket open_forwarded_report(Decision& decision, const CarriedOut& done, const Commanding& on,
                                 const rules::RuleSet& rule_set, const MailboxRules& mailbox);

}  // namespace tocsin::intake
