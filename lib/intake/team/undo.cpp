#include "intake/team/undo.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/team/desk.hpp"

namespace tocsin::intake {

namespace {

using cvd::EventKind;

std::string written(const std::string& text) { return text; }
std::string written(cvd::TicketState state) { return std::string{to_text(state)}; }
std::string written(cvd::Severity severity) { return std::string{to_text(severity)}; }
std::string written(const std::vector<std::string>& addresses) {
    std::string text;
    for (const std::string& address : addresses) text.append(text.empty() ? "" : " ").append(address);
    return text;
}
std::string written(int number) { return std::to_string(number); }
std::string written(const std::optional<Instant>& at) { return at ? to_rfc3339(*at) : std::string{}; }

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

std::string address_in(const cvd::Event& event) {
    return cvd::said(event, event.kind == EventKind::ReporterChanged ? "reporter" : "address");
}

bool took_part(const cvd::Ticket& before, const mail::Address& address) {
    std::vector<std::string> known = before.cc;
    known.push_back(before.reporter);
    return std::ranges::any_of(known, [&](const std::string& one) {
        const auto other = mail::Address::from(one);
        return other && *other == address;
    });
}

// Why it cannot be taken back; empty when it can.
std::string complaint_about_undoing(const LastCommand& last) {
    static constexpr std::pair<std::string_view, std::string_view> for_good[] = {
        {"/accept-key", "a key that was accepted is retired by an administrator: tocsinctl key retire"},
        {"/open", "what was opened is a ticket; /close ends it"},
        {"/forget", "what was forgotten is gone"},
        {"/retry", "the mail was examined again; there is nothing to take back"},
    };
    for (const std::string_view line : split(last.line, '\n'))
        for (const auto& [command, why] : for_good)
            if (starts_ignoring_case(line, command)) return std::string{why};
    if (last.split_off && last.split_into.empty())
        return "the mail that was split off has no ticket of its own yet; try it again in a minute";
    if (last.line.empty() && last.waiting.empty())
        return last.sent.empty() ? "there is nothing to take back" : "what went out already cannot be called back";
    return {};
}

// Whom it let in and what it blocked.
std::vector<StoreStep> steps_of_undoing(const LastCommand& last) {
    std::vector<StoreStep> steps;
    if (last.split_off) steps.push_back({StoreStep::What::UndoSplit, last.by, last.split_off->value()});
    for (const cvd::Event& event : last.brought) {
        const auto address = mail::Address::from(address_in(event));
        if (!address) continue;
        const bool let_in = event.kind == EventKind::CcAdded || event.kind == EventKind::ReporterChanged ||
                            event.kind == EventKind::Confirmed;
        if (let_in && !took_part(last.before, *address))
            steps.push_back({StoreStep::What::NoParticipant, address->identity(), to_micros(event.at)});
        // Its mail waits for a human again.
        if (event.kind == EventKind::Confirmed)
            if (const auto number = to_whole_number(cvd::said(event, "journal")))
                steps.push_back({StoreStep::What::HoldAgain, {}, *number});
        if (event.kind == EventKind::Blocked) steps.push_back({StoreStep::What::Unblock, address->identity(), 0});
    }
    return steps;
}

// Only what the command changed, and nothing that something else has changed since.
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
    restore("cc", &cvd::Ticket::cc);
    restore("snoozed", &cvd::Ticket::snoozed);
    restore("muted", &cvd::Ticket::muted);
    if (before.embargo_dates != after.embargo_dates && now.embargo_dates == after.embargo_dates) {
        undone.detail["embargo_by_us"] = written(before.embargo_dates.by_us);
        undone.detail["embargo_by_reporter"] = written(before.embargo_dates.by_reporter);
        undone.detail["embargo_ended"] = written(before.embargo_dates.ended);
    }
    undone.detail["since"] = std::to_string(last.seq);
    std::vector<cvd::Event> events{undone};
    for (const cvd::TicketClock& changed : after.clocks) {
        const cvd::TicketClock* was = before.last_clock(changed.name);
        const cvd::TicketClock* became = after.last_clock(changed.name);
        if (became != &changed || same(was, became) || !same(became, now.last_clock(changed.name))) continue;
        if (was != nullptr && was->open())
            events.push_back(again(*was, at));
        else if (became->open())
            events.push_back({EventKind::ClockLeft, at, "tocsin", {{"clock", changed.name}}});
    }
    return events;
}

}  // namespace

void undo_last(Desk& desk, CommandOutcome& outcome) {
    if (!desk.asked().view.last_command) return refuse(outcome, "nothing was commanded that could be taken back");
    if (!desk.result().events.empty()) return refuse(outcome, "it stands alone, or before all others");
    const LastCommand& last = *desk.asked().view.last_command;
    if (last.merged_from) {
        if (!desk.stands_alone(outcome)) return;
        desk.step(StoreStep::What::UndoMerge, desk.actor(), last.merged_from->value());
        outcome.result = last.line + " comes back out of this ticket";
        return;
    }
    if (const std::string complaint = complaint_about_undoing(last); !complaint.empty())
        return refuse(outcome, complaint);
    for (const cvd::Event& event : undoing(last, *desk.result().after, desk.asked().now, desk.actor())) {
        cvd::apply(desk.result().after->ticket, event);
        desk.result().events.push_back(event);
    }
    for (const StoreStep& one : steps_of_undoing(last)) desk.result().steps.push_back(one);
    for (const OutboxId mail : last.waiting) desk.step(StoreStep::What::DropMail, {}, mail.value());
    outcome.result = "taken back" + (last.line.empty() ? std::string{} : ": " + for_one_line(last.line, 200));
    if (last.split_off)
        outcome.result += "; the mail is back here, and " + last.split_into + " is closed. What " + last.split_into +
                          " has sent cannot be called back";
    if (!last.waiting.empty()) outcome.result += "; its mail does not go out";
    if (!last.sent.empty()) outcome.result += "; what went out already cannot be called back";
}

}  // namespace tocsin::intake
