// A policy as a picture of the weeks after a report: open hours, closed days, what counts, marks and deadlines.
#pragma once

#include <optional>
#include <string>

#include "intake/promises/account.hpp"

namespace tocsin::report {

// SVG 1.1 in light and dark. One strip for each week in which something happens; weeks without a mark or a deadline
// are named and left out. Without a severity, clocks that bind only some say which.
std::string policy_picture(const rules::Policy& policy, const intake::Simulation& simulation, Instant received,
                           std::optional<cvd::Severity> severity = std::nullopt);

}  // namespace tocsin::report
