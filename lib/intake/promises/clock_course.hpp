// Which events a clock starts and ends with, and how it would stand now had it been bound from the beginning. Pure.
#pragma once

#include <functional>
#include <optional>

#include "intake/decide/ticket_view.hpp"
#include "rules/policies/policy.hpp"

namespace tocsin::intake {

// A promise to keep somebody informed runs from our first word on, and that is the acknowledgement.
bool begins_at(const rules::ClockRule& rule, cvd::EventKind kind);
bool ends_at(const rules::ClockRule& rule, cvd::EventKind kind);

// Whether the one event stands for the other: what is fixed needs no date any more by which it will be, and was ready
// to be released.
bool counts_as(cvd::EventKind happened, cvd::EventKind wanted);

// Whether all that the clock waits for, or one of it, is among what has happened.
bool is_met(const rules::StopCondition& stop, const std::function<bool(cvd::EventKind)>& has_happened);

// What is done once and for all: a name that was noted before the fix need not be noted again after it. Any other
// event (a word to the reporter, a date) has to come anew for each clock that waits for it.
bool is_done_for_good(cvd::EventKind kind);

// A clock as it would stand now had it been bound from the beginning.
struct Course {
    Instant from;
    Instant due;
    std::optional<Instant> paused;
};

std::optional<Course> course_of(const rules::ClockRule& rule, const OpenTicket& open);

}  // namespace tocsin::intake
