// What a person would work out with a calendar on the wall: Berlin, 9 to 17, four holidays, and the words of a policy.
// It knows nothing of the code that it is held against.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "cvd/event.hpp"

namespace tocsin::intake {

bool open_at(Instant at);
Instant opens_next(Instant at);

struct Life {
    Instant started;
    Instant due;
    bool business = false;
    std::vector<std::pair<Instant, Instant>> stood;  // while somebody waited, and while the ticket was closed
};

// When a promise that began then stood still, as the history tells it.
std::vector<std::pair<Instant, Instant>> standstills_after(
    const std::vector<std::pair<cvd::EventKind, Instant>>& course, std::optional<cvd::EventKind> pause,
    Instant started);

// When a mark falls for the nth time, from the words of the policy alone: "50%", "1 business day before", "due".
std::optional<Instant> falls(std::string_view mark, const Life& life, std::int64_t nth);
// A part of the time that was used up just as the office closed, and the promise with it or before it opened again: it
// came to nobody's ear before, and need not afterwards.
bool may_stay_unsaid(std::string_view mark, const Life& life);

}  // namespace tocsin::intake
