#include "intake/promises/account.hpp"

#include <gtest/gtest.h>

#include "desk.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {
namespace {

using Time = AccountedTime::Kind;

TEST(AnAccount, NamesEachIntervalThatCountedWasSkippedOrStoodStill) {
    OpenTicket open = opened_by({});
    (void)happen(open, {cvd::EventKind::Waiting, instant("2026-03-06T15:00:00Z"), "alice@acme.test", {}});
    (void)happen(open, {cvd::EventKind::Resumed, instant("2026-03-09T09:00:00Z"), "alice@acme.test", {}});
    const auto account = account_of(open.policy, *open.ticket.open_clock("evaluate"), open.course, friday);
    ASSERT_LE(4u, account.size());
    EXPECT_EQ((AccountedTime{friday, instant("2026-03-06T15:00:00Z"), Time::Counted}), account[0]);
    EXPECT_EQ((AccountedTime{instant("2026-03-06T15:00:00Z"), instant("2026-03-09T09:00:00Z"), Time::Paused}),
              account[1]);
    EXPECT_EQ((AccountedTime{instant("2026-03-09T09:00:00Z"), instant("2026-03-09T16:00:00Z"), Time::Counted}),
              account[2]);
    EXPECT_EQ(Time::Skipped, account[3].kind);
    for (std::size_t i = 1; i < account.size(); ++i) EXPECT_EQ(account[i - 1].to, account[i].from);
    EXPECT_EQ(open.ticket.open_clock("evaluate")->due, account.back().to);
}

TEST(AnAccount, EndsNowWhileTheClockStandsStill) {
    OpenTicket open = opened_by({});
    (void)happen(open, {cvd::EventKind::Waiting, friday + 1h, "alice@acme.test", {}});
    const auto account = account_of(open.policy, *open.ticket.open_clock("resolve"), open.course, friday + 48h);
    ASSERT_EQ(2u, account.size());
    EXPECT_EQ((AccountedTime{friday + 1h, friday + 48h, Time::Paused}), account[1]);
}

TEST(ASimulation, IsWhatTheDaemonWouldDo) {
    const rules::Policy& policy = *small_rules().policy("default");
    const Simulation simulation = simulate(policy, friday, cvd::Severity::Medium);
    const OpenTicket open = opened_by({});
    ASSERT_EQ(open.ticket.clocks.size(), simulation.clocks.size());
    for (const SimulatedClock& clock : simulation.clocks) {
        EXPECT_EQ(open.ticket.open_clock(clock.rule.id)->due, clock.due) << clock.rule.id;
        EXPECT_EQ(next_reminder(open, *open.ticket.open_clock(clock.rule.id)), clock.reminders.front().at)
            << clock.rule.id;
    }
    const auto& acknowledge = simulation.clocks.front();
    ASSERT_EQ(5u, acknowledge.reminders.size());
    EXPECT_EQ(instant("2026-03-11T14:30:00Z"), acknowledge.reminders[3].at);
    EXPECT_EQ(1u, std::count_if(simulation.clocks.begin(), simulation.clocks.end(),
                                [](const auto& clock) { return clock.rule.id == "triage"; }));
    EXPECT_EQ(7u, simulate(policy, friday, std::nullopt).clocks.size());
}

}  // namespace
}  // namespace tocsin::intake
