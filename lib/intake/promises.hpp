// What events do to the clocks of a ticket under the policy that it was promised.
//
// Pure. The clocks' own events (ClockStarted and the like) say all that folding needs, so that history alone
// gives the clocks again without any calendar.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "cvd/event.hpp"
#include "cvd/ticket.hpp"
#include "intake/ticket_view.hpp"
#include "rules/policy.hpp"

namespace tocsin::intake {

// Applies the event and what follows from it to `open`; returns the event and the clock events after it.
std::vector<cvd::Event> happen(OpenTicket& open, const cvd::Event& event);

// When somebody is to hear of this clock next, strictly after `after`; clocks with a calendar speak within its
// hours, unless that is past the deadline.
std::optional<Instant> next_reminder(const rules::Policy& policy, const cvd::TicketClock& clock, Instant after);

// The zone in which a ticket's dates are told: that of the clock's calendar, else that of the policy's first.
sla::Zone zone_for(const rules::Policy& policy, const rules::ClockRule* clock);

}  // namespace tocsin::intake
