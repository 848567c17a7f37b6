// Whether the wall clock can be believed: within one boot it goes as fast as the time since boot.
//
// A wall clock that was set back by more than five minutes, or forward by more than a day, holds all reminders until
// it is right again or an administrator says that it is right now. A machine that slept or a daemon that was down is
// no jump: the time since boot goes on meanwhile. What is compared with stands in the store.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "store/upkeep.hpp"

namespace tocsin::intake {

inline constexpr Micros furthest_back = std::chrono::minutes{5};
inline constexpr Micros furthest_forward = std::chrono::hours{24};

struct ClockCheck {
    bool believed = true;
    bool changed = false;  // it was different at the last check: somebody is to be told
    Micros jump{0};        // forward, or back when negative
};
ClockCheck check_clock(store::Notes& notes, const Clock& clock);
// The jump that holds the reminders now.
std::optional<Micros> held_by_clock(const store::Notes& notes);
// What the clock says now is right.
void believe_clock(store::Notes& notes);

}  // namespace tocsin::intake
