#include "sla/deadline.hpp"

#include "making.hpp"

namespace tocsin::sla {
namespace {

using namespace std::chrono_literals;

constexpr auto friday = "2026-03-06T15:30:00+01:00";

Instant due(const char* start, const char* span, const Calendar* calendar = nullptr) {
    return due_after(instant(start), parse_span(span).value(), calendar);
}

TEST(Deadline, ElapsedTimeNeedsNoCalendar) {
    EXPECT_EQ(due(friday, "90 minutes"), instant("2026-03-06T17:00:00+01:00"));
    EXPECT_EQ(due(friday, "24 hours"), instant("2026-03-07T15:30:00+01:00"));
    EXPECT_EQ(due("2026-03-27T12:00:00+01:00", "7 days"), instant("2026-04-03T13:00:00+02:00")) << "168 hours";
}

TEST(Deadline, ElapsedTimeDoesNotLookAtTheCalendar) {
    const Calendar calendar = office();
    EXPECT_EQ(due(friday, "24 hours", &calendar), instant("2026-03-07T15:30:00+01:00"));
}

TEST(Deadline, BusinessTimeIsCountedInTheCalendar) {
    const Calendar calendar = office();
    EXPECT_EQ(due(friday, "3 business days", &calendar), instant("2026-03-11T15:30:00+01:00"));
    EXPECT_EQ(due(friday, "4 business hours", &calendar), instant("2026-03-09T12:30:00+01:00"));
}

TEST(Deadline, BusinessTimeWithoutACalendarIsABug) {
    EXPECT_THROW(due(friday, "3 business days"), std::logic_error);
    EXPECT_THROW(due(friday, "4 business hours"), std::logic_error);
    const Span span{1, Unit::BusinessHour};
    EXPECT_THROW(static_cast<void>(intervals(instant(friday), instant(friday) + 1h, span, nullptr)), std::logic_error);
    EXPECT_THROW(static_cast<void>(shifted(instant(friday), instant(friday), instant(friday) + 1h, span, nullptr)),
                 std::logic_error);
}

TEST(Deadline, NeverOverflows) {
    const Calendar calendar = office();
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    for (const Unit unit : {Unit::Minute, Unit::Hour, Unit::Day, Unit::BusinessHour, Unit::BusinessDay}) {
        EXPECT_EQ(due_after(instant(friday), {most, unit}, &calendar), latest);
        EXPECT_EQ(due_after(Instant::max(), {most, unit}, &calendar), Instant::max());
    }
}

TEST(Deadline, APauseOfElapsedTimeShiftsByItsLength) {
    EXPECT_EQ(shifted(instant(friday), instant("2026-03-01T00:00:00Z"), instant("2026-03-02T01:00:00Z"), {1, Unit::Day},
                      nullptr),
              instant(friday) + 25h);
    EXPECT_EQ(shifted(instant(friday), instant("2026-03-02T00:00:00Z"), instant("2026-03-01T00:00:00Z"), {1, Unit::Day},
                      nullptr),
              instant(friday))
        << "resumed before it was paused";
}

TEST(Deadline, APauseOfBusinessTimeShiftsByWhatWasOpen) {
    const Calendar calendar = office();
    const Instant due = instant("2026-03-10T15:00:00+01:00");
    EXPECT_EQ(shifted(due, instant("2026-03-06T15:30:00+01:00"), instant("2026-03-09T10:00:00+01:00"),
                      {8, Unit::BusinessHour}, &calendar),
              due + 90min)
        << "half an hour on Friday, an hour on Monday";
    EXPECT_EQ(shifted(due, instant("2026-03-07T10:00:00+01:00"), instant("2026-03-08T10:00:00+01:00"),
                      {8, Unit::BusinessHour}, &calendar),
              due)
        << "over a weekend nothing is lost";
}

TEST(Intervals, OfElapsedTimeAreOne) {
    const auto all = intervals(instant(friday), instant(friday) + 24h, {24, Unit::Hour}, nullptr);
    EXPECT_EQ(all, (std::vector<Interval>{{instant(friday), instant(friday) + 24h, true}}));
    EXPECT_TRUE(intervals(instant(friday), instant(friday), {24, Unit::Hour}, nullptr).empty());
}

TEST(Intervals, OfBusinessTimeTellWhatCountedAndWhatDidNot) {
    const Calendar calendar = office();
    EXPECT_EQ(intervals(instant(friday), instant("2026-03-09T14:00:00+01:00"), {4, Unit::BusinessHour}, &calendar),
              (std::vector<Interval>{
                  {instant("2026-03-06T15:30:00+01:00"), instant("2026-03-06T16:00:00+01:00"), true},
                  {instant("2026-03-06T16:00:00+01:00"), instant("2026-03-09T09:00:00+01:00"), false},
                  {instant("2026-03-09T09:00:00+01:00"), instant("2026-03-09T12:30:00+01:00"), true},
                  {instant("2026-03-09T12:30:00+01:00"), instant("2026-03-09T13:30:00+01:00"), false},
                  {instant("2026-03-09T13:30:00+01:00"), instant("2026-03-09T14:00:00+01:00"), true},
              }));
}

TEST(Intervals, BeginAndEndClosedWhenThatIsHowItWas) {
    const Calendar calendar = office();
    EXPECT_EQ(
        intervals(instant("2026-03-06T22:00:00+01:00"), instant("2026-03-08T22:00:00+01:00"), {1, Unit::BusinessDay},
                  &calendar),
        (std::vector<Interval>{{instant("2026-03-06T22:00:00+01:00"), instant("2026-03-08T22:00:00+01:00"), false}}));
}

TEST(Intervals, PastMidnightAndAChangeOfTheClocksAreNotCutApart) {
    const Calendar always = round_the_clock("Europe/Berlin");
    EXPECT_EQ(
        intervals(instant("2026-10-20T00:00:00Z"), instant("2026-10-30T00:00:00Z"), {240, Unit::BusinessHour}, &always)
            .size(),
        1U);
}

}  // namespace
}  // namespace tocsin::sla
