#include "daemon/crash_point.hpp"

#ifdef TOCSIN_CRASH_POINTS

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace tocsin::daemon {

namespace {

struct Wanted {
    std::string name;
    int times = 1;
};

Wanted wanted_from_environment() {
    const char* text = std::getenv("TOCSIN_CRASH_AT");
    Wanted wanted{text == nullptr ? "" : text};
    const auto colon = wanted.name.find(':');
    if (colon == std::string::npos) return wanted;
    wanted.times = std::atoi(wanted.name.c_str() + colon + 1);
    wanted.name.resize(colon);
    return wanted;
}

}  // namespace

void crash_point(std::string_view name) {
    static const Wanted wanted = wanted_from_environment();
    static std::atomic<int> met = 0;
    if (name == wanted.name && ++met == wanted.times) ::raise(SIGKILL);
}

}  // namespace tocsin::daemon

#endif
