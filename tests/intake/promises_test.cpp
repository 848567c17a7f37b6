#include "intake/promises/promises.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "desk.hpp"
#include "intake/promises/marks.hpp"

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

TEST(AClock, ThatWaitsForADateIsEndedByTheFix) {
    OpenTicket open = opened_by({});
    (void)happen(open, by_alice(EventKind::Fixed, friday + 1h));
    EXPECT_TRUE(is_open(open, "evaluate"));  // the date is moot, the evaluation is not
    (void)happen(open, by_alice(EventKind::Evaluated, friday + 2h));
    EXPECT_FALSE(is_open(open, "evaluate"));
}

// A ticket under one of the shipped policies.
OpenTicket opened_under(const std::string& policy) {
    MailboxRules mailbox = security_mailbox();
    mailbox.policy = policy;
    const Decision decision =
        decide(examined({}, shipped_rules()), {}, shipped_rules(), acme(), mailbox, arrived(), friday);
    OpenTicket open;
    open.ticket = decision.after;
    open.policy = *shipped_rules().policy(policy);
    for (const cvd::Event& event : decision.events) {
        open.happened[event.kind] = event.at;
        if (cvd::moves_clocks(event.kind)) open.course.emplace_back(event.kind, event.at);
    }
    return open;
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

cvd::Event rated(cvd::Severity severity, Instant at) {
    return {EventKind::Rated, at, "alice@acme.test", {{"severity", std::string{cvd::to_text(severity)}}}};
}

std::vector<cvd::Event> of_kind(const std::vector<cvd::Event>& events, EventKind kind) {
    std::vector<cvd::Event> found;
    for (const cvd::Event& event : events)
        if (event.kind == kind) found.push_back(event);
    return found;
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
