// How events become a ticket.
#include <algorithm>

#include "base/text.hpp"
#include "cvd/ticket.hpp"

namespace tocsin::cvd {

namespace {

void rate(Ticket& ticket, const Event& event) {
    if (const auto severity = severity_from(said(event, "severity"))) ticket.severity = *severity;
    if (const auto score = to_whole_number(said(event, "score"))) ticket.score = static_cast<int>(*score);
}

void describe(Ticket& ticket, const Event& event) {
    ticket.number = said(event, "number");
    ticket.title = said(event, "title");
    ticket.reporter = said(event, "reporter");
    ticket.language = said(event, "language");
    ticket.mailbox = said(event, "mailbox");
    ticket.policy = said(event, "policy");
    ticket.policy_hash = said(event, "policy_hash");
    ticket.encrypted = said(event, "encrypted") == "yes";
    rate(ticket, event);
}

void open(Ticket& ticket, const Event& event) {
    describe(ticket, event);
    ticket.opened = event.at;
}

void reread(Ticket& ticket, const Event& event) {
    if (event.detail.empty()) return;  // its words were forgotten
    ticket.title = said(event, "title");
    ticket.reporter = said(event, "reporter");
    ticket.language = said(event, "language");
    ticket.encrypted = said(event, "encrypted") == "yes";
    rate(ticket, event);
}

// The events before it may have lost their words: it says once more what is left of the ticket.
void forget(Ticket& ticket, const Event& event) {
    describe(ticket, event);
    ticket.cc.clear();  // nobody reads along where nobody is written to
    ticket.credit = said(event, "credit");
    ticket.closed_for = said(event, "closed_for");
    ticket.owner = said(event, "owner");
    ticket.version = said(event, "version");
    if (const auto state = ticket_state_from(said(event, "state"))) ticket.state = *state;
}

// A ticket goes forward only. What happens while we wait for the reporter counts as if we did not, until the
// work itself has gone on.
void advance(Ticket& ticket, TicketState to) {
    const bool waiting = ticket.state == TicketState::Waiting;
    TicketState& reached = waiting ? ticket.before_waiting : ticket.state;
    if (reached >= to) return;
    if (to > TicketState::Waiting) {
        ticket.state = to;
    } else {
        reached = to;
    }
}

void begin_waiting(Ticket& ticket) {
    if (ticket.state == TicketState::Waiting || ticket.state == TicketState::Closed) return;
    ticket.before_waiting = ticket.state;
    ticket.state = TicketState::Waiting;
}

void take_back_acknowledgement(Ticket& ticket) {
    TicketState& reached = ticket.state == TicketState::Waiting ? ticket.before_waiting : ticket.state;
    if (reached == TicketState::Acknowledged) reached = TicketState::New;
}

TicketClock* find_open(Ticket& ticket, const Event& event) {
    const std::string name = said(event, "clock");
    const auto found = std::ranges::find_if(
        ticket.clocks, [&name](const TicketClock& each) { return each.open() && each.name == name; });
    return found == ticket.clocks.end() ? nullptr : &*found;
}

void start_clock(Ticket& ticket, const Event& event) {
    const auto due = from_rfc3339(said(event, "due"));
    if (!due) return;  // its words were forgotten
    TicketClock clock{.name = said(event, "clock"),
                      .started = from_rfc3339(said(event, "started")).value_or(event.at),
                      .due = *due,
                      .paused = from_rfc3339(said(event, "paused")),
                      .stopped = {},
                      .how = said(event, "how"),
                      .goal = said(event, "goal") == "yes",
                      .promised = event.at};
    // Promised anew while it runs: the newer promise stands in the older one's place.
    if (TicketClock* running = find_open(ticket, event)) {
        *running = std::move(clock);
    } else {
        ticket.clocks.push_back(std::move(clock));
    }
}

void drop_clock(Ticket& ticket, const Event& event) {
    const TicketClock* clock = find_open(ticket, event);
    if (clock != nullptr) ticket.clocks.erase(ticket.clocks.begin() + (clock - ticket.clocks.data()));
}

// The other ticket, to which its mails had gone, keeps its state.
void come_back(Ticket& ticket, const Event& event) {
    const auto state = ticket_state_from(said(event, "state"));
    if (!state) return;
    ticket.state = *state;
    ticket.closed_for = said(event, "closed_for");
}

void stop_clock(Ticket& ticket, const Event& event) {
    if (TicketClock* clock = find_open(ticket, event)) clock->stopped = event.at;
}

std::optional<Instant> moment(const Event& event, std::string_view name) { return from_rfc3339(said(event, name)); }

void pause_clock(Ticket& ticket, const Event& event) {
    if (TicketClock* clock = find_open(ticket, event); clock != nullptr && !clock->paused) clock->paused = event.at;
}

void resume_clock(Ticket& ticket, const Event& event) {
    TicketClock* clock = find_open(ticket, event);
    if (clock == nullptr) return;
    clock->paused.reset();
    if (const auto due = from_rfc3339(said(event, "due"))) clock->due = *due;
}

std::vector<std::string> addresses_in(const std::string& text) {
    std::vector<std::string> addresses;
    for (const std::string_view word : words(text)) addresses.emplace_back(word);
    return addresses;
}

// What the ticket is again, by name; an empty moment or text is none.
void take_back(Ticket& ticket, const Event& event) {
    for (const auto& [name, value] : event.detail) {
        if (name == "state") ticket.state = ticket_state_from(value).value_or(ticket.state);
        if (name == "before_waiting") ticket.before_waiting = ticket_state_from(value).value_or(ticket.before_waiting);
        if (name == "owner") ticket.owner = value;
        if (name == "reporter") ticket.reporter = value;
        if (name == "eta") ticket.eta = from_rfc3339(value);
        if (name == "embargo_by_us") ticket.embargo_dates.by_us = from_rfc3339(value);
        if (name == "embargo_by_reporter") ticket.embargo_dates.by_reporter = from_rfc3339(value);
        if (name == "embargo_ended") ticket.embargo_dates.ended = from_rfc3339(value);
        if (name == "version") ticket.version = value;
        if (name == "credit") ticket.credit = value;
        if (name == "closed_for") ticket.closed_for = value;
        if (name == "snoozed") ticket.snoozed = from_rfc3339(value);
        if (name == "cc") ticket.cc = addresses_in(value);
        if (name == "muted") ticket.muted = addresses_in(value);
    }
    ticket.embargo = ticket.embargo_dates.until();
    rate(ticket, event);
}

// "due 1, every 1 business day after 3": how often each was told by now.
void note_told(Ticket& ticket, const Event& event) {
    TicketClock* clock = find_open(ticket, event);
    if (clock == nullptr) return;
    const std::string marks = said(event, "marks");
    for (const std::string_view one : split(marks, ',')) {
        const std::string_view words = trim(one);
        const auto blank = words.rfind(' ');
        if (blank == std::string_view::npos) continue;
        if (const auto count = to_whole_number(words.substr(blank + 1)))
            clock->told[std::string{words.substr(0, blank)}] = *count;
    }
}

void mute(Ticket& ticket, const Event& event) {
    const std::string member = said(event, "member");
    std::erase(ticket.muted, member);
    if (!member.empty() && said(event, "muted") != "no") ticket.muted.push_back(member);
}

void propose_embargo(Ticket& ticket, const Event& event) {
    const auto until = from_rfc3339(said(event, "until"));
    if (!until) return;
    (said(event, "by") == "reporter" ? ticket.embargo_dates.by_reporter : ticket.embargo_dates.by_us) = until;
    ticket.embargo_dates.ended.reset();
    ticket.embargo = ticket.embargo_dates.until();
}

void agree_on_embargo(Ticket& ticket, const Event& event) {
    const auto until = from_rfc3339(said(event, "until"));
    ticket.embargo_dates = {until, until, {}};
    ticket.embargo = until;
}

void end_embargo(Ticket& ticket, const Event& event) {
    if (ticket.embargo_dates.until() && !ticket.embargo_dates.ended) ticket.embargo_dates.ended = event.at;
}

}  // namespace

Detail description_of(const Ticket& ticket) {
    return {{"title", ticket.title},
            {"reporter", ticket.reporter},
            {"language", ticket.language},
            {"mailbox", ticket.mailbox},
            {"policy", ticket.policy},
            {"policy_hash", ticket.policy_hash},
            {"severity", std::string{to_text(ticket.severity)}},
            {"score", std::to_string(ticket.score)},
            {"encrypted", ticket.encrypted ? "yes" : ""}};
}

void apply(Ticket& ticket, const Event& event) {
    switch (event.kind) {
        case EventKind::Opened:
            return open(ticket, event);
        case EventKind::Rated:
            return rate(ticket, event);
        case EventKind::Assigned:
            ticket.owner = said(event, "owner");
            return;

        case EventKind::Forgotten:
            return forget(ticket, event);
        case EventKind::Reread:
            return reread(ticket, event);
        case EventKind::Merged:
            ticket.state = TicketState::Closed;
            ticket.closed_for = "merged";
            return;
        case EventKind::MergeUndone:
            return come_back(ticket, event);
        case EventKind::ClockLeft:
            return drop_clock(ticket, event);

        case EventKind::Acknowledged:
            return advance(ticket, TicketState::Acknowledged);
        case EventKind::AcknowledgementLost:
            return take_back_acknowledgement(ticket);
        case EventKind::Triaged:
        case EventKind::Evaluated:
        case EventKind::Identified:
            rate(ticket, event);
            return advance(ticket, TicketState::Triaged);
        case EventKind::Waiting:
            return begin_waiting(ticket);
        case EventKind::Resumed:
            if (ticket.state == TicketState::Waiting) ticket.state = ticket.before_waiting;
            return;
        case EventKind::EtaSet:
            if (const auto eta = moment(event, "eta")) ticket.eta = eta;
            return advance(ticket, TicketState::Fixing);
        case EventKind::Delayed:
            if (const auto until = moment(event, "until")) ticket.eta = until;
            return;
        case EventKind::Investigated:
            return advance(ticket, TicketState::Fixing);
        case EventKind::FixReady:
            if (!said(event, "version").empty()) ticket.version = said(event, "version");
            return advance(ticket, TicketState::Fixing);
        case EventKind::Fixed:
            if (!said(event, "version").empty()) ticket.version = said(event, "version");
            return advance(ticket, TicketState::Fixed);
        case EventKind::Disclosed:
            end_embargo(ticket, event);
            return advance(ticket, TicketState::Disclosed);
        case EventKind::Closed:
            ticket.closed_for = said(event, "reason");
            return advance(ticket, TicketState::Closed);
        case EventKind::Reopened:
            ticket.closed_for.clear();
            ticket.state = TicketState::Triaged;
            return;
        case EventKind::Credited:
            ticket.credit = said(event, "credit");
            return;
        case EventKind::EmbargoSet:
            return agree_on_embargo(ticket, event);
        case EventKind::EmbargoEnded:
            return end_embargo(ticket, event);

        case EventKind::ClockStarted:
            return start_clock(ticket, event);
        case EventKind::ClockStopped:
            return stop_clock(ticket, event);
        case EventKind::ClockPaused:
            return pause_clock(ticket, event);
        case EventKind::ClockResumed:
            return resume_clock(ticket, event);
        case EventKind::Reminded:
            return note_told(ticket, event);
        case EventKind::Snoozed:
            ticket.snoozed = from_rfc3339(said(event, "until"));
            return;
        case EventKind::Muted:
            return mute(ticket, event);
        case EventKind::EmbargoProposed:
            return propose_embargo(ticket, event);

        case EventKind::ReporterChanged:
            ticket.reporter = said(event, "reporter");
            return;
        case EventKind::CcAdded:
            if (const std::string address = said(event, "address");
                !address.empty() && std::ranges::find(ticket.cc, address) == ticket.cc.end())
                ticket.cc.push_back(address);
            return;
        case EventKind::Undone:
            return take_back(ticket, event);

        case EventKind::Joined:
        case EventKind::MergedIn:
            // What came into the conversation encrypted is answered encrypted from then on.
            if (said(event, "encrypted") == "yes") ticket.encrypted = true;
            return;

        // These move clocks through the policy, or tell what went on, and leave the ticket as it is.
        case EventKind::Received:
        case EventKind::Eta:
        case EventKind::CustomersNotified:
        case EventKind::ReleaseNoted:
        case EventKind::TimelineDiscussed:
        case EventKind::ReporterUpdated:
        case EventKind::DisclosurePlanned:
        case EventKind::Held:
        case EventKind::KeyBound:
        case EventKind::KeyProposed:
        case EventKind::RelaysBlocked:
        case EventKind::RelaysCleared:
        case EventKind::Queued:
        case EventKind::Sent:
        case EventKind::Failed:
        case EventKind::SplitOff:
        case EventKind::Commanded:
        case EventKind::Relayed:
        case EventKind::Noted:
        case EventKind::Asked:
        case EventKind::Refused:
        case EventKind::Confirmed:
        case EventKind::Blocked:
        case EventKind::KeyAccepted:
        case EventKind::Roster:
        case EventKind::ClockKept:
        case EventKind::Quarantined:
            return;
    }
}

Ticket fold(const std::vector<Event>& events) {
    Ticket ticket;
    for (const Event& event : events) apply(ticket, event);
    return ticket;
}

}  // namespace tocsin::cvd
