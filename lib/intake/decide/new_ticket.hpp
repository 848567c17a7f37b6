// The ticket that a mail opens. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "intake/decide/decide.hpp"

namespace tocsin::intake {

// What a new ticket is called: the subject without what clients put in front of it.
std::string title_of(std::string_view subject);
// The ticket that a mail opens, without number, title and reporter.
cvd::Ticket new_ticket(const Examination& examination, const rules::Evaluation& evaluation, const rules::Policy& policy,
                       const Organisation& organisation, const MailboxRules& mailbox, const Arrival& arrival);
// Opens the ticket in `decision` and lets its clocks start; `first` are events that belong between the two.
OpenTicket open_ticket(Decision& decision, const cvd::Ticket& ticket, const rules::Policy& policy,
                       const Arrival& arrival, const std::vector<cvd::Event>& first);
// Of old mail: its dates and its thread, without promises that nobody was made.
void open_closed_ticket(Decision& decision, const cvd::Ticket& ticket, const rules::Policy& policy,
                        const Arrival& arrival);

}  // namespace tocsin::intake
