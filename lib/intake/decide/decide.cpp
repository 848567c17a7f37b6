#include "intake/decide/decide.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/decide/alarming.hpp"
#include "intake/decide/automatic_mail.hpp"
#include "intake/decide/encrypted_report.hpp"
#include "intake/decide/kind.hpp"
#include "intake/decide/known_keys.hpp"
#include "intake/decide/recorded_view.hpp"
#include "intake/decide/sent_mail.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/outgoing/reporter_mail.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/named_dates.hpp"
#include "intake/promises/promises.hpp"
#include "intake/promises/troubles.hpp"
#include "intake/promises/waiting.hpp"
#include "intake/team/authority.hpp"
#include "intake/team/team_answers.hpp"
#include "intake/team/team_mail.hpp"
#include "intake/team/team_view.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t longest_title = 200;

// A policy that a mailbox names was checked at start; one that is gone since is a bug.
const rules::Policy& policy_of(const rules::RuleSet& rule_set, const MailboxRules& mailbox) {
    const rules::Policy* policy = rule_set.policy(mailbox.policy);
    if (policy == nullptr) throw std::logic_error{"the policy of a mailbox is missing"};
    return *policy;
}

rules::Evaluation evaluate(const Examination& examination, const rules::Answers& answers, const TicketView& view,
                           const rules::RuleSet& rule_set, const rules::Policy& policy) {
    rules::Evaluation evaluation = rule_set.evaluate(answers,
                                                     {.thread_known = view.thread.has_value(),
                                                      .reporter_reports = view.reporter_reports,
                                                      .reporter_valid = view.reporter_valid,
                                                      .kind = {}},
                                                     policy);
    // Nobody knows how bad a report is that could not be read.
    if (examination.unreadable && policy.levels.unreadable)
        evaluation.severity = std::max(evaluation.severity, *policy.levels.unreadable);
    return evaluation;
}

std::string journal_number(const Arrival& arrival) { return std::to_string(arrival.journal.value()); }

std::string actor_of(const std::string& kind) {
    if (kind == "report" || kind == "reporter-reply") return "reporter";
    return kind == "team-reply" ? "team" : "outside";
}

cvd::Event opening(const cvd::Ticket& ticket) {
    return {cvd::EventKind::Opened, ticket.opened, "tocsin", cvd::description_of(ticket)};
}

// Of old mail: its dates and its thread, without promises that nobody was made.
void open_closed_ticket(Decision& decision, const cvd::Ticket& ticket, const rules::Policy& policy,
                        const Arrival& arrival) {
    OpenTicket open;
    open.policy = policy;
    for (const cvd::Event& event :
         {opening(ticket),
          cvd::Event{cvd::EventKind::Joined,
                     arrival.received,
                     "reporter",
                     {{"journal", journal_number(arrival)}, {"kind", decision.kind}}},
          cvd::Event{
              cvd::EventKind::Closed, arrival.received, "tocsin", {{"reason", "obsolete"}, {"imported", "yes"}}}}) {
        cvd::apply(open.ticket, event);
        decision.events.push_back(event);
    }
    decision.after = open.ticket;
    decision.policy = policy;
}

// What a report on the delivery of a mail of ours says; nothing where it says that it arrived, or may still.
std::optional<ReturnedMail> returned_by(const Examination& examination, const TicketView& view) {
    if (!view.returned || !examination.delivery) return std::nullopt;
    const auto& recipients = examination.delivery->recipients;
    const auto is_failed = [](const mail::AffectedRecipient& one) {
        return one.report == mail::DeliveryReport::Failed;
    };
    auto failed = std::ranges::find_if(recipients, [&](const mail::AffectedRecipient& one) {
        return is_failed(one) && equal_ignoring_case(one.address, view.returned->recipient);
    });
    // Each mail of ours has one recipient; what stands there may be where he has it forwarded to.
    if (failed == recipients.end()) failed = std::ranges::find_if(recipients, is_failed);
    if (failed == recipients.end()) return std::nullopt;
    std::string status = failed->status;
    if (!failed->diagnostic.empty()) status += (status.empty() ? "" : " ") + failed->diagnostic;
    return ReturnedMail{view.returned->id, for_one_line(status, 300), failed->hard};
}

// What her words say of her own silence is a proposal: the team agrees to it by /embargo, or does not. Of an encrypted
// mail nothing of the kind is kept.
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

// When it came, and not when it was read: a wait ends with her answer, however long we were down. What the ticket's
// history has already lies before it.
Instant moment_of(const OpenTicket& open, const Arrival& arrival, Instant now) {
    Instant last = open.ticket.opened;
    for (const auto& [kind, at] : open.happened) last = std::max(last, at);
    return std::min(now, std::max(last, arrival.received));
}

