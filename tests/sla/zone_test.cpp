#include "sla/zone.hpp"

#include <filesystem>

#include "making.hpp"
#include "slow_count.hpp"

namespace tocsin::sla {
namespace {

using namespace std::chrono_literals;

TEST(Zone, RefusesNamesThatTheTzDatabaseDoesNotHave) {
    for (const char* name :
         {"", "Europe/Berln", "europe/berlin", "Europe", "/usr/share/zoneinfo/Europe/Berlin", "../zoneinfo/UTC",
          "localtime", "libc:localtime", "Fixed/UTC+05:00:00", "right/Europe/Berlin", "file:UTC", "tzdata.zi"}) {
        const auto loaded = Zone::load(name);
        ASSERT_FALSE(loaded) << name;
        EXPECT_EQ(loaded.error().code, Code::Configuration);
        EXPECT_NE(loaded.error().what.find("Europe/Berlin"), std::string::npos) << "an example of what is accepted";
    }
    EXPECT_FALSE(Zone::load(std::string("UTC\0x", 5)));
}

TEST(Zone, KnowsItsNameAndThatOfTheHour) {
    EXPECT_EQ(zone("Europe/Berlin").name(), "Europe/Berlin");
    EXPECT_EQ(zone("Europe/Berlin").abbreviation(instant("2026-01-01T00:00:00Z")), "CET");
    EXPECT_EQ(zone("Europe/Berlin").abbreviation(instant("2026-07-01T00:00:00Z")), "CEST");
    EXPECT_EQ(zone("Europe/Istanbul").abbreviation(instant("2026-07-01T00:00:00Z")), "UTC+03");
    EXPECT_EQ(zone("Asia/Kolkata").offset(instant("2026-07-01T00:00:00Z")), 5h + 30min);
    EXPECT_EQ(Zone::utc().abbreviation(instant("2026-07-01T00:00:00Z")), "UTC");
    EXPECT_EQ(zone("UTC"), Zone::utc());
}

TEST(Zone, TellsWallTimeToTheMicrosecond) {
    const Civil told = zone("Europe/Berlin").civil(instant("2026-03-06T22:59:59.999999Z"));
    EXPECT_EQ(told.date, std::chrono::year_month_day{day_of(2026, 3, 6)});
    EXPECT_EQ(told.of_day, 24h - 1us);
    EXPECT_EQ(zone("America/New_York").civil(instant("1969-12-31T23:59:59.5Z")).of_day, 18h + 59min + 59s + 500ms);
}

TEST(Zone, AWallTimeThatIsSkippedIsTheJump) {
    const Zone berlin = zone("Europe/Berlin");
    const Instant jump = instant("2026-03-29T01:00:00Z");
    EXPECT_EQ(berlin.instant({day_of(2026, 3, 29), 2h}), jump);
    EXPECT_EQ(berlin.instant({day_of(2026, 3, 29), 2h + 59min + 59s + 5us}), jump);
    EXPECT_EQ(berlin.instant({day_of(2026, 3, 29), 3h}), jump);
    EXPECT_EQ(berlin.instant({day_of(2026, 3, 29), 2h - 1us}), jump - 1us);
}

TEST(Zone, AWallTimeThatComesTwiceIsTheFirst) {
    const Zone berlin = zone("Europe/Berlin");
    EXPECT_EQ(berlin.instant({day_of(2026, 10, 25), 2h + 30min + 7us}), instant("2026-10-25T00:30:00.000007Z"));
    EXPECT_EQ(berlin.instant({day_of(2026, 10, 25), 3h}), instant("2026-10-25T02:00:00Z"));
}

TEST(Zone, MidnightMayBeTheEndOfTheDayBefore) {
    const Zone berlin = zone("Europe/Berlin");
    EXPECT_EQ(berlin.instant({day_of(2026, 12, 31), 24h}), berlin.instant({day_of(2027, 1, 1), 0h}));
}

TEST(Zone, ChangesItsClocksIn2039AsItDoesNow) {
    // Libraries that stop at the end of the 32-bit tables are an hour off.
    EXPECT_EQ(zone("Europe/Berlin").offset(instant("2039-07-01T00:00:00Z")), 2h);
    EXPECT_EQ(zone("America/New_York").offset(instant("2099-07-01T00:00:00Z")), -4h);
}

TEST(Zone, ADateIsToldOfInstantsBeyondAllDates) {
    const Zone berlin = zone("Europe/Berlin");
    EXPECT_EQ(berlin.civil(Instant::max()).date.year(), std::chrono::year{9999});
    EXPECT_LE(berlin.civil(Instant::min()).date.year(), std::chrono::year{1});
}

// Each zone of this machine, each era between 1970 and 2100: the offset holds from its first to its last microsecond,
// and the C library tells the same.
TEST(Zone, ErasMeetAtTheChangesOfTheClocks) {
    std::size_t zones = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{"/usr/share/zoneinfo"}) {
        const std::string name = std::filesystem::relative(entry.path(), "/usr/share/zoneinfo").string();
        const auto loaded = Zone::load(name);
        if (!entry.is_regular_file() || !loaded) continue;
        ++zones;
        slow::stand_in(name);
        std::size_t eras = 0;
        for (Instant at = instant("1970-01-01T00:00:00Z"); at < instant("2100-01-01T00:00:00Z"); ++eras) {
            const Era era = loaded->era(at);
            ASSERT_LE(era.from, at) << name;
            ASSERT_GT(era.to, at) << name;
            ASSERT_LT(eras, 400U) << name;
            for (const Instant inside : {at, era.to - 1us}) {
                ASSERT_EQ(loaded->offset(inside), era.offset) << name << ' ' << to_rfc3339(inside);
                ASSERT_EQ(loaded->era(inside), era) << name << ' ' << to_rfc3339(inside);
                const auto second = std::chrono::floor<std::chrono::seconds>(inside).time_since_epoch().count();
                if (inside < instant("2100-01-01T00:00:00Z")) {
                    ASSERT_EQ(slow::wall(second).tm_gmtoff, era.offset.count()) << name << ' ' << to_rfc3339(inside);
                }
            }
            at = era.to;
        }
    }
    EXPECT_GT(zones, 300U) << "too few to have looked at any";
}

}  // namespace
}  // namespace tocsin::sla
