// What events do to the clocks of a ticket under the policy that it was promised.
//
// Pure. The clocks' own events (ClockStarted and the like) say all that folding needs, so that history alone
// gives the clocks again without any calendar.
//
// Beside the policy's clocks a ticket has three of its own: "eta", due at the date that the team named, "embargo", due
// when the embargo ends, and "disclosure", due when it is to be published.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cvd/event.hpp"
#include "cvd/ticket.hpp"
#include "intake/decide/ticket_view.hpp"
#include "rules/policy.hpp"

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

using rules::disclosure_clock;
using rules::embargo_clock;
using rules::eta_clock;

// That its date comes is the end of it, and nobody is late.
constexpr bool comes_by_itself(std::string_view clock) { return clock == embargo_clock || clock == disclosure_clock; }

// When it is to be published, as long as that is still to come.
std::optional<Instant> publication_of(const cvd::Ticket& ticket);

// The policy's rule for a clock of this name, or that of the ticket's own three.
std::optional<rules::ClockRule> clock_rule(const rules::Policy& policy, std::string_view name);

// The zone in which a ticket's dates are told: that of the clock's calendar, else that of the policy's first.
sla::Zone zone_for(const rules::Policy& policy, const rules::ClockRule* clock);

}  // namespace tocsin::intake
