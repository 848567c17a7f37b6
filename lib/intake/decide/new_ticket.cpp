#include "intake/decide/new_ticket.hpp"

#include "base/utf8.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t longest_title = 200;

cvd::Event opening(const cvd::Ticket& ticket) {
    return {cvd::EventKind::Opened, ticket.opened, "tocsin", cvd::description_of(ticket)};
}

}  // namespace

std::string title_of(std::string_view subject) {
    std::string title = for_one_line(mail::without_reply_prefix(subject), longest_title);
    return title.empty() ? "(no subject)" : title;
}

cvd::Ticket new_ticket(const Examination& examination, const rules::Evaluation& evaluation, const rules::Policy& policy,
                       const Organisation& organisation, const MailboxRules& mailbox, const Arrival& arrival) {
    cvd::Ticket ticket;
    ticket.severity = evaluation.severity;
    ticket.score = evaluation.score;
    ticket.language = organisation.language_for(
        examination.crypto.encrypted ? "" : evaluation.language.value_or(examination.reading.language));
    ticket.mailbox = mailbox.name;
    ticket.policy = policy.name;
    ticket.policy_hash = policy.hash;
    ticket.encrypted = examination.crypto.encrypted;
    ticket.opened = arrival.received;
    return ticket;
}

OpenTicket open_ticket(Decision& decision, const cvd::Ticket& ticket, const rules::Policy& policy,
                       const Arrival& arrival, const std::vector<cvd::Event>& first) {
    OpenTicket open;
    open.policy = policy;
    const auto happens = [&](const cvd::Event& event) {
        for (cvd::Event& next : happen(open, event)) decision.events.push_back(std::move(next));
    };
    happens(opening(ticket));
    for (const cvd::Event& event : first) happens(event);
    happens({cvd::EventKind::Received,
             arrival.received,
             "reporter",
             {{"journal", std::to_string(arrival.journal.value())}}});
    decision.after = open.ticket;
    decision.policy = policy;
    decision.reminders = reminders_of(open);
    return open;
}

void open_closed_ticket(Decision& decision, const cvd::Ticket& ticket, const rules::Policy& policy,
                        const Arrival& arrival) {
    OpenTicket open;
    open.policy = policy;
    for (const cvd::Event& event :
         {opening(ticket),
          cvd::Event{cvd::EventKind::Joined,
                     arrival.received,
                     "reporter",
                     {{"journal", std::to_string(arrival.journal.value())}, {"kind", decision.kind}}},
          cvd::Event{
              cvd::EventKind::Closed, arrival.received, "tocsin", {{"reason", "obsolete"}, {"imported", "yes"}}}}) {
        cvd::apply(open.ticket, event);
        decision.events.push_back(event);
    }
    decision.after = open.ticket;
    decision.policy = policy;
}

}  // namespace tocsin::intake
