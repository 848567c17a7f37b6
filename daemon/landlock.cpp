#include "daemon/landlock.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace tocsin::daemon {

int landlock_version() {
    constexpr unsigned ask_for_version = 1;  // LANDLOCK_CREATE_RULESET_VERSION
    return static_cast<int>(::syscall(__NR_landlock_create_ruleset, nullptr, 0, ask_for_version));
}

}  // namespace tocsin::daemon
