// What a mail of the team's does: commands, words to the reporter, notes (INTERFACES section 6).
#pragma once

#include "intake/decide/decide.hpp"
#include "intake/team/authority.hpp"

namespace tocsin::intake {

// Whether the mail says that it is the team's and is about a ticket, a command or a question of ours.
bool is_for_team_desk(const Examination& examination, const TicketView& view, const Authority& authority,
                      const Arrival& arrival);

// Of a mail for which that holds.
Decision decide_team_mail(const Examination& examination, const TicketView& view, const Authority& authority,
                          const rules::RuleSet& rule_set, const Organisation& organisation, const MailboxRules& mailbox,
                          const Arrival& arrival, Instant now);

}  // namespace tocsin::intake
