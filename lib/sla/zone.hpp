// Time zones of the system's tz database, behind one header (Abseil inside).
//
// A Zone is cheap to copy; the rules behind it live as long as the program. Instants outside of the years 1 to 9999
// are taken for the nearest one inside.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tocsin::sla {

// Wall time in some zone.
struct Civil {
    std::chrono::year_month_day date{};
    Micros of_day{0};  // since 00:00
    friend bool operator==(const Civil&, const Civil&) = default;
};

// A stretch of time, end excluded, in which the clocks of a zone are not changed.
struct Era {
    Instant from;
    Instant to;
    std::chrono::seconds offset{0};  // what is added to UTC
    friend bool operator==(const Era&, const Era&) = default;
};

class Zone {
public:
    // "Europe/Berlin"; a name that the tz database does not have is an error, and so is one whose meaning depends
    // on the machine ("localtime").
    static Result<Zone> load(std::string_view name);
    static Zone utc();

    const std::string& name() const noexcept { return name_; }
    Civil civil(Instant at) const;

    // The instant of a wall time. One that summer time skips is the instant at which the clock jumped;
    // one that comes twice is the first of the two. 24:00 is 00:00 of the next day.
    Instant instant(const Civil& civil) const;

    std::string abbreviation(Instant at) const;  // "CET"; "UTC+03" where the zone has no name
    std::chrono::seconds offset(Instant at) const;
    Era era(Instant at) const;  // the one that holds `at`; changes are known until 2400

    friend bool operator==(const Zone&, const Zone&) = default;

private:
    Zone(std::string name, const void* rules) : name_{std::move(name)}, rules_{rules} {}
    std::string name_;
    const void* rules_;  // Abseil's, which it keeps for ever
};

}  // namespace tocsin::sla
