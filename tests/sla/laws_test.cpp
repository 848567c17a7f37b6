// Laws that deadlines keep, to the microsecond, for calendars and instants by chance.
#include <algorithm>

#include "random_plans.hpp"
#include "sla/deadline.hpp"

namespace tocsin::sla {
namespace {

using namespace std::chrono_literals;

constexpr const char* zone_names[] = {
    "Europe/Berlin", "America/Havana",   "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Beirut",
    "UTC",           "America/Santiago", "Antarctica/Troll",    "Asia/Kathmandu",    "America/Nuuk"};

// A calendar, and instants within half a year of one another, half of them near a change of the clocks.
struct Case {
    explicit Case(std::uint64_t seed) : chance{seed}, zone_name{zone_names[seed % 10]} {
        slow::stand_in(zone_name);
        near = chance.between(1'704'067'200, 2'240'524'800);
        const auto changes = slow::changes_of_the_clocks(near, near + 200 * slow::day);
        if (!changes.empty() && chance.one_in(2)) near = changes.front();
        calendar.emplace(calendar_of(random_plan(chance, zone_name, near)));
    }
    Instant instant(int days = 20) {
        const auto around = Micros{std::chrono::days{days}}.count();
        return at_second(near) + Micros{chance.between(-around, around)};
    }
    Micros open_time() {
        return chance.one_in(5) ? Micros{chance.between(1, 48) * 3'600'000'000}
                                : Micros{chance.between(1, 300'000'000'000)};
    }

    Chance chance;
    std::string zone_name;
    std::int64_t near = 0;
    std::optional<Calendar> calendar;
};

template <class Law>
void holds(Law law, std::uint64_t cases = 300) {
    for (std::uint64_t seed = 1; seed <= cases; ++seed) {
        Case one{seed};
        for (int i = 0; i < 20; ++i) {
            law(one, *one.calendar);
            if (testing::Test::HasFailure()) FAIL() << "seed " << seed << ", " << one.zone_name;
        }
    }
}

TEST(Laws, AfterOpenTimeIsTheFirstInstantByWhichItWasOpenForSoLong) {
    holds([](Case& one, const Calendar& calendar) {
        const Instant from = one.instant();
        const Micros open = one.open_time();
        const Instant due = calendar.after_open_time(from, open);
        EXPECT_EQ(calendar.open_time(from, due), open);
        EXPECT_EQ(calendar.open_time(from, due - 1us), open - 1us);
        EXPECT_TRUE(calendar.is_open(due - 1us)) << "so it is at a closing at the latest";
    });
}

TEST(Laws, BeforeOpenTimeIsTheLastInstantFromWhichItIsOpenForSoLong) {
    holds([](Case& one, const Calendar& calendar) {
        const Instant to = one.instant();
        const Micros open = one.open_time();
        const Instant from = calendar.before_open_time(to, open);
        EXPECT_EQ(calendar.open_time(from, to), open);
        EXPECT_EQ(calendar.open_time(from + 1us, to), open - 1us);
        EXPECT_TRUE(calendar.is_open(from));
        EXPECT_EQ(calendar.after_open_time(from, open),
                  calendar.after_open_time(calendar.before_open_time(to, 1us), 1us))
            << "there and back again: to the last closing before, when it was closed";
    });
}

TEST(Laws, OpenTimeAddsUp) {
    holds([](Case& one, const Calendar& calendar) {
        Instant cut[] = {one.instant(), one.instant(), one.instant()};
        std::ranges::sort(cut);
        EXPECT_EQ(calendar.open_time(cut[0], cut[1]) + calendar.open_time(cut[1], cut[2]),
                  calendar.open_time(cut[0], cut[2]));
        const Micros first = one.open_time(), second = one.open_time();
        EXPECT_EQ(calendar.after_open_time(calendar.after_open_time(cut[0], first), second),
                  calendar.after_open_time(cut[0], first + second));
    });
}

TEST(Laws, NextOpeningIsTheFirstOpenInstant) {
    holds([](Case& one, const Calendar& calendar) {
        const Instant at = one.instant();
        const Instant opening = calendar.next_opening(at);
        EXPECT_GE(opening, at);
        EXPECT_TRUE(calendar.is_open(opening));
        EXPECT_EQ(calendar.open_time(at, opening), 0us);
        EXPECT_EQ(opening == at, calendar.is_open(at));
    });
}

TEST(Laws, WhoComesLaterIsNotServedEarlier) {
    holds([](Case& one, const Calendar& calendar) {
        const auto [early, late] = std::minmax({one.instant(), one.instant()});
        const Micros open = one.open_time();
        EXPECT_LE(calendar.after_open_time(early, open), calendar.after_open_time(late, open));
        EXPECT_LE(calendar.before_open_time(early, open), calendar.before_open_time(late, open));
        EXPECT_LE(calendar.next_opening(early), calendar.next_opening(late));

        // Business days too, from business days; a closed day counts like the next one's wall time (calendar.hpp).
        const auto days = one.chance.between(1, 8);
        const auto date = calendar.zone().civil(late).date;
        if (calendar.is_business_day(date)) {
            EXPECT_LE(calendar.after_business_days(early, days), calendar.after_business_days(late, days));
        }
    });
}

TEST(Laws, LongerSpansAreDueLater) {
    holds([](Case& one, const Calendar& calendar) {
        const Instant start = one.instant();
        for (const Unit unit : {Unit::Minute, Unit::Hour, Unit::Day, Unit::BusinessHour, Unit::BusinessDay}) {
            const std::int64_t count = one.chance.between(1, 30);
            const Instant due = due_after(start, {count, unit}, &calendar);
            EXPECT_GT(due, start);
            EXPECT_LE(due, due_after(start, {count + 1, unit}, &calendar));
        }
    });
}

TEST(Laws, BusinessDaysEndOpenAndOnTheWallTimeOfTheStartWhenThatIsOpen) {
    holds([](Case& one, const Calendar& calendar) {
        const Instant start = one.instant();
        const auto days = one.chance.between(0, 12);
        const Instant due = calendar.after_business_days(start, days);
        EXPECT_TRUE(calendar.is_open(due));
        const Civil from = calendar.zone().civil(start), to = calendar.zone().civil(due);
        const bool at_an_opening = !calendar.is_open(due - 1us);
        const bool at_a_jump = calendar.zone().era(due).from == due;  // the wall time was skipped
        EXPECT_TRUE(to.of_day == from.of_day || at_an_opening || at_a_jump) << to_rfc3339(due);
        std::int64_t passed = 0;
        for (std::chrono::sys_days day = from.date; day < to.date;)
            passed += calendar.is_business_day(day += std::chrono::days{1}) ? 1 : 0;
        EXPECT_TRUE(passed == days || (at_an_opening && passed == days + 1)) << passed << " instead of " << days;
    });
}

TEST(Laws, PauseAndResumeEqualsShifting) {
    holds([](Case& one, const Calendar& calendar) {
        Instant cut[] = {one.instant(), one.instant(), one.instant()};
        std::ranges::sort(cut);
        const auto [start, paused, resumed] = cut;
        const Span span{one.chance.between(1, 60), Unit::BusinessHour};
        const Instant due = due_after(start, span, &calendar);
        if (due <= paused) return;  // over before it was paused
        // What is left when the clock stops runs on when it goes again.
        const Micros left = Micros{std::chrono::hours{span.count}} - calendar.open_time(start, paused);
        EXPECT_EQ(shifted(due, paused, resumed, span, &calendar), calendar.after_open_time(resumed, left));

        const Span elapsed{one.chance.between(1, 400), Unit::Hour};
        const Instant due_elapsed = start + std::chrono::hours{elapsed.count};
        if (due_elapsed > paused) {
            EXPECT_EQ(shifted(due_elapsed, paused, resumed, elapsed, nullptr), resumed + (due_elapsed - paused));
        }
    });
}

TEST(Laws, TwoPausesShiftLikeTheirSum) {
    holds([](Case& one, const Calendar& calendar) {
        Instant cut[] = {one.instant(), one.instant(), one.instant()};
        std::ranges::sort(cut);
        for (const Unit unit : {Unit::BusinessHour, Unit::BusinessDay, Unit::Day}) {
            const Span span{one.chance.between(1, 20), unit};
            const Instant due = due_after(one.instant(), span, &calendar);
            const Instant twice =
                shifted(shifted(due, cut[0], cut[1], span, &calendar), cut[1], cut[2], span, &calendar);
            EXPECT_EQ(twice, shifted(due, cut[0], cut[2], span, &calendar));
        }
    });
}

TEST(Laws, IntervalsHaveNoGapAndAddUp) {
    holds([](Case& one, const Calendar& calendar) {
        const Instant start = one.instant();
        const Span span{one.chance.between(1, 60), one.chance.one_in(2) ? Unit::BusinessHour : Unit::BusinessDay};
        const Instant due = due_after(start, span, &calendar);
        const auto all = intervals(start, due, span, &calendar);
        ASSERT_FALSE(all.empty());
        Instant at = start;
        Micros counted{0};
        for (std::size_t i = 0; i < all.size(); ++i) {
            EXPECT_EQ(all[i].from, at);
            EXPECT_LT(all[i].from, all[i].to);
            EXPECT_TRUE(i == 0 || all[i].counted != all[i - 1].counted) << "two of a kind in a row";
            counted += all[i].counted ? all[i].to - all[i].from : 0us;
            at = all[i].to;
        }
        EXPECT_EQ(at, due);
        EXPECT_EQ(counted, calendar.open_time(start, due));
        EXPECT_TRUE(span.unit == Unit::BusinessDay || counted == std::chrono::hours{span.count});
    });
}

TEST(Laws, EveryRepetitionComesOnceAndInOrder) {
    holds(
        [](Case& one, const Calendar& calendar) {
            const Instant start = one.instant(), due = start + 24h;
            const Unit units[] = {Unit::Hour, Unit::Day, Unit::BusinessHour, Unit::BusinessDay};
            const Mark mark{Mark::Kind::EveryAfter, 0, {one.chance.between(1, 9), units[one.chance.between(0, 3)]}};
            // Walked one by one, they are the multiples; asked in between, the next one is told.
            std::set<Instant> multiples;
            for (std::int64_t k = 1; k <= 12; ++k)
                multiples.insert(due_after(due, {k * mark.span.count, mark.span.unit}, &calendar));
            Instant after = due;
            for (const Instant expected : multiples) {
                ASSERT_EQ(next_at(mark, start, due, after, &calendar), expected)
                    << to_text(mark) << " after " << to_rfc3339(after);
                ASSERT_EQ(next_at(mark, start, due, expected - 1us, &calendar), expected) << to_text(mark);
                after = expected;
            }
        },
        100);
}

}  // namespace
}  // namespace tocsin::sla
