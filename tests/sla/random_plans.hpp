// Calendars by chance, each as the slow count and as lib/sla know it.
#pragma once

#include <random>
#include <string>

#include "making.hpp"
#include "slow_count.hpp"

namespace tocsin::sla {

class Chance {
public:
    explicit Chance(std::uint64_t seed) : engine_{seed} {}
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{least, most}(engine_);
    }
    bool one_in(int n) { return between(1, n) == 1; }

private:
    std::mt19937_64 engine_;
};

inline Instant at_second(std::int64_t seconds) { return Instant{std::chrono::seconds{seconds}}; }

inline Calendar calendar_of(const slow::Plan& plan) {
    Calendar::Week week;
    for (std::size_t day = 0; day < 7; ++day) {
        for (const slow::Hours& hours : plan.week[day]) {
            week[day].push_back({std::chrono::minutes{hours.opens}, std::chrono::minutes{hours.closes}});
        }
    }
    const auto part = [](int number, int divisor) { return static_cast<unsigned>(number / divisor % 100); };
    std::set<std::chrono::sys_days> closed;
    for (const int date : plan.closed) closed.insert(day_of(date / 10'000, part(date, 100), part(date, 1)));
    std::set<YearlyDate> yearly;
    for (const int date : plan.closed_every_year) {
        yearly.insert(YearlyDate{std::chrono::month{part(date, 100)} / std::chrono::day{part(date, 1)}});
    }
    return Calendar::make(zone(plan.zone), week, closed, yearly).value();
}

// Up to three stretches a day, often from or to midnight, some touching; about one day in four closed; at least one
// open.
inline slow::Plan random_plan(Chance& chance, std::string zone_name, std::int64_t near) {
    slow::Plan plan;
    plan.zone = std::move(zone_name);
    for (auto& day : plan.week) {
        if (chance.one_in(4)) continue;
        int opens = chance.one_in(4) ? 0 : static_cast<int>(chance.between(0, 12 * 60));
        for (auto left = chance.between(1, 3); left > 0 && opens < 24 * 60; --left) {
            const int closes = chance.one_in(4) ? 24 * 60 : static_cast<int>(chance.between(opens + 1, 24 * 60));
            day.push_back({opens, closes});
            opens = chance.one_in(4) ? closes : closes + static_cast<int>(chance.between(1, 4 * 60));
        }
    }
    if (plan.week[2].empty()) plan.week[2].push_back({9 * 60, 17 * 60});
    slow::stand_in(plan.zone);
    for (auto left = chance.between(0, 4); left > 0; --left) {
        const std::tm told = slow::wall(near + chance.between(-10, 20) * slow::day);
        const int month_and_day = (told.tm_mon + 1) * 100 + told.tm_mday;
        if (chance.one_in(3)) {
            plan.closed_every_year.insert(month_and_day);
        } else {
            plan.closed.insert((told.tm_year + 1900) * 10'000 + month_and_day);
        }
    }
    return plan;
}

}  // namespace tocsin::sla
