// Until when a blocking call may take. The machine's monotonic clock is asked here and nowhere else: the time that
// mail and promises go by is a Clock's (base/clock.hpp), and may stand still while a socket must not.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace tocsin::transport {

class Deadline {
public:
    static Deadline after(std::chrono::milliseconds span) { return Deadline{now() + span}; }

    std::chrono::milliseconds left() const {
        return std::max(std::chrono::milliseconds{0}, std::chrono::ceil<std::chrono::milliseconds>(at_ - now()));
    }
    bool passed() const { return now() >= at_; }
    friend Deadline sooner(Deadline a, Deadline b) { return a.at_ < b.at_ ? a : b; }

private:
    using Monotonic = std::chrono::steady_clock;
    explicit Deadline(Monotonic::time_point at) : at_{at} {}
    static Monotonic::time_point now() { return Monotonic::now(); }

    Monotonic::time_point at_;
};

// A large body gets the time that it takes at 50 kB/s on top.
inline std::chrono::milliseconds with_size(std::chrono::seconds base, std::uint64_t bytes) {
    return base + std::chrono::milliseconds{bytes / 50};
}

}  // namespace tocsin::transport
