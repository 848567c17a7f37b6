// Waits of minutes and hours, for which a test has not the time: TOCSIN_PACE=600 makes them that many times shorter.
//
// Built in only with -DTOCSIN_CRASH_POINTS=ON, as the crash points are; otherwise a wait is what it says.
#pragma once

#include <chrono>
#include <cstdlib>

namespace tocsin::daemon {

inline std::chrono::milliseconds in_practice(std::chrono::milliseconds span) {
#ifdef TOCSIN_CRASH_POINTS
    const char* pace = std::getenv("TOCSIN_PACE");
    if (pace != nullptr && std::atoi(pace) > 0) return span / std::atoi(pace);
#endif
    return span;
}

}  // namespace tocsin::daemon
