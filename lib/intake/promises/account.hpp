// How the deadline of a clock came about: every stretch of time that counted, was skipped, or stood still.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "intake/decide/ticket_view.hpp"
#include "intake/promises/marks.hpp"
#include "rules/policies/policy.hpp"

namespace tocsin::intake {

struct AccountedTime {
    enum class Kind { Counted, Skipped, Paused };
    Instant from;
    Instant to;
    Kind kind = Kind::Counted;
    friend bool operator==(const AccountedTime&, const AccountedTime&) = default;
};
std::string_view to_text(AccountedTime::Kind kind);  // "counted"

// From the clock's start to its deadline, or to now while it stands still, without a gap. `course` are the events of
// the ticket that move clocks.
std::vector<AccountedTime> account_of(const rules::Policy& policy, const cvd::TicketClock& clock,
                                      const std::vector<std::pair<cvd::EventKind, Instant>>& course, Instant now);

// A policy tried on a report that has not come.
struct SimulatedReminder {
    Instant at;
    std::string mark;
    bool escalates = false;
    std::vector<std::string> to;
};
struct SimulatedClock {
    rules::ClockRule rule;  // as the policy has it, with the severities that it binds
    Instant started;
    Instant due;
    std::vector<SimulatedReminder> reminders;  // in order; the first three times of one that repeats
    std::vector<AccountedTime> intervals;
};
struct Simulation {
    std::vector<SimulatedClock> clocks;         // those that a report starts
    std::vector<rules::ClockRule> not_started;  // those that wait for another event
};
// Without a severity: whatever it is.
Simulation simulate(const rules::Policy& policy, Instant received, std::optional<cvd::Severity> severity);

}  // namespace tocsin::intake
