#include "intake/promises/clock_course.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "sla/deadline.hpp"

namespace tocsin::intake {

bool begins_at(const rules::ClockRule& rule, cvd::EventKind kind) {
    return rule.start == kind ||
           (rule.start == cvd::EventKind::ReporterUpdated && kind == cvd::EventKind::Acknowledged);
}

bool ends_at(const rules::ClockRule& rule, cvd::EventKind kind) {
    return std::ranges::any_of(rule.stop.events, [kind](cvd::EventKind wanted) { return counts_as(kind, wanted); });
}

bool counts_as(cvd::EventKind happened, cvd::EventKind wanted) {
    return happened == wanted || (happened == cvd::EventKind::Fixed &&
                                  (wanted == cvd::EventKind::EtaSet || wanted == cvd::EventKind::FixReady));
}

bool is_met(const rules::StopCondition& stop, const std::function<bool(cvd::EventKind)>& has_happened) {
    const auto met = [&](cvd::EventKind wanted) {
        return has_happened(wanted) ||
               (counts_as(cvd::EventKind::Fixed, wanted) && has_happened(cvd::EventKind::Fixed));
    };
    return stop.of == rules::StopCondition::Of::Any ? std::ranges::any_of(stop.events, met)
                                                    : std::ranges::all_of(stop.events, met);
}

bool is_done_for_good(cvd::EventKind kind) {
    switch (kind) {
        case cvd::EventKind::Investigated:
        case cvd::EventKind::Fixed:
        case cvd::EventKind::CustomersNotified:
        case cvd::EventKind::ReleaseNoted:
        case cvd::EventKind::Disclosed:
        case cvd::EventKind::Credited:
            return true;
        default:
            return false;
    }
}

std::optional<Course> course_of(const rules::ClockRule& rule, const OpenTicket& open) {
    const sla::Calendar* calendar = open.policy.calendar_of(rule);
    std::optional<Course> running;
    std::optional<std::pair<Course, Instant>> closed;  // as it ran, and when the ticket was closed
    std::set<cvd::EventKind> seen, for_good;
    for (const auto& [kind, at] : open.course) {
        if (kind == cvd::EventKind::Reopened) for_good.clear();
        if (is_done_for_good(kind)) for_good.insert(kind);
        if (kind == cvd::EventKind::Closed && running && !ends_at(rule, kind)) closed.emplace(*running, at);
        if (kind == cvd::EventKind::Reopened && closed) {
            running = closed->first;
            running->due =
                sla::shifted(running->due, running->paused.value_or(closed->second), at, rule.within, calendar);
            running->paused.reset();
            closed.reset();
            continue;
        }
        if (running) {
            seen.insert(kind);
            if (kind == cvd::EventKind::Closed ||
                is_met(rule.stop, [&](cvd::EventKind one) { return seen.contains(one); })) {
                running.reset();
            } else if (rule.pause == kind && !running->paused) {
                running->paused = at;
            } else if (kind == cvd::EventKind::Resumed && running->paused) {
                running->due = sla::shifted(running->due, *running->paused, at, rule.within, calendar);
                running->paused.reset();
            }
        }
        if (running || !begins_at(rule, kind) ||
            is_met(rule.stop, [&](cvd::EventKind one) { return one != kind && for_good.contains(one); }))
            continue;
        seen.clear();
        running = Course{at, sla::due_after(at, rule.within, calendar), {}};
    }
    return running;
}

}  // namespace tocsin::intake
