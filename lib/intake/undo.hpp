// Taking back what was commanded last: history goes on, and the ticket is again what it was.
#pragma once

#include <string>
#include <vector>

#include "cvd/event.hpp"
#include "intake/ticket_view.hpp"

namespace tocsin::intake {

// Only what the command changed, and nothing that something else has changed since.
std::vector<cvd::Event> undoing(const LastCommand& last, const OpenTicket& now, Instant at, const std::string& actor);

}  // namespace tocsin::intake
