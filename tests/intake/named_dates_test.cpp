// Dates that people name, and what becomes of clocks when a ticket is closed and reopened.
#include <gtest/gtest.h>

#include <algorithm>

#include "desk.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

cvd::Event eta(Instant date, Instant at) {
    return {EventKind::EtaSet, at, "alice@acme.test", {{"eta", to_rfc3339(date)}}};
}

TEST(AnEta, IsAClockThatTheFixStops) {
    OpenTicket open = opened_by({});
    (void)happen(open, eta(friday + 24h * 14, friday + 1h));
    ASSERT_TRUE(is_open(open, "eta"));
    EXPECT_EQ(friday + 24h * 14, open.ticket.open_clock("eta")->due);
    EXPECT_TRUE(next_reminder(open, *open.ticket.open_clock("eta")));
    (void)happen(open, by_alice(EventKind::Fixed, friday + 24h * 15));
    EXPECT_FALSE(is_open(open, "eta"));
    EXPECT_EQ(cvd::ClockState::Missed, open.ticket.clocks.back().state(friday + 24h * 16));
}

TEST(AnEta, ThatIsMovedLaterIsADelay) {
    OpenTicket open = opened_by({});
    (void)happen(open, eta(friday + 24h * 14, friday + 1h));
    EXPECT_FALSE(moves_eta_later(open.ticket, eta(friday + 24h * 10, friday + 2h)));
    EXPECT_TRUE(moves_eta_later(open.ticket, eta(friday + 24h * 20, friday + 2h)));
    const auto events = happen(open, eta(friday + 24h * 20, friday + 2h));
    EXPECT_EQ(1u, of_kind(events, EventKind::Delayed).size());
    EXPECT_EQ(friday + 24h * 20, open.ticket.open_clock("eta")->due);
    EXPECT_TRUE(of_kind(happen(open, eta(friday + 24h * 19, friday + 3h)), EventKind::Delayed).empty());
}

TEST(AnEta, ThatPassedStaysMissedWhenAnotherIsNamed) {
    OpenTicket open = opened_by({});
    (void)happen(open, eta(friday + 24h, friday + 1h));
    (void)happen(open, eta(friday + 72h, friday + 48h));
    const auto& clocks = open.ticket.clocks;
    EXPECT_EQ(2, std::count_if(clocks.begin(), clocks.end(), [](const auto& clock) { return clock.name == "eta"; }));
    EXPECT_EQ(friday + 72h, open.ticket.open_clock("eta")->due);
}

TEST(KeepingInformed, BeginsWithTheAcknowledgement) {
    OpenTicket open = opened_by({}, friday, shipped_rules());
    (void)happen(open, by_alice(EventKind::Acknowledged, friday + 1min));
    EXPECT_EQ(friday + 1min + 24h * 28, open.ticket.open_clock("keep-informed")->due);
}

TEST(AnEmbargo, HoldsUntilTheEarlierOfTwoDates) {
    OpenTicket open = opened_by({});
    const auto propose = [&](Instant until, const char* by, Instant at) {
        return happen(open, {EventKind::EmbargoProposed, at, by, {{"until", to_rfc3339(until)}, {"by", by}}});
    };
    (void)propose(friday + 24h * 90, "team", friday + 1h);
    EXPECT_EQ("proposed", open.ticket.embargo_dates.state());
    EXPECT_EQ(friday + 24h * 90, open.ticket.open_clock("embargo")->due);
    (void)propose(friday + 24h * 60, "reporter", friday + 2h);
    EXPECT_EQ("agreed", open.ticket.embargo_dates.state());
    EXPECT_EQ(friday + 24h * 60, open.ticket.embargo_dates.until());
    EXPECT_EQ(friday + 24h * 60, open.ticket.open_clock("embargo")->due);
    (void)propose(friday + 24h * 70, "reporter", friday + 3h);
    EXPECT_EQ(friday + 24h * 70, open.ticket.open_clock("embargo")->due);
    (void)happen(open, by_alice(EventKind::Disclosed, friday + 24h * 65));
    EXPECT_EQ("ended", open.ticket.embargo_dates.state());
    EXPECT_FALSE(is_open(open, "embargo"));
}

