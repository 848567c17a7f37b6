// How clocks start, stand still and stop, and what is forbidden meanwhile.
#include <gtest/gtest.h>

#include <algorithm>

#include "desk.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

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

TEST(AClock, ThatWaitsForADateIsEndedByTheFix) {
    OpenTicket open = opened_by({});
    (void)happen(open, by_alice(EventKind::Fixed, friday + 1h));
    EXPECT_TRUE(is_open(open, "evaluate"));  // the date is moot, the evaluation is not
    (void)happen(open, by_alice(EventKind::Evaluated, friday + 2h));
    EXPECT_FALSE(is_open(open, "evaluate"));
}

std::vector<std::string> still_promised(const OpenTicket& open) {
    std::vector<std::string> names;
    for (const cvd::TicketClock& clock : open.ticket.clocks)
        if (clock.open() && !rule_of(open, clock.name).promise.empty()) names.push_back(clock.name);
    return names;
}

TEST(EachShippedPolicy, PromisesNoLookAtWhatIsFixed) {
    for (const std::string& policy : shipped_rules().policy_names()) {
        OpenTicket open = opened_under(policy);
        ASSERT_FALSE(open.ticket.clocks.empty()) << policy;
        for (const EventKind kind : {EventKind::Acknowledged, EventKind::Fixed})
            (void)happen(open, by_alice(kind, friday + 1h));
        for (const std::string& name : still_promised(open))
            EXPECT_TRUE(name == "disclose" || name == "credit" || name == "release-note" || name == "tell-when-fixed" ||
                        (policy == "seven-business-days" && name == "evaluate"))
                << policy << " still promises " << name;
    }
}

TEST(EachShippedPolicy, AsksForNoNameThatIsNotedAlready) {
    for (const char* policy : {"code-bards", "seven-business-days", "van-patten-media"}) {
        OpenTicket open = opened_under(policy);
        (void)happen(open, by_alice(EventKind::Credited, friday + 1h));
        (void)happen(open, by_alice(EventKind::Fixed, friday + 2h));
        EXPECT_FALSE(is_open(open, "credit")) << policy;
        (void)happen(open, by_alice(EventKind::Closed, friday + 3h));
        (void)happen(open, by_alice(EventKind::Reopened, friday + 4h));
        (void)happen(open, by_alice(EventKind::Fixed, friday + 5h));
        EXPECT_TRUE(is_open(open, "credit")) << policy;  // begun anew, asked anew
    }
}

TEST(TheDefaultPolicy, HasLookedIntoItOnceItIsEvaluatedInvestigatedOrFixed) {
    for (const EventKind kind : {EventKind::Evaluated, EventKind::Investigated, EventKind::Fixed}) {
        OpenTicket open = opened_under("default");
        EXPECT_TRUE(is_open(open, "evaluate"));
        (void)happen(open, by_alice(kind, friday + 1h));
        EXPECT_FALSE(is_open(open, "evaluate")) << cvd::to_text(kind);
    }
}

TEST(VanPattenMedia, LooksAtWhatWasDelayedOnceMore) {
    OpenTicket open = opened_under("van-patten-media");
    (void)happen(open, by_alice(EventKind::Delayed, friday + 24h));
    EXPECT_FALSE(is_open(open, "investigate"));
    ASSERT_TRUE(is_open(open, "after-delay"));
    (void)happen(open, by_alice(EventKind::Delayed, friday + 48h));
    EXPECT_EQ(friday + 48h, open.ticket.open_clock("after-delay")->started);
    (void)happen(open, by_alice(EventKind::Fixed, friday + 72h));
    EXPECT_FALSE(is_open(open, "after-delay"));
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
    (void)happen(open, by_alice(EventKind::Acknowledged, friday + 1h));
    auto events = happen(open, by_alice(EventKind::ReporterUpdated, friday + 24h));
    EXPECT_EQ((std::vector{EventKind::ReporterUpdated, EventKind::ClockStopped, EventKind::ClockStarted}),
              kinds(events));
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
    EXPECT_FALSE(next_reminder(open, *open.ticket.open_clock("resolve")));
    EXPECT_FALSE(open.ticket.open_clock("triage")->paused);  // this one does not wait
    (void)happen(open, by_alice(EventKind::Waiting, friday + 25h));
    EXPECT_EQ(friday + 24h, open.ticket.open_clock("resolve")->paused);
    (void)happen(open, by_alice(EventKind::Resumed, friday + 30h));
    EXPECT_EQ(due + 6h, open.ticket.open_clock("resolve")->due);
    EXPECT_FALSE(open.ticket.open_clock("resolve")->paused);
}

