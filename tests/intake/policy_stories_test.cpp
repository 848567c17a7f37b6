// Each shipped policy told twice, event by event, with no mail in between: once everything that it promises is done in
// time, once nothing is. tests/live/policies.py tells the same stories through the real daemon.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "desk.hpp"
#include "intake/promises/promises.hpp"
#include "intake/promises/tick.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

struct StoryStep {
    int day;
    EventKind event;
    const char* severity = nullptr;  // of Rated
};
using Story = std::vector<StoryStep>;

constexpr int last_day_of_a_story = 180;

// What the team does in time; the mails to the reporter are told as what they are, ReporterUpdated.
Story kept_story(std::string_view policy) {
    using enum EventKind;
    if (policy == "default")
        return {{1, Triaged},          {1, ReporterUpdated},  {4, Evaluated},        {4, ReporterUpdated},
                {10, Investigated},    {30, ReporterUpdated}, {50, ReporterUpdated}, {60, Fixed},
                {60, ReporterUpdated}, {61, Disclosed},       {62, Closed}};
    if (policy == "code-bards")
        return {{1, Triaged}, {10, Investigated}, {20, Fixed}, {21, Credited}, {22, Disclosed}, {23, Closed}};
    if (policy == "seven-business-days")
        return {{1, ReporterUpdated}, {3, Evaluated},        {4, EtaSet},    {4, ReporterUpdated},
                {14, Fixed},          {14, ReporterUpdated}, {15, Credited}, {16, Closed}};
    if (policy == "truvera")
        return {{1, Triaged},   {1, Rated, "high"}, {1, Identified},    {3, CustomersNotified}, {4, Rated, "medium"},
                {14, FixReady}, {15, Fixed},        {16, ReleaseNoted}, {17, Disclosed},        {18, Closed}};
    if (policy == "cmw-lab")
        return {{1, Triaged}, {2, EtaSet}, {10, Investigated}, {15, Fixed}, {15, ReporterUpdated}, {16, Closed}};
    return {{5, Investigated}, {15, Fixed}, {16, Credited}, {17, Closed}};  // van-patten-media
}

// What starts the clocks that do not begin with the report, too late and with nothing after it.
Story missed_story(std::string_view policy) {
    using enum EventKind;
    if (policy == "default" || policy == "seven-business-days") return {{100, ReporterUpdated}, {140, Fixed}};
    if (policy == "truvera") return {{100, Rated, "high"}, {100, Identified}, {110, Rated, "medium"}, {111, Fixed}};
    return {{120, Fixed}};
}

cvd::Event event_of(const StoryStep& step, Instant at) {
    cvd::Event event{step.event, at, "alice@acme.test", {}};
    if (step.severity != nullptr) event.detail["severity"] = step.severity;
    if (step.event == EventKind::EtaSet) event.detail["date"] = to_rfc3339(at + 24h * 10);
    return event;
}

struct ToldStory {
    OpenTicket open;
    std::map<std::string, std::set<cvd::ClockState>> ended;  // every clock that ran, and how
    std::set<std::string> told_late, escalated;
};

// Day by day: what the team does, then what the clocks have to say.
ToldStory told_story(const std::string& policy, const Story& story, bool acknowledged) {
    ToldStory told{opened_under(policy), {}, {}, {}};
    if (acknowledged) (void)happen(told.open, {EventKind::Acknowledged, friday + 1min, "", {}});
    Instant now = friday;
    for (int day = 0; day <= last_day_of_a_story && told.open.ticket.state != cvd::TicketState::Closed; ++day) {
        for (const StoryStep& step : story)
            if (step.day == day) {
                now = friday + 24h * day;
                EXPECT_EQ(std::nullopt, forbidden(told.open, step.event)) << policy << ": " << cvd::to_text(step.event);
                (void)happen(told.open, event_of(step, now));
            }
        now = friday + 24h * day + 19h;  // in the morning, when every office is open, summer and winter
        const Tick ticked = tick(told.open, now);
        for (const Telling& telling : ticked.tellings) {
            const auto clocks = told.open.ticket.clocks;
            const bool is_late = std::ranges::any_of(clocks, [&](const cvd::TicketClock& clock) {
                return clock.name == telling.clock && clock.open() && clock.due <= now;
            });
            if (telling.escalates) told.escalated.insert(telling.clock);  // before it is late, if so agreed
            if (!telling.escalates && is_late) told.told_late.insert(telling.clock);
        }
        told.open = ticked.after;
    }
    for (const cvd::TicketClock& clock : told.open.ticket.clocks) told.ended[clock.name].insert(clock.state(now));
    return told;
}

