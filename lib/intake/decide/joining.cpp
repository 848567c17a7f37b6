#include "intake/decide/joining.hpp"

#include <algorithm>

#include "intake/promises/marks.hpp"
#include "intake/promises/named_dates.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {

namespace {

std::string actor_of(const std::string& kind) {
    if (kind == "report" || kind == "reporter-reply") return "reporter";
    return kind == "team-reply" ? "team" : "outside";
}

// When it came, and not when it was read: a wait ends with her answer, however long we were down. What the ticket's
// history has already lies before it.
Instant moment_of(const OpenTicket& open, const Arrival& arrival, Instant now) {
    Instant last = open.ticket.opened;
    for (const auto& [kind, at] : open.happened) last = std::max(last, at);
    return std::min(now, std::max(last, arrival.received));
}

}  // namespace

void join_ticket(Decision& decision, const OpenTicket& joined, const std::optional<mail::Address>& author,
                 const Examination& examination, const Arrival& arrival, Instant now) {
    OpenTicket open = joined;
    decision.ticket = open.id;
    const Instant moment = decision.kind == "reporter-reply" ? moment_of(open, arrival, now) : now;
    const auto happens = [&](cvd::EventKind kind) {
        cvd::Event event{kind,
                         moment,
                         actor_of(decision.kind),
                         {{"journal", std::to_string(arrival.journal.value())}, {"kind", decision.kind}}};
        if (kind == cvd::EventKind::Held && author) event.detail["sender"] = author->text();
        if (decision.kind == "reporter-reply" && examination.crypto.encrypted) event.detail["encrypted"] = "yes";
        for (cvd::Event& next : happen(open, event)) decision.events.push_back(std::move(next));
    };
    happens(decision.action == Action::Hold ? cvd::EventKind::Held : cvd::EventKind::Joined);
    // She has answered what the team waited for.
    if (decision.kind == "reporter-reply" && !examination.asks_status && !arrival.baseline &&
        open.ticket.state == cvd::TicketState::Waiting)
        happens(cvd::EventKind::Resumed);
    decision.reminders = reminders_of(open);
    decision.after = open.ticket;
    propose_embargo(decision, open, examination, arrival, now);
}

void propose_embargo(Decision& decision, OpenTicket& open, const Examination& examination, const Arrival& arrival,
                     Instant now) {
    const bool is_hers = decision.kind == "report" || decision.kind == "reporter-reply";
    if (!is_hers || arrival.baseline || examination.crypto.encrypted) return;
    const auto until = cvd::embargo_from(examination.embargo, arrival.received, zone_for(open.policy, nullptr));
    const cvd::Embargo& known = open.ticket.embargo_dates;
    if (!until || *until <= now || known.agreed() || known.ended || known.by_reporter == until) return;
    for (cvd::Event& next : happen(
             open,
             {cvd::EventKind::EmbargoProposed, now, "reporter", {{"until", to_rfc3339(*until)}, {"by", "reporter"}}}))
        decision.events.push_back(std::move(next));
    decision.reminders = reminders_of(open);
    decision.after = open.ticket;
}

}  // namespace tocsin::intake
