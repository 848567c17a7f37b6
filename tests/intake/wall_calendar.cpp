#include "wall_calendar.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::intake {

using cvd::EventKind;
using std::chrono::days;
using std::chrono::sys_days;
using namespace std::chrono_literals;

namespace {

std::chrono::hours offset_at(Instant at) {
    const std::chrono::year_month_day date{std::chrono::floor<days>(at)};
    const auto last_sunday = [&](std::chrono::month month) {
        return Instant{sys_days{date.year() / month / std::chrono::Sunday[std::chrono::last]}} + 1h;
    };
    return at >= last_sunday(std::chrono::March) && at < last_sunday(std::chrono::October) ? 2h : 1h;
}

sys_days wall_day(Instant at) { return std::chrono::floor<days>(at + offset_at(at)); }

bool is_workday(sys_days day) {
    const std::chrono::year_month_day date{day};
    const auto month = static_cast<unsigned>(date.month());
    const auto number = static_cast<unsigned>(date.day());
    const bool holiday =
        (month == 1 && number == 1) || (month == 5 && number == 1) || (month == 12 && (number == 25 || number == 26));
    return std::chrono::weekday{day}.iso_encoding() < 6 && !holiday;
}

// The office never opens in the hour that changes.
Instant on_wall(sys_days day, Micros of_day) {
    const Instant guess = Instant{day} + of_day - 1h;
    return Instant{day} + of_day - offset_at(guess);
}
Instant opening(sys_days day) { return on_wall(day, 9h); }
Instant closing(sys_days day) { return on_wall(day, 17h); }

}  // namespace

bool open_at(Instant at) {
    const sys_days day = wall_day(at);
    return is_workday(day) && at >= opening(day) && at < closing(day);
}

Instant opens_next(Instant at) {
    if (open_at(at)) return at;
    for (sys_days day = wall_day(at);; day += days{1})
        if (is_workday(day) && opening(day) >= at) return opening(day);
}

namespace {

Instant closed_last(Instant at) {
    for (sys_days day = wall_day(at);; day -= days{1})
        if (is_workday(day) && closing(day) <= at) return closing(day);
}

Micros open_between(Instant from, Instant to) {
    Micros sum{0};
    for (sys_days day = wall_day(from); opening(day) < to; day += days{1})
        if (is_workday(day)) sum += std::max(Micros{0}, std::min(to, closing(day)) - std::max(from, opening(day)));
    return sum;
}

Instant after_open(Instant from, Micros open) {
    for (sys_days day = wall_day(from);; day += days{1}) {
        if (!is_workday(day)) continue;
        const Instant begin = std::max(from, opening(day));
        const Micros left = std::max(Micros{0}, closing(day) - begin);
        if (open <= left) return begin + open;
        open -= left;
    }
}

Instant before_open(Instant from, Micros open) {
    for (sys_days day = wall_day(from);; day -= days{1}) {
        if (!is_workday(day)) continue;
        const Instant end = std::min(from, closing(day));
        const Micros left = std::max(Micros{0}, end - opening(day));
        if (open <= left) return end - open;
        open -= left;
    }
}

Instant workdays_from(Instant from, std::int64_t count, int direction) {
    sys_days day = wall_day(from);
    const Micros of_day = from + offset_at(from) - Instant{day};
    while (count > 0)
        if (is_workday(day += days{direction})) --count;
    Instant at = Instant{day} + of_day - offset_at(Instant{day} + of_day - 1h);
    return direction > 0 ? opens_next(at) : (open_at(at) ? at : closed_last(at));
}

// "3 business days" and the like, as a policy says it.
Instant moved(Instant from, std::string_view span, int direction, std::int64_t times = 1) {
    const auto parts = words(span);
    const std::int64_t count = *to_whole_number(parts[0]) * times;
    if (parts.size() == 3) {
        if (parts[2].starts_with("day")) return workdays_from(from, count, direction);
        return direction > 0 ? after_open(from, count * 1h) : before_open(from, count * 1h);
    }
    const Micros unit = parts[1].starts_with("day")    ? Micros{24h}
                        : parts[1].starts_with("hour") ? Micros{1h}
                                                       : Micros{1min};
    return from + direction * count * unit;
}

std::int64_t percent_in(std::string_view mark) { return *to_whole_number(mark.substr(0, mark.size() - 1)); }

// When so much of a promise's time is used, whatever it stood still.
Instant used_up(const Life& life, std::int64_t percent, bool& as_it_stood_still) {
    const auto time_between = [&](Instant from, Instant to) {
        if (to <= from) return Micros{0};
        return life.business ? open_between(from, to) : Micros{to - from};
    };
    Micros whole{0};
    Instant at = life.started;
    for (const auto& [from, to] : life.stood) {
        whole += time_between(at, std::min(from, life.due));
        at = std::max(at, to);
    }
    whole += time_between(at, life.due);
    // From a Sunday to Monday's opening nobody works: the half of that is the wall's.
    if (whole == Micros{0}) return life.started + (life.due - life.started) * percent / 100;
    Micros left = whole * percent / 100;
    at = life.started;
    for (const auto& [from, to] : life.stood) {
        const Micros ran = time_between(at, from);
        as_it_stood_still = as_it_stood_still || left == ran;
        if (left < ran) break;  // used up as the office closed, it is told when the office, and the clock, go on
        left -= ran;
        at = std::max(at, to);
    }
    if (life.business && left == Micros{0}) return opens_next(at);
    return life.business ? after_open(at, left) : at + left;
}

}  // namespace

// When a promise that began then stood still, as the history tells it.
std::vector<std::pair<Instant, Instant>> standstills_after(const std::vector<std::pair<EventKind, Instant>>& course,
                                                           std::optional<EventKind> pause, Instant started) {
    std::vector<std::pair<Instant, Instant>> stood;
    std::optional<Instant> since;
    bool closed = false;
    for (const auto& [kind, at] : course) {
        if (at < started) continue;
        closed = kind == EventKind::Closed || (closed && kind != EventKind::Reopened);
        if ((kind == pause || kind == EventKind::Closed) && !since) since = at;
        const bool goes_on = kind == EventKind::Reopened || (kind == EventKind::Resumed && !closed);
        if (goes_on && since) stood.emplace_back(*std::exchange(since, std::nullopt), at);
    }
    return stood;
}

// When a mark falls for the nth time, from the words of the policy alone.
std::optional<Instant> falls(std::string_view mark, const Life& life, std::int64_t nth) {
    if (mark == "due") return life.due;
    if (bool as_it_stood_still = false; mark.ends_with('%')) return used_up(life, percent_in(mark), as_it_stood_still);
    if (mark.ends_with(" before")) return moved(life.due, mark.substr(0, mark.size() - 7), -1);
    if (mark.starts_with("every ")) return moved(life.due, mark.substr(6, mark.size() - 12), +1, nth);
    return moved(life.due, mark.substr(0, mark.size() - 6), +1);
}

bool may_stay_unsaid(std::string_view mark, const Life& life) {
    bool as_it_stood_still = false;
    if (mark.ends_with('%')) (void)used_up(life, percent_in(mark), as_it_stood_still);
    return as_it_stood_still;
}

}  // namespace tocsin::intake
