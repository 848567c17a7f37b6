#include "intake/decide/decide.hpp"

#include "intake/decide/encrypted_report.hpp"
#include "intake/decide/evaluate.hpp"
#include "intake/decide/known_keys.hpp"
#include "intake/decide/new_ticket.hpp"
#include "intake/decide/outside_mail.hpp"
#include "intake/decide/recorded_view.hpp"
#include "intake/decide/sent_mail.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/promises.hpp"
#include "intake/team/authority.hpp"
#include "intake/team/team_mail.hpp"

namespace tocsin::intake {

namespace {

std::string journal_number(const Arrival& arrival) { return std::to_string(arrival.journal.value()); }

// A mail that stands in its ticket already, looked at once more: a key came, or the rules are others now. What the
// team said of it stays; the team sees what there is to see.
Decision decide_again(const Examination& examination, const TicketView& view, const rules::RuleSet& rule_set,
                      const Organisation& organisation, const MailboxRules& mailbox, const Arrival& arrival,
                      Instant now) {
    const rules::Policy& promised = view.thread->policy;
    Decision decision;
    decision.evaluation = evaluate(examination, examination.answers, view, rule_set, policy_of(rule_set, mailbox));
    decision.kind = view.part == store::Part::Reporter ? "reporter-reply" : "foreign";
    decision.reasons = {"examined again, because a member asked for it"};
    decision.action = Action::Append;
    decision.ticket = view.thread->id;
    OpenTicket open = *view.thread;
    const auto happens = [&](const cvd::Event& event) {
        for (cvd::Event& next : happen(open, event)) decision.events.push_back(std::move(next));
    };
    happens({cvd::EventKind::Joined, now, "tocsin", {{"journal", journal_number(arrival)}, {"kind", "again"}}});
    const bool rated_by_nobody =
        !open.happened.contains(cvd::EventKind::Triaged) && !open.happened.contains(cvd::EventKind::Rated);
    if (rated_by_nobody && decision.evaluation->severity != open.ticket.severity)
        happens({cvd::EventKind::Rated,
                 now,
                 "tocsin",
                 {{"severity", std::string{to_text(decision.evaluation->severity)}},
                  {"score", std::to_string(decision.evaluation->score)}}});
    decision.after = open.ticket;
    decision.reminders = reminders_of(open);
    note_opening(decision, examination);
    KeyFindings keys;
    if (view.part == store::Part::Reporter)
        keys = find_keys(examination, view, level_of_proof(examination, organisation) < 0, now);
    note_crypto(decision, keys, view, examination, organisation, arrival, now);
    const NoticeSubject about{&examination, &view, rule_set, arrival, true, crypto_alarms(keys, view)};
    for (Recipe& recipe : notices(about, decision, promised, organisation)) {
        recipe.occasion += " again at " + to_rfc3339(now);
        decision.mail.push_back(std::move(recipe));
    }
    return decision;
}

}  // namespace

Decision decide(const Examination& examination, const TicketView& view, const rules::RuleSet& rule_set,
                const Organisation& organisation, const MailboxRules& mailbox, const Arrival& arrival, Instant now) {
    if (view.again) return decide_again(examination, view, rule_set, organisation, mailbox, arrival, now);
    if (is_sent_by_hand(examination, view, organisation, arrival))
        return decide_sent_by_hand(examination, view, rule_set, organisation, arrival, now);
    const Authority authority = authority_of(examination, view, organisation, arrival.received);
    if (is_for_team_desk(examination, view, authority, arrival)) {
        Decision decided =
            decide_team_mail(examination, view, authority, rule_set, organisation, mailbox, arrival, now);
        // Whoever merely writes her address does not bring her back.
        if (authority.proven())
            decided.away =
                away_note(examination, view, organisation, policy_of(rule_set, mailbox), decided.kind, arrival);
        for (Recipe& recipe : decided.mail) recipe.proven = authority.proven();
        return decided;
    }
    Decision decision =
        decide_outside_mail(examination, view, authority, rule_set, organisation, mailbox, arrival, now);
    if (decision.proof > 0)
        for (Recipe& recipe : decision.mail) recipe.proven = true;
    if (decision.away && !decision.away->until && !authority.proven()) decision.away.reset();
    decision.rating = rating_of(decision, view, mailbox.policy, rule_set.hash(), arrival.received);
    return decision;
}

Decision decide_unread(std::string_view why, bool quarantined, const rules::RuleSet& rule_set,
                       const Organisation& organisation, const MailboxRules& mailbox, const Arrival& arrival,
                       Instant now) {
    const rules::Policy& policy = policy_of(rule_set, mailbox);
    Decision decision;
    decision.kind = "report";
    decision.reasons = {std::string{why}};
    decision.action = Action::Open;
    cvd::Ticket ticket;
    ticket.severity = policy.levels.unreadable.value_or(cvd::Severity::Low);
    ticket.title = "A mail that could not be read";
    ticket.language = organisation.languages.front();
    ticket.mailbox = mailbox.name;
    ticket.policy = policy.name;
    ticket.policy_hash = policy.hash;
    ticket.opened = arrival.received;
    open_ticket(decision, ticket, policy, arrival,
                {{cvd::EventKind::Quarantined,
                  now,
                  "tocsin",
                  {{"journal", journal_number(arrival)}, {"why", std::string{why}}}}});
    if (quarantined)
        decision.reasons.push_back(
            "/retry, in an answer to this mail, tries it again (or: tocsinctl quarantine release " +
            journal_number(arrival) + "); tocsinctl quarantine show " + journal_number(arrival) +
            " shows it as it came");
    for (Recipe& recipe : notices({nullptr, nullptr, rule_set, arrival, false}, decision, policy, organisation))
        decision.mail.push_back(std::move(recipe));
    return decision;
}

}  // namespace tocsin::intake
