// Words of members that wait to go out while nobody may write out of a ticket.
//
// Only what is held here is let out here: what an administrator holds back stays where it is. Call within a
// Transaction.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

void hold_relays(store::Store& store, TicketId ticket, Instant now);
void let_relays_out(store::Store& store, TicketId ticket, Instant now);

}  // namespace tocsin::intake
