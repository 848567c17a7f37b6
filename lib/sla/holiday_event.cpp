#include "sla/holiday_event.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::sla {
namespace {

namespace chrono = std::chrono;

constexpr Micros whole_day = chrono::days{1};

Result<CalendarTime> time_of(const ContentLine& line, std::string_view value) {
    if (const auto time = parse_calendar_time(value)) return *time;
    return wrong_line(line.number, fmt::format("{} is no date: YYYYMMDD or YYYYMMDDTHHMMSS is expected", line.name));
}

// RFC 5545 section 3.3.6: "P1D", "P2W", "PT24H", "P1DT12H"
std::optional<Micros> parse_duration(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (!text.starts_with('P') || text.size() < 3) return std::nullopt;
    text.remove_prefix(1);
    Micros sum{0};
    bool in_time = false;
    while (!text.empty()) {
        if (text.front() == 'T' && !in_time) {
            in_time = true;
            text.remove_prefix(1);
        }
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        const auto count = to_whole_number(text.substr(0, digits));
        if (!count || digits > 6 || digits == text.size()) return std::nullopt;
        switch (text[digits]) {
            case 'W':
                sum += chrono::weeks{*count};
                break;
            case 'D':
                sum += chrono::days{*count};
                break;
            case 'H':
                sum += chrono::hours{*count};
                break;
            case 'M':
                sum += chrono::minutes{*count};
                break;
            case 'S':
                sum += chrono::seconds{*count};
                break;
            default:
                return std::nullopt;
        }
        if ((text[digits] == 'W' || text[digits] == 'D') == in_time) return std::nullopt;
        text.remove_prefix(digits + 1);
    }
    return sum;
}

// Where the event ends on the wall, by DTEND, DURATION or the rule for neither.
Result<Instant> end_of(const HolidayEvent& event, const ContentLine* end, const ContentLine* duration) {
    const Instant start = event.start.on_the_wall();
    if (end != nullptr && duration != nullptr) return wrong_line(duration->number, "DURATION beside DTEND");
    if (duration != nullptr) {
        const auto length = parse_duration(duration->value);
        if (!length) return wrong_line(duration->number, "DURATION is none: 'P1D' is expected");
        return start + *length;
    }
    // RFC 5545 section 3.6.1: without an end a date is that day, a time is no time at all
    if (end == nullptr) return start + (event.start.has_time ? Micros{0} : whole_day);
    const auto time = time_of(*end, end->value);
    if (!time) return tl::unexpected<Error>{time.error()};
    if (time->has_time != event.start.has_time) {
        return wrong_line(end->number, "DTEND and DTSTART must both be dates, or both have a time");
    }
    if (time->on_the_wall() < start) return wrong_line(end->number, "DTEND is before DTSTART");
    // RFC 5545 section 3.8.2.2 wants a date after DTSTART; whoever writes the same one means that day.
    if (!event.start.has_time && time->date == event.start.date) return start + whole_day;
    return time->on_the_wall();
}

// The day on the wall of the event's zone, which a time in UTC does not name (RFC 5545 section 3.8.5.1).
chrono::sys_days day_of(const CalendarTime& time, const std::optional<Zone>& zone) {
    return time.is_utc && zone ? chrono::sys_days{zone->civil(time.on_the_wall()).date} : chrono::sys_days{time.date};
}

Result<void> add_dates(const ContentLine& line, const std::optional<Zone>& zone, std::vector<chrono::sys_days>& dates) {
    if (equal_ignoring_case(line.parameter("VALUE"), "PERIOD")) {
        return wrong_line(line.number, fmt::format("{} with periods is not supported; list the dates", line.name));
    }
    for (const std::string_view value : split(line.value, ',')) {
        const auto time = time_of(line, value);
        if (!time) return tl::unexpected<Error>{time.error()};
        dates.push_back(day_of(*time, zone));
    }
    return {};
}

Result<void> set_dates(HolidayEvent& event, const ContentLine* end, const ContentLine* duration) {
    const auto ends = end_of(event, end, duration);
    if (!ends) return tl::unexpected<Error>{ends.error()};
    const Instant starts = event.start.on_the_wall();
    const auto first = chrono::ceil<chrono::days>(starts);
    event.lead = first - event.start.date;
    // Some programs let a day end a minute or a second before it does.
    constexpr Micros nearly_over = chrono::hours{23} + chrono::minutes{59};
    const auto last = chrono::floor<chrono::days>(*ends);
    const auto beyond = *ends - last >= nearly_over ? last + chrono::days{1} : last;
    event.length = std::max<chrono::days>(beyond - first, chrono::days{0});
    if (event.start.is_utc && first != starts && *ends - starts >= whole_day) {
        return wrong_line(
            event.start_line,
            "DTSTART in UTC does not say which days are meant; write a date, as in DTSTART;VALUE=DATE:20261225");
    }
    return {};
}

}  // namespace

