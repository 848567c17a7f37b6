#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

using namespace std::chrono_literals;

constexpr Instant friday = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 10h + 30min;

struct Told {
    const char* text;
    Micros after_friday;
};

class Rfc3339 : public testing::TestWithParam<Told> {};

TEST_P(Rfc3339, IsReadToTheMicrosecond) {
    const auto read = from_rfc3339(GetParam().text);
    ASSERT_TRUE(read) << GetParam().text;
    EXPECT_EQ(GetParam().after_friday.count(), (*read - friday).count()) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Texts, Rfc3339,
                         testing::Values(Told{"2026-11-20T10:30:00Z", 0us}, Told{"2026-11-20t10:30:00z", 0us},
                                         Told{"2026-11-20 10:30:00Z", 0us}, Told{"2026-11-20T11:30:00+01:00", 0us},
                                         Told{"2026-11-20T05:00:00-05:30", 0us}, Told{"2026-11-21T00:15:00+13:45", 0us},
                                         Told{"2026-11-20T10:30:00-00:00", 0us}, Told{"2026-11-20T10:30:00.5Z", 500ms},
                                         Told{"2026-11-20T10:30:00.000001Z", 1us},
                                         Told{"2026-11-20T10:30:00.1234569999Z", 123'456us},
                                         Told{"2026-11-20T10:29:60Z", 0us}));

class NoRfc3339 : public testing::TestWithParam<const char*> {};

TEST_P(NoRfc3339, IsRefused) { EXPECT_FALSE(from_rfc3339(GetParam())) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(
    Texts, NoRfc3339,
    testing::Values("", "now", "2026-11-20", "2026-11-20T10:30Z", "2026-11-20T10:30:00", "2026-11-20T10:30:00.Z",
                    "2026-11-20T10:30:00+0100", "2026-11-20T10:30:00+1:00", "2026-11-20T10:30:00+24:00",
                    "2026-11-20T10:30:00+01:60", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
                    "2026-11-00T00:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T10:60:00Z", "2026-11-20T10:30:61Z",
                    "2026-11-20T10:30:00Z ", " 2026-11-20T10:30:00Z", "2026-11-20T10:30:00ZZ", "26-11-20T10:30:00Z",
                    "+026-11-20T10:30:00Z", "2026-1 -20T10:30:00Z", "-2026-11-20T10:30:00Z", "2026/11/20T10:30:00Z"));

TEST(Clock, WritesTheFractionOnlyWhenThereIsOne) {
    EXPECT_EQ("2026-11-20T10:30:00Z", to_rfc3339(friday));
    EXPECT_EQ("2026-11-20T10:30:00.000001Z", to_rfc3339(friday + 1us));
    EXPECT_EQ("2026-11-20T10:30:00.500000Z", to_rfc3339(friday + 500ms));
}

TEST(Clock, TellsTheTimeBefore1970AsWell) {
    EXPECT_EQ("1969-12-31T23:59:59.999999Z", to_rfc3339(from_micros(-1)));
    EXPECT_EQ(-1, to_micros(*from_rfc3339("1969-12-31T23:59:59.999999Z")));
}

TEST(Clock, ReadsWhatItWrote) {
    for (const std::int64_t micros : {0ll, 1ll, -1ll, 999'999ll, 1'700'000'000'000'000ll, 253'402'300'799'999'999ll,
                                      -62'135'596'800'000'000ll, 951'782'400'000'000ll}) {
        const auto read = from_rfc3339(to_rfc3339(from_micros(micros)));
        ASSERT_TRUE(read) << micros;
        EXPECT_EQ(micros, to_micros(*read));
    }
}

TEST(Clock, ALeapDayIsADay) {
    EXPECT_TRUE(from_rfc3339("2028-02-29T00:00:00Z"));
    EXPECT_TRUE(from_rfc3339("2000-02-29T00:00:00Z"));
    EXPECT_FALSE(from_rfc3339("2100-02-29T00:00:00Z"));
}

TEST(Clock, AStandingClockMovesOnlyWhenItIsMoved) {
    StandingClock clock{friday};
    const Clock& seen = clock;
    EXPECT_EQ(friday, seen.now());
    EXPECT_EQ(friday, seen.now());
    clock.advance(90min);
    EXPECT_EQ(friday + 90min, seen.now());
}

TEST(Clock, TheMachinesClockDoesNotStand) {
    const SystemClock clock;
    const Instant first = clock.now();
    EXPECT_GT(first, friday - std::chrono::hours{24 * 365 * 5});
    EXPECT_GE(clock.now(), first);
}

}  // namespace
}  // namespace tocsin
