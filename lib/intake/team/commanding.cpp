#include "intake/team/commanding.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/team/desk.hpp"
#include "intake/team/roster.hpp"
#include "intake/team/undo.hpp"

namespace tocsin::intake {

namespace {

using cvd::Command;
using cvd::EventKind;
using cvd::TicketState;
using cvd::Verb;

std::string shown(const Desk& desk, const Command& command) {
    Command told = command;
    told.date.reset();
    std::string line = to_line(told);
    if (command.date) line += " " + desk.in_words(*command.date);
    return line;
}

void read_lines(Desk& desk) {
    const cvd::CommandSetting setting{desk.asked().arrival.received, desk.zone(),
                                      desk.asked().organisation.numbers.prefix};
    const bool may_show = !desk.asked().examination.crypto.encrypted;
    std::size_t at = 0;
    for (const std::string& line : desk.asked().examination.team.commands.lines) {
        ++at;
        const auto read = cvd::read_command(line, setting);
        if (read.command) {
            desk.result().commands.push_back(*read.command);
            desk.result().outcomes.push_back({shown(desk, *read.command), {}, false});
        } else {
            // What came out of a decryption is not kept: the line is told by its number.
            desk.result().outcomes.push_back({may_show ? for_one_line(line, 200) : "line " + std::to_string(at),
                                              may_show ? read.complaint : "it could not be read", true});
        }
    }
    for (const std::string& stray : desk.asked().examination.team.commands.strays)
        desk.result().outcomes.push_back({may_show ? for_one_line(stray, 200) : "a command further down",
                                          "commands stand at the top; this one stands among the words", true});
    desk.result().refused = std::ranges::any_of(desk.result().outcomes, &CommandOutcome::refused);
}

// A policy's clock may stand still by another event than /wait.
bool rests(const cvd::Ticket& ticket) {
    return std::ranges::any_of(ticket.clocks,
                               [](const cvd::TicketClock& clock) { return clock.open() && clock.paused; });
}

// A policy may have fewer levels than there are; what it promises hangs on those alone.
bool is_known_level(const Desk& desk, const Command& command, CommandOutcome& outcome) {
    const rules::Policy& policy = desk.asked().about->policy;
    if (!command.severity || policy.levels.known(*command.severity) == *command.severity) return true;
    std::string known;
    for (const cvd::Severity level : cvd::all_severities)
        if (policy.levels.known(level) == level) known.append(known.empty() ? "" : ", ").append(to_text(level));
    refuse(outcome, "the policy " + policy.name + " has no level " + std::string{to_text(*command.severity)} +
                        "; it has " + known);
    return false;
}

cvd::Detail rated(const Desk& desk, const Command& command) {
    if (!command.severity) return {};
    return {{"severity", std::string{to_text(*command.severity)}}, {"by", desk.actor()}};
}

cvd::Detail version(const Command& command) {
    return command.argument.empty() ? cvd::Detail{} : cvd::Detail{{"version", command.argument}};
}
std::string in_version(const Command& command) {
    return command.argument.empty() ? std::string{} : " in " + command.argument;
}

void on_ticket(Desk& desk, const Command& command, CommandOutcome& outcome) {
    const cvd::Ticket& ticket = desk.ticket();
    switch (command.verb) {
        case Verb::Take:
            return assign_to(desk, desk.asked().member, outcome);
        case Verb::Assign: {
            const Member* member = member_called(desk.asked().organisation, command.argument, desk.asked().member);
            if (member == nullptr)
                return refuse(outcome, "nobody of the team, or more than one, is called that; " +
                                           names_of_team(desk.asked().organisation));
            return assign_to(desk, *member, outcome);
        }
        case Verb::Severity:
            if (!is_known_level(desk, command, outcome)) return;
            desk.happens(EventKind::Rated, rated(desk, command));
            outcome.result = "rated " + std::string{to_text(ticket.severity)};
            return;
        case Verb::Triage:
            if (!is_known_level(desk, command, outcome)) return;
            return desk.guarded(outcome, EventKind::Triaged, rated(desk, command),
                                "triaged as " + std::string{to_text(command.severity.value_or(ticket.severity))});
        case Verb::Evaluated:
            return desk.guarded(outcome, EventKind::Evaluated, {}, "evaluated");
        case Verb::Incident:
            return desk.guarded(outcome, EventKind::Identified, {}, "identified as an incident");
        case Verb::Wait:
            if (ticket.state == TicketState::Waiting) return refuse(outcome, "it waits for the reporter already");
            return desk.guarded(outcome, EventKind::Waiting, {}, "we wait for the reporter");
        case Verb::Resume:
            if (ticket.state != TicketState::Waiting && !rests(ticket))
                return refuse(outcome, "it does not wait for anybody");
            return desk.guarded(outcome, EventKind::Resumed, {}, "we go on");
        case Verb::Eta:
            return name_eta(desk, command, outcome);
        case Verb::Delay:
            return delay(desk, command, outcome);
        case Verb::Investigated:
            return desk.guarded(outcome, EventKind::Investigated, {}, "investigated");
        case Verb::FixReady:
            return desk.guarded(outcome, EventKind::FixReady, version(command), "a fix is ready" + in_version(command));
        case Verb::Fixed:
            return desk.guarded(outcome, EventKind::Fixed, version(command), "fixed" + in_version(command));
        case Verb::Disclose:
            return disclose(desk, command, outcome);
        case Verb::Embargo:
            return set_embargo(desk, command, outcome);
        case Verb::Timeline:
            return desk.guarded(outcome, EventKind::TimelineDiscussed, {}, "the timeline was discussed");
        case Verb::CustomersNotified:
            return desk.guarded(outcome, EventKind::CustomersNotified, {}, "customers were notified");
        case Verb::ReleaseNoted:
            return desk.guarded(outcome, EventKind::ReleaseNoted, {}, "it stands in the release notes");
        case Verb::Credit:
            return desk.guarded(outcome, EventKind::Credited, {{"credit", command.argument}},
                                "credit: " + command.argument);
        case Verb::Close:
            return close_ticket(desk, command, outcome);
        case Verb::Reopen:
            if (ticket.state != TicketState::Closed && ticket.state != TicketState::Disclosed)
                return refuse(outcome, "it is not closed");
            return desk.guarded(outcome, EventKind::Reopened, {}, "open again");
        case Verb::Note:
            outcome.result = "what follows stays inside";
            return;
        case Verb::Merge:
            return merge_into(desk, command, outcome);
        case Verb::Split:
            return split_mail(desk, outcome);
        case Verb::Confirm:
            return confirm_sender(desk, outcome);
        case Verb::Reporter:
            return change_reporter(desk, command, outcome);
        case Verb::Cc:
            return add_cc(desk, command, outcome);
        case Verb::AcceptKey:
            return accept_offered_key(desk, command, outcome);
        case Verb::Retry:
            return examine_again(desk, outcome);
        case Verb::Block:
            return block_answers(desk, outcome);
        case Verb::Snooze:
            desk.happens(EventKind::Snoozed, {{"until", to_rfc3339(*command.date)}});
            outcome.result = "no reminders before " + desk.in_words(*command.date);
            return;
        case Verb::Mute:
            desk.happens(EventKind::Muted, {{"member", desk.actor()}});
            outcome.result = "no reminders of this ticket to you";
            return;
        case Verb::Undo:
            return undo_last(desk, outcome);
        case Verb::Forget:
            if (ticket.state != TicketState::Closed) return refuse(outcome, "the ticket is open; /close comes first");
            if (!desk.stands_alone(outcome)) return;
            desk.step(StoreStep::What::Forget, desk.actor());
            outcome.result = "the reporter is forgotten; what cannot be reached stands below";
            return;
        case Verb::Status:
            outcome.result = "it stands below";
            return;
        case Verb::Open:
        case Verb::Help:
            return;  // done above
    }
}

bool works_when_closed(Verb verb) {
    static constexpr Verb those[] = {Verb::Reopen, Verb::Note,      Verb::Status,  Verb::Forget,  Verb::Undo,
                                     Verb::Credit, Verb::Block,     Verb::Split,   Verb::Confirm, Verb::Mute,
                                     Verb::Retry,  Verb::AcceptKey, Verb::Disclose};
    return std::ranges::find(those, verb) != std::end(those);
}

void carry_out(Desk& desk, const Command& command, CommandOutcome& outcome) {
    if (command.verb == Verb::Help) {
        desk.result().help = true;
        outcome.result = "the list is below";
        return;
    }
    if (command.verb == Verb::Open) return open_for_author(desk, outcome);
    if (desk.asked().about == nullptr) return refuse(outcome, "about which ticket? Answer one of its notices");
    if (desk.ticket().state == TicketState::Closed && !works_when_closed(command.verb))
        return refuse(outcome, "the ticket is closed; /reopen comes first");
    // Between a mail and the yes to it a date may pass.
    if (command.date && *command.date <= desk.asked().now && command.verb != Verb::Disclose)
        return refuse(outcome, desk.in_words(*command.date) + " is over");
    on_ticket(desk, command, outcome);
}

}  // namespace

bool CarriedOut::destructive() const {
    return std::ranges::any_of(commands, [](const Command& command) { return cvd::is_destructive(command.verb); });
}

std::string CarriedOut::lines() const {
    std::string text;
    for (const Command& command : commands) text.append(text.empty() ? "" : "\n").append(to_line(command));
    return text;
}

CarriedOut carry_out_commands(const Commanding& commanding) {
    Desk desk{commanding};
    CarriedOut& result = desk.result();
    read_lines(desk);
    if (!result.refused)
        for (std::size_t i = 0; i < result.commands.size(); ++i)
            carry_out(desk, result.commands[i], result.outcomes[i]);
    result.refused = std::ranges::any_of(result.outcomes, &CommandOutcome::refused);
    if (result.refused)
        for (CommandOutcome& outcome : result.outcomes)
            if (!outcome.refused) outcome.result = "understood, and not done";
    return std::move(result);
}

}  // namespace tocsin::intake
