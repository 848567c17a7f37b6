// The arithmetic of business time once more, in the dullest way: the C library tells the wall time of each minute, and
// the minutes are counted one by one. Shares no code with lib/sla.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace slow {

inline constexpr std::int64_t minute = 60;
inline constexpr std::int64_t hour = 60 * minute;
inline constexpr std::int64_t day = 24 * hour;

struct Hours {
    int opens;   // minutes since 00:00
    int closes;  // up to 24 * 60
};

struct Plan {
    std::string zone;
    std::vector<Hours> week[7];       // Monday first
    std::set<int> closed;             // 20261224
    std::set<int> closed_every_year;  // 1224
};

// One place of the process has a zone at a time: that of the C library.
void stand_in(const std::string& zone);
std::tm wall(std::int64_t seconds);
std::vector<std::int64_t> changes_of_the_clocks(std::int64_t from, std::int64_t to);  // in the zone stood in

// What the wall showed at one minute.
struct Minute {
    int date;  // 20261224
    int of_day;
    int weekday;  // Monday is 0
};

// A window of minutes, all looked up; instants are seconds since 1970 on whole minutes and must lie inside.
struct Window {
    Window(const std::string& zone, std::int64_t from_second, std::int64_t to_second);
    std::int64_t from;
    std::int64_t to;
    std::vector<Minute> minutes;
};

class Count {
public:
    Count(const Plan& plan, const Window& window);  // the window must outlive it

    bool is_open(std::int64_t at) const { return open_.at(static_cast<std::size_t>((at - window_.from) / minute)); }
    std::int64_t open_minutes(std::int64_t from, std::int64_t to) const;
    std::optional<std::int64_t> next_opening(std::int64_t at) const;
    std::optional<std::int64_t> after_open(std::int64_t from, std::int64_t minutes) const;
    std::optional<std::int64_t> before_open(std::int64_t from, std::int64_t minutes) const;
    std::optional<std::int64_t> after_days(std::int64_t from, int days) const;
    std::optional<std::int64_t> before_days(std::int64_t from, int days) const;

private:
    std::optional<std::int64_t> first_minute(int date, int of_day) const;
    const Minute& minute_at(std::int64_t at) const {
        return window_.minutes.at(static_cast<std::size_t>((at - window_.from) / minute));
    }
    const Window& window_;
    std::vector<bool> open_;
    std::set<int> business_dates_;  // a date that the clocks come back to is met once
};

}  // namespace slow
