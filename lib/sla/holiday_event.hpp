// A VEVENT (RFC 5545 section 3.6.1) as far as holidays need it: which dates it covers.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sla/calendar.hpp"
#include "sla/content_lines.hpp"

namespace tocsin::sla {

// DATE or DATE-TIME (RFC 5545 sections 3.3.4 and 3.3.5), as the wall says it.
struct CalendarTime {
    std::chrono::sys_days date{};
    Micros of_day{0};
    bool has_time = false;
    bool is_utc = false;
    Instant on_the_wall() const { return date + of_day; }  // as if the wall were UTC's
};
std::optional<CalendarTime> parse_calendar_time(std::string_view value);

struct HolidayEvent {
    std::size_t line = 0;  // of its BEGIN
    std::string uid;
    bool cancelled = false;
    CalendarTime start;
    std::size_t start_line = 0;
    std::optional<Zone> start_zone;  // of TZID, where the tz database knows it
    // The dates that it covers whole: the first so long after its start, and how many.
    std::chrono::days lead{0};
    std::chrono::days length{0};
    std::optional<ContentLine> rule;
    std::vector<std::chrono::sys_days> more, except;  // RDATE, EXDATE
    std::optional<CalendarTime> replaces;             // RECURRENCE-ID
};

// From the lines between BEGIN:VEVENT and END:VEVENT, without those of components inside.
Result<HolidayEvent> read_event(std::size_t begin_line, const std::vector<ContentLine>& lines);

}  // namespace tocsin::sla