void join_ticket(Decision& decision, const OpenTicket& joined, const std::optional<mail::Address>& author,
                 const Examination& examination, const Arrival& arrival, Instant now) {
    OpenTicket open = joined;
    decision.ticket = open.id;
    const Instant moment = decision.kind == "reporter-reply" ? moment_of(open, arrival, now) : now;
    const auto happens = [&](cvd::EventKind kind) {
        cvd::Event event{
            kind, moment, actor_of(decision.kind), {{"journal", journal_number(arrival)}, {"kind", decision.kind}}};
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

void record_message(Decision& decision, const Examination& examination, const Arrival& arrival) {
    // Imported mail of our own stands on our side of the conversation.
    const bool ours = decision.kind == "own" && !examination.reading.to.empty();
    decision.message = store::TicketMessage{.direction = ours ? store::Direction::Out : store::Direction::In,
                                            .message_id = examination.outer.message_id,
                                            // What opens a ticket is its report, whatever it is taken for.
                                            .kind = decision.action == Action::Open ? "report" : decision.kind,
                                            .at = arrival.received,
                                            .recipient = ours ? examination.reading.to.front().address : std::string{},
                                            .content = examination.content,
                                            .journal = arrival.journal};
}

// Nobody of the team needs to read that.
bool asks_how_it_stands(const Decision& decision, const Examination& examination) {
    return decision.kind == "reporter-reply" && examination.asks_status &&
           automatic_mail(examination, *decision.evaluation).answerable();
}

void tell_how_it_stands(Decision& decision, const OpenTicket& thread, const Examination& examination,
                        const Organisation& organisation, const Arrival& arrival, Instant now) {
    OpenTicket open = thread;
    open.ticket = decision.after;
    ReporterThread hers{examination.outer.message_id, examination.outer.references};
    if (!hers.in_reply_to.empty()) hers.references.push_back(hers.in_reply_to);
    if (auto status = status_to_reporter(open, "journal " + journal_number(arrival), hers, organisation, now))
        decision.mail.push_back(std::move(*status));
}

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
    happens({cvd::EventKind::Received, arrival.received, "reporter", {{"journal", journal_number(arrival)}}});
    decision.after = open.ticket;
    decision.policy = policy;
    decision.reminders = reminders_of(open);
    return open;
}

std::string_view to_text(Action action) {
    switch (action) {
        case Action::Open:
            return "open";
        case Action::Append:
            return "append";
        case Action::Hold:
            return "hold";
        case Action::None:
            return "none";
    }
    return "none";
}

namespace {

Decision decide_outside_mail(const Examination& examination, const TicketView& view, const Authority& authority,
                             const rules::RuleSet& rule_set, const Organisation& organisation,
                             const MailboxRules& mailbox, const Arrival& arrival, Instant now) {
    const rules::Policy& policy = policy_of(rule_set, mailbox);
    const bool encrypted = examination.crypto.encrypted;
    rules::Evaluation evaluation = evaluate(examination, examination.answers, view, rule_set, policy);
    // What an encrypted mail is taken for, and how it is answered, shows outside: it rests on what is in the clear
    // alone.
    const rules::Evaluation outside =
        encrypted ? evaluate(examination, examination.outer_answers, view, rule_set, policy) : evaluation;
    Kind kind = kind_of(examination, view, outside, organisation, arrival);
    if (view.blocked && kind.answered) {
        kind.answered = false;
        kind.reasons.emplace_back("its author gets no answers any more: a member said /block");
    }
    if (!view.bounced.empty() && kind.action != Action::None)
        kind.reasons.push_back("a mail of ours to this address came back before: " + for_one_line(view.bounced, 120));
    KeyFindings keys;
    if (!arrival.baseline) keys = find_keys(examination, view, level_of_proof(examination, organisation) < 0, now);

    Decision decision;
    decision.kind = kind.name;
    decision.reasons = std::move(kind.reasons);
    decision.action = kind.action;
    decision.claims = view.claims;
    decision.evaluation = evaluation;
    const auto author = author_of(examination.reading);
    decision.proof = level_of_proof(examination, organisation);
    note_opening(decision, examination);
    decision.away =
        away_note(examination, view, organisation, view.thread ? view.thread->policy : policy, decision.kind, arrival);

    // What answers it proves nothing any more. A server that could not deliver it is nobody who writes in her name.
    if (!authority.is_team() && decision.kind != "own" && decision.kind != "bounce")
        for (const std::string& id : view.exposes) {
            decision.steps.push_back({StoreStep::What::Spend, exposed_key(id), 0});
            if (id == view.exposes.front())
                decision.reasons.emplace_back(
                    "it knows a mail of ours that went to one of you alone: answers to that mail need your yes now");
        }

    switch (kind.action) {
        case Action::None:
            decision.ticket = view.delivered_before;
            if (decision.kind == "bounce") decision.returned = returned_by(examination, view);
            if (decision.kind == "bounce" && !arrival.baseline)
                decision.mail = alarm_of_a_complaint(examination, view, organisation);
            // What lies in a folder that is only looked at, such as Sent, went there and did not come back.
            if (decision.kind == "own" && arrival.acknowledge && !arrival.baseline && !arrival.sent &&
                !is_canary(view.own_subject))
                decision.mail = alarm_of_a_loop(view, organisation);
            return decision;
        case Action::Open: {
            cvd::Ticket ticket = new_ticket(examination, evaluation, policy, organisation, mailbox, arrival);
            if (!came_encrypted(examination.crypto))
                ticket.language = organisation.language_for(outside.language.value_or(examination.reading.language));
            ticket.title = title_of(examination.outer.subject);
            ticket.reporter = author ? author->text() : std::string{};
            if (arrival.imported) {
                open_closed_ticket(decision, ticket, policy, arrival);
            } else {
                OpenTicket open = open_ticket(decision, ticket, policy, arrival, {});
                if (kind.answered) propose_embargo(decision, open, examination, arrival, now);
            }
            decision.shingles = view.shingles;
            decision.all_shingles = examination.sketch.shingles;
            if (author) decision.joining[author->identity()] = store::Part::Reporter;
            if (auto asked =
                    question_about_report(examination, view, authority, decision.after, organisation, arrival, now))
                decision.mail.push_back(std::move(*asked));
            if (kind.answered && author)
                decision.mail.push_back(answer_to_report(examination, outside, keys, *author, decision.after, policy,
                                                         organisation, arrival, now));
            break;
        }
        case Action::Append:
        case Action::Hold:
            join_ticket(decision, view.thread ? *view.thread : *view.joins, author, examination, arrival, now);
            break;
    }
    record_message(decision, examination, arrival);
    note_crypto(decision, keys, view, examination, organisation, arrival, now);
    if (decision.kind == "bounce" && !arrival.baseline) {
        decision.returned = returned_by(examination, view);
        decision.mail = alarm_of_a_complaint(examination, view, organisation);
    }
    if (decision.action == Action::Hold && !arrival.baseline)
        decision.ask_again = asked_again_at(view.thread->policy, now);
    if (decision.kind == "duplicate" && kind.answered) {
        // No key is taken from what is only a copy: whoever sent it once more may have put another one in.
        std::erase_if(keys.answer_with, [&](const std::string& fingerprint) {
            return std::ranges::find(view.author_keys, fingerprint, &openpgp::Key::fingerprint) ==
                   view.author_keys.end();
        });
        decision.mail.push_back(answer_to_report(examination, outside, keys, *author, decision.after,
                                                 view.joins->policy, organisation, arrival, now));
        return decision;
    }
    const std::vector<std::string> alarm_lines = crypto_alarms(keys, view);
    if (view.flood && decision.action == Action::Append && (alarm_lines.empty() || arrival.baseline)) {
        decision.mail = alarm_of_a_flood(view, organisation);
        return decision;
    }
    if (view.flood && decision.action == Action::Append) decision.mail = alarm_of_a_flood(view, organisation);
    if (asks_how_it_stands(decision, examination) && !view.blocked && !arrival.baseline && arrival.acknowledge) {
        tell_how_it_stands(decision, *view.thread, examination, organisation, arrival, now);
        if (alarm_lines.empty()) return decision;
    }
    // An alarm is heard whatever the mail is.
    const bool team_hears = decision.kind == "report" || decision.kind == "reporter-reply" ||
                            decision.kind == "foreign" || kind.told || (!alarm_lines.empty() && view.flood);
    // Nobody bombs the team by way of one ticket: what is held beyond this waits without a notice of its own.
    constexpr std::size_t most_notices_of_held = 5;
    if (decision.action == Action::Hold && view.held_of_sender >= most_notices_of_held && alarm_lines.empty() &&
        !arrival.baseline) {
        decision.reasons.emplace_back("one of very many that its sender sends to this ticket: no notice of its own");
        if (author) decision.mail = alarm_of_many_held(view, author->text(), organisation);
        return decision;
    }
    if (team_hears && !arrival.baseline) {
        const NoticeSubject about{&examination, &view, rule_set, arrival, kind.answered, alarm_lines};
        const rules::Policy& promised = view.thread ? view.thread->policy : policy;
        for (Recipe& recipe : notices(about, decision, promised, organisation))
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
