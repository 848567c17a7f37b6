#include "sla/recurrence.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace tocsin::sla {
namespace {

namespace chrono = std::chrono;
using Frequency = RecurrenceRule::Frequency;

// Days from `first` to before `end`: a day, a week, a month or a year.
struct Period {
    chrono::sys_days first;
    chrono::sys_days end;
    chrono::days length() const { return end - first; }
};

chrono::sys_days first_of_week(chrono::sys_days day, chrono::weekday week_start) {
    return day - (chrono::weekday{day} - week_start);
}

// Of the weeks that count to that year: the first is that of 4 January, whatever day weeks start on.
Period weeks_of_year(chrono::year year, chrono::weekday week_start) {
    return {first_of_week(year / 1 / 4, week_start), first_of_week((year + chrono::years{1}) / 1 / 4, week_start)};
}

Period nth_period(const RecurrenceRule& rule, chrono::sys_days start, int n) {
    const int passed = n * rule.interval;
    const chrono::year_month_day date{start};
    switch (rule.frequency) {
        case Frequency::Daily:
            return {start + chrono::days{passed}, start + chrono::days{passed + 1}};
        case Frequency::Weekly: {
            const auto week = first_of_week(start, rule.week_start) + chrono::weeks{passed};
            return {week, week + chrono::weeks{1}};
        }
        case Frequency::Monthly: {
            const auto month = date.year() / date.month() + chrono::months{passed};
            return {month / 1, (month + chrono::months{1}) / 1};
        }
        case Frequency::Yearly:
            break;
    }
    const auto year = date.year() + chrono::years{passed};
    if (!rule.weeks.empty()) return weeks_of_year(year, rule.week_start);
    return {year / 1 / 1, (year + chrono::years{1}) / 1 / 1};
}

// What the rule leaves open is as in the start (RFC 5545 section 3.3.10, its last paragraphs).
void take_from_start(RecurrenceRule& rule, chrono::sys_days start) {
    const chrono::year_month_day date{start};
    const bool says_days = !rule.weekdays.empty() || !rule.month_days.empty() || !rule.year_days.empty();
    if (rule.frequency == Frequency::Daily || says_days) return;
    if (rule.frequency == Frequency::Weekly || !rule.weeks.empty()) {
        rule.weekdays.push_back({0, chrono::weekday{start}});
        return;
    }
    rule.month_days.push_back(static_cast<int>(static_cast<unsigned>(date.day())));
    if (rule.frequency == Frequency::Yearly && rule.months.empty()) {
        rule.months.push_back(static_cast<int>(static_cast<unsigned>(date.month())));
    }
}

// Whether a list names the day that is `day` days into a period of so many; the list counts from 1, or from -1 at the
// end. An empty list leaves all in.
bool names(const std::vector<int>& list, chrono::days day, chrono::days length) {
    return list.empty() ||
           std::ranges::any_of(list, [&](int n) { return n == day.count() + 1 || n == day.count() - length.count(); });
}

// The n-th of its weekday is counted in the month when the rule is about months, else in the year.
bool names_weekday(const RecurrenceRule& rule, chrono::sys_days day, const Period& month, const Period& year) {
    const bool in_month = rule.frequency == Frequency::Monthly || !rule.months.empty();
    const Period& counted = in_month ? month : year;
    return rule.weekdays.empty() || std::ranges::any_of(rule.weekdays, [&](const RecurrenceRule::Weekday& wanted) {
               if (chrono::weekday{day} != wanted.day) return false;
               return wanted.nth == 0 || wanted.nth == (day - counted.first) / chrono::weeks{1} + 1 ||
                      wanted.nth == -((counted.end - chrono::days{1} - day) / chrono::weeks{1} + 1);
           });
}

bool names_month(const RecurrenceRule& rule, chrono::month month) {
    return rule.months.empty() || std::ranges::count(rule.months, static_cast<int>(static_cast<unsigned>(month))) > 0;
}

// Adds those of a month's days, as far as they are in the period, that the rule names.
void add_days(const RecurrenceRule& rule, const Period& month, const Period& period,
              std::vector<chrono::sys_days>& days) {
    const chrono::year year = chrono::year_month_day{month.first}.year();
    const Period whole_year{year / 1 / 1, (year + chrono::years{1}) / 1 / 1};
    const auto weeks = [](chrono::days length) { return chrono::days{length / chrono::weeks{1}}; };
    const chrono::sys_days end = std::min(month.end, period.end);
    for (chrono::sys_days day = std::max(month.first, period.first); day < end; day += chrono::days{1}) {
        if (names(rule.month_days, day - month.first, month.length()) && names_weekday(rule, day, month, whole_year) &&
            names(rule.year_days, day - whole_year.first, whole_year.length()) &&
            names(rule.weeks, weeks(day - period.first), weeks(period.length()))) {
            days.push_back(day);
        }
    }
}

std::vector<chrono::sys_days> days_of(const RecurrenceRule& rule, const Period& period, std::size_t& looked_at) {
    std::vector<chrono::sys_days> days;
    for (chrono::sys_days day = period.first; day < period.end;) {
        const chrono::year_month_day date{day};
        const auto this_month = date.year() / date.month();
        const Period month{this_month / 1, (this_month + chrono::months{1}) / 1};
        looked_at += 1;
        if (names_month(rule, date.month())) {
            add_days(rule, month, period, days);
            looked_at += static_cast<std::size_t>((std::min(month.end, period.end) - day).count());
        }
        day = month.end;
    }
    if (rule.positions.empty()) return days;
    std::vector<chrono::sys_days> chosen;
    for (std::size_t i = 0; i < days.size(); ++i) {
        if (names(rule.positions, chrono::days{i}, chrono::days{days.size()})) chosen.push_back(days[i]);
    }
    return chosen;
}

// UNTIL in UTC is told on the event's own wall, where the zone is known: midnight in Berlin is the day before in UTC.
CalendarTime on_the_wall_of(CalendarTime until, const std::optional<Zone>& zone) {
    if (!until.is_utc || !zone) return until;
    const Civil wall = zone->civil(until.on_the_wall());
    return {wall.date, wall.of_day, true, false};
}

bool is_after(chrono::sys_days day, const CalendarTime& start, const CalendarTime& until) {
    return day > until.date || (day == until.date && until.has_time && start.of_day > until.of_day);
}

}  // namespace

