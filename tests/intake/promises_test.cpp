#include "intake/promises.hpp"

#include <gtest/gtest.h>

#include "desk.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

cvd::Event by_alice(EventKind kind, Instant at) { return {kind, at, "alice@acme.test", {}}; }

const rules::ClockRule& rule_of(const OpenTicket& open, std::string_view name) { return *open.policy.clock(name); }

bool is_open(const OpenTicket& open, std::string_view name) { return open.ticket.open_clock(name) != nullptr; }

TEST(AClock, StopsAtOneOfItsEventsWhenAnyIsEnough) {
    OpenTicket open = opened_by({});
    const auto events = happen(open, by_alice(EventKind::Disclosed, friday + 24h));
    EXPECT_EQ((std::vector{EventKind::Disclosed, EventKind::ClockStopped}), kinds(events));
    EXPECT_EQ("resolve", events.at(1).detail.at("clock"));
    EXPECT_FALSE(is_open(open, "resolve"));
    EXPECT_TRUE(is_open(open, "triage"));
}

TEST(AClock, StopsAtTheLastOfItsEventsWhenAllAreNeeded) {
    OpenTicket open = opened_by({});
    (void)happen(open, by_alice(EventKind::EtaSet, friday + 1h));
    EXPECT_TRUE(is_open(open, "evaluate"));
    (void)happen(open, by_alice(EventKind::EtaSet, friday + 2h));  // the same once more is not the other
    EXPECT_TRUE(is_open(open, "evaluate"));
    (void)happen(open, by_alice(EventKind::Evaluated, friday + 3h));
    EXPECT_FALSE(is_open(open, "evaluate"));
}

TEST(AClock, IsNotStoppedByWhatHappenedBeforeItStarted) {
    OpenTicket open = opened_by({});
    open.happened[EventKind::EtaSet] = friday - 24h;
    (void)happen(open, by_alice(EventKind::Evaluated, friday + 1h));
    EXPECT_TRUE(is_open(open, "evaluate"));
}

TEST(AClock, DoesNotStartTwice) {
    OpenTicket open = opened_by({});
    const auto before = open.ticket.clocks;
    const auto events = happen(open, by_alice(EventKind::Received, friday + 24h));
    EXPECT_EQ(std::vector{EventKind::Received}, kinds(events));
    EXPECT_EQ(before, open.ticket.clocks);
}

TEST(AClock, ThatItsOwnEventStopsStartsAnew) {
    OpenTicket open = opened_by({}, friday, shipped_rules());
    auto events = happen(open, by_alice(EventKind::ReporterUpdated, friday + 24h));
    EXPECT_EQ((std::vector{EventKind::ReporterUpdated, EventKind::ClockStarted}), kinds(events));
    EXPECT_EQ(friday + 24h * 29, open.ticket.open_clock("keep-informed")->due);
    events = happen(open, by_alice(EventKind::ReporterUpdated, friday + 24h * 10));
    EXPECT_EQ((std::vector{EventKind::ReporterUpdated, EventKind::ClockStopped, EventKind::ClockStarted}),
              kinds(events));
    EXPECT_EQ(friday + 24h * 38, open.ticket.open_clock("keep-informed")->due);
}

TEST(AClock, StandsStillWhileTheReporterOwesAnAnswer) {
    OpenTicket open = opened_by({});
    const Instant due = open.ticket.open_clock("resolve")->due;
    const auto events = happen(open, by_alice(EventKind::Waiting, friday + 24h));
    EXPECT_EQ((std::vector{EventKind::Waiting, EventKind::ClockPaused, EventKind::ClockPaused}), kinds(events));
    EXPECT_FALSE(next_reminder(open.policy, *open.ticket.open_clock("resolve"), friday + 24h));
    EXPECT_FALSE(open.ticket.open_clock("triage")->paused);  // this one does not wait
    (void)happen(open, by_alice(EventKind::Waiting, friday + 25h));
    EXPECT_EQ(friday + 24h, open.ticket.open_clock("resolve")->paused);
    (void)happen(open, by_alice(EventKind::Resumed, friday + 30h));
    EXPECT_EQ(due + 6h, open.ticket.open_clock("resolve")->due);
    EXPECT_FALSE(open.ticket.open_clock("resolve")->paused);
}

TEST(AClock, OfBusinessTimeMovesByTheOpenHoursOfThePauseAlone) {
    OpenTicket open = opened_by({});
    EXPECT_EQ(instant("2026-03-17T14:30:00Z"), open.ticket.open_clock("evaluate")->due);
    (void)happen(open, by_alice(EventKind::Waiting, instant("2026-03-06T15:00:00Z")));    // Friday, 16:00
    (void)happen(open, by_alice(EventKind::Resumed, instant("2026-03-09T09:00:00Z")));    // Monday, 10:00
    EXPECT_EQ(instant("2026-03-18T08:30:00Z"), open.ticket.open_clock("evaluate")->due);  // two open hours later
}

