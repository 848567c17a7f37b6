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

Count::Count(const Plan& plan, std::int64_t from, std::int64_t to) : from_{from}, to_{to} {
    stand_in(plan.zone);
    for (std::int64_t at = from; at < to; at += minute) {
        const std::tm told = wall(at);
        Minute one{(told.tm_year + 1900) * 10'000 + (told.tm_mon + 1) * 100 + told.tm_mday,
                   told.tm_hour * 60 + told.tm_min, false, false};
        const auto& hours = plan.week[(told.tm_wday + 6) % 7];
        one.business =
            !hours.empty() && plan.closed.count(one.date) == 0 && plan.closed_every_year.count(one.date % 10'000) == 0;
        for (const Hours& stretch : hours) {
            if (one.business && one.of_day >= stretch.opens && one.of_day < stretch.closes) one.open = true;
        }
        minutes_.push_back(one);
    }
}

std::int64_t Count::open_minutes(std::int64_t from, std::int64_t to) const {
    std::int64_t count = 0;
    for (std::int64_t at = from; at < to; at += minute) count += is_open(at) ? 1 : 0;
    return count;
}

std::optional<std::int64_t> Count::next_opening(std::int64_t at) const {
    for (; at < to_; at += minute) {
        if (is_open(at)) return at;
    }
    return std::nullopt;
}

std::optional<std::int64_t> Count::after_open(std::int64_t from, std::int64_t minutes) const {
    for (std::int64_t at = from; at < to_; at += minute) {
        if (minutes == 0) return at;
        minutes -= is_open(at) ? 1 : 0;
    }
    return std::nullopt;
}

std::optional<std::int64_t> Count::before_open(std::int64_t from, std::int64_t minutes) const {
    for (std::int64_t at = from; at > from_; at -= minute) {
        if (minutes == 0) return at;
        minutes -= is_open(at - minute) ? 1 : 0;
    }
    return std::nullopt;
}

// The dates of the window that are business days, in order; a date that the clocks come back to is met once.
std::vector<int> Count::business_dates() const {
    std::set<int> dates;
    for (const Minute& one : minutes_) {
        if (one.business) dates.insert(one.date);
    }
    return {dates.begin(), dates.end()};
}

// The first minute of a date whose wall time is not before another: that is the jump itself where the wall time is
// skipped, and the first of two where it comes twice.
std::optional<std::int64_t> Count::first_minute(int date, int of_day) const {
    for (std::int64_t at = from_; at < to_; at += minute) {
        const Minute& now = minute_at(at);
        if (now.date < date || (now.date == date && now.of_day < of_day)) continue;
        if (at == from_) break;  // an earlier one lies outside of the window
        return at;
    }
    return std::nullopt;
}

std::optional<std::int64_t> Count::after_days(std::int64_t from, int days) const {
    if (days == 0) return next_opening(from);
    const Minute start = minute_at(from);
    for (const int date : business_dates()) {
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
    const auto dates = business_dates();
    for (auto date = dates.rbegin(); date != dates.rend() && !wanted; ++date) {
        if (*date < start.date && --days == 0) wanted = first_minute(*date, start.of_day);
    }
    if (!wanted || is_open(*wanted)) return wanted;
    for (std::int64_t at = *wanted; at > from_; at -= minute) {
        if (is_open(at - minute)) return at;
    }
    return std::nullopt;
}

}  // namespace slow
