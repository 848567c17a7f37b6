#include "intake/promises/marks.hpp"

#include <algorithm>

#include "intake/promises/named_dates.hpp"

namespace tocsin::intake {

namespace {

bool repeats(const MarkOfClock& mark) { return mark.mark.kind == sla::Mark::Kind::EveryAfter; }

// Which time it would speak next, counted from 1; nothing when all was told. What fell before the promise was made is
// no news.
std::optional<std::int64_t> next_repetition_of(const MarkOfClock& mark, const cvd::TicketClock& clock,
                                               const sla::Calendar* calendar) {
    const auto told = clock.told.find(mark.name);
    const std::int64_t times = told == clock.told.end() ? 0 : told->second;
    if (!repeats(mark)) return times > 0 ? std::nullopt : std::optional<std::int64_t>{1};
    return std::max(times, sla::repetitions_until(mark.mark, clock.due, clock.promised, calendar)) + 1;
}

// The event `eta` starts clocks: it happens when the date comes, in office hours or not.
bool waits_for_eta(const OpenTicket& open, const cvd::TicketClock& clock) {
    if (clock.name != eta_clock || !clock.open()) return false;
    const auto reached = open.happened.find(cvd::EventKind::Eta);
    return reached == open.happened.end() || reached->second < clock.due;
}

std::optional<Instant> earlier(std::optional<Instant> one, std::optional<Instant> other) {
    return !one || (other && *other < *one) ? other : one;
}

}  // namespace

std::vector<MarkOfClock> marks_of(const rules::ClockRule& rule) {
    std::vector<MarkOfClock> marks;
    for (const sla::Mark& mark : rule.remind) marks.push_back({sla::to_text(mark), mark, false, rule.to});
    for (const rules::Escalation& step : rule.escalate)
        marks.push_back({"escalate: " + sla::to_text(step.at), step.at, true, step.to});
    return marks;
}

std::optional<Instant> speaks_at(const MarkOfClock& mark, const rules::ClockRule& rule, const rules::Policy& policy,
                                 const cvd::TicketClock& clock, std::int64_t repetition,
                                 const std::optional<Instant>& snoozed) {
    const sla::Calendar* calendar = policy.calendar_of(rule);
    const auto falls = sla::time_of(mark.mark, clock.started, clock.due, repetition, rule.within, calendar);
    if (!falls || *falls <= clock.promised) return std::nullopt;
    Instant speaks = *falls;
    if (snoozed && !mark.escalates) speaks = std::max(speaks, *snoozed);
    if (calendar != nullptr) {
        const Instant opening = calendar->next_opening(speaks);
        if (speaks > clock.due || opening <= clock.due) speaks = opening;
    }
    return speaks;
}

std::optional<Instant> next_reminder(const OpenTicket& open, const cvd::TicketClock& clock) {
    const auto rule = clock_rule(open.policy, clock.name);
    if (!rule || !clock.open() || clock.paused) return std::nullopt;
    std::optional<Instant> nearest;
    if (waits_for_eta(open, clock) || comes_by_itself(clock.name)) nearest = clock.due;
    for (const MarkOfClock& mark : marks_of(*rule))
        if (const auto repetition = next_repetition_of(mark, clock, open.policy.calendar_of(*rule)))
            nearest = earlier(nearest, speaks_at(mark, *rule, open.policy, clock, *repetition, open.ticket.snoozed));
    return nearest;
}

std::map<std::string, std::optional<Instant>> reminders_of(const OpenTicket& open) {
    std::map<std::string, std::optional<Instant>> reminders;
    for (const cvd::TicketClock& clock : open.ticket.clocks)
        if (clock.open()) reminders[clock.name] = next_reminder(open, clock);
    return reminders;
}

DueMarks due_marks(const OpenTicket& open, Instant now) {
    DueMarks due;
    for (const cvd::TicketClock& clock : open.ticket.clocks) {
        const auto rule = clock_rule(open.policy, clock.name);
        if (!rule || !clock.open() || clock.paused) continue;
        if (waits_for_eta(open, clock) && clock.due <= now) due.eta_reached = true;
        if (clock.name == embargo_clock && clock.due <= now) due.embargo_over = true;
        if (clock.name == disclosure_clock && clock.due <= now) due.public_now = true;
        const sla::Calendar* calendar = open.policy.calendar_of(*rule);
        const bool closed = calendar != nullptr && !calendar->is_open(now);
        for (const MarkOfClock& mark : marks_of(*rule)) {
            const auto repetition = next_repetition_of(mark, clock, calendar);
            if (!repetition) continue;
            const auto speaks = speaks_at(mark, *rule, open.policy, clock, *repetition, open.ticket.snoozed);
            if (!speaks || *speaks > now) continue;
            // Outside of hours it speaks only where its deadline would not have waited for the opening.
            if (closed && (*speaks > clock.due || calendar->next_opening(*speaks) <= clock.due)) {
                due.held[clock.name] = earlier(due.held[clock.name], calendar->next_opening(now));
                continue;
            }
            const std::int64_t told =
                repeats(mark) ? std::max(*repetition, sla::repetitions_until(mark.mark, clock.due, now, calendar)) : 1;
            auto telling = std::ranges::find_if(due.tellings, [&](const Telling& one) {
                return one.clock == clock.name && one.escalates == mark.escalates;
            });
            if (telling == due.tellings.end()) {
                due.tellings.push_back({clock.name, mark.escalates, {}, {}, 0, *speaks});
                telling = due.tellings.end() - 1;
            }
            telling->marks += (telling->marks.empty() ? "" : ", ") + mark.name + " " + std::to_string(told);
            telling->fell += told - *repetition + 1;
            telling->since = std::min(telling->since, *speaks);
            for (const std::string& whom : mark.to)
                if (std::ranges::find(telling->to, whom) == telling->to.end()) telling->to.push_back(whom);
        }
    }
    return due;
}

}  // namespace tocsin::intake
