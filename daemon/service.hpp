// tocsind from start to end: everything checked, then the loops, until it is told to stop.
#pragma once

#include <filesystem>
#include <optional>

#include "base/clock.hpp"

namespace tocsin::daemon {

struct ServiceOptions {
    std::filesystem::path configuration;
    bool check = false;
    bool once = false;
    std::optional<Instant> now;  // only with `once`
};

// Returns a sysexits code; throws where the disk fails or there is a bug.
int serve(const ServiceOptions& options);

}  // namespace tocsin::daemon
