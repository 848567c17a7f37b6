// The clocks of dates that were named, which a ticket has beside those of its policy: "eta", due at the date that the
// team named, "embargo", due when the embargo ends, and "disclosure", due when it is to be published. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "cvd/ticket.hpp"
#include "rules/policies/policy.hpp"

namespace tocsin::intake {

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
