#include <algorithm>

#include "intake/team/desk.hpp"

namespace tocsin::intake {

void assign_to(Desk& desk, const Member& member, CommandOutcome& outcome) {
    desk.happens(cvd::EventKind::Assigned, {{"owner", member.address.text()}});
    outcome.result = &member == &desk.asked().member ? "it is yours" : "it is " + member.name + "'s";
}

void confirm_sender(Desk& desk, CommandOutcome& outcome) {
    if (!desk.asked().view.held_sender && desk.asked().view.relays_blocked) {
        desk.happens(cvd::EventKind::RelaysCleared);
        outcome.result = "words go out again";
        return;
    }
    if (!desk.asked().view.held_sender)
        return refuse(outcome, "the mail that you answer is not held, or its sender cannot be told");
    desk.happens(cvd::EventKind::Confirmed, {{"address", desk.asked().view.held_sender->text()},
                                             {"journal", std::to_string(desk.asked().view.answered->cause->value())}});
    desk.step(StoreStep::What::Participant, desk.asked().view.held_sender->identity());
    outcome.result = desk.asked().view.held_sender->text() + " takes part from now on";
}

void change_reporter(Desk& desk, const cvd::Command& command, CommandOutcome& outcome) {
    const auto address = mail::Address::from(command.argument);
    if (desk.asked().organisation.owns(command.argument)) return refuse(outcome, "that is our own address");
    if (*address == desk.asked().member.address || desk.asked().organisation.member(command.argument) != nullptr)
        return refuse(outcome, "that is an address of the team's");
    desk.happens(cvd::EventKind::ReporterChanged, {{"reporter", command.argument}});
    desk.step(StoreStep::What::Participant, address->identity());
    outcome.result = "answers go to " + command.argument;
}

void add_cc(Desk& desk, const cvd::Command& command, CommandOutcome& outcome) {
    if (desk.asked().organisation.owns(command.argument)) return refuse(outcome, "that is our own address");
    desk.happens(cvd::EventKind::CcAdded, {{"address", command.argument}});
    desk.step(StoreStep::What::Participant, mail::Address::from(command.argument)->identity());
    outcome.result = command.argument + " gets what the reporter gets";
}

void accept_offered_key(Desk& desk, const cvd::Command& command, CommandOutcome& outcome) {
    if (std::ranges::find(desk.asked().view.offered_keys, command.argument) == desk.asked().view.offered_keys.end())
        return refuse(outcome, "no such key was offered by anybody who is written to here; the alarm names it");
    desk.happens(cvd::EventKind::KeyAccepted, {{"fingerprint", command.argument}});
    desk.step(StoreStep::What::AcceptKey, command.argument);
    outcome.result = "this is the reporter's key";
}

void block_answers(Desk& desk, CommandOutcome& outcome) {
    const auto address =
        desk.asked().view.held_sender ? desk.asked().view.held_sender : mail::Address::from(desk.ticket().reporter);
    if (!address) return refuse(outcome, "there is no address to block");
    desk.happens(cvd::EventKind::Blocked, {{"address", address->text()}});
    desk.step(StoreStep::What::Block, address->identity());
    outcome.result = "no more automatic answers to " + address->text();
}

}  // namespace tocsin::intake
