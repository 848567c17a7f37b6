// A ticket is what its events make of it.
#include "cvd/ticket.hpp"

#include <gtest/gtest.h>

namespace tocsin::cvd {
namespace {

using namespace std::chrono_literals;

constexpr Instant morning = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 9h;

class TicketStory : public testing::Test {
protected:
    TicketStory() {
        happens(EventKind::Opened, {{"number", "SEC-2026-0001"},
                                    {"title", "XSS in login"},
                                    {"reporter", "rae@lab.test"},
                                    {"language", "en"},
                                    {"mailbox", "security"},
                                    {"policy", "default"},
                                    {"policy_hash", "c0ffee"},
                                    {"encrypted", "yes"},
                                    {"severity", "high"},
                                    {"score", "72"}});
    }

    void happens(EventKind kind, Detail detail = {}, Micros after = 0s) {
        now_ += after;
        apply(ticket_, {kind, now_, "alice@acme.test", std::move(detail)});
    }
    void starts(const std::string& clock, Micros within) {
        happens(EventKind::ClockStarted,
                {{"clock", clock}, {"due", to_rfc3339(now_ + within)}, {"how", "24 hours from then"}});
    }

    Ticket ticket_;
    Instant now_ = morning;
};

TEST_F(TicketStory, OpeningTellsAllThatIsKnown) {
    EXPECT_EQ("SEC-2026-0001", ticket_.number);
    EXPECT_EQ("XSS in login", ticket_.title);
    EXPECT_EQ("rae@lab.test", ticket_.reporter);
    EXPECT_EQ("default", ticket_.policy);
    EXPECT_EQ("c0ffee", ticket_.policy_hash);
    EXPECT_TRUE(ticket_.encrypted);
    EXPECT_EQ(Severity::High, ticket_.severity);
    EXPECT_EQ(72, ticket_.score);
    EXPECT_EQ(morning, ticket_.opened);
    EXPECT_EQ(TicketState::New, ticket_.state);
}

TEST_F(TicketStory, GoesThroughItsStatesInOrder) {
    const std::pair<EventKind, TicketState> way[] = {{EventKind::Acknowledged, TicketState::Acknowledged},
                                                     {EventKind::Triaged, TicketState::Triaged},
                                                     {EventKind::Waiting, TicketState::Waiting},
                                                     {EventKind::Resumed, TicketState::Triaged},
                                                     {EventKind::Investigated, TicketState::Fixing},
                                                     {EventKind::FixReady, TicketState::Fixing},
                                                     {EventKind::Fixed, TicketState::Fixed},
                                                     {EventKind::Disclosed, TicketState::Disclosed},
                                                     {EventKind::Closed, TicketState::Closed}};
    for (const auto& [kind, state] : way) {
        happens(kind);
        EXPECT_EQ(state, ticket_.state) << "after " << to_text(kind);
    }
}

TEST_F(TicketStory, NeverGoesBackByALateEvent) {
    happens(EventKind::Fixed);
    happens(EventKind::Triaged);
    happens(EventKind::EtaSet);
    happens(EventKind::Acknowledged);
    EXPECT_EQ(TicketState::Fixed, ticket_.state);
}

TEST_F(TicketStory, AnAcknowledgementMovesOnlyANewTicket) {
    happens(EventKind::Triaged);
    happens(EventKind::Acknowledged);
    EXPECT_EQ(TicketState::Triaged, ticket_.state);
}

TEST_F(TicketStory, ALostAcknowledgementMakesItNewAgain) {
    happens(EventKind::Acknowledged);
    happens(EventKind::AcknowledgementLost);
    EXPECT_EQ(TicketState::New, ticket_.state);
    happens(EventKind::Triaged);
    happens(EventKind::AcknowledgementLost);
    EXPECT_EQ(TicketState::Triaged, ticket_.state) << "what the team did stays done";
}

TEST_F(TicketStory, WaitingLeadsBackToWhereItBegan) {
    happens(EventKind::EtaSet);
    happens(EventKind::Waiting);
    happens(EventKind::Waiting);
    happens(EventKind::Resumed);
    EXPECT_EQ(TicketState::Fixing, ticket_.state);
    happens(EventKind::Resumed);
    EXPECT_EQ(TicketState::Fixing, ticket_.state);
}

TEST_F(TicketStory, TriageWhileWaitingKeepsWaiting) {
    happens(EventKind::Waiting);
    happens(EventKind::Acknowledged);
    happens(EventKind::Triaged);
    EXPECT_EQ(TicketState::Waiting, ticket_.state);
    happens(EventKind::Resumed);
    EXPECT_EQ(TicketState::Triaged, ticket_.state);
}

TEST_F(TicketStory, WorkGoneOnEndsTheWaiting) {
    happens(EventKind::Waiting);
    happens(EventKind::Fixed);
    EXPECT_EQ(TicketState::Fixed, ticket_.state);
    happens(EventKind::Resumed);
    EXPECT_EQ(TicketState::Fixed, ticket_.state);
}

TEST_F(TicketStory, OnlyReopeningWakesAClosedTicket) {
    happens(EventKind::Closed);
    happens(EventKind::Waiting);
    happens(EventKind::Fixed);
    EXPECT_EQ(TicketState::Closed, ticket_.state);
    happens(EventKind::Reopened);
    EXPECT_EQ(TicketState::Triaged, ticket_.state);
}

TEST_F(TicketStory, RatingAndOwnerAreTheLatest) {
    happens(EventKind::Rated, {{"severity", "critical"}, {"score", "95"}});
    happens(EventKind::Assigned, {{"owner", "alice@acme.test"}});
    happens(EventKind::Triaged, {{"severity", "medium"}});
    EXPECT_EQ(Severity::Medium, ticket_.severity);
    EXPECT_EQ(95, ticket_.score);
    EXPECT_EQ("alice@acme.test", ticket_.owner);
    happens(EventKind::Rated, {{"severity", "dreadful"}});
    EXPECT_EQ(Severity::Medium, ticket_.severity) << "an unknown level changes nothing";
}

TEST_F(TicketStory, AClockIsMissedFromTheInstantItIsDue) {
    starts("triage", 24h);
    const Instant due = now_ + 24h;
    EXPECT_EQ(ClockState::Running, ticket_.open_clock("triage")->state(due - 1us));
    EXPECT_EQ(ClockState::Missed, ticket_.open_clock("triage")->state(due));
    EXPECT_FALSE(ticket_.overdue(due - 1us));
    EXPECT_TRUE(ticket_.overdue(due));
}

TEST_F(TicketStory, AClockStoppedInTimeIsMetForEver) {
    starts("triage", 24h);
    happens(EventKind::ClockStopped, {{"clock", "triage"}}, 24h);
    EXPECT_EQ(nullptr, ticket_.open_clock("triage"));
    EXPECT_EQ(ClockState::Met, ticket_.clocks.front().state(now_ + 1000h));
    EXPECT_FALSE(ticket_.overdue(now_ + 1000h));
}

TEST_F(TicketStory, AClockStoppedTooLateStaysMissed) {
    starts("triage", 24h);
    happens(EventKind::ClockStopped, {{"clock", "triage"}}, 24h + 1us);
    EXPECT_EQ(ClockState::Missed, ticket_.clocks.front().state(now_));
    EXPECT_FALSE(ticket_.overdue(now_)) << "nothing more can be done about it";
}

TEST_F(TicketStory, APauseMovesTheDeadline) {
    starts("triage", 24h);
    happens(EventKind::ClockPaused, {{"clock", "triage"}}, 4h);
    EXPECT_EQ(ClockState::Paused, ticket_.open_clock("triage")->state(now_ + 100h));
    EXPECT_FALSE(ticket_.next_due());
    happens(EventKind::ClockPaused, {{"clock", "triage"}}, 1h);
    EXPECT_EQ(morning + 4h, ticket_.open_clock("triage")->paused) << "the first pause counts";
    happens(EventKind::ClockResumed, {{"clock", "triage"}, {"due", to_rfc3339(morning + 53h)}}, 28h);
    EXPECT_EQ(ClockState::Running, ticket_.open_clock("triage")->state(now_));
    EXPECT_EQ(morning + 53h, ticket_.next_due()->due);
}

TEST_F(TicketStory, APauseDoesNotForgiveADeadlineThatHasPassed) {
    starts("triage", 24h);
    happens(EventKind::ClockPaused, {{"clock", "triage"}}, 25h);
    EXPECT_EQ(ClockState::Missed, ticket_.open_clock("triage")->state(now_));
}

TEST_F(TicketStory, AClockStoppedInAPauseWasInTime) {
    starts("triage", 24h);
    happens(EventKind::ClockPaused, {{"clock", "triage"}}, 23h);
    happens(EventKind::ClockStopped, {{"clock", "triage"}}, 100h);
    EXPECT_EQ(ClockState::Met, ticket_.clocks.front().state(now_));
}

TEST_F(TicketStory, TheNearestDeadlineComesFirstAndANameMayComeAgain) {
    starts("resolve", 900h);
    starts("keep-informed", 10h);
    EXPECT_EQ("keep-informed", ticket_.next_due()->name);
    happens(EventKind::ClockStopped, {{"clock", "keep-informed"}}, 9h);
    starts("keep-informed", 10h);
    ASSERT_EQ(3u, ticket_.clocks.size());
    EXPECT_EQ(morning + 19h, ticket_.next_due()->due);
    starts("keep-informed", 50h);
    ASSERT_EQ(3u, ticket_.clocks.size()) << "a promise made anew stands in the place of the older one";
    EXPECT_EQ(morning + 59h, ticket_.next_due()->due);
}

TEST_F(TicketStory, AGoalIsMarkedAsOne) {
    happens(EventKind::ClockStarted,
            {{"clock", "disclose"}, {"due", "2027-02-18T09:00:00Z"}, {"how", "90 days"}, {"goal", "yes"}});
    EXPECT_TRUE(ticket_.open_clock("disclose")->goal);
    EXPECT_EQ("90 days", ticket_.open_clock("disclose")->how);
    starts("triage", 1h);
    EXPECT_FALSE(ticket_.open_clock("triage")->goal);
}

TEST_F(TicketStory, ForgottenWordsChangeNothingElse) {
    const Ticket before = ticket_;
    for (const EventKind kind : {EventKind::ClockStarted, EventKind::ClockStopped, EventKind::ClockPaused,
                                 EventKind::ClockResumed, EventKind::Rated})
        happens(kind);
    EXPECT_EQ(before, ticket_);
}

TEST(TicketFold, GivesTheSameAsOneByOne) {
    const std::vector<Event> events{
        {EventKind::Opened, morning, "tocsin", {{"number", "SEC-2026-0007"}, {"severity", "low"}}},
        {EventKind::ClockStarted, morning, "tocsin", {{"clock", "triage"}, {"due", "2026-11-23T09:00:00Z"}}},
        {EventKind::Triaged, morning + 1h, "alice@acme.test", {}},
        {EventKind::ClockStopped, morning + 1h, "tocsin", {{"clock", "triage"}}}};
    Ticket one_by_one;
    for (const Event& event : events) apply(one_by_one, event);
    EXPECT_EQ(one_by_one, fold(events));
    EXPECT_EQ(TicketState::Triaged, fold(events).state);
    EXPECT_EQ(morning + 1h, fold(events).clocks.at(0).stopped);
}

}  // namespace
}  // namespace tocsin::cvd
