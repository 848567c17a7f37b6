// A mail that could not be read has a ticket that says so. Read after all, it becomes what that ticket is about.
#pragma once

#include "intake/decide/decision.hpp"
#include "intake/decide/ticket_view.hpp"

namespace tocsin::intake {

// Turns the decision to open a ticket into one about the ticket that the mail has; any other stays, and leaves the
// mail with its ticket where it would have none.
Decision about_its_ticket(Decision decision, OpenTicket known, JournalId journal, Instant now);

}  // namespace tocsin::intake
