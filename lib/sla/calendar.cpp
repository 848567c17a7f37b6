#include "sla/calendar.hpp"

#include <algorithm>

#include "sla/open_stretches.hpp"

namespace tocsin::sla {
namespace {

namespace chrono = std::chrono;

const std::vector<OpenHours> no_hours;

bool in_order(const std::vector<OpenHours>& day) {
    Micros last{0};
    for (const OpenHours& hours : day) {
        if (hours.opens < last || hours.closes <= hours.opens || hours.closes > chrono::days{1}) return false;
        last = hours.closes;
    }
    return true;
}

}  // namespace

Result<Calendar> Calendar::make(Zone zone, Week week, std::set<chrono::sys_days> closed,
                                std::set<YearlyDate> closed_every_year) {
    if (!std::ranges::all_of(week, in_order)) {
        return permanent(Code::Configuration, "open hours of a day must be ascending, within the day and not overlap");
    }
    if (std::ranges::all_of(week, [](const auto& day) { return day.empty(); })) {
        return permanent(Code::Configuration, "a calendar without any open hour: nothing would ever be due");
    }
    for (const YearlyDate& yearly : closed_every_year) {
        if (!yearly.day.ok()) return permanent(Code::Configuration, "a day that is closed every year is in no year");
    }
    // A 29th of February alone would be four years away: it does not count as open.
    if (closed_every_year.size() + (closed_every_year.contains({chrono::February / 29}) ? 0 : 1) == 366) {
        return permanent(Code::Configuration, "a calendar that is closed all year: nothing would ever be due");
    }
    return Calendar{std::move(zone), std::move(week), {closed.begin(), closed.end()}, std::move(closed_every_year)};
}

Calendar::Calendar(Zone zone, Week week, std::vector<chrono::sys_days> closed, std::set<YearlyDate> yearly)
    : zone_{std::move(zone)}, week_{std::move(week)}, closed_{std::move(closed)} {
    for (const YearlyDate& date : yearly) {
        yearly_[static_cast<unsigned>(date.day.month())][static_cast<unsigned>(date.day.day())] = true;
    }
}

const std::vector<OpenHours>& Calendar::hours_on(chrono::sys_days day) const {
    const auto& hours = week_[chrono::weekday{day}.iso_encoding() - 1];
    if (hours.empty() || std::ranges::binary_search(closed_, day)) return no_hours;
    const chrono::year_month_day date{day};
    return yearly_[static_cast<unsigned>(date.month())][static_cast<unsigned>(date.day())] ? no_hours : hours;
}

bool Calendar::is_open(Instant at) const {
    const Civil wall = zone_.civil(at);
    return std::ranges::any_of(hours_on(wall.date), [&wall](const OpenHours& hours) {
        return hours.opens <= wall.of_day && wall.of_day < hours.closes;
    });
}

bool Calendar::is_holiday(chrono::sys_days day) const {
    return hours_on(day).empty() && !week_[chrono::weekday{day}.iso_encoding() - 1].empty();
}

Instant Calendar::next_opening(Instant at) const {
    Instant found = std::max(at, latest);
    for_each_open(*this, at, latest, [&found](const Stretch& open) {
        found = open.from;
        return true;
    });
    return found;
}

Micros Calendar::open_time(Instant from, Instant to) const {
    Micros sum{0};
    for_each_open(*this, from, to, [&sum](const Stretch& open) {
        sum += open.length();
        return false;
    });
    return sum;
}

Instant Calendar::after_open_time(Instant from, Micros open) const {
    if (open <= Micros{0}) return from;
    Instant reached = std::max(from, latest);
    for_each_open(*this, from, latest, [&](const Stretch& stretch) {
        if (stretch.length() < open) {
            open -= stretch.length();
            return false;
        }
        reached = stretch.from + open;
        return true;
    });
    return reached;
}

Instant Calendar::before_open_time(Instant from, Micros open) const {
    if (open <= Micros{0}) return from;
    Instant reached = std::min(from, earliest);
    for_each_open_backwards(*this, earliest, from, [&](const Stretch& stretch) {
        if (stretch.length() < open) {
            open -= stretch.length();
            return false;
        }
        reached = stretch.to - open;
        return true;
    });
    return reached;
}

Instant Calendar::after_business_days(Instant from, std::int64_t days) const {
    if (from >= latest) return from;
    const Civil start = zone_.civil(std::max(from, earliest));
    chrono::sys_days day{start.date};
    while (days > 0 && day < latest) days -= is_business_day(day += chrono::days{1}) ? 1 : 0;
    if (day >= latest) return latest;
    // Among two hours of the same name the day keeps the one it came from only when nothing was added.
    return next_opening(day == start.date ? from : zone_.instant({day, start.of_day}));
}

Instant Calendar::before_business_days(Instant from, std::int64_t days) const {
    if (from <= earliest) return from;
    const Civil start = zone_.civil(std::min(from, latest));
    chrono::sys_days day{start.date};
    while (days > 0 && day > earliest) days -= is_business_day(day -= chrono::days{1}) ? 1 : 0;
    if (day <= earliest) return earliest;
    const Instant wanted = day == start.date ? from : zone_.instant({day, start.of_day});
    if (is_open(wanted)) return wanted;
    Instant closing = earliest;
    for_each_open_backwards(*this, earliest, wanted, [&closing](const Stretch& open) {
        closing = open.to;
        return true;
    });
    return closing;
}

}  // namespace tocsin::sla