Result<std::set<chrono::sys_days>> recurrences(const ContentLine& line, const CalendarTime& start,
                                               const std::optional<Zone>& zone, chrono::sys_days last,
                                               std::size_t& budget) {
    auto rule = parse_recurrence_rule(line);
    if (!rule) return tl::unexpected<Error>{rule.error()};
    take_from_start(*rule, start.date);
    if (rule->until) rule->until = on_the_wall_of(*rule->until, zone);

    std::set<chrono::sys_days> days;
    bool ended = false;
    for (int n = 0; !ended; ++n) {
        const Period period = nth_period(*rule, start.date, n);
        if (period.first > last) break;
        std::size_t looked_at = 0;
        const auto days_of_period = days_of(*rule, period, looked_at);
        if (budget < looked_at) return wrong_line(line.number, "RRULE: the rules of this file come to too many days");
        budget -= looked_at;
        for (const chrono::sys_days day : days_of_period) {
            if (day < start.date) continue;
            ended = day > last || (rule->until && is_after(day, start, *rule->until)) ||
                    (rule->count && days.size() == static_cast<std::size_t>(*rule->count));
            if (ended) break;
            days.insert(day);
        }
    }
    if (days.empty() && start.date <= last) return wrong_line(line.number, "RRULE: asks for what never comes");
    return days;
}

}  // namespace tocsin::sla
