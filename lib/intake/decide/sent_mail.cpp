#include "intake/decide/sent_mail.hpp"

#include "intake/outgoing/outgoing.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/promises.hpp"
#include "intake/team/addressees.hpp"

namespace tocsin::intake {

namespace {

using cvd::EventKind;

}  // namespace

bool is_sent_by_hand(const Examination& examination, const TicketView& view, const Organisation& organisation,
                     const Arrival& arrival) {
    const auto author = author_of(examination.reading);
    return arrival.sent && !arrival.baseline && view.thread && !view.sent_by_us && !view.delivered_before && author &&
           (organisation.owns(author->text()) || organisation.member(author->text()) != nullptr);
}

Decision decide_sent_by_hand(const Examination& examination, const TicketView& view, const rules::RuleSet& rule_set,
                             const Organisation& organisation, const Arrival& arrival, Instant now) {
    Decision decision;
    OpenTicket open = *view.thread;
    const bool answers_reporter = has_reporter_among_recipients(examination, open);
    const std::string journal = std::to_string(arrival.journal.value());
    decision.kind = "team-reply";
    decision.action = Action::Append;
    decision.ticket = open.id;
    decision.reasons = {"lies in the folder of sent mail: somebody of the team wrote it out of the shared mailbox",
                        answers_reporter ? "the reporter is among its recipients: recorded, and not sent again"
                                         : "the reporter is not among its recipients: kept as a note"};
    const auto happens = [&](EventKind kind, cvd::Detail detail) {
        for (cvd::Event& next : happen(open, {kind, now, organisation.address.text(), std::move(detail)}))
            decision.events.push_back(std::move(next));
        decision.reminders = reminders_of(open);
    };
    happens(EventKind::Joined, {{"journal", journal}, {"kind", decision.kind}});
    if (answers_reporter) {
        happens(EventKind::ReporterUpdated, {{"journal", journal}});
    } else {
        happens(EventKind::Noted, {{"journal", journal}});
    }
    decision.after = open.ticket;
    decision.message = store::TicketMessage{.direction = store::Direction::In,
                                            .message_id = examination.outer.message_id,
                                            .kind = decision.kind,
                                            .at = arrival.received,
                                            .recipient = {},
                                            .content = examination.content,
                                            .journal = arrival.journal};
    const NoticeSubject about{&examination, &view, rule_set, arrival, true};
    for (Recipe& recipe : notices(about, decision, open.policy, organisation))
        decision.mail.push_back(std::move(recipe));
    return decision;
}

}  // namespace tocsin::intake
