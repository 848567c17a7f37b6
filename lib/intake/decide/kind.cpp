#include "intake/decide/kind.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/decide/automatic_mail.hpp"
#include "mail/automatic/report_subjects.hpp"

namespace tocsin::intake {

namespace {

// A mail that a program sent is a report all the same when it speaks of a weakness: scanners and lists carry some.
bool speaks_of_a_weakness(const Examination& examination, const rules::Evaluation& evaluation) {
    // A newsletter may well gather a few points: it takes the word for it, or enough of them for a level.
    return examination.unreadable || examination.crypto.encrypted || evaluation.tags.contains("weakness") ||
           evaluation.severity > cvd::Severity::Low || !examination.facts.cve.empty() ||
           !examination.facts.cwe.empty() || !examination.facts.cvss.empty() ||
           std::ranges::find(evaluation.elements_present, "steps-to-reproduce") != evaluation.elements_present.end();
}

std::vector<std::string> signals_in_words(const AutomaticMail& automatic) {
    std::vector<std::string> reasons;
    for (const AutomaticSignal& signal : automatic.signals) reasons.push_back("automatic: " + signal.reason);
    return reasons;
}

std::string what_came_back(const TicketView& view, const Examination& examination) {
    const mail::DeliveryStatus& delivery = *examination.delivery;
    std::string words = "tells of our " + view.returned->template_name;
    switch (delivery.report) {
        case mail::DeliveryReport::Failed:
            return words + ": it did not arrive";
        case mail::DeliveryReport::Delayed:
            return words + ": it has not arrived yet, which is no failure";
        case mail::DeliveryReport::Delivered:
            return words + ": it arrived";
        case mail::DeliveryReport::Displayed:
            return words + ": it was opened";
        case mail::DeliveryReport::Abuse:
            return words + ": its reader complains";
        case mail::DeliveryReport::Away:
            break;
    }
    return words;
}

Kind answer_in_thread(const Examination& examination, const TicketView& view, const AutomaticMail& automatic,
                      const Organisation& organisation, const Arrival& arrival) {
    Kind kind;
    const std::string number = view.thread->ticket.number;
    // A person may well begin with her vacation: what only sounds like a program's answer is read by somebody, and
    // lets nobody in.
    const bool sounds_automatic = automatic.only_sounds_so();
    const bool hers = view.part == store::Part::Reporter || view.part == store::Part::Team;
    const bool worse_proven =
        view.part == store::Part::Reporter && level_of_proof(examination, organisation) < view.proof_at_opening;
    // Whoever has no part in the ticket gets none by calling himself a program.
    const bool takes_part = hers || view.returned.has_value();
    if ((automatic.kind() == AutomaticKind::Bounce && takes_part) ||
        (automatic.kind() == AutomaticKind::AutoReply &&
         ((!sounds_automatic && takes_part) || (hers && !worse_proven)))) {
        kind = {automatic.kind() == AutomaticKind::Bounce ? "bounce" : "auto-reply", Action::Append, false,
                signals_in_words(automatic)};
        kind.reasons.push_back(view.returned ? what_came_back(view, examination) : "answers a mail of " + number);
        if (sounds_automatic && view.part == store::Part::Reporter) {
            kind.told = true;
            kind.reasons.emplace_back("only its words say so: a human looks at it");
        }
    } else if (worse_proven) {
        kind = {"foreign",
                Action::Hold,
                false,
                {"answers a mail of " + number +
                 " in its reporter's name, but is proven worse than her first mail was: held for a human"}};
    } else if (view.part == store::Part::Reporter) {
        kind = {"reporter-reply",
                Action::Append,
                false,
                {"answers a mail of " + number + ", whose reporter its author is"}};
    } else if (view.from_us && arrival.sent) {
        kind = {"team-reply",
                Action::Append,
                false,
                {"answers a mail of " + number + ", and lies in the folder of what was sent from this very mailbox"}};
    } else if (view.from_us) {
        // Written in our name by other means; whoever forges that is told nothing either.
        kind = {"own",
                arrival.imported ? Action::Append : Action::Hold,
                false,
                {"answers a mail of " + number + ", and bears our own address as its author"}};
        if (!arrival.imported) kind.name = "foreign";
    } else if (view.part == store::Part::Team) {
        kind = {"team-reply", Action::Append, false, {"answers a mail of " + number + ", from an address of the team"}};
    } else {
        kind = {"foreign",
                Action::Hold,
                false,
                {"answers a mail of " + number + ", in which its author has no part: held for a human"}};
    }
    return kind;
}

// A human may well see what somebody meant who has an address that no mail goes to (RFC 5322 section 3.4.1).
std::string who_cannot_be_answered(const mail::Reading& reading) {
    if (reading.from.size() > 1) return "several authors: none is answered";
    const std::string written = reading.from.empty() ? std::string{} : for_one_line(reading.from.front().address, 80);
    if (written.empty()) return "no author that can be answered: it names no address";
    return "no author that can be answered: no mail goes to \"" + written + "\", so answer by other means";
}

// Why a report's author gets no answer; empty when she does.
std::vector<std::string> reasons_for_silence(const Examination& examination, const rules::Evaluation& evaluation,
                                             const AutomaticMail& automatic, const Organisation& organisation,
                                             const Arrival& arrival) {
    std::vector<std::string> reasons = signals_in_words(automatic);
    const auto author = author_of(examination.reading);
    if (!author)
        reasons.push_back(who_cannot_be_answered(examination.reading));
    else if (organisation.owns(author->text()))
        reasons.push_back("bears our own address as its author");
    if (!arrival.acknowledge) reasons.push_back("lies in a folder that is never answered");
    // What a rule found inside an encrypted mail may not show in whether it is answered.
    if (!(came_encrypted(examination.crypto) ? evaluation.outer_acknowledge : evaluation.acknowledge))
        reasons.push_back("a rule says that it is not acknowledged");
    return reasons;
}

// Signs keep an answer back, never the mail (RFC 3834 section 3.1.5 says how little they prove): one field alone, in a
// mail to us that answers nothing, leaves a ticket that a human looks at. Where several agree there is none; it is
// journaled, and counted in the digest.
Kind of_a_program(std::string name, const Examination& examination, const TicketView& view,
                  const AutomaticMail& automatic, const Arrival& arrival) {
    Kind kind{std::move(name), Action::None, false, signals_in_words(automatic)};
    const OuterMail& outer = examination.outer;
    const bool answers_something = !outer.in_reply_to.empty() || !outer.references.empty() || view.claims ||
                                   mail::without_reply_prefix(outer.subject) != outer.subject;
    const bool one_sign_alone = automatic.signals.size() == 1 && !automatic.says_away &&
                                !has_sign(examination, "not-to-us") && !has_sign(examination, "reaction") &&
                                !has_sign(examination, "calendar-answer");
    kind.reasons.emplace_back("speaks of no weakness");
    if (!one_sign_alone || answers_something || !arrival.acknowledge || arrival.baseline) return kind;
    kind.action = Action::Open;
    kind.told = true;
    kind.reasons.emplace_back("no other sign agrees, and a person may have written it: a ticket, and no answer");
    return kind;
}

Kind unthreaded(const Examination& examination, const TicketView& view, const rules::Evaluation& evaluation,
                const AutomaticMail& automatic, const Organisation& organisation, const Arrival& arrival) {
    const auto what = automatic.kind();
    // A postmaster is a person, too: words about a delivery, without anything that a mail system adds, may be a report.
    const bool by_words_alone = what == AutomaticKind::Bounce && !has_sign(examination, "delivery-report") &&
                                !has_sign(examination, "null-sender") && !view.returned;
    if (what == AutomaticKind::Bounce && !(by_words_alone && speaks_of_a_weakness(examination, evaluation)))
        return {"bounce", Action::None, false, signals_in_words(automatic)};
    // Somebody's absence may well speak of security; a program that was told of a weakness passes it on. Where nothing
    // but words betray an absence, and no ticket is named that it could answer, a person may have written a report.
    const bool may_be_a_report = !automatic.says_away || (automatic.only_sounds_so() && !view.claims);
    // What answers no mail at all, and does not begin as programs do, is looked at by a human, whatever its words say.
    const OuterMail& outer = examination.outer;
    const bool reads_as_a_letter =
        automatic.only_sounds_so() && outer.in_reply_to.empty() && outer.references.empty() &&
        mail::without_reply_prefix(outer.subject) == outer.subject && !mail::begins_as_away_subject(outer.subject);
    if (what == AutomaticKind::AutoReply && !reads_as_a_letter &&
        (!may_be_a_report || !speaks_of_a_weakness(examination, evaluation)))
        return of_a_program("auto-reply", examination, view, automatic, arrival);
    if ((what == AutomaticKind::Bulk || what == AutomaticKind::Machine) &&
        !speaks_of_a_weakness(examination, evaluation)) {
        Kind kind =
            of_a_program(what == AutomaticKind::Bulk ? "bulk" : "auto-reply", examination, view, automatic, arrival);
        if (!view.flood || kind.action != Action::Open) return kind;  // many of one address share a ticket
    }
    if (view.flood) {
        Kind kind{
            "report", Action::Append, false, {"one of very many unproven mails from one address: they share a ticket"}};
        return kind;
    }
    Kind kind{"report", Action::Open, false,
              reasons_for_silence(examination, evaluation, automatic, organisation, arrival)};
    if (view.claims_own_answer)
        kind.reasons.emplace_back(
            "bears the subject of an acknowledgement that went to its author within a day: a program may have sent it "
            "back");
    if (view.sent_by_us) kind.reasons.emplace_back("bears a Message-ID of ours, which its author did not make");
    kind.answered = kind.reasons.empty();
    if (view.reused_id) kind.reasons.emplace_back("bears the Message-ID of another mail, with other words");
    kind.reasons.insert(kind.reasons.begin(),
                        view.claims ? "names " + *view.claims + " but answers no mail of ours: a ticket of its own"
                                    : std::string{"answers no mail of ours, names no ticket"});
    return kind;
}

}  // namespace

Kind kind_of(const Examination& examination, const TicketView& view, const rules::Evaluation& evaluation,
             const Organisation& organisation, const Arrival& arrival) {
    const AutomaticMail automatic = automatic_mail(examination, evaluation);
    // Whoever copies an id of ours into a mail of his own does not make that mail vanish.
    if (view.sent_by_us && (view.from_us || !speaks_of_a_weakness(examination, evaluation) || !automatic.answerable()))
        return {"own", Action::None, false, {"bears a Message-ID of ours: it came back, and is not answered"}};
    // Written from this very mailbox by a person: never a report.
    if (arrival.sent && !view.thread) return {"own", Action::None, false, {"lies in the folder of sent mail"}};
    if (view.delivered_before) {
        Kind kind{"duplicate", Action::None, false, {"the same mail was delivered before"}};
        const auto author = author_of(examination.reading);
        // Junk that a human moved into the inbox, or a copy whose fields forbade an answer.
        if (!view.answered_before && !arrival.baseline && view.joins && author &&
            equal_ignoring_case(author->text(), view.joins->ticket.reporter) && !view.sent_by_us &&
            reasons_for_silence(examination, evaluation, automatic, organisation, arrival).empty()) {
            kind.action = Action::Append;
            kind.answered = true;
            kind.reasons.emplace_back("it was not answered then, and is now");
        }
        return kind;
    }
    Kind kind = view.thread ? answer_in_thread(examination, view, automatic, organisation, arrival)
                            : unthreaded(examination, view, evaluation, automatic, organisation, arrival);
    const auto& called = came_encrypted(examination.crypto) ? evaluation.outer_kind : evaluation.kind;
    if (called && kind.action != Action::Hold) {
        kind.reasons.push_back("a rule calls it " + *called + " instead of " + kind.name);
        kind.name = *called;
        if (kind.name != "report" && kind.action == Action::Open) kind.action = Action::None;
        if (kind.name == "report" && kind.action == Action::None) kind.action = Action::Open;
        if (kind.name != "report") kind.answered = false;
    }
    if (arrival.baseline) {
        kind.reasons.emplace_back(arrival.imported ? "imported: threaded, and nobody is told"
                                                   : "received before the start: threaded only");
        kind.answered = false;
        if (kind.action != Action::Append && !arrival.imported) kind.action = Action::None;
    }
    return kind;
}

}  // namespace tocsin::intake
