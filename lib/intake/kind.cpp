#include "intake/kind.hpp"

namespace tocsin::intake {

namespace {

// A mail that a program sent is a report all the same when it speaks of a weakness: scanners and lists carry some.
bool speaks_of_a_weakness(const Examination& examination, const rules::Evaluation& evaluation) {
    // A newsletter may well gather a few points: it takes the word for it, or enough of them for a level.
    return examination.unreadable || evaluation.tags.contains("weakness") || evaluation.severity > cvd::Severity::Low ||
           !examination.facts.cve.empty() || !examination.facts.cwe.empty() || !examination.facts.cvss.empty();
}

std::vector<std::string> signals_in_words(const AutomaticMail& automatic) {
    std::vector<std::string> reasons;
    for (const AutomaticSignal& signal : automatic.signals) reasons.push_back("automatic: " + signal.reason);
    return reasons;
}

Kind answer_in_thread(const Examination& examination, const TicketView& view) {
    Kind kind;
    const std::string number = view.thread->ticket.number;
    if (const auto automatic = examination.automatic.kind();
        automatic == AutomaticKind::Bounce || automatic == AutomaticKind::AutoReply) {
        kind = {automatic == AutomaticKind::Bounce ? "bounce" : "auto-reply", Action::Append, false,
                signals_in_words(examination.automatic)};
        kind.reasons.push_back("answers a mail of " + number);
    } else if (view.part == store::Part::Reporter) {
        kind = {"reporter-reply", Action::Append, false, {"answers a mail of " + number + ", whose reporter its author is"}};
    } else if (view.part == store::Part::Team) {
        kind = {"team-reply", Action::Append, false, {"answers a mail of " + number + ", from an address of the team"}};
    } else {
        kind = {"foreign", Action::Hold, false,
                {"answers a mail of " + number + ", in which its author has no part: held for a human"}};
    }
    return kind;
}

// Why a report's author gets no answer; empty when she does.
std::vector<std::string> reasons_for_silence(const Examination& examination, const rules::Evaluation& evaluation,
                                             const Organisation& organisation, const Arrival& arrival) {
    std::vector<std::string> reasons = signals_in_words(examination.automatic);
    const auto author = author_of(examination.reading);
    if (!author)
        reasons.push_back(examination.reading.from.size() > 1 ? "several authors: none is answered"
                                                              : "no author that can be answered");
    else if (organisation.owns(author->text()))
        reasons.push_back("bears our own address as its author");
    if (!arrival.acknowledge) reasons.push_back("lies in a folder that is never answered");
    if (!evaluation.acknowledge) reasons.push_back("a rule says that it is not acknowledged");
    return reasons;
}

Kind unthreaded(const Examination& examination, const TicketView& view, const rules::Evaluation& evaluation,
                const Organisation& organisation, const Arrival& arrival) {
    const auto automatic = examination.automatic.kind();
    if (automatic == AutomaticKind::Bounce || automatic == AutomaticKind::AutoReply)
        return {automatic == AutomaticKind::Bounce ? "bounce" : "auto-reply", Action::None, false,
                signals_in_words(examination.automatic)};
    if ((automatic == AutomaticKind::Bulk || automatic == AutomaticKind::Machine) &&
        !speaks_of_a_weakness(examination, evaluation)) {
        Kind kind{automatic == AutomaticKind::Bulk ? "bulk" : "auto-reply", Action::None, false,
                  signals_in_words(examination.automatic)};
        kind.reasons.emplace_back("speaks of no weakness");
        return kind;
    }
    Kind kind{"report", Action::Open, false, reasons_for_silence(examination, evaluation, organisation, arrival)};
    kind.answered = kind.reasons.empty();
    kind.reasons.insert(kind.reasons.begin(), view.claims
                                                  ? "names " + *view.claims + " but answers no mail of ours: a ticket of its own"
                                                  : std::string{"answers no mail of ours, names no ticket"});
    return kind;
}

}  // namespace

Kind kind_of(const Examination& examination, const TicketView& view, const rules::Evaluation& evaluation,
             const Organisation& organisation, const Arrival& arrival) {
    if (view.sent_by_us) return {"own", Action::None, false, {"bears a Message-ID of ours"}};
    // Written from this very mailbox by a person: never a report.
    if (arrival.sent && !view.thread) return {"own", Action::None, false, {"lies in the folder of sent mail"}};
    if (view.delivered_before)
        return {"duplicate", Action::None, false, {"the same mail was delivered before"}};
    Kind kind = view.thread ? answer_in_thread(examination, view)
                            : unthreaded(examination, view, evaluation, organisation, arrival);
    if (evaluation.kind && kind.action != Action::Hold) {
        kind.reasons.push_back("a rule calls it " + *evaluation.kind + " instead of " + kind.name);
        kind.name = *evaluation.kind;
        if (kind.name != "report" && kind.action == Action::Open) kind.action = Action::None;
        if (kind.name == "report" && kind.action == Action::None) kind.action = Action::Open;
        if (kind.name != "report") kind.answered = false;
    }
    if (arrival.baseline) {
        kind.reasons.emplace_back("received before the start: threaded only");
        kind.answered = false;
        if (kind.action != Action::Append) kind.action = Action::None;
    }
    return kind;
}

}  // namespace tocsin::intake