TEST(AClock, ThatStoodStillOverAWeekendLosesNothing) {
    OpenTicket open = opened_by({});
    const Instant due = open.ticket.open_clock("evaluate")->due;
    (void)happen(open, by_alice(EventKind::Waiting, instant("2026-03-06T20:00:00Z")));
    (void)happen(open, by_alice(EventKind::Resumed, instant("2026-03-09T06:00:00Z")));
    EXPECT_EQ(due, open.ticket.open_clock("evaluate")->due);
}

TEST(AClock, MayStopWhileItStandsStill) {
    OpenTicket open = opened_by({});
    (void)happen(open, by_alice(EventKind::Waiting, friday + 1h));
    (void)happen(open, by_alice(EventKind::Fixed, friday + 2h));
    EXPECT_FALSE(is_open(open, "resolve"));
    const auto events = happen(open, by_alice(EventKind::Resumed, friday + 3h));
    EXPECT_EQ((std::vector{EventKind::Resumed, EventKind::ClockResumed}), kinds(events));  // the other one alone
    EXPECT_EQ("evaluate", events.at(1).detail.at("clock"));
}

TEST(AClock, IsGivenAgainByItsEventsAlone) {
    OpenTicket open = opened_by({});
    cvd::Ticket folded = open.ticket;
    for (const EventKind kind : {EventKind::Acknowledged, EventKind::Waiting, EventKind::Resumed, EventKind::EtaSet,
                                 EventKind::Evaluated, EventKind::Triaged, EventKind::Fixed})
        for (const cvd::Event& event : happen(open, by_alice(kind, friday + 24h))) cvd::apply(folded, event);
    EXPECT_EQ(open.ticket, folded);
    EXPECT_EQ(6u, folded.clocks.size());
    for (const cvd::TicketClock& clock : folded.clocks) EXPECT_FALSE(clock.open()) << clock.name;
}

TEST(AReminder, ComesAtEachMarkAndNeverAtTheSameTwice) {
    const OpenTicket open = opened_by({});
    const cvd::TicketClock& clock = *open.ticket.open_clock("acknowledge");
    std::vector<Instant> heard;
    Instant after = friday;
    for (int i = 0; i < 4; ++i) heard.push_back(after = next_reminder(open.policy, clock, after).value());
    EXPECT_EQ((std::vector{instant("2026-03-09T10:30:00Z"), instant("2026-03-09T14:30:00Z"),
                           instant("2026-03-10T14:30:00Z"), instant("2026-03-11T14:30:00Z")}),
              heard);
}

TEST(AReminder, WaitsForTheOfficeToOpen) {
    const OpenTicket open = opened_by({});
    // Half of four days from Friday, 15:30 is Sunday, 15:30; it is told on Monday at nine.
    EXPECT_EQ(instant("2026-03-08T14:30:00Z"), friday + rule_of(open, "four-days").within.count * 1h / 2);
    EXPECT_EQ(instant("2026-03-09T08:00:00Z"),
              next_reminder(open.policy, *open.ticket.open_clock("four-days"), friday));
}

TEST(AReminder, DoesNotWaitUntilItIsTooLate) {
    const OpenTicket open = opened_by({});
    // The promise of 48 hours ends on Sunday: Monday would be too late to hear of its half.
    EXPECT_EQ(instant("2026-03-07T14:30:00Z"), next_reminder(open.policy, *open.ticket.open_clock("weekend"), friday));
}

TEST(AReminder, IsNoneOnceTheClockHasStopped) {
    OpenTicket open = opened_by({});
    (void)happen(open, by_alice(EventKind::Triaged, friday + 1h));
    for (const cvd::TicketClock& clock : open.ticket.clocks)
        EXPECT_EQ(clock.open(), next_reminder(open.policy, clock, friday + 1h).has_value()) << clock.name;
}

TEST(AReminder, OfAClockThatThePolicyDoesNotKnowIsNone) {
    const OpenTicket open = opened_by({});
    cvd::TicketClock stranger;
    stranger.name = "of an older policy";
    stranger.due = friday + 1h;
    EXPECT_FALSE(next_reminder(open.policy, stranger, friday));
}

TEST(TheZoneOfADate, IsTheCalendarsAndElseThePolicys) {
    const OpenTicket open = opened_by({});
    EXPECT_EQ("Europe/Berlin", zone_for(open.policy, &rule_of(open, "triage")).name());
    EXPECT_EQ("Europe/Berlin", zone_for(open.policy, &rule_of(open, "resolve")).name());
    EXPECT_EQ(sla::Zone::utc(), zone_for(rules::Policy{}, nullptr));
}

}  // namespace
}  // namespace tocsin::intake
