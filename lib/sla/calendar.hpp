// Business time: the open hours of a week in a time zone, without the days that are closed.
//
// Pure values; instants are UTC microseconds. A business day from an instant is the same wall time on the next
// business day, moved to the opening when that is closed; a business hour is an open hour.
//
// It is open when the wall clock of the zone says so: an open hour that summer time skips is not there, one that comes
// twice counts twice. Stretches include their opening and exclude their closing. Business time is counted between
// `earliest` and `latest`; what would lie beyond them is there.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "sla/span.hpp"
#include "sla/zone.hpp"

namespace tocsin::sla {

inline constexpr Instant earliest{std::chrono::sys_days{std::chrono::year{1900} / 1 / 1}};
inline constexpr Instant latest{std::chrono::sys_days{std::chrono::year{2400} / 1 / 1}};

// From opening to closing within one day, in microseconds since 00:00; 24:00 may close.
struct OpenHours {
    Micros opens{0};
    Micros closes{0};
    friend bool operator==(const OpenHours&, const OpenHours&) = default;
};

// "09:00-12:30 13:30-18:00": ascending, not overlapping.
Result<std::vector<OpenHours>> parse_open_hours(std::string_view text);

// "mon", "mon-thu", "sat-sun": the weekdays, Monday is 0.
Result<std::vector<unsigned>> parse_weekdays(std::string_view text);

struct YearlyDate {
    std::chrono::month_day day{};
    friend auto operator<=>(const YearlyDate&, const YearlyDate&) = default;
};

class Calendar {
public:
    using Week = std::array<std::vector<OpenHours>, 7>;  // Monday first

    // Refuses a week without any open hour: nothing would ever be due.
    static Result<Calendar> make(Zone zone, Week week, std::set<std::chrono::sys_days> closed,
                                 std::set<YearlyDate> closed_every_year);

    const Zone& zone() const noexcept { return zone_; }
    bool is_open(Instant at) const;
    bool is_business_day(std::chrono::sys_days day) const { return !hours_on(day).empty(); }
    const std::vector<OpenHours>& hours_on(std::chrono::sys_days day) const;  // none on a closed day
    bool is_holiday(std::chrono::sys_days day) const;  // closed, though its weekday has open hours
    Instant next_opening(Instant at) const;            // `at` itself when open
    Micros open_time(Instant from, Instant to) const;  // none when `to` is before `from`

    // Days are counted from the date of `from`, whether that is open or not: one business day from Saturday 10:00 is
    // Monday 10:00, from Friday 22:00 it is Monday 22:00, thus the opening on Tuesday. None is the next opening.
    Instant after_business_days(Instant from, std::int64_t days) const;

    // The first instant by which it was open for so long: exactly at a closing, not at the opening after it.
    Instant after_open_time(Instant from, Micros open) const;

    // The same wall time so many business days before, moved back to the last closing when it is closed then.
    Instant before_business_days(Instant from, std::int64_t days) const;

    // The last instant from which it is open for so long until `from`: exactly at an opening, not at the closing
    // before it.
    Instant before_open_time(Instant from, Micros open) const;

private:
    Calendar(Zone zone, Week week, std::vector<std::chrono::sys_days> closed, std::set<YearlyDate> yearly);
    Zone zone_;
    Week week_;
    std::vector<std::chrono::sys_days> closed_;      // ascending
    std::array<std::array<bool, 32>, 13> yearly_{};  // by month and day, which begin at 1
};

// The days of an iCalendar file (RFC 5545) from 1990 to 2060, recurrences unfolded; `bytes` is the file. An event
// closes the days that it covers whole, by its own wall clock: DTEND is not among them, and a meeting of an hour
// closes none. A mistake in the file is an error that names the line.
Result<std::set<std::chrono::sys_days>> holidays_of(std::string_view bytes);

}  // namespace tocsin::sla
