// What events do to the clocks of a ticket under the policy that it was promised.
//
// Pure. The clocks' own events (ClockStarted and the like) say all that folding needs, so that history alone
// gives the clocks again without any calendar.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cvd/event.hpp"
#include "cvd/ticket.hpp"
#include "intake/decide/ticket_view.hpp"
#include "rules/policies/policy.hpp"

namespace tocsin::intake {

// Applies the event and what follows from it to `open`; returns the event and the clock events after it.
//
// A changed severity starts the clocks that bind now, counted from the event that starts them unless they would have
// been missed by then, and ends those that bind no longer, when another one that is due no later stands for them or
// nobody outside was promised them. Any other keeps its deadline, and ClockKept says so. Closed ends every clock
// and none starts in a closed ticket; Reopened starts those anew that it ended, later by as long as it was closed.
std::vector<cvd::Event> happen(OpenTicket& open, const cvd::Event& event);

// Why the policy's guards forbid the event now; nothing when it may come.
std::optional<std::string> forbidden(const OpenTicket& open, cvd::EventKind event);

// That this event moves a date that was told to the reporter to a later one: she gets the mail `delayed` for it.
bool moves_eta_later(const cvd::Ticket& ticket, const cvd::Event& event);

}  // namespace tocsin::intake
