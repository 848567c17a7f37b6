// The one place where time comes from. Instants are UTC, counted in microseconds.
//
// Whoever needs the time is handed a Clock; nothing else asks the machine. TLS and GnuPG alone keep
// the machine's own time.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

using Micros = std::chrono::microseconds;
using Instant = std::chrono::sys_time<Micros>;

// How long the machine has been up, suspended or not: a clock that nobody sets. It means something within one boot.
struct Uptime {
    std::string boot;
    Micros passed{0};
};

class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
    virtual std::optional<Uptime> uptime() const { return std::nullopt; }
};

class SystemClock final : public Clock {
public:
    Instant now() const override;
    std::optional<Uptime> uptime() const override;
};

// Stands where it was put, until it is moved: `--now`, and tests.
class StandingClock final : public Clock {
public:
    explicit StandingClock(Instant at) : at_{at} {}
    Instant now() const override { return at_; }
    void advance(Micros by) { at_ += by; }

private:
    Instant at_;
};

// Microseconds since 1970-01-01T00:00:00Z, as the store and the frames keep them.
constexpr std::int64_t to_micros(Instant at) { return at.time_since_epoch().count(); }
constexpr Instant from_micros(std::int64_t micros) { return Instant{Micros{micros}}; }

// RFC 3339 section 5.6, always in UTC with `Z`; the fraction only when there is one.
std::string to_rfc3339(Instant at);

// Accepts any offset and any number of fractional digits (kept to the microsecond); nothing else.
std::optional<Instant> from_rfc3339(std::string_view text);

}  // namespace tocsin
