#include <fmt/core.h>

#include "base/text.hpp"
#include "sla/calendar.hpp"

namespace tocsin::sla {
namespace {

// "9:00", "09:00", "24:00"
std::optional<Micros> wall_time(std::string_view text) {
    const auto parts = split(text, ':');
    if (parts.size() != 2 || parts[0].empty() || parts[0].size() > 2 || parts[1].size() != 2) return std::nullopt;
    for (const std::string_view part : parts) {
        for (const char c : part) {
            if (!is_digit(c)) return std::nullopt;
        }
    }
    const auto hours = to_whole_number(parts[0]);
    const auto minutes = to_whole_number(parts[1]);
    if (!hours || !minutes || *minutes > 59 || *hours * 60 + *minutes > 24 * 60) return std::nullopt;
    return Micros{std::chrono::hours{*hours} + std::chrono::minutes{*minutes}};
}

// "09:00-17:30", in whatever order
std::optional<OpenHours> two_wall_times(std::string_view text) {
    const auto ends = split(text, '-');
    if (ends.size() != 2) return std::nullopt;
    const auto opens = wall_time(ends[0]);
    const auto closes = wall_time(ends[1]);
    if (!opens || !closes) return std::nullopt;
    return OpenHours{*opens, *closes};
}

constexpr std::array<std::string_view, 7> weekday_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

Result<unsigned> weekday_named(std::string_view name) {
    const std::string folded = lower(name);
    for (unsigned day = 0; day < weekday_names.size(); ++day) {
        if (folded == weekday_names[day]) return day;
    }
    return permanent(
        Code::Configuration,
        fmt::format("'{}' is no weekday: mon, tue, wed, thu, fri, sat, sun are accepted, and ranges of them "
                    "such as 'mon-thu'",
                    name));
}

}  // namespace

Result<std::vector<OpenHours>> parse_open_hours(std::string_view text) {
    std::vector<OpenHours> all;
    for (const std::string_view word : words(text)) {
        const auto hours = two_wall_times(word);
        if (!hours) {
            return permanent(
                Code::Configuration,
                fmt::format("'{}' are no open hours: '09:00-17:30' is expected, with 00:00 to 24:00", word));
        }
        if (hours->closes <= hours->opens) {
            return permanent(
                Code::Configuration,
                fmt::format("'{}' closes before it opens; hours past midnight belong to the next day", word));
        }
        if (!all.empty() && hours->opens < all.back().closes) {
            return permanent(Code::Configuration,
                             fmt::format("'{}' begins before the open hours ahead of it end", word));
        }
        all.push_back(*hours);
    }
    if (all.empty()) return permanent(Code::Configuration, "no open hours: '09:00-12:30 13:30-18:00' is expected");
    return all;
}

Result<std::vector<unsigned>> parse_weekdays(std::string_view text) {
    const auto ends = split(trim(text), '-');
    if (ends.size() > 2) {
        return permanent(Code::Configuration, fmt::format("'{}' is no range of weekdays: 'mon-thu' is expected", text));
    }
    const auto first = weekday_named(trim(ends.front()));
    if (!first) return tl::unexpected<Error>{first.error()};
    const auto last = weekday_named(trim(ends.back()));
    if (!last) return tl::unexpected<Error>{last.error()};
    // "sat-mon" goes around the end of the week.
    std::vector<unsigned> days{*first};
    while (days.back() != *last) days.push_back((days.back() + 1) % 7);
    return days;
}

}  // namespace tocsin::sla
