// Recurrence rules (RFC 5545 section 3.3.10) of events that last whole days.
//
// Not libical's: 3.0.16 crashes on BYWEEKNO=-9, never returns from FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2, and is a week
// late with FREQ=WEEKLY;INTERVAL=4;BYDAY=SU. Here the days of each period are looked at one by one, within a budget.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <vector>

#include "base/result.hpp"
#include "sla/content_lines.hpp"
#include "sla/holiday_event.hpp"

namespace tocsin::sla {

struct RecurrenceRule {
    enum class Frequency { Daily, Weekly, Monthly, Yearly };  // a holiday does not come more often
    struct Weekday {
        int nth = 0;  // of the month or the year; -1 is the last, 0 each
        std::chrono::weekday day{};
        friend bool operator==(const Weekday&, const Weekday&) = default;
    };
    Frequency frequency = Frequency::Daily;
    int interval = 1;
    std::optional<int> count;
    std::optional<CalendarTime> until;
    std::chrono::weekday week_start = std::chrono::Monday;
    std::vector<Weekday> weekdays;
    std::vector<int> month_days, year_days, weeks, months, positions;  // BYSETPOS; all but months may be negative
};

Result<RecurrenceRule> parse_recurrence_rule(const ContentLine& line);

// The days from `start` up to and with `last`; whether `start` is among them is up to the rule. `zone` is that of the
// event, if it has one: UNTIL may be told in UTC. `budget` goes down with each day that is looked at, over all rules
// of a file; when none is left that is an error.
Result<std::set<std::chrono::sys_days>> recurrences(const ContentLine& line, const CalendarTime& start,
                                                    const std::optional<Zone>& zone, std::chrono::sys_days last,
                                                    std::size_t& budget);

}  // namespace tocsin::sla
