#include "intake/admit/open_again.hpp"

#include "intake/admit/admit.hpp"
#include "intake/decide/encrypted_report.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/promises/promises.hpp"

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
    note_opening(decision, examination);
    if (!examination.crypto.decrypted) return decision;
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
    const KeyFindings keys = find_keys(examination, view, level_of_proof(examination, organisation) < 0, now);
    note_crypto(decision, keys, view, examination, organisation, arrival, now);
    NoticeSubject about{&examination, &view, rule_set, arrival, true, crypto_alarms(keys, view)};
    about.alarms.emplace_back("This mail could not be opened when it came; now it could.");
    decision.mail = notices(about, decision, ticket.policy, organisation);
    for (Recipe& recipe : decision.mail) recipe.occasion += " opened";
    return decision;
}

void admit_opened(store::Store& store, const Decision& decision, JournalId entry, const Organisation& organisation,
                  const MessageIds& ids, Instant now) {
    store.journal.opened_again(entry);
    if (!decision.events.empty()) store.tickets.record(*decision.ticket, decision.events);
    keep_crypto(store, decision, entry, decision.ticket, decision.after.number, organisation, ids, now);
    queue_mail(store, decision.mail, decision.ticket, decision.after.number, entry, organisation, ids, now);
}

}  // namespace tocsin::intake
