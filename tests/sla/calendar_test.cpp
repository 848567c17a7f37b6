#include "sla/calendar.hpp"

#include "making.hpp"

namespace tocsin::sla {
namespace {

using namespace std::chrono_literals;

// 2026-03-06 is a Friday; Berlin is at +01:00 until 29 March.
constexpr auto friday_afternoon = "2026-03-06T15:30:00+01:00";

TEST(Calendar, RefusesAWeekThatNeverOpens) { EXPECT_FALSE(Calendar::make(Zone::utc(), {}, {}, {})); }

TEST(Calendar, RefusesAYearThatNeverOpens) {
    const auto week = week_of({{"mon-sun", "09:00-17:00"}});
    std::set<YearlyDate> all;
    for (auto day = day_of(2024, 1, 1); day < day_of(2025, 1, 1); day += std::chrono::days{1}) {
        const std::chrono::year_month_day date{day};
        all.insert(YearlyDate{date.month() / date.day()});
    }
    EXPECT_FALSE(Calendar::make(Zone::utc(), week, {}, all));
    all.erase(YearlyDate{std::chrono::February / 29});
    EXPECT_FALSE(Calendar::make(Zone::utc(), week, {}, all));
    all.erase(YearlyDate{std::chrono::July / 4});
    const Calendar independence = Calendar::make(Zone::utc(), week, {}, all).value();
    EXPECT_EQ(independence.next_opening(instant("2026-08-01T00:00:00Z")), instant("2027-07-04T09:00:00Z"));
}

TEST(Calendar, RefusesHoursInDisorder) {
    Calendar::Week week;
    week[0] = {{13h, 14h}, {9h, 10h}};
    EXPECT_FALSE(Calendar::make(Zone::utc(), week, {}, {}));
    week[0] = {{9h, 25h}};
    EXPECT_FALSE(Calendar::make(Zone::utc(), week, {}, {}));
    week[0] = {{-1h, 5h}};
    EXPECT_FALSE(Calendar::make(Zone::utc(), week, {}, {}));
    EXPECT_FALSE(
        Calendar::make(Zone::utc(), week_of({{"mon", "09:00-17:00"}}), {}, {YearlyDate{std::chrono::February / 30}}));
}

TEST(Calendar, IsOpenFromOpeningUntilJustBeforeClosing) {
    const Calendar calendar = office();
    EXPECT_FALSE(calendar.is_open(instant("2026-03-06T08:59:59.999999+01:00")));
    EXPECT_TRUE(calendar.is_open(instant("2026-03-06T09:00:00+01:00")));
    EXPECT_TRUE(calendar.is_open(instant("2026-03-06T15:59:59.999999+01:00")));
    EXPECT_FALSE(calendar.is_open(instant("2026-03-06T16:00:00+01:00")));
    EXPECT_FALSE(calendar.is_open(instant("2026-03-05T13:00:00+01:00"))) << "lunch";
    EXPECT_FALSE(calendar.is_open(instant("2026-03-07T10:00:00+01:00"))) << "Saturday";
}

TEST(Calendar, KnowsItsBusinessDays) {
    const Calendar calendar = office({day_of(2026, 12, 24)});
    EXPECT_TRUE(calendar.is_business_day(day_of(2026, 12, 23)));
    EXPECT_FALSE(calendar.is_business_day(day_of(2026, 12, 24))) << "this year alone";
    EXPECT_TRUE(calendar.is_business_day(day_of(2027, 12, 24)));
    EXPECT_FALSE(calendar.is_business_day(day_of(2026, 12, 25))) << "every year";
    EXPECT_TRUE(calendar.is_holiday(day_of(2026, 12, 24)));
    EXPECT_TRUE(calendar.is_holiday(day_of(2026, 12, 25)));
    EXPECT_FALSE(calendar.is_holiday(day_of(2026, 12, 23)));
    EXPECT_FALSE(calendar.is_holiday(day_of(2026, 12, 27))) << "a Sunday like any other";
    EXPECT_FALSE(calendar.is_business_day(day_of(2031, 12, 26))) << "every year, a Friday";
    EXPECT_FALSE(calendar.is_business_day(day_of(2026, 12, 27))) << "Sunday";
}

TEST(Calendar, TheNextOpeningOfAnOpenInstantIsItself) {
    const Calendar calendar = office();
    EXPECT_EQ(calendar.next_opening(instant(friday_afternoon)), instant(friday_afternoon));
    EXPECT_EQ(calendar.next_opening(instant("2026-03-06T16:00:00+01:00")), instant("2026-03-09T09:00:00+01:00"));
    EXPECT_EQ(calendar.next_opening(instant("2026-12-24T18:00:00+01:00")), instant("2026-12-28T09:00:00+01:00"));
}

TEST(Calendar, ABusinessDayIsTheSameWallTimeOnTheNextOne) {
    const Calendar calendar = office();
    EXPECT_EQ(calendar.after_business_days(instant(friday_afternoon), 1), instant("2026-03-09T15:30:00+01:00"));
    EXPECT_EQ(calendar.after_business_days(instant(friday_afternoon), 3), instant("2026-03-11T15:30:00+01:00"));
    EXPECT_EQ(calendar.after_business_days(instant("2026-03-26T10:00:00+01:00"), 2),
              instant("2026-03-30T10:00:00+02:00"))
        << "over the change of the clocks";
}

TEST(Calendar, ABusinessDayThatEndsWhenClosedMovesToTheOpening) {
    const Calendar calendar = office();
    EXPECT_EQ(calendar.after_business_days(instant("2026-03-05T17:00:00+01:00"), 1),
              instant("2026-03-09T09:00:00+01:00"))
        << "Friday closes at 16:00";
    EXPECT_EQ(calendar.after_business_days(instant("2026-03-06T13:00:00+01:00"), 1),
              instant("2026-03-09T13:30:00+01:00"))
        << "lunch on Monday";
    EXPECT_EQ(calendar.after_business_days(instant("2026-03-06T22:00:00+01:00"), 1),
              instant("2026-03-10T09:00:00+01:00"))
        << "Monday 22:00 is closed";
    EXPECT_EQ(calendar.after_business_days(instant("2026-03-06T02:00:00+01:00"), 1),
              instant("2026-03-09T09:00:00+01:00"));
}

TEST(Calendar, BusinessDaysAreCountedFromAClosedDayToo) {
    const Calendar calendar = office();
    EXPECT_EQ(calendar.after_business_days(instant("2026-03-07T10:00:00+01:00"), 1),
              instant("2026-03-09T10:00:00+01:00"));
    EXPECT_EQ(calendar.after_business_days(instant("2026-03-08T03:00:00+01:00"), 2),
              instant("2026-03-10T09:00:00+01:00"));
    EXPECT_EQ(calendar.after_business_days(instant("2026-03-07T10:00:00+01:00"), 0),
              instant("2026-03-09T09:00:00+01:00"));
}

TEST(Calendar, AnOpenHourEndsAtTheClosingNotAtTheNextOpening) {
    const Calendar calendar = office();
    EXPECT_EQ(calendar.after_open_time(instant(friday_afternoon), 30min), instant("2026-03-06T16:00:00+01:00"));
    EXPECT_EQ(calendar.after_open_time(instant(friday_afternoon), 30min + 1us),
              instant("2026-03-09T09:00:00.000001+01:00"));
    EXPECT_EQ(calendar.after_open_time(instant(friday_afternoon), 4h), instant("2026-03-09T12:30:00+01:00"));
    EXPECT_EQ(calendar.after_open_time(instant("2026-03-07T10:00:00+01:00"), 1h), instant("2026-03-09T10:00:00+01:00"));
    EXPECT_EQ(calendar.after_open_time(instant("2026-03-07T10:00:00+01:00"), 0h), instant("2026-03-07T10:00:00+01:00"));
}

TEST(Calendar, CountsBackToAnOpeningNotToTheClosingBeforeIt) {
    const Calendar calendar = office();
    const Instant monday_noon = instant("2026-03-09T12:00:00+01:00");
    EXPECT_EQ(calendar.before_open_time(monday_noon, 3h), instant("2026-03-09T09:00:00+01:00"));
    EXPECT_EQ(calendar.before_open_time(monday_noon, 4h), instant("2026-03-06T15:00:00+01:00"));
    EXPECT_EQ(calendar.before_business_days(monday_noon, 1), instant("2026-03-06T12:00:00+01:00"));
    EXPECT_EQ(calendar.before_business_days(instant("2026-03-09T17:00:00+01:00"), 1),
              instant("2026-03-06T16:00:00+01:00"))
        << "Friday is closed at 17:00: back to its closing";
    EXPECT_EQ(calendar.before_business_days(instant("2026-03-08T12:00:00+01:00"), 2),
              instant("2026-03-05T12:00:00+01:00"))
        << "lunch begins later";
}

TEST(Calendar, ADayOfTwentyFiveHoursIsOpenForTwentyFive) {
    const Calendar always = round_the_clock("Europe/Berlin");
    EXPECT_EQ(always.open_time(instant("2026-10-25T00:00:00+02:00"), instant("2026-10-26T00:00:00+01:00")), 25h);
    EXPECT_EQ(always.open_time(instant("2026-03-29T00:00:00+01:00"), instant("2026-03-30T00:00:00+02:00")), 23h);
    EXPECT_EQ(always.open_time(instant("2026-03-30T00:00:00Z"), instant("2026-03-29T00:00:00Z")), 0h) << "backwards";
}

TEST(Calendar, AnHourThatComesTwiceIsOpenTwiceAndOneThatIsSkippedNever) {
    const Calendar nights = Calendar::make(zone("Europe/Berlin"), week_of({{"sun", "02:00-03:00"}}), {}, {}).value();
    EXPECT_EQ(nights.open_time(instant("2026-10-25T00:00:00Z"), instant("2026-10-25T12:00:00Z")), 2h);
    EXPECT_EQ(nights.open_time(instant("2026-03-29T00:00:00Z"), instant("2026-03-29T12:00:00Z")), 0h);
    EXPECT_EQ(nights.next_opening(instant("2026-03-28T12:00:00Z")), instant("2026-04-05T00:00:00Z"));
}

TEST(Calendar, EndsItsCountingIn2400AndNeverBeforeItsStart) {
    // One day in about seven years.
    std::set<YearlyDate> closed;
    for (auto day = day_of(2024, 1, 1); day < day_of(2025, 1, 1); day += std::chrono::days{1}) {
        const std::chrono::year_month_day date{day};
        if (date.month() != std::chrono::July || date.day() != std::chrono::day{4})
            closed.insert(YearlyDate{date.month() / date.day()});
    }
    const Calendar rare = Calendar::make(Zone::utc(), week_of({{"mon", "09:00-09:01"}}), {}, closed).value();
    EXPECT_EQ(rare.after_business_days(instant("2026-01-01T00:00:00Z"), 1'000'000), latest);
    EXPECT_EQ(rare.after_open_time(instant("2026-01-01T00:00:00Z"), 100h), latest);
    EXPECT_EQ(rare.before_open_time(instant("2026-01-01T00:00:00Z"), 100h), earliest);
    EXPECT_EQ(rare.before_business_days(instant("2026-01-01T00:00:00Z"), 1'000'000), earliest);
    EXPECT_EQ(rare.open_time(Instant::min(), Instant::max()).count() % 60'000'000, 0);
    for (const Instant at : {latest, latest + 1us, Instant::max()}) {
        EXPECT_EQ(rare.next_opening(at), at);
        EXPECT_EQ(rare.after_open_time(at, 1h), at);
        EXPECT_EQ(rare.after_business_days(at, 1), at);
    }
    for (const Instant at : {earliest, earliest - 1us, Instant::min()}) {
        EXPECT_EQ(rare.before_open_time(at, 1h), at);
        EXPECT_EQ(rare.before_business_days(at, 1), at);
    }
}

}  // namespace
}  // namespace tocsin::sla
