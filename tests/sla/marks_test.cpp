#include "making.hpp"
#include "sla/deadline.hpp"

namespace tocsin::sla {
namespace {

using namespace std::chrono_literals;

// A promise of three business days, made on a Friday: due on Wednesday 15:30, 22 open hours later.
struct Promise {
    Calendar calendar = office();
    Instant start = instant("2026-03-06T15:30:00+01:00");
    Instant due = instant("2026-03-11T15:30:00+01:00");

    std::optional<Instant> next(const char* mark, Instant after) const {
        return next_at(parse_mark(mark).value(), start, due, after, &calendar);
    }
};

TEST(Mark, IsReadAndWrittenTheSame) {
    for (const char* text : {"50%", "1%", "100%", "4 business hours before", "due", "1 business day after",
                             "every 1 business day after", "every 30 minutes after"}) {
        const auto mark = parse_mark(text);
        ASSERT_TRUE(mark) << text;
        EXPECT_EQ(to_text(*mark), text);
    }
    EXPECT_EQ(parse_mark(" Every  2 Hours  After ").value(), (Mark{Mark::Kind::EveryAfter, 0, {2, Unit::Hour}}));
    EXPECT_EQ(parse_mark("50 %").value(), (Mark{Mark::Kind::Fraction, 50, {}}));
}

TEST(Mark, RefusesWhatIsNone) {
    for (const char* text :
         {"", "%", "0%", "101%", "-5%", "1.5%", "at due", "4 hours", "before", "every 1 day", "every 1 day before",
          "every after", "0 hours before", "4 fortnights after", "after 4 hours", "every 0 hours after"}) {
        EXPECT_FALSE(parse_mark(text)) << text;
    }
    EXPECT_NE(parse_mark("soon").error().what.find("every 1 business day after"), std::string::npos);
    EXPECT_NE(parse_mark("4 buisness days before").error().what.find("business days"), std::string::npos);
}

TEST(Mark, HalfOfABusinessPromiseIsHalfOfItsOpenHours) {
    const Promise promise;
    // Half an hour on Friday, eight hours on Monday, two and a half on Tuesday.
    EXPECT_EQ(promise.next("50%", promise.start), instant("2026-03-10T11:30:00+01:00"));
    EXPECT_EQ(promise.next("100%", promise.start), promise.due);
}

TEST(Mark, HalfOfAnElapsedPromiseIsHalfOfItsTime) {
    const Promise promise;
    const Mark half = parse_mark("50%").value();
    EXPECT_EQ(next_at(half, promise.start, promise.start + 24h, promise.start, nullptr), promise.start + 12h);
    EXPECT_EQ(next_at(half, promise.start, promise.start + 72h, promise.start, Span{72, Unit::Hour}, &promise.calendar),
              promise.start + 36h)
        << "the calendar is there for other marks";
    EXPECT_EQ(next_at(half, promise.start, promise.due, promise.start, Span{3, Unit::BusinessDay}, &promise.calendar),
              promise.next("50%", promise.start));
}

TEST(Mark, HalfOfAPromiseThatMeetsNoOpenHourIsHalfOfItsTime) {
    const Calendar calendar = office();
    const Instant saturday = instant("2026-03-07T10:00:00+01:00");
    EXPECT_EQ(next_at(parse_mark("50%").value(), saturday, saturday + 24h, saturday, &calendar), saturday + 12h);
}

TEST(Mark, FallsOnce) {
    const Promise promise;
    EXPECT_EQ(promise.next("4 business hours before", promise.start), instant("2026-03-11T10:30:00+01:00"));
    EXPECT_EQ(promise.next("4 business hours before", instant("2026-03-11T10:30:00+01:00") - 1us),
              instant("2026-03-11T10:30:00+01:00"));
    EXPECT_EQ(promise.next("4 business hours before", instant("2026-03-11T10:30:00+01:00")), std::nullopt);
    EXPECT_EQ(promise.next("due", promise.start), promise.due);
    EXPECT_EQ(promise.next("due", promise.due), std::nullopt);
    EXPECT_EQ(promise.next("1 business day after", promise.due), instant("2026-03-12T15:30:00+01:00"));
    EXPECT_EQ(promise.next("1 business day after", instant("2026-03-12T15:30:00+01:00")), std::nullopt);
    EXPECT_EQ(promise.next("1 business day before", promise.start), instant("2026-03-10T15:30:00+01:00"));
    EXPECT_EQ(promise.next("2 hours before", promise.start), promise.due - 2h);
}

TEST(Mark, ThatWouldFallBeforeTheStartNeverFalls) {
    const Promise promise;
    EXPECT_EQ(promise.next("10 business days before", promise.start), std::nullopt);
    EXPECT_EQ(promise.next("10 business days before", promise.start - 30 * 24h), std::nullopt);
}

TEST(Mark, EveryComesAgainForEver) {
    const Promise promise;
    const char* every = "every 1 business day after";
    EXPECT_EQ(promise.next(every, promise.start), instant("2026-03-12T15:30:00+01:00"));
    EXPECT_EQ(promise.next(every, instant("2026-03-12T15:30:00+01:00")), instant("2026-03-13T15:30:00+01:00"));
    EXPECT_EQ(promise.next(every, instant("2026-03-13T15:30:00+01:00")), instant("2026-03-16T15:30:00+01:00"));
    EXPECT_EQ(promise.next(every, instant("2036-03-14T00:00:00+01:00")), instant("2036-03-14T15:30:00+01:00"))
        << "ten years late";
    EXPECT_EQ(promise.next("every 90 minutes after", promise.due + 3h), promise.due + 270min);
    EXPECT_EQ(promise.next("every 6 business hours after", promise.due), instant("2026-03-12T12:30:00+01:00"))
        << "2:30 on Wednesday, 3:30 on Thursday: as lunch begins";
    EXPECT_EQ(promise.next("every 6 business hours after", instant("2026-03-12T12:30:00+01:00")),
              instant("2026-03-13T10:30:00+01:00"));
}

TEST(Mark, EveryStaysAtTheWallTimeOfTheDeadlineAfterItWasMoved) {
    const Calendar calendar = office();
    const Instant due = instant("2026-03-05T17:00:00+01:00");  // Thursday
    const Mark every = parse_mark("every 1 business day after").value();
    const auto friday_moved = next_at(every, due - 24h, due, due, &calendar);
    EXPECT_EQ(friday_moved, instant("2026-03-09T09:00:00+01:00"));
    EXPECT_EQ(next_at(every, due - 24h, due, *friday_moved, &calendar), instant("2026-03-09T17:00:00+01:00"));
}

TEST(Mark, NothingFallsAfterAllTime) {
    const Promise promise;
    for (const char* mark : {"50%", "1 day before", "due", "1 day after", "every 1 day after",
                             "every 1 business hour after", "every 1 business day after"}) {
        EXPECT_EQ(promise.next(mark, Instant::max()), std::nullopt) << mark;
        EXPECT_EQ(promise.next(mark, latest), std::nullopt) << mark;
    }
}

}  // namespace
}  // namespace tocsin::sla