std::set<std::string> clocks_of(const rules::Policy& policy) {
    std::set<std::string> names;
    for (const rules::ClockRule& clock : policy.clocks)
        if (clock.id != "triage-urgent" && clock.id != "after-delay") names.insert(clock.id);  // see below
    return names;
}

TEST(EachShippedPolicy, IsKeptWhenTheTeamDoesInTimeWhatItPromised) {
    for (const std::string& name : shipped_rules().policy_names()) {
        const ToldStory told = told_story(name, kept_story(name), true);
        EXPECT_EQ(cvd::TicketState::Closed, told.open.ticket.state) << name;
        for (const std::string& clock : clocks_of(told.open.policy))
            EXPECT_EQ(std::set{cvd::ClockState::Met},
                      told.ended.contains(clock) ? told.ended.at(clock) : std::set<cvd::ClockState>{})
                << name << ": " << clock;
        EXPECT_EQ(std::set<std::string>{}, told.told_late) << name;
        EXPECT_EQ(std::set<std::string>{}, told.escalated) << name;
    }
}

TEST(EachShippedPolicy, IsSaidToBeMissedWhenNothingIsDone) {
    for (const std::string& name : shipped_rules().policy_names()) {
        const ToldStory told = told_story(name, missed_story(name), false);
        for (const std::string& clock : clocks_of(told.open.policy)) {
            EXPECT_TRUE(told.ended.contains(clock) && told.ended.at(clock).contains(cvd::ClockState::Missed))
                << name << ": " << clock;
            EXPECT_TRUE(told.told_late.contains(clock)) << name << " says nothing of " << clock;
            if (!told.open.policy.clock(clock)->escalate.empty()) {
                EXPECT_TRUE(told.escalated.contains(clock)) << name << ": " << clock;
            }
        }
    }
}

// The two clocks that neither story has: what is urgent, and what was delayed and forgotten.
TEST(EachShippedPolicy, HasNoOtherClocks) {
    OpenTicket open = opened_under("default");
    (void)happen(open, event_of({0, EventKind::Rated, "critical"}, friday + 1h));
    const Tick urgent = tick(open, friday + 24h * 6);
    EXPECT_TRUE(std::ranges::any_of(urgent.tellings, [](const Telling& one) { return one.clock == "triage-urgent"; }));
    open = opened_under("van-patten-media");
    (void)happen(open, event_of({0, EventKind::Delayed}, friday + 24h));
    const Tick forgotten = tick(open, friday + 24h * 20);
    EXPECT_TRUE(std::ranges::any_of(forgotten.tellings, [](const Telling& one) { return one.clock == "after-delay"; }));
}

// "Issues are not disclosed until …": each guard forbids until all that it waits for has come.
TEST(EachShippedPolicy, DisclosesNothingBeforeItsTime) {
    for (const char* name : {"default", "code-bards", "truvera"}) {
        OpenTicket open = opened_under(name);
        const rules::Guard& guard = *open.policy.guard(EventKind::Disclosed);
        for (const EventKind before : guard.after) {
            EXPECT_NE(std::nullopt, forbidden(open, EventKind::Disclosed)) << name;
            (void)happen(open, event_of({0, before}, friday + 1h));
        }
        EXPECT_EQ(std::nullopt, forbidden(open, EventKind::Disclosed)) << name;
    }
}

}  // namespace
}  // namespace tocsin::intake