TEST(AClosedTicket, HasNoClockAndReopenedTheyGoOn) {
    OpenTicket open = opened_by({});
    const Instant due = open.ticket.open_clock("resolve")->due;
    (void)happen(open, by_alice(EventKind::Triaged, friday + 1h));
    (void)happen(open, by_alice(EventKind::Closed, friday + 2h));
    for (const auto& clock : open.ticket.clocks) EXPECT_FALSE(clock.open()) << clock.name;
    (void)happen(open, by_alice(EventKind::Reopened, friday + 26h));
    ASSERT_TRUE(is_open(open, "resolve"));
    EXPECT_EQ(due + 24h, open.ticket.open_clock("resolve")->due);
    EXPECT_FALSE(is_open(open, "triage"));
}

TEST(AClosedTicket, StartsNoClockWhateverIsSaidOrLearned) {
    OpenTicket open = opened_by({}, friday, shipped_rules());
    (void)happen(open, by_alice(EventKind::Closed, friday + 24h));
    (void)happen(open, by_alice(EventKind::ReporterUpdated, friday + 25h));
    (void)happen(open, by_alice(EventKind::AcknowledgementLost, friday + 26h));
    (void)happen(open, {EventKind::Rated, friday + 27h, "alice@acme.test", {{"severity", "critical"}}});
    EXPECT_TRUE(std::ranges::none_of(open.ticket.clocks, &cvd::TicketClock::open));
}

TEST(AClosedTicket, ReopenedKeepsTheDatesThatWereNamed) {
    OpenTicket open = opened_by({});
    const std::string eta = to_rfc3339(friday + 24h * 20), embargo = to_rfc3339(friday + 24h * 90);
    (void)happen(open, {EventKind::EtaSet, friday + 1h, "alice@acme.test", {{"eta", eta}}});
    (void)happen(open, {EventKind::EmbargoSet, friday + 1h, "alice@acme.test", {{"until", embargo}}});
    (void)happen(open, by_alice(EventKind::Closed, friday + 24h));
    (void)happen(open, by_alice(EventKind::Reopened, friday + 48h));
    ASSERT_TRUE(is_open(open, "eta") && is_open(open, "embargo"));
    EXPECT_EQ(friday + 24h * 20, open.ticket.open_clock("eta")->due);
    EXPECT_EQ(friday + 24h * 90, open.ticket.open_clock("embargo")->due);
}

TEST(AClosedTicket, ReopenedLeavesAloneWhatTheSameMailHadMet) {
    OpenTicket open = opened_by({});
    (void)happen(open, by_alice(EventKind::Triaged, friday + 24h));
    (void)happen(open, by_alice(EventKind::Closed, friday + 24h));
    (void)happen(open, by_alice(EventKind::Reopened, friday + 48h));
    EXPECT_FALSE(is_open(open, "triage"));
    EXPECT_TRUE(is_open(open, "resolve"));
}

TEST(KeepingInformed, EndsWithTheFixUntilTheTicketIsReopened) {
    OpenTicket open = opened_by({}, friday, shipped_rules());
    (void)happen(open, by_alice(EventKind::ReporterUpdated, friday + 24h));
    (void)happen(open, by_alice(EventKind::Fixed, friday + 48h));
    (void)happen(open, by_alice(EventKind::ReporterUpdated, friday + 49h));  // the mail that tells her so
    EXPECT_FALSE(is_open(open, "keep-informed"));
    (void)happen(open, by_alice(EventKind::Closed, friday + 72h));
    (void)happen(open, by_alice(EventKind::Reopened, friday + 96h));
    (void)happen(open, by_alice(EventKind::ReporterUpdated, friday + 97h));
    EXPECT_TRUE(is_open(open, "keep-informed"));
}

TEST(ADelay, NamesANewDate) {
    OpenTicket open = opened_by({});
    (void)happen(open, {EventKind::EtaSet, friday, "alice@acme.test", {{"eta", to_rfc3339(friday + 24h * 20)}}});
    (void)happen(open,
                 {EventKind::Delayed, friday + 24h, "alice@acme.test", {{"until", to_rfc3339(friday + 24h * 50)}}});
    EXPECT_EQ(friday + 24h * 50, open.ticket.eta);
    EXPECT_EQ(friday + 24h * 50, open.ticket.open_clock("eta")->due);
}

}  // namespace
}  // namespace tocsin::intake
