// What a mail from outside means and what follows from it: a ticket of its own, a part of one, or nothing. Pure.
#pragma once

#include "intake/decide/decide.hpp"
#include "intake/team/authority.hpp"

namespace tocsin::intake {

// Of a mail that is not for the team's desk, also where a member's address stands in it.
Decision decide_outside_mail(const Examination& examination, const TicketView& view, const Authority& authority,
                             const rules::RuleSet& rule_set, const Organisation& organisation,
                             const MailboxRules& mailbox, const Arrival& arrival, Instant now);

}  // namespace tocsin::intake
