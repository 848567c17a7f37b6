#include "slow_count.hpp"

#include <cstdlib>

namespace slow {

void stand_in(const std::string& zone) {
    ::setenv("TZ", (":" + zone).c_str(), 1);
    ::tzset();
}

std::tm wall(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm told{};
    ::localtime_r(&time, &told);
    return told;
}

std::vector<std::int64_t> changes_of_the_clocks(std::int64_t from, std::int64_t to) {
    std::vector<std::int64_t> changes;
    long offset = wall(from).tm_gmtoff;
    for (std::int64_t at = from; at < to; at += 6 * hour) {
        if (wall(at + 6 * hour).tm_gmtoff == offset) continue;
        std::int64_t change = at;
        while (wall(change).tm_gmtoff == offset) change += minute;
        changes.push_back(change);
        offset = wall(at + 6 * hour).tm_gmtoff;
    }
    return changes;
}

Window::Window(const std::string& zone, std::int64_t from_second, std::int64_t to_second)
    : from{from_second}, to{to_second} {
    stand_in(zone);
    for (std::int64_t at = from; at < to; at += minute) {
        const std::tm told = wall(at);
        minutes.push_back({(told.tm_year + 1900) * 10'000 + (told.tm_mon + 1) * 100 + told.tm_mday,
                           told.tm_hour * 60 + told.tm_min, (told.tm_wday + 6) % 7});
    }
}

Count::Count(const Plan& plan, const Window& window) : window_{window} {
    for (const Minute& one : window.minutes) {
        const auto& hours = plan.week[one.weekday];
        const bool business =
            !hours.empty() && plan.closed.count(one.date) == 0 && plan.closed_every_year.count(one.date % 10'000) == 0;
        bool open = false;
        for (const Hours& stretch : hours) {
            if (business && one.of_day >= stretch.opens && one.of_day < stretch.closes) open = true;
        }
        open_.push_back(open);
        if (business) business_dates_.insert(one.date);
    }
}

std::int64_t Count::open_minutes(std::int64_t from, std::int64_t to) const {
    std::int64_t count = 0;
    for (std::int64_t at = from; at < to; at += minute) count += is_open(at) ? 1 : 0;
    return count;
}

std::optional<std::int64_t> Count::next_opening(std::int64_t at) const {
    for (; at < window_.to; at += minute) {
        if (is_open(at)) return at;
    }
    return std::nullopt;
}

std::optional<std::int64_t> Count::after_open(std::int64_t from, std::int64_t minutes) const {
    for (std::int64_t at = from; at < window_.to; at += minute) {
        if (minutes == 0) return at;
        minutes -= is_open(at) ? 1 : 0;
    }
    return std::nullopt;
}

std::optional<std::int64_t> Count::before_open(std::int64_t from, std::int64_t minutes) const {
    for (std::int64_t at = from; at > window_.from; at -= minute) {
        if (minutes == 0) return at;
        minutes -= is_open(at - minute) ? 1 : 0;
    }
    return std::nullopt;
}

// The first minute of a date whose wall time is not before another: that is the jump itself where the wall time is
// skipped, and the first of two where it comes twice.
std::optional<std::int64_t> Count::first_minute(int date, int of_day) const {
    for (std::int64_t at = window_.from; at < window_.to; at += minute) {
        const Minute& now = minute_at(at);
        if (now.date < date || (now.date == date && now.of_day < of_day)) continue;
        if (at == window_.from) break;  // an earlier one lies outside of the window
        return at;
    }
    return std::nullopt;
}

std::optional<std::int64_t> Count::after_days(std::int64_t from, int days) const {
    if (days == 0) return next_opening(from);
    const Minute start = minute_at(from);
    for (const int date : business_dates_) {
        if (date <= start.date || --days > 0) continue;
        const auto wanted = first_minute(date, start.of_day);
        return wanted ? next_opening(*wanted) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::int64_t> Count::before_days(std::int64_t from, int days) const {
    const Minute start = minute_at(from);
    std::optional<std::int64_t> wanted;
    if (days == 0) wanted = from;
    for (auto date = business_dates_.rbegin(); date != business_dates_.rend() && !wanted; ++date) {
        if (*date < start.date && --days == 0) wanted = first_minute(*date, start.of_day);
    }
    if (!wanted || is_open(*wanted)) return wanted;
    for (std::int64_t at = *wanted; at > window_.from; at -= minute) {
        if (is_open(at - minute)) return at;
    }
    return std::nullopt;
}

}  // namespace slow
