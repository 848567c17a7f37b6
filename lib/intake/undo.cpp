#include "intake/undo.hpp"

#include <optional>

namespace tocsin::intake {

namespace {

using cvd::EventKind;

std::string written(const std::string& text) { return text; }
std::string written(cvd::TicketState state) { return std::string{to_text(state)}; }
std::string written(cvd::Severity severity) { return std::string{to_text(severity)}; }
std::string written(int number) { return std::to_string(number); }
std::string written(const std::optional<Instant>& at) { return at ? to_rfc3339(*at) : std::string{}; }

const cvd::TicketClock* last_clock(const cvd::Ticket& ticket, const std::string& name) {
    const cvd::TicketClock* found = nullptr;
    for (const cvd::TicketClock& clock : ticket.clocks)
        if (clock.name == name) found = &clock;
    return found;
}

// The clock as it was, promised anew: the newer promise stands in the older one's place.
cvd::Event again(const cvd::TicketClock& clock, Instant at) {
    cvd::Event event{EventKind::ClockStarted,
                     at,
                     "tocsin",
                     {{"clock", clock.name},
                      {"due", to_rfc3339(clock.due)},
                      {"how", clock.how},
                      {"started", to_rfc3339(clock.started)}}};
    if (clock.goal) event.detail["goal"] = "yes";
    if (clock.paused) event.detail["paused"] = to_rfc3339(*clock.paused);
    return event;
}

bool same(const cvd::TicketClock* a, const cvd::TicketClock* b) {
    if (a == nullptr || b == nullptr) return a == b;
    return a->due == b->due && a->paused == b->paused && a->stopped == b->stopped;
}

}  // namespace

std::vector<cvd::Event> undoing(const LastCommand& last, const OpenTicket& open, Instant at, const std::string& actor) {
    const cvd::Ticket& before = last.before;
    const cvd::Ticket& after = last.after;
    const cvd::Ticket& now = open.ticket;
    cvd::Event undone{EventKind::Undone, at, actor, {}};
    const auto restore = [&](const char* name, auto member) {
        if (before.*member != after.*member && now.*member == after.*member)
            undone.detail[name] = written(before.*member);
    };
    restore("state", &cvd::Ticket::state);
    restore("before_waiting", &cvd::Ticket::before_waiting);
    restore("severity", &cvd::Ticket::severity);
    restore("score", &cvd::Ticket::score);
    restore("owner", &cvd::Ticket::owner);
    restore("reporter", &cvd::Ticket::reporter);
    restore("eta", &cvd::Ticket::eta);
    restore("version", &cvd::Ticket::version);
    restore("credit", &cvd::Ticket::credit);
    restore("closed_for", &cvd::Ticket::closed_for);
    if (before.embargo_dates != after.embargo_dates && now.embargo_dates == after.embargo_dates) {
        undone.detail["embargo_by_us"] = written(before.embargo_dates.by_us);
        undone.detail["embargo_by_reporter"] = written(before.embargo_dates.by_reporter);
        undone.detail["embargo_ended"] = written(before.embargo_dates.ended);
    }
    undone.detail["since"] = std::to_string(last.seq);
    std::vector<cvd::Event> events{undone};
    for (const cvd::TicketClock& changed : after.clocks) {
        const cvd::TicketClock* was = last_clock(before, changed.name);
        const cvd::TicketClock* became = last_clock(after, changed.name);
        if (became != &changed || same(was, became) || !same(became, last_clock(now, changed.name))) continue;
        if (was != nullptr && was->open())
            events.push_back(again(*was, at));
        else if (became->open())
            events.push_back({EventKind::ClockLeft, at, "tocsin", {{"clock", changed.name}}});
    }
    return events;
}

}  // namespace tocsin::intake
