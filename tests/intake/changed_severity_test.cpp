// What a severity that changes in the middle does to the promises made.
#include <gtest/gtest.h>

#include "desk.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

cvd::Event rated(cvd::Severity severity, Instant at) {
    return {EventKind::Rated, at, "alice@acme.test", {{"severity", std::string{cvd::to_text(severity)}}}};
}

TEST(AChangedSeverity, StartsWhatBindsNowFromTheBeginning) {
    OpenTicket open = opened_by({});  // medium
    ASSERT_FALSE(is_open(open, "triage-urgent"));
    const auto events = happen(open, rated(cvd::Severity::Critical, friday + 1h));
    ASSERT_TRUE(is_open(open, "triage-urgent"));
    const cvd::TicketClock& clock = *open.ticket.open_clock("triage-urgent");
    EXPECT_EQ(friday, clock.started);
    EXPECT_EQ(friday + 1h, clock.promised);
    EXPECT_EQ(instant("2026-03-09T14:30:00Z"), clock.due);
    EXPECT_TRUE(is_open(open, "triage"));  // binds every severity
    cvd::Ticket folded = opened_by({}).ticket;
    for (const cvd::Event& event : events) cvd::apply(folded, event);
    EXPECT_EQ(open.ticket, folded);
}

TEST(AChangedSeverity, BreaksNoPromiseBeforeItIsMade) {
    OpenTicket open = opened_by({});
    const Instant late = instant("2026-03-16T10:00:00Z");
    (void)happen(open, rated(cvd::Severity::Critical, late));
    EXPECT_EQ(instant("2026-03-17T10:00:00Z"), open.ticket.open_clock("triage-urgent")->due);
}

TEST(AChangedSeverity, StartsNothingThatWasDoneAlready) {
    OpenTicket open = opened_by({});
    (void)happen(open, by_alice(EventKind::Triaged, friday + 1h));
    (void)happen(open, rated(cvd::Severity::Critical, friday + 2h));
    EXPECT_FALSE(is_open(open, "triage-urgent"));
}

TEST(AChangedSeverity, NeverLoosensInSilence) {
    OpenTicket open = opened_by({.text = "Code execution."});  // high
    const Instant due = open.ticket.open_clock("triage-urgent")->due;
    const auto events = happen(open, rated(cvd::Severity::Low, friday + 1h));
    ASSERT_TRUE(is_open(open, "triage-urgent"));
    EXPECT_EQ(due, open.ticket.open_clock("triage-urgent")->due);
    const auto kept = of_kind(events, EventKind::ClockKept);
    ASSERT_EQ(1u, kept.size());
    EXPECT_EQ("triage-urgent", kept[0].detail.at("clock"));
    EXPECT_EQ(to_rfc3339(due), kept[0].detail.at("due"));
}

TEST(AChangedSeverity, EndsWhatNobodyOutsideWasPromised) {
    OpenTicket open = opened_by({.text = "Code execution."});
    for (rules::ClockRule& rule : open.policy.clocks) rule.promise.clear();
    (void)happen(open, rated(cvd::Severity::Low, friday + 1h));
    EXPECT_FALSE(is_open(open, "triage-urgent"));
}

TEST(AChangedSeverity, EndsAPromiseThatAStricterOneStandsFor) {
    OpenTicket open = opened_by({});
    for (rules::ClockRule& rule : open.policy.clocks)
        if (rule.id == "triage") rule.severity = {cvd::Severity::Low, cvd::Severity::Medium};
    const auto events = happen(open, rated(cvd::Severity::Critical, friday + 1h));
    EXPECT_FALSE(is_open(open, "triage"));
    EXPECT_EQ(1u, of_kind(events, EventKind::ClockStopped).size());
    // And back: the stricter promise was made and stays. The later date beside it would be a second one for one thing.
    const Instant promised = open.ticket.open_clock("triage-urgent")->due;
    (void)happen(open, rated(cvd::Severity::Medium, friday + 2h));
    ASSERT_TRUE(is_open(open, "triage-urgent"));
    EXPECT_EQ(promised, open.ticket.open_clock("triage-urgent")->due);
    EXPECT_FALSE(is_open(open, "triage"));
}

TEST(AChangedSeverity, StartsTheClockThatIsDueSoonerThanWhatWasKept) {
    OpenTicket open = opened_by({});
    for (rules::ClockRule& rule : open.policy.clocks) {
        if (rule.id == "triage") rule.severity = {cvd::Severity::Low, cvd::Severity::Medium};
        if (rule.id == "triage-urgent") rule.within = {60, sla::Unit::Day};
    }
    (void)happen(open, rated(cvd::Severity::Critical, friday + 1h));
    (void)happen(open, rated(cvd::Severity::Medium, friday + 2h));
    EXPECT_TRUE(is_open(open, "triage"));
}

TEST(AChangedSeverity, CountsThePausesThatWere) {
    OpenTicket open = opened_by({});
    for (rules::ClockRule& rule : open.policy.clocks)
        if (rule.id == "resolve") rule.severity = {cvd::Severity::Critical};
    OpenTicket other = opened_by({});
    open.ticket.clocks.clear();
    for (OpenTicket* one : {&open, &other}) {
        (void)happen(*one, by_alice(EventKind::Waiting, friday + 24h));
        (void)happen(*one, by_alice(EventKind::Resumed, friday + 30h));
        (void)happen(*one, by_alice(EventKind::Waiting, friday + 40h));
    }
    (void)happen(open, rated(cvd::Severity::Critical, friday + 50h));
    ASSERT_TRUE(is_open(open, "resolve"));
    EXPECT_EQ(other.ticket.open_clock("resolve")->due, open.ticket.open_clock("resolve")->due);
    EXPECT_EQ(friday + 40h, open.ticket.open_clock("resolve")->paused);
}

}  // namespace
}  // namespace tocsin::intake
