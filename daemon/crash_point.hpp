// Named moments at which a test has the daemon die, as if the machine had lost its power: SIGKILL, nothing is undone.
//
// Built in only with -DTOCSIN_CRASH_POINTS=ON (tests/live/crash_points.py); otherwise nothing is left of them.
#pragma once

#include <string_view>

namespace tocsin::daemon {

#ifdef TOCSIN_CRASH_POINTS
// Dies here where TOCSIN_CRASH_AT is this name, or "NAME:N" and it is the n-th time.
void crash_point(std::string_view name);
#else
constexpr void crash_point(std::string_view) {}
#endif

}  // namespace tocsin::daemon
