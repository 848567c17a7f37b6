#include "intake/team/desk.hpp"
#include "intake/team/team_view.hpp"

namespace tocsin::intake {

namespace {

// Another ticket that a command names; it has to be there, and another one.
const std::pair<TicketId, cvd::Ticket>* other_ticket(Desk& desk, const cvd::Command& command, CommandOutcome& outcome) {
    const auto found = desk.asked().view.others.find(command.argument);
    if (found == desk.asked().view.others.end()) {
        refuse(outcome, "there is no ticket " + command.argument);
        return nullptr;
    }
    if (found->second.first == desk.result().after->id) {
        refuse(outcome, "that is this ticket itself");
        return nullptr;
    }
    return &found->second;
}

// The mail that the answered notice shows.
std::optional<JournalId> mail_meant(const Desk& desk, CommandOutcome& outcome) {
    const auto& answered = desk.asked().view.answered;
    if (answered && answered->cause) return answered->cause;
    refuse(outcome, "which mail? Answer the notice that shows it");
    return std::nullopt;
}

}  // namespace

// The member's own words go nowhere.
void open_for_author(Desk& desk, CommandOutcome& outcome) {
    const auto& author = desk.asked().examination.team.forwarded_author;
    const auto address = author ? mail::Address::from(author->address) : std::nullopt;
    if (!address) return refuse(outcome, "no forwarded mail was found, or not who wrote it");
    if (desk.asked().organisation.owns(address->text()))
        return refuse(outcome, "the forwarded mail is from our own address");
    if (desk.result().opens) return refuse(outcome, "one is opened already");
    desk.result().opens = true;
    outcome.result = "a ticket of " + address->text();
}

void close_ticket(Desk& desk, const cvd::Command& command, CommandOutcome& outcome) {
    cvd::Detail detail{{"reason", command.reason}};
    if (command.reason == "duplicate") {
        if (other_ticket(desk, command, outcome) == nullptr) return;
        detail["of"] = command.argument;
    }
    desk.guarded(outcome, cvd::EventKind::Closed, std::move(detail), "closed: " + command.reason);
}

void merge_into(Desk& desk, const cvd::Command& command, CommandOutcome& outcome) {
    const auto* into = other_ticket(desk, command, outcome);
    if (into == nullptr) return;
    const auto ours = mail::Address::from(desk.ticket().reporter);
    const auto theirs = mail::Address::from(into->second.reporter);
    // Whoever sends a copy of somebody's report would otherwise be let into her ticket.
    if (!ours || !theirs || !(*ours == *theirs))
        return refuse(outcome,
                      "they have different reporters; /close duplicate " + command.argument + " keeps them apart");
    if (into->second.state == cvd::TicketState::Closed)
        return refuse(outcome, command.argument + " is closed; /reopen it first");
    if (!desk.stands_alone(outcome)) return;
    desk.step(StoreStep::What::Merge, desk.actor(), into->first.value());
    outcome.result = "it goes into " + command.argument;
}

void split_mail(Desk& desk, CommandOutcome& outcome) {
    const auto mail = mail_meant(desk, outcome);
    if (!mail || !desk.stands_alone(outcome)) return;
    desk.step(StoreStep::What::Split, desk.actor(), mail->value());
    outcome.result = "the mail becomes a ticket of its own";
}

void examine_again(Desk& desk, CommandOutcome& outcome) {
    const auto mail = mail_meant(desk, outcome);
    if (!mail) return;
    desk.step(StoreStep::What::Spend, retry_key(*mail));
    desk.step(StoreStep::What::Reopen, {}, mail->value());
    outcome.result = "the mail is examined again";
}

}  // namespace tocsin::intake
