// Instants, calendars and weeks as tests write them.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string_view>

#include "base/clock.hpp"
#include "sla/calendar.hpp"
#include "sla/span.hpp"

namespace tocsin::sla {

// "2026-03-06T15:30:00+01:00"
inline Instant instant(std::string_view rfc3339) {
    const auto at = from_rfc3339(rfc3339);
    if (!at) throw std::invalid_argument{std::string{rfc3339}};
    return *at;
}

inline std::chrono::sys_days day_of(int year, unsigned month, unsigned day) {
    return std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
}

inline Zone zone(std::string_view name) { return Zone::load(name).value(); }

inline Calendar::Week week_of(std::initializer_list<std::pair<const char*, const char*>> lines) {
    Calendar::Week week;
    for (const auto& [weekdays, hours] : lines) {
        const auto days = parse_weekdays(weekdays).value();
        for (const unsigned weekday : days) week[weekday] = parse_open_hours(hours).value();
    }
    return week;
}

// The office of the manual: a lunch break, an early Friday, Christmas.
inline Calendar office(std::set<std::chrono::sys_days> closed = {}) {
    using std::chrono::December;
    return Calendar::make(zone("Europe/Berlin"),
                          week_of({{"mon-thu", "09:00-12:30 13:30-18:00"}, {"fri", "09:00-16:00"}}), std::move(closed),
                          {YearlyDate{December / 25}, YearlyDate{December / 26}})
        .value();
}

inline Calendar round_the_clock(std::string_view zone_name) {
    return Calendar::make(zone(zone_name), week_of({{"mon-sun", "00:00-24:00"}}), {}, {}).value();
}

}  // namespace tocsin::sla

// What GoogleTest shows when an instant is not the one expected.
namespace std::chrono {
inline void PrintTo(const sys_days& day, std::ostream* out) { *out << tocsin::to_rfc3339(day).substr(0, 10); }
inline void PrintTo(const tocsin::Instant& at, std::ostream* out) { *out << tocsin::to_rfc3339(at); }
}  // namespace std::chrono
