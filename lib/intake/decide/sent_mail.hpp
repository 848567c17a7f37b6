// What a member wrote out of the shared mailbox itself, found in the folder of sent mail: it went out already.
#pragma once

#include "intake/decide/decide.hpp"
#include "intake/decide/decision.hpp"

namespace tocsin::intake {

// Whether it is such a mail: from one of our addresses or a member's, not made by us, about a ticket.
bool is_sent_by_hand(const Examination& examination, const TicketView& view, const Organisation& organisation,
                     const Arrival& arrival);

// Recorded, never sent again and never read for commands. Where the reporter is among its recipients it stops the
// clocks that an answer stops; a discussion in which she is not is a note.
Decision decide_sent_by_hand(const Examination& examination, const TicketView& view, const rules::RuleSet& rule_set,
                             const Organisation& organisation, const Arrival& arrival, Instant now);

}  // namespace tocsin::intake
