// When a clock speaks, and in whose zone.
#include <gtest/gtest.h>

#include "desk.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/named_dates.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

TEST(AReminder, ComesAtEachMarkAndNeverAtTheSameTwice) {
    OpenTicket open = opened_by({});
    std::vector<Instant> heard;
    for (int i = 0; i < 4; ++i) {
        heard.push_back(next_reminder(open, *open.ticket.open_clock("acknowledge")).value());
        const DueMarks due = due_marks(open, heard.back());
        for (const Telling& telling : due.tellings)
            (void)happen(
                open,
                {EventKind::Reminded, heard.back(), "tocsin", {{"clock", telling.clock}, {"marks", telling.marks}}});
    }
    EXPECT_EQ((std::vector{instant("2026-03-09T10:30:00Z"), instant("2026-03-09T14:30:00Z"),
                           instant("2026-03-10T14:30:00Z"), instant("2026-03-11T14:30:00Z")}),
              heard);
}

TEST(AReminder, WaitsForTheOfficeToOpen) {
    const OpenTicket open = opened_by({});
    // Half of four days from Friday, 15:30 is Sunday, 15:30; it is told on Monday at nine.
    EXPECT_EQ(instant("2026-03-08T14:30:00Z"), friday + rule_of(open, "four-days").within.count * 1h / 2);
    EXPECT_EQ(instant("2026-03-09T08:00:00Z"), next_reminder(open, *open.ticket.open_clock("four-days")));
}

TEST(AReminder, DoesNotWaitUntilItIsTooLate) {
    const OpenTicket open = opened_by({});
    // The promise of 48 hours ends on Sunday: Monday would be too late to hear of its half.
    EXPECT_EQ(instant("2026-03-07T14:30:00Z"), next_reminder(open, *open.ticket.open_clock("weekend")));
}

TEST(AReminder, IsNoneOnceTheClockHasStopped) {
    OpenTicket open = opened_by({});
    (void)happen(open, by_alice(EventKind::Triaged, friday + 1h));
    for (const cvd::TicketClock& clock : open.ticket.clocks)
        EXPECT_EQ(clock.open(), next_reminder(open, clock).has_value()) << clock.name;
}

TEST(AReminder, OfAClockThatThePolicyDoesNotKnowIsNone) {
    const OpenTicket open = opened_by({});
    cvd::TicketClock stranger;
    stranger.name = "of an older policy";
    stranger.due = friday + 1h;
    EXPECT_FALSE(next_reminder(open, stranger));
}

TEST(TheZoneOfADate, IsTheCalendarsAndElseThePolicys) {
    const OpenTicket open = opened_by({});
    EXPECT_EQ("Europe/Berlin", zone_for(open.policy, &rule_of(open, "triage")).name());
    EXPECT_EQ("Europe/Berlin", zone_for(open.policy, &rule_of(open, "resolve")).name());
    EXPECT_EQ(sla::Zone::utc(), zone_for(rules::Policy{}, nullptr));
}

TEST(TheZoneOfADate, IsThatOfTheFirstClocksCalendarWhereThereAreSeveral) {
    rules::Policy policy = opened_by({}).policy;
    const auto day = sla::parse_open_hours("09:00-17:00").value();
    policy.calendars.emplace("apia",
                             sla::Calendar::make(sla::Zone::load("Pacific/Apia").value(), {day}, {}, {}).value());
    policy.clocks.back().calendar = "apia";
    EXPECT_EQ("Europe/Berlin", zone_for(policy, nullptr).name());
    EXPECT_EQ("Pacific/Apia", zone_for(policy, &policy.clocks.back()).name());
}

}  // namespace
}  // namespace tocsin::intake
