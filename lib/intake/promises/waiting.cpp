#include "intake/promises/waiting.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/admit/admit.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/promises/named_dates.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

Instant asked_again_at(const rules::Policy& policy, Instant held) {
    const sla::Calendar* usual = policy.usual_calendar();
    if (usual == nullptr) return held + std::chrono::hours{24};
    return sla::due_after(held, {1, sla::Unit::BusinessDay}, usual);
}

namespace {

std::string held_since(const store::Store& store, const cvd::Ticket& ticket, Instant held,
                       const Organisation& organisation) {
    const auto policy = rules::policy_from_source(store.conversations.policy_source(ticket.policy_hash).value_or(""));
    return sla::in_words(held, policy ? zone_for(*policy, nullptr) : sla::Zone::utc(), organisation.languages.front());
}

}  // namespace

std::size_t ask_again_about_held(store::Store& store, const Organisation& organisation, const MessageIds& ids,
                                 Instant now) {
    std::size_t queued = 0;
    const std::vector<store::HeldLine> lines = store.held.to_ask_again(now);
    const auto same_sender = [](const store::HeldLine& a, const store::HeldLine& b) {
        return a.ticket == b.ticket && equal_ignoring_case(a.sender, b.sender);
    };
    for (auto each = lines.begin(); each != lines.end(); ++each) {
        const store::HeldLine& line = *each;
        store.held.told_again(line.journal, now);
        const auto ticket = store.tickets.find(line.ticket);
        const auto is_of_his = [&](const store::HeldLine& other) { return same_sender(line, other); };
        // One alarm for all that one sender sent to one ticket.
        if (!ticket || std::any_of(lines.begin(), each, is_of_his)) continue;
        const auto more = std::count_if(each + 1, lines.end(), is_of_his);
        rules::TemplateFields fields;
        fields.set("what",
                   "A mail from " +
                       (line.sender.empty() ? std::string{"somebody unknown"} : for_one_line(line.sender, 254)) +
                       " answers " + ticket->number + " and has been held since " +
                       held_since(store, *ticket, line.held, organisation) +
                       (more == 0 ? std::string{} : ", and so have " + std::to_string(more) + " more of that sender") +
                       ": its sender has no part in the ticket. Answer its notice with /confirm when it belongs"
                       " there, or with /split when it is a report of its own.");
        queued +=
            queue_mail(store, alarms("alarm", fields, "held " + std::to_string(line.journal.value()), organisation),
                       line.ticket, ticket->number, std::nullopt, organisation, ids, now);
    }
    return queued;
}

}  // namespace tocsin::intake
