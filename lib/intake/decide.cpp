#include "intake/decide.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/utf8.hpp"
#include "intake/authority.hpp"
#include "intake/kind.hpp"
#include "intake/outgoing.hpp"
#include "intake/promises.hpp"
#include "intake/recorded_view.hpp"
#include "intake/reporter_mail.hpp"
#include "intake/sent_mail.hpp"
#include "intake/team_mail.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t longest_title = 200;

// A policy that a mailbox names was checked at start; one that is gone since is a bug.
const rules::Policy& policy_of(const rules::RuleSet& rule_set, const MailboxRules& mailbox) {
    const rules::Policy* policy = rule_set.policy(mailbox.policy);
    if (policy == nullptr) throw std::logic_error{"the policy of a mailbox is missing"};
    return *policy;
}

rules::Evaluation evaluate(const Examination& examination, const TicketView& view, const rules::RuleSet& rule_set,
                           const rules::Policy& policy) {
    rules::Evaluation evaluation =
        rule_set.evaluate(examination.answers, {.thread_known = view.thread.has_value(),
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
    return {cvd::EventKind::Opened,
            ticket.opened,
            "tocsin",
            {{"title", ticket.title},
             {"reporter", ticket.reporter},
             {"language", ticket.language},
             {"mailbox", ticket.mailbox},
             {"policy", ticket.policy},
             {"policy_hash", ticket.policy_hash},
             {"severity", std::string{cvd::to_text(ticket.severity)}},
             {"score", std::to_string(ticket.score)},
             {"encrypted", ticket.encrypted ? "yes" : ""}}};
}

void join_ticket(Decision& decision, const TicketView& view, const std::optional<mail::Address>& author, bool status_only,
                 const Arrival& arrival, Instant now) {
    OpenTicket open = *view.thread;
    decision.ticket = open.id;
    const auto happens = [&](cvd::EventKind kind) {
        cvd::Event event{kind, now, actor_of(decision.kind),
                         {{"journal", journal_number(arrival)}, {"kind", decision.kind}}};
        if (kind == cvd::EventKind::Held && author) event.detail["sender"] = author->text();
        for (cvd::Event& next : happen(open, event)) {
            if (next.detail.contains("clock"))
                if (const auto* clock = open.ticket.open_clock(next.detail.at("clock")))
                    decision.reminders[clock->name] = next_reminder(open.policy, *clock, now);
            decision.events.push_back(std::move(next));
        }
    };
    happens(decision.action == Action::Hold ? cvd::EventKind::Held : cvd::EventKind::Joined);
    // She has answered what the team waited for.
    if (decision.kind == "reporter-reply" && !status_only && !arrival.baseline &&
        open.ticket.state == cvd::TicketState::Waiting)
        happens(cvd::EventKind::Resumed);
    decision.after = open.ticket;
}

void record_message(Decision& decision, const Examination& examination, const Arrival& arrival) {
    decision.message = store::TicketMessage{.direction = store::Direction::In,
                                            .message_id = examination.outer.message_id,
                                            .kind = decision.kind,
                                            .at = arrival.received,
                                            .recipient = {},
                                            .content = examination.content,
                                            .journal = arrival.journal};
}

// Nobody of the team needs to read that.
bool asks_how_it_stands(const Decision& decision, const Examination& examination) {
    return decision.kind == "reporter-reply" && examination.asks_status && examination.automatic.answerable();
}

void tell_how_it_stands(Decision& decision, const OpenTicket& thread, const Examination& examination,
                        const Organisation& organisation, const Arrival& arrival) {
    OpenTicket open = thread;
    open.ticket = decision.after;
    ReporterThread hers{examination.outer.message_id, examination.outer.references};
    if (!hers.in_reply_to.empty()) hers.references.push_back(hers.in_reply_to);
    if (auto status = status_to_reporter(open, "journal " + journal_number(arrival), hers, organisation))
        decision.mail.push_back(std::move(*status));
}

// A mail that stands in its ticket already, looked at once more: a key came, or the rules are others now. What the
// team said of it stays; the team sees what there is to see.
Decision decide_again(const Examination& examination, const TicketView& view, const rules::RuleSet& rule_set,
                      const Organisation& organisation, const MailboxRules& mailbox, const Arrival& arrival, Instant now) {
    const rules::Policy& promised = view.thread->policy;
    Decision decision;
    decision.evaluation = evaluate(examination, view, rule_set, policy_of(rule_set, mailbox));
    decision.kind = view.part == store::Part::Reporter ? "reporter-reply" : "foreign";
    decision.reasons = {"examined again, because a member asked for it"};
    decision.action = Action::Append;
    decision.ticket = view.thread->id;
    OpenTicket open = *view.thread;
    const auto happens = [&](const cvd::Event& event) {
        for (cvd::Event& next : happen(open, event)) decision.events.push_back(std::move(next));
    };
    happens({cvd::EventKind::Joined, now, "tocsin", {{"journal", journal_number(arrival)}, {"kind", "again"}}});
    const bool rated_by_nobody = !open.happened.contains(cvd::EventKind::Triaged) && !open.happened.contains(cvd::EventKind::Rated);
    if (rated_by_nobody && decision.evaluation->severity != open.ticket.severity)
        happens({cvd::EventKind::Rated, now, "tocsin",
                 {{"severity", std::string{to_text(decision.evaluation->severity)}},
                  {"score", std::to_string(decision.evaluation->score)}}});
    decision.after = open.ticket;
    for (const cvd::Event& event : decision.events)
        if (const auto name = event.detail.find("clock"); name != event.detail.end()) {
            const auto* clock = open.ticket.open_clock(name->second);
            decision.reminders[name->second] = clock == nullptr ? std::nullopt : next_reminder(open.policy, *clock, now);
        }
    const NoticeSubject about{&examination, &view, rule_set, arrival, true};
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
    for (const cvd::TicketClock& clock : open.ticket.clocks)
        decision.reminders[clock.name] = next_reminder(policy, clock, arrival.received);
    return open;
}

std::string_view to_text(Action action) {
    switch (action) {
        case Action::Open: return "open";
        case Action::Append: return "append";
        case Action::Hold: return "hold";
        case Action::None: return "none";
    }
    return "none";
}

namespace {

Decision decide_outside_mail(const Examination& examination, const TicketView& view, const Authority& authority,
                             const rules::RuleSet& rule_set, const Organisation& organisation, const MailboxRules& mailbox,
                             const Arrival& arrival, Instant now) {
    const rules::Policy& policy = policy_of(rule_set, mailbox);
    rules::Evaluation evaluation = evaluate(examination, view, rule_set, policy);
    Kind kind = kind_of(examination, view, evaluation, organisation, arrival);

    Decision decision;
    decision.kind = kind.name;
    decision.reasons = std::move(kind.reasons);
    decision.action = kind.action;
    decision.claims = view.claims;
    decision.evaluation = evaluation;
    const auto author = author_of(examination.reading);

    switch (kind.action) {
        case Action::None:
            decision.ticket = view.delivered_before;
            return decision;
        case Action::Open: {
            cvd::Ticket ticket;
            ticket.severity = evaluation.severity;
            ticket.score = evaluation.score;
            ticket.title = title_of(examination.outer.subject);
            ticket.reporter = author ? author->text() : std::string{};
            ticket.language = organisation.language_for(
                examination.crypto.encrypted ? "" : evaluation.language.value_or(examination.reading.language));
            ticket.mailbox = mailbox.name;
            ticket.policy = policy.name;
            ticket.policy_hash = policy.hash;
            ticket.encrypted = examination.crypto.encrypted;
            ticket.opened = arrival.received;
            open_ticket(decision, ticket, policy, arrival, {});
            decision.shingles = view.shingles;
            decision.all_shingles = examination.sketch.shingles;
            if (author) decision.joining[author->identity()] = store::Part::Reporter;
            if (auto asked = question_about_report(examination, view, authority, decision.after, organisation, arrival, now))
                decision.mail.push_back(std::move(*asked));
            if (kind.answered && author) {
                std::optional<KnownOfReport> known;
                if (!examination.crypto.encrypted && !examination.unreadable)
                    known.emplace(KnownOfReport{evaluation, ticket.language});
                decision.mail.push_back(acknowledgement(examination.outer, known, *author, decision.after, policy,
                                                        organisation, arrival));
            }
            break;
        }
        case Action::Append:
        case Action::Hold: join_ticket(decision, view, author, examination.asks_status, arrival, now); break;
    }
    record_message(decision, examination, arrival);
    if (asks_how_it_stands(decision, examination) && !arrival.baseline && arrival.acknowledge) {
        tell_how_it_stands(decision, *view.thread, examination, organisation, arrival);
        return decision;
    }
    const bool team_hears = decision.kind == "report" || decision.kind == "reporter-reply" || decision.kind == "foreign";
    if (team_hears && !arrival.baseline) {
        const NoticeSubject about{&examination, &view, rule_set, arrival, kind.answered};
        const rules::Policy& promised = view.thread ? view.thread->policy : policy;
        for (Recipe& recipe : notices(about, decision, promised, organisation)) decision.mail.push_back(std::move(recipe));
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
    if (is_for_team_desk(examination, view, authority, arrival))
        return decide_team_mail(examination, view, authority, rule_set, organisation, mailbox, arrival, now);
    Decision decision = decide_outside_mail(examination, view, authority, rule_set, organisation, mailbox, arrival, now);
    decision.rating = rating_of(decision, view, mailbox.policy, rule_set.hash(), arrival.received);
    return decision;
}

Decision decide_unread(std::string_view why, const rules::RuleSet& rule_set, const Organisation& organisation,
                       const MailboxRules& mailbox, const Arrival& arrival, Instant now) {
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
                {{cvd::EventKind::Quarantined, now, "tocsin", {{"journal", journal_number(arrival)}, {"why", std::string{why}}}}});
    for (Recipe& recipe : notices({nullptr, nullptr, rule_set, arrival, false}, decision, policy, organisation))
        decision.mail.push_back(std::move(recipe));
    return decision;
}

}  // namespace tocsin::intake
