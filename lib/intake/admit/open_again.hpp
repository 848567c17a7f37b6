// A mail that could not be opened when it came, and now could: after a key was taken in, or on a member's word.
#pragma once

#include "intake/decide/decide.hpp"

namespace tocsin::intake {

// For its ticket: the team sees it, and it is rated where nobody has rated the ticket since. Nobody outside hears of
// it.
Decision decide_opened(const Examination& examination, const TicketView& view, const OpenTicket& ticket,
                       const rules::RuleSet& rule_set, const Organisation& organisation, const Arrival& arrival,
                       Instant now);

// Makes it durable, within the caller's transaction; also where it still cannot be opened.
void admit_opened(store::Store& store, const Decision& decision, JournalId entry, const Organisation& organisation,
                  const MessageIds& ids, Instant now);

}  // namespace tocsin::intake
