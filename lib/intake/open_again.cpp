#include "intake/open_again.hpp"

#include "intake/admit.hpp"
#include "intake/known_keys.hpp"
#include "intake/outgoing.hpp"
#include "intake/promises.hpp"

namespace tocsin::intake {

namespace {

bool rated_by_people(const OpenTicket& ticket) {
    for (const cvd::EventKind kind :
         {cvd::EventKind::Rated, cvd::EventKind::Triaged, cvd::EventKind::Evaluated, cvd::EventKind::Closed})
        if (ticket.happened.contains(kind)) return true;
    return false;
}

}  // namespace

Decision decide_opened(const Examination& examination, const TicketView& view, const OpenTicket& ticket,
                       const rules::RuleSet& rule_set, const Organisation& organisation, const Arrival& arrival,
                       Instant now) {
    Decision decision;
    decision.kind = "report";
    decision.reasons = {"it could not be opened when it came"};
    decision.action = Action::Append;
    decision.ticket = ticket.id;
    decision.after = ticket.ticket;
    decision.session = examination.session;
    const auto author = author_of(examination.reading);
    decision.sender = author ? author->identity() : std::string{};
    if (!examination.crypto.decrypted) {
        decision.unopened = examination.crypto.error.value_or("unknown");
        return decision;
    }
    OpenTicket open = ticket;
    decision.evaluation = rule_set.evaluate(
        examination.answers,
        {.thread_known = true, .reporter_reports = view.reporter_reports, .reporter_valid = 0, .kind = {}},
        ticket.policy);
    if (!rated_by_people(ticket))
        decision.events = happen(open, {cvd::EventKind::Rated,
                                        now,
                                        "tocsin",
                                        {{"severity", std::string{cvd::to_text(decision.evaluation->severity)}},
                                         {"score", std::to_string(decision.evaluation->score)},
                                         {"by", "rules"}}});
    decision.after = open.ticket;
    decision.keys = find_keys(examination, view, now).keys;
    NoticeSubject about{&examination, &view, rule_set, arrival, true};
    about.alarms = {"This mail could not be opened when it came; now it could."};
    decision.mail = notices(about, decision, ticket.policy, organisation);
    for (Recipe& recipe : decision.mail) recipe.occasion += " opened";
    return decision;
}

void admit_opened(store::Store& store, const Decision& decision, JournalId entry, const Organisation& organisation,
                  const MessageIds& ids, Instant now) {
    store.journal.opened_again(entry);
    store.journal.note_unopened(entry, decision.unopened, organisation.secrets);
    if (!decision.events.empty()) store.tickets.record(*decision.ticket, decision.events);
    for (store::KnownKey key : decision.keys) {
        key.ticket = decision.ticket;
        store.keys.add(key, now);
    }
    if (decision.session)
        store.ciphertexts.note(ids.keyed(*decision.session), {entry, decision.ticket, decision.sender}, now);
    queue_mail(store, decision.mail, decision.ticket, decision.after.number, entry, organisation, ids, now);
}

}  // namespace tocsin::intake
