// What a mail of the team's does: commands, words to the reporter, notes (INTERFACES section 6).
#pragma once

#include <optional>

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

// Whether its newly written words would go to the reporter, if nothing speaks against it: then they have to be
// compared with what only the team has seen.
bool would_relay(const Examination& examination, const TicketView& view, const Authority& authority,
                 const Organisation& organisation);

// The question to a member whose address a new report bears, without any proof.
std::optional<Recipe> question_about_report(const Examination& examination, const TicketView& view,
                                            const Authority& authority, const cvd::Ticket& ticket,
                                            const Organisation& organisation, const Arrival& arrival, Instant now);

}  // namespace tocsin::intake