std::optional<CalendarTime> parse_calendar_time(std::string_view value) {
    const auto number = [&value](std::size_t at, std::size_t count) {
        int sum = 0;
        for (const char c : value.substr(at, count)) sum = is_digit(c) && sum >= 0 ? sum * 10 + (c - '0') : -1;
        return sum;
    };
    CalendarTime time;
    time.has_time = value.size() > 8;
    time.is_utc = value.size() == 16 && value[15] == 'Z';
    if (value.size() != 8 && !time.is_utc && value.size() != 15) return std::nullopt;
    if (time.has_time && value[8] != 'T') return std::nullopt;

    const int year = number(0, 4), month = number(4, 2), day = number(6, 2);
    if (year < 1 || month < 1 || day < 1) return std::nullopt;
    const chrono::year_month_day date{chrono::year{year}, chrono::month{static_cast<unsigned>(month)},
                                      chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return std::nullopt;
    time.date = date;
    if (!time.has_time) return time;
    const int hour = number(9, 2), minute = number(11, 2), second = number(13, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
    time.of_day = chrono::hours{hour} + chrono::minutes{minute} + chrono::seconds{second};
    return time;
}

Result<HolidayEvent> read_event(std::size_t begin_line, const std::vector<ContentLine>& lines) {
    HolidayEvent event;
    event.line = begin_line;
    const ContentLine* end = nullptr;
    const ContentLine* duration = nullptr;
    for (const ContentLine& line : lines) {
        const auto take_time = [&line](auto& into) -> Result<void> {
            const auto time = time_of(line, line.value);
            if (!time) return tl::unexpected<Error>{time.error()};
            into = *time;
            return {};
        };
        Result<void> taken;
        if (line.name == "UID") event.uid = line.value;
        if (line.name == "STATUS") event.cancelled = equal_ignoring_case(trim(line.value), "CANCELLED");
        if (line.name == "DTEND") end = &line;
        if (line.name == "DURATION") duration = &line;
        if (line.name == "DTSTART") {
            if (event.start_line != 0) return wrong_line(line.number, "DTSTART comes twice");
            taken = take_time(event.start);
            event.start_line = line.number;
            if (const auto zone = Zone::load(line.parameter("TZID"))) event.start_zone = *zone;
        }
        if (line.name == "RRULE") {
            // RFC 5545 section 3.8.5.3: should not come more than once; what two together mean is not defined
            if (event.rule) return wrong_line(line.number, "RRULE comes twice");
            event.rule = line;
        }
        if (line.name == "RECURRENCE-ID") {
            if (!line.parameter("RANGE").empty())
                return wrong_line(line.number, "RECURRENCE-ID with RANGE is not supported");
            taken = take_time(event.replaces);
        }
        if (!taken) return tl::unexpected<Error>{taken.error()};
    }
    if (event.start_line == 0) return wrong_line(begin_line, "an event without DTSTART");
    for (const ContentLine& line : lines) {  // once the zone is known, wherever DTSTART stands
        Result<void> taken;
        if (line.name == "RDATE") taken = add_dates(line, event.start_zone, event.more);
        if (line.name == "EXDATE") taken = add_dates(line, event.start_zone, event.except);
        if (!taken) return tl::unexpected<Error>{taken.error()};
    }
    if (event.replaces) event.replaces->date = day_of(*event.replaces, event.start_zone);
    if (const auto set = set_dates(event, end, duration); !set) return tl::unexpected<Error>{set.error()};
    return event;
}

}  // namespace tocsin::sla
