#include "sla/zone.hpp"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <type_traits>

#include "base/text.hpp"

namespace tocsin::sla {
namespace {

namespace chrono = std::chrono;

// Abseil's zone is one pointer to rules in a cache that is never emptied; Zone keeps that pointer so that its header
// does not need Abseil's.
static_assert(sizeof(absl::TimeZone) == sizeof(const void*) && std::is_trivially_copyable_v<absl::TimeZone>);
const void* to_rules(absl::TimeZone zone) { return std::bit_cast<const void*>(zone); }
absl::TimeZone from_rules(const void* rules) { return std::bit_cast<absl::TimeZone>(rules); }

// Beyond these, dates have no four-digit year and std::chrono::year soon has no room.
constexpr Instant first_instant{chrono::sys_days{chrono::year{1} / 1 / 1}};
constexpr Instant last_instant{chrono::sys_days{chrono::year{9999} / 12 / 31}};

absl::Time to_absl(Instant at) {
    return absl::FromUnixMicros(std::clamp(at, first_instant, last_instant).time_since_epoch().count());
}
Instant to_instant(absl::Time at) { return Instant{Micros{absl::ToUnixMicros(at)}}; }

// Abseil would also open files by absolute names, ask the C library ("libc:…"), or make offsets up ("Fixed/…"): none
// of these names is one of the tz database.
bool may_be_zone_name(std::string_view name) {
    constexpr std::string_view marks = "/_-+";
    const bool well_formed =
        !name.empty() && name.size() <= 64 && is_letter(name.front()) && std::ranges::all_of(name, [marks](char c) {
            return is_letter(c) || is_digit(c) || marks.find(c) != std::string_view::npos;
        });
    // "right/…" counts leap seconds, which no instant of ours does; "localtime" is whatever the machine is set to.
    return well_formed && !name.starts_with("right/") && !name.starts_with("Fixed/") && name != "localtime";
}

}  // namespace

Result<Zone> Zone::load(std::string_view name) {
    // Abseil answers UTC for what it does not know: the bool is what counts.
    absl::TimeZone zone;
    if (!may_be_zone_name(name) || !absl::LoadTimeZone(std::string{name}, &zone)) {
        return permanent(
            Code::Configuration,
            fmt::format("unknown time zone '{}': a name of the tz database is expected, such as 'Europe/Berlin'",
                        name));
    }
    return Zone{std::string{name}, to_rules(zone)};
}

Zone Zone::utc() { return Zone{"UTC", to_rules(absl::UTCTimeZone())}; }

Civil Zone::civil(Instant at) const {
    const auto told = from_rules(rules_).At(to_absl(at));
    const chrono::year_month_day date{chrono::year{static_cast<int>(told.cs.year())},
                                      chrono::month{static_cast<unsigned>(told.cs.month())},
                                      chrono::day{static_cast<unsigned>(told.cs.day())}};
    return {date, chrono::hours{told.cs.hour()} + chrono::minutes{told.cs.minute()} +
                      chrono::seconds{told.cs.second()} + Micros{absl::ToInt64Microseconds(told.subsecond)}};
}

Instant Zone::instant(const Civil& civil) const {
    const auto seconds = chrono::floor<chrono::seconds>(civil.of_day);
    const absl::CivilSecond wall = absl::CivilSecond{static_cast<int>(civil.date.year()),
                                                     static_cast<int>(static_cast<unsigned>(civil.date.month())),
                                                     static_cast<int>(static_cast<unsigned>(civil.date.day()))} +
                                   seconds.count();
    const auto found = from_rules(rules_).At(wall);
    if (found.kind == absl::TimeZone::TimeInfo::SKIPPED) return to_instant(found.trans);
    return to_instant(found.pre) + (civil.of_day - seconds);
}

// Many zones have numbers for names; "+0530" says nothing to a person, "UTC+05:30" does.
std::string Zone::abbreviation(Instant at) const {
    std::string name = from_rules(rules_).At(to_absl(at)).zone_abbr;
    if (!name.starts_with('+') && !name.starts_with('-')) return name;
    if (name.size() == 5) name.insert(3, 1, ':');
    return name.insert(0, "UTC");
}

chrono::seconds Zone::offset(Instant at) const { return chrono::seconds{from_rules(rules_).At(to_absl(at)).offset}; }

Era Zone::era(Instant at) const {
    const absl::TimeZone zone = from_rules(rules_);
    const absl::Time moment = to_absl(at);
    Era era{first_instant, last_instant, chrono::seconds{zone.At(moment).offset}};
    // PrevTransition looks before its argument and at whole seconds only, hence the second. The wall time that a change
    // leads to has `trans` for the instant of the change, whether it was shown before or not.
    absl::TimeZone::CivilTransition change;
    if (zone.PrevTransition(moment + absl::Seconds(1), &change)) era.from = to_instant(zone.At(change.to).trans);
    if (zone.NextTransition(moment, &change)) era.to = to_instant(zone.At(change.to).trans);
    return era;
}

}  // namespace tocsin::sla
