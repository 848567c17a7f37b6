#include "intake/promises.hpp"

#include <algorithm>

#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

cvd::Event of_clock(cvd::EventKind kind, const cvd::Event& cause, std::string_view clock) {
    return {kind, cause.at, "tocsin", {{"clock", std::string{clock}}}};
}

bool stops(const rules::ClockRule& rule, const OpenTicket& open, const cvd::TicketClock& clock, const cvd::Event& event) {
    const auto& events = rule.stop.events;
    if (std::ranges::find(events, event.kind) == events.end()) return false;
    if (rule.stop.of == rules::StopCondition::Of::Any) return true;
    return std::ranges::all_of(events, [&](cvd::EventKind kind) {
        const auto last = open.happened.find(kind);
        return last != open.happened.end() && last->second >= clock.started;
    });
}

cvd::Event start(const rules::ClockRule& rule, const rules::Policy& policy, const cvd::Event& cause) {
    const Instant due = sla::due_after(cause.at, rule.within, policy.calendar_of(rule));
    cvd::Event event = of_clock(cvd::EventKind::ClockStarted, cause, rule.id);
    event.detail["due"] = to_rfc3339(due);
    event.detail["how"] = sla::to_text(rule.within) + " from " + to_rfc3339(cause.at) +
                          (rule.within.counts_business_time() ? " by the calendar " + rule.calendar : "");
    if (rule.goal) event.detail["goal"] = "yes";
    return event;
}

bool is_stopped_by_acknowledging(const rules::ClockRule& rule) {
    return std::ranges::find(rule.stop.events, cvd::EventKind::Acknowledged) != rule.stop.events.end();
}

// What had been kept is open again, and due when it was due at first: the reporter has waited all the while.
std::optional<cvd::Event> start_again(const rules::ClockRule& rule, const OpenTicket& open, const cvd::Event& cause) {
    const cvd::TicketClock* last = nullptr;
    for (const cvd::TicketClock& clock : open.ticket.clocks)
        if (clock.name == rule.id) last = &clock;
    if (last == nullptr || last->open()) return std::nullopt;
    cvd::Event event = of_clock(cvd::EventKind::ClockStarted, cause, rule.id);
    event.detail["due"] = to_rfc3339(last->due);
    event.detail["how"] = last->how + ", again since the acknowledgement did not arrive";
    if (last->goal) event.detail["goal"] = "yes";
    return event;
}

}  // namespace

std::vector<cvd::Event> happen(OpenTicket& open, const cvd::Event& event) {
    std::vector<cvd::Event> events;
    const auto add = [&](cvd::Event next) {
        cvd::apply(open.ticket, next);
        open.happened[next.kind] = next.at;
        events.push_back(std::move(next));
    };
    add(event);
    for (const rules::ClockRule& rule : open.policy.clocks) {
        const cvd::TicketClock* clock = open.ticket.open_clock(rule.id);
        if (clock != nullptr && stops(rule, open, *clock, event)) {
            add(of_clock(cvd::EventKind::ClockStopped, event, rule.id));
        } else if (clock != nullptr && !clock->paused && rule.pause == event.kind) {
            add(of_clock(cvd::EventKind::ClockPaused, event, rule.id));
        } else if (clock != nullptr && clock->paused && event.kind == cvd::EventKind::Resumed) {
            cvd::Event resumed = of_clock(cvd::EventKind::ClockResumed, event, rule.id);
            resumed.detail["due"] = to_rfc3339(
                sla::shifted(clock->due, *clock->paused, event.at, rule.within, open.policy.calendar_of(rule)));
            add(std::move(resumed));
        }
        if (event.kind == cvd::EventKind::AcknowledgementLost && clock == nullptr && is_stopped_by_acknowledging(rule))
            if (auto again = start_again(rule, open, event)) add(std::move(*again));
        if (rule.start == event.kind && rule.binds(open.ticket.severity) && open.ticket.open_clock(rule.id) == nullptr)
            add(start(rule, open.policy, event));
    }
    return events;
}

std::optional<Instant> next_reminder(const rules::Policy& policy, const cvd::TicketClock& clock, Instant after) {
    const rules::ClockRule* rule = policy.clock(clock.name);
    if (rule == nullptr || !clock.open() || clock.paused) return std::nullopt;
    const sla::Calendar* calendar = policy.calendar_of(*rule);
    std::optional<Instant> nearest;
    for (const sla::Mark& mark : rule->remind) {
        auto at = sla::next_at(mark, clock.started, clock.due, after, rule->within, calendar);
        if (!at) continue;
        if (calendar != nullptr) {
            const Instant opening = calendar->next_opening(*at);
            if (*at > clock.due || opening <= clock.due) at = opening;
        }
        if (!nearest || *at < *nearest) nearest = at;
    }
    return nearest;
}

sla::Zone zone_for(const rules::Policy& policy, const rules::ClockRule* clock) {
    if (clock != nullptr)
        if (const sla::Calendar* calendar = policy.calendar_of(*clock)) return calendar->zone();
    return policy.calendars.empty() ? sla::Zone::utc() : policy.calendars.begin()->second.zone();
}

}  // namespace tocsin::intake
