#include "intake/team/forwarded_report.hpp"

#include "base/utf8.hpp"
#include "intake/decide/new_ticket.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {

OpenTicket open_forwarded_report(Decision& decision, const CarriedOut& done, const Commanding& on,
                                 const rules::RuleSet& rule_set, const MailboxRules& mailbox) {
    const auto& author = *on.examination.team.forwarded_author;
    const auto address = *mail::Address::from(author.address);
    const rules::Policy& policy = *rule_set.policy(mailbox.policy);
    rules::Evaluation evaluation = rule_set.evaluate(
        on.examination.answers,
        {.thread_known = false, .reporter_reports = on.view.reporter_reports, .reporter_valid = 0, .kind = {}}, policy);
    decision.action = Action::Open;
    decision.ticket.reset();
    decision.events.clear();
    decision.evaluation = evaluation;
    cvd::Ticket ticket = new_ticket(on.examination, evaluation, policy, on.organisation, mailbox, on.arrival);
    const std::string& inner = on.examination.team.forwarded_subject;
    ticket.title = title_of(on.examination.crypto.encrypted || inner.empty() ? on.examination.outer.subject : inner);
    ticket.reporter = address.text();
    OpenTicket open = open_ticket(decision, ticket, policy, on.arrival, {});
    const cvd::Event commanded{cvd::EventKind::Commanded,
                               on.now,
                               on.member.address.text(),
                               {{"lines", done.lines()}, {"journal", std::to_string(on.arrival.journal.value())}}};
    for (cvd::Event& next : happen(open, commanded)) decision.events.push_back(std::move(next));
    decision.joining[address.identity()] = store::Part::Reporter;
    OuterMail outer;  // that she wrote, as far as it is known
    outer.message_id = on.examination.team.forwarded_id;
    outer.subject = ticket.title;
    outer.from = {author};
    // Nothing that lay in any ciphertext, a part of the mail or all of it, shows in what goes out.
    const auto known =
        on.examination.crypto.encrypted ? std::nullopt : known_of(on.examination, evaluation, ticket.language);
    decision.mail.push_back(
        acknowledgement(outer, known, address, open.ticket, policy, on.organisation, on.arrival, on.now));
    decision.after = open.ticket;
    const std::string name = for_one_line(author.name.empty() ? author.address : author.name, 60);
    const NoticeSubject about{&on.examination, nullptr, rule_set, on.arrival, true};
    for (Recipe& recipe : notices(about, decision, policy, on.organisation)) {
        recipe.fields.set("reporter", address.text());
        recipe.fields.set("reporter_of_ticket", address.text());
        recipe.fields.set("reporter_name", name);
        recipe.from_name = name + " (outside) via " + on.organisation.name + " Security";
        recipe.fields.set("from_name", recipe.from_name);
        decision.mail.push_back(std::move(recipe));
    }
    decision.message = store::TicketMessage{.direction = store::Direction::In,
                                            .message_id = on.examination.team.forwarded_id,
                                            .kind = "report",
                                            .at = on.arrival.received,
                                            .recipient = {},
                                            .content = on.examination.content,
                                            .journal = on.arrival.journal};
    return open;
}

}  // namespace tocsin::intake
