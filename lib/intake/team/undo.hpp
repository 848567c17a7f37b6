// Taking back what was commanded last: history goes on, and the ticket is again what it was.
#pragma once

#include <string>
#include <vector>

#include "cvd/event.hpp"
#include "intake/decide/decision.hpp"
#include "intake/decide/ticket_view.hpp"

namespace tocsin::intake {

// Why it cannot be taken back; empty when it can.
std::string complaint_about_undoing(const LastCommand& last);
// Whom it let in and what it blocked.
std::vector<StoreStep> steps_of_undoing(const LastCommand& last);
// Only what the command changed, and nothing that something else has changed since.
std::vector<cvd::Event> undoing(const LastCommand& last, const OpenTicket& now, Instant at, const std::string& actor);

}  // namespace tocsin::intake
