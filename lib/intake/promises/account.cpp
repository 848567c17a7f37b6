#include "intake/promises/account.hpp"

#include <algorithm>

#include "intake/promises/named_dates.hpp"
#include "intake/promises/promises.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

constexpr std::int64_t repetitions_shown = 3;

using Stood = std::pair<Instant, Instant>;

// When the clock stood still: while somebody waited, and while the ticket was closed.
std::vector<Stood> standstills(const rules::ClockRule& rule, const cvd::TicketClock& clock,
                               const std::vector<std::pair<cvd::EventKind, Instant>>& course, Instant now) {
    std::vector<Stood> all;
    std::optional<Instant> since;
    const auto end = [&](Instant at) {
        if (since && at > *since) all.emplace_back(*since, at);
        since.reset();
    };
    for (const auto& [kind, at] : course) {
        if (at < clock.started || (clock.stopped && at >= *clock.stopped)) continue;
        const bool stands = kind == rule.pause || (kind == cvd::EventKind::Closed && at < clock.promised);
        if (stands && !since) since = at;
        if (kind == cvd::EventKind::Resumed || kind == cvd::EventKind::Reopened) end(at);
    }
    if (since && clock.paused) end(clock.stopped.value_or(std::max(now, *since)));
    return all;
}

}  // namespace

std::string_view to_text(AccountedTime::Kind kind) {
    switch (kind) {
        case AccountedTime::Kind::Counted:
            return "counted";
        case AccountedTime::Kind::Skipped:
            return "skipped";
        case AccountedTime::Kind::Paused:
            return "paused";
    }
    return {};
}

std::vector<AccountedTime> account_of(const rules::Policy& policy, const cvd::TicketClock& clock,
                                      const std::vector<std::pair<cvd::EventKind, Instant>>& course, Instant now) {
    const auto rule = clock_rule(policy, clock.name);
    if (!rule) return {};
    const sla::Calendar* calendar = policy.calendar_of(*rule);
    std::vector<AccountedTime> account;
    const auto counted = [&](Instant from, Instant to) {
        for (const sla::Interval& one : sla::intervals(from, to, rule->within, calendar))
            account.push_back(
                {one.from, one.to, one.counted ? AccountedTime::Kind::Counted : AccountedTime::Kind::Skipped});
    };
    Instant at = clock.started;
    for (const auto& [from, to] : standstills(*rule, clock, course, now)) {
        counted(at, from);
        account.push_back({from, to, AccountedTime::Kind::Paused});
        at = to;
    }
    // While it stands still nobody knows the deadline: it is as far away as when it began to.
    if (!clock.paused) counted(at, clock.due);
    return account;
}

Simulation simulate(const rules::Policy& policy, Instant received, std::optional<cvd::Severity> severity) {
    OpenTicket open;
    open.policy = policy;
    if (severity)
        open.ticket.severity = *severity;
    else
        for (rules::ClockRule& rule : open.policy.clocks) rule.severity.clear();
    open.ticket.opened = received;
    (void)happen(open, {cvd::EventKind::Received, received, "reporter", {}});

    Simulation simulation;
    for (const rules::ClockRule& rule : open.policy.clocks) {
        const cvd::TicketClock* clock = open.ticket.open_clock(rule.id);
        if (clock == nullptr) {
            if (rule.binds(open.ticket.severity)) simulation.not_started.push_back(*policy.clock(rule.id));
            continue;
        }
        SimulatedClock simulated{
            *policy.clock(rule.id), clock->started, clock->due, {}, account_of(open.policy, *clock, {}, received)};
        for (const MarkOfClock& mark : marks_of(rule)) {
            const bool repeats = mark.mark.kind == sla::Mark::Kind::EveryAfter;
            for (std::int64_t k = 1; k <= (repeats ? repetitions_shown : 1); ++k)
                if (const auto at = speaks_at(mark, rule, open.policy, *clock, k))
                    simulated.reminders.push_back({*at, sla::to_text(mark.mark), mark.escalates, mark.to});
        }
        std::ranges::stable_sort(simulated.reminders, {}, &SimulatedReminder::at);
        simulation.clocks.push_back(std::move(simulated));
    }
    return simulation;
}

}  // namespace tocsin::intake
