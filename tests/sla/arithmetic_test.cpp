// lib/sla against the slow count: by chance, and around every change of the clocks of many zones.
#include "random_plans.hpp"
#include "sla/deadline.hpp"

namespace tocsin::sla {
namespace {

// Changes at 01:00 UTC, at 02:00 and at midnight on the wall, by half an hour, by two hours, for Ramadan, over the
// date line, and not at all.
const std::vector<std::string> zones_of_the_world{
    "Europe/Berlin",    "Europe/London",     "America/New_York", "America/Havana", "Australia/Lord_Howe",
    "America/Santiago", "Africa/Casablanca", "Africa/Cairo",     "Asia/Beirut",    "Pacific/Chatham",
    "America/Nuuk",     "Atlantic/Azores",   "Antarctica/Troll", "Asia/Kathmandu", "UTC"};

constexpr std::int64_t start_of_2024 = 1'704'067'200;
constexpr std::int64_t end_of_2040 = 2'240'524'800;

void expect_equal(const slow::Count& count, const Calendar& calendar, std::int64_t at, Chance& chance) {
    SCOPED_TRACE("from " + to_rfc3339(at_second(at)));
    const Instant from = at_second(at);
    EXPECT_EQ(calendar.is_open(from), count.is_open(at));

    const std::int64_t other = at + chance.between(0, 3 * 24 * 60) * slow::minute;
    EXPECT_EQ(calendar.open_time(from, at_second(other)), std::chrono::minutes{count.open_minutes(at, other)})
        << "to " << to_rfc3339(at_second(other));

    const auto equal = [&](Instant told, std::optional<std::int64_t> counted, const std::string& what) {
        if (!counted) return;  // it lies outside of the window
        EXPECT_EQ(told, at_second(*counted)) << what;
    };
    equal(calendar.next_opening(from), count.next_opening(at), "next opening");
    const std::int64_t minutes = chance.one_in(4) ? chance.between(0, 2) * 60 : chance.between(1, 40 * 60);
    equal(calendar.after_open_time(from, std::chrono::minutes{minutes}), count.after_open(at, minutes),
          std::to_string(minutes) + " open minutes after");
    equal(calendar.before_open_time(from, std::chrono::minutes{minutes}), count.before_open(at, minutes),
          std::to_string(minutes) + " open minutes before");
    const int days = static_cast<int>(chance.between(0, 5));
    equal(calendar.after_business_days(from, days), count.after_days(at, days), std::to_string(days) + " days after");
    equal(calendar.before_business_days(from, days), count.before_days(at, days),
          std::to_string(days) + " days before");
}

TEST(Arithmetic, EqualsTheSlowCountByChance) {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Chance chance{seed};
        const auto& name = zones_of_the_world[seed % zones_of_the_world.size()];
        const std::int64_t near = chance.between(start_of_2024, end_of_2040) / slow::minute * slow::minute;
        const slow::Plan plan = random_plan(chance, name, near);
        const Calendar calendar = calendar_of(plan);
        const slow::Window window{name, near - 14 * slow::day, near + 14 * slow::day};
        const slow::Count count{plan, window};
        for (int i = 0; i < 20; ++i) {
            expect_equal(count, calendar, near + chance.between(-3 * 24 * 60, 3 * 24 * 60) * slow::minute, chance);
        }
        if (HasFailure()) FAIL() << name;
    }
}

class EveryChangeOfTheClocks : public testing::TestWithParam<std::string> {};

TEST_P(EveryChangeOfTheClocks, EqualsTheSlowCount) {
    slow::stand_in(GetParam());
    const auto changes = slow::changes_of_the_clocks(start_of_2024, end_of_2040);
    Chance chance{2026};
    slow::Plan always;
    always.zone = GetParam();
    for (auto& day : always.week) day = {{0, 24 * 60}};
    slow::Plan nights = always;  // opens and closes where clocks change
    for (auto& day : nights.week) day = {{0, 30}, {75, 150}, {150, 181}, {23 * 60 + 10, 23 * 60 + 50}};
    for (const std::int64_t change : changes) {
        SCOPED_TRACE(GetParam() + ", change at " + to_rfc3339(at_second(change)));
        const slow::Window window{GetParam(), change - 9 * slow::day, change + 9 * slow::day};
        for (const slow::Plan& plan : {always, nights, random_plan(chance, GetParam(), change)}) {
            const Calendar calendar = calendar_of(plan);
            const slow::Count count{plan, window};
            for (std::int64_t at = change - 26 * slow::hour; at < change + 26 * slow::hour; at += slow::minute) {
                if (calendar.is_open(at_second(at)) != count.is_open(at)) ADD_FAILURE() << to_rfc3339(at_second(at));
            }
            EXPECT_EQ(calendar.open_time(at_second(change - 30 * slow::hour), at_second(change + 30 * slow::hour)),
                      std::chrono::minutes{count.open_minutes(change - 30 * slow::hour, change + 30 * slow::hour)});
            for (int i = 0; i < 6; ++i) {
                expect_equal(count, calendar, change + chance.between(-26 * 60, 26 * 60) * slow::minute, chance);
            }
            expect_equal(count, calendar, change, chance);
        }
        if (HasFailure()) FAIL();
    }
}

INSTANTIATE_TEST_SUITE_P(Zones, EveryChangeOfTheClocks, testing::ValuesIn(zones_of_the_world), [](const auto& zone) {
    std::string name = zone.param;
    for (char& c : name) c = c == '/' ? '_' : c;
    return name;
});

}  // namespace
}  // namespace tocsin::sla
