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

struct Minute {
    int date;  // 20261224
    int of_day;
    bool business;
    bool open;
};

// One place of the process has a zone at a time: that of the C library.
void stand_in(const std::string& zone);
std::tm wall(std::int64_t seconds);
std::vector<std::int64_t> changes_of_the_clocks(std::int64_t from, std::int64_t to);  // in the zone stood in

// A window of minutes, all looked up; instants are seconds since 1970 on whole minutes and must lie inside.
class Count {
public:
    Count(const Plan& plan, std::int64_t from, std::int64_t to);

    bool is_open(std::int64_t at) const { return minute_at(at).open; }
    std::int64_t open_minutes(std::int64_t from, std::int64_t to) const;
    std::optional<std::int64_t> next_opening(std::int64_t at) const;
    std::optional<std::int64_t> after_open(std::int64_t from, std::int64_t minutes) const;
    std::optional<std::int64_t> before_open(std::int64_t from, std::int64_t minutes) const;
    std::optional<std::int64_t> after_days(std::int64_t from, int days) const;
    std::optional<std::int64_t> before_days(std::int64_t from, int days) const;

private:
    std::vector<int> business_dates() const;
    std::optional<std::int64_t> first_minute(int date, int of_day) const;
    const Minute& minute_at(std::int64_t at) const {
        return minutes_.at(static_cast<std::size_t>((at - from_) / minute));
    }
    std::int64_t from_;
    std::int64_t to_;
    std::vector<Minute> minutes_;
};

}  // namespace slow