TEST(AClock, HasItsHalfWhenHalfOfWhatCountsIsUsed) {
    OpenTicket open = opened_by({});
    const auto half = [&] { return *next_reminder(open, *open.ticket.open_clock("resolve")); };
    const Instant without = half();
    (void)happen(open, by_alice(EventKind::Waiting, friday + 24h));
    (void)happen(open, by_alice(EventKind::Resumed, friday + 24h * 60));
    EXPECT_EQ(without + 24h * 59, half());
}

TEST(AClock, ThatStartsWhileTheReporterOwesAnAnswerStandsStillTillThen) {
    OpenTicket open = opened_by({});
    rules::ClockRule rule = *open.policy.clock("resolve");
    rule.id = "release-notes";
    rule.start = EventKind::CustomersNotified;
    open.policy.clocks.push_back(rule);
    (void)happen(open, by_alice(EventKind::Waiting, friday + 1h));
    (void)happen(open, by_alice(EventKind::CustomersNotified, friday + 2h));
    ASSERT_TRUE(is_open(open, "release-notes"));
    EXPECT_EQ(friday + 2h, open.ticket.open_clock("release-notes")->paused);
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
    const auto events = happen(open, by_alice(EventKind::Fixed, friday + 2h));
    EXPECT_FALSE(is_open(open, "resolve"));
    // Work that went on ends the waiting; of the two that stood still, the other one is left to go on.
    EXPECT_EQ((std::vector{EventKind::Fixed, EventKind::ClockStopped, EventKind::Resumed, EventKind::ClockResumed}),
              kinds(events));
    EXPECT_EQ("evaluate", events.back().detail.at("clock"));
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

TEST(WorkThatGoesOn, EndsThePauseWithoutAWord) {
    OpenTicket open = opened_by({});
    (void)happen(open, by_alice(EventKind::Waiting, friday + 24h));
    ASSERT_TRUE(open.ticket.open_clock("resolve")->paused);
    const Instant due = open.ticket.open_clock("resolve")->due;
    const auto events = happen(open, by_alice(EventKind::FixReady, friday + 48h));
    EXPECT_EQ(EventKind::FixReady, events.front().kind);
    EXPECT_TRUE(std::ranges::count(kinds(events), EventKind::Resumed) == 1);
    EXPECT_FALSE(open.ticket.open_clock("resolve")->paused);
    EXPECT_GT(open.ticket.open_clock("resolve")->due, due);
    EXPECT_EQ(cvd::TicketState::Fixing, open.ticket.state);
}

TEST(WhoeverHeardFromAPerson, IsAcknowledged) {
    OpenTicket open = opened_by({});
    ASSERT_TRUE(is_open(open, "acknowledge"));
    (void)happen(open, by_alice(EventKind::ReporterUpdated, friday + 1h));
    EXPECT_FALSE(is_open(open, "acknowledge"));
    EXPECT_EQ(cvd::TicketState::Acknowledged, open.ticket.state);
}

TEST(AGuard, ForbidsUntilWhatMustComeBefore) {
    OpenTicket open = opened_by({}, friday, shipped_rules());
    const auto why = forbidden(open, EventKind::Disclosed);
    ASSERT_TRUE(why);
    EXPECT_NE(std::string::npos, why->find("Nothing is disclosed before"));
    EXPECT_NE(std::string::npos, why->find("investigated, fixed"));
    (void)happen(open, by_alice(EventKind::Investigated, friday + 1h));
    EXPECT_TRUE(forbidden(open, EventKind::Disclosed));
    (void)happen(open, by_alice(EventKind::Fixed, friday + 2h));
    EXPECT_FALSE(forbidden(open, EventKind::Disclosed));
    EXPECT_FALSE(forbidden(open, EventKind::Closed));
}

TEST(AGuard, TakesWhatIsReleasedForReady) {
    OpenTicket open = opened_by({});
    open.policy.guards = {{"", EventKind::Disclosed, {EventKind::FixReady}, {{"en", "After a mitigation or a fix."}}}};
    EXPECT_TRUE(forbidden(open, EventKind::Disclosed));
    (void)happen(open, {EventKind::Fixed, friday + 1h, "alice@acme.test", {}});
    EXPECT_FALSE(forbidden(open, EventKind::Disclosed));
}

}  // namespace
}  // namespace tocsin::intake
