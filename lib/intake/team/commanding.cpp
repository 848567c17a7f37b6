#include "intake/team/commanding.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/promises/named_dates.hpp"
#include "intake/promises/promises.hpp"
#include "intake/team/roster.hpp"
#include "intake/team/team_view.hpp"
#include "intake/team/undo.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

using cvd::Command;
using cvd::EventKind;
using cvd::TicketState;
using cvd::Verb;

// One mail's commands, one after the other, on a copy of the ticket.
class Desk {
public:
    explicit Desk(const Commanding& commanding)
        : in_{commanding},
          zone_{commanding.about == nullptr ? sla::Zone::utc() : zone_for(commanding.about->policy, nullptr)} {
        if (in_.about != nullptr) result_.after = *in_.about;
    }

    CarriedOut work() {
        read();
        if (!result_.refused)
            for (std::size_t i = 0; i < result_.commands.size(); ++i)
                carry_out(result_.commands[i], result_.outcomes[i]);
        result_.refused = std::ranges::any_of(result_.outcomes, &CommandOutcome::refused);
        if (result_.refused)
            for (CommandOutcome& outcome : result_.outcomes)
                if (!outcome.refused) outcome.result = "understood, and not done";
        return std::move(result_);
    }

private:
    void read() {
        const cvd::CommandSetting setting{in_.arrival.received, zone_, in_.organisation.numbers.prefix};
        const bool may_show = !in_.examination.crypto.encrypted;
        std::size_t at = 0;
        for (const std::string& line : in_.examination.team.commands.lines) {
            ++at;
            const auto read = cvd::read_command(line, setting);
            if (read.command) {
                result_.commands.push_back(*read.command);
                result_.outcomes.push_back({shown(*read.command), {}, false});
            } else {
                // What came out of a decryption is not kept: the line is told by its number.
                result_.outcomes.push_back({may_show ? for_one_line(line, 200) : "line " + std::to_string(at),
                                            may_show ? read.complaint : "it could not be read", true});
            }
        }
        for (const std::string& stray : in_.examination.team.commands.strays)
            result_.outcomes.push_back({may_show ? for_one_line(stray, 200) : "a command further down",
                                        "commands stand at the top; this one stands among the words", true});
        result_.refused = std::ranges::any_of(result_.outcomes, &CommandOutcome::refused);
    }

    std::string shown(const Command& command) const {
        Command told = command;
        told.date.reset();
        std::string line = to_line(told);
        if (command.date) line += " " + in_words(*command.date);
        return line;
    }

    std::string in_words(Instant at) const { return sla::in_words(at, zone_, in_.organisation.languages.front()); }
    const std::string& actor() const { return in_.member.address.text(); }
    cvd::Ticket& ticket() { return result_.after->ticket; }
    std::string journal() const { return std::to_string(in_.arrival.journal.value()); }

    static void refuse(CommandOutcome& outcome, std::string why) {
        outcome.refused = true;
        outcome.result = std::move(why);
    }

    void happens(EventKind kind, cvd::Detail detail = {}) {
        for (cvd::Event& next : happen(*result_.after, {kind, in_.now, actor(), std::move(detail)}))
            result_.events.push_back(std::move(next));
    }

    void step(StoreStep::What what, std::string words, std::int64_t id = 0) {
        result_.steps.push_back({what, std::move(words), id});
    }

    // The event, when the policy lets it come now.
    void guarded(CommandOutcome& outcome, EventKind kind, cvd::Detail detail, std::string done) {
        if (const std::string complaint = guard_complaint(*result_.after, kind); !complaint.empty())
            return refuse(outcome, complaint);
        happens(kind, std::move(detail));
        outcome.result = std::move(done);
    }

    // A policy's clock may stand still by another event than /wait.
    bool rests() {
        return std::ranges::any_of(ticket().clocks,
                                   [](const cvd::TicketClock& clock) { return clock.open() && clock.paused; });
    }

    void disclose(const Command& command, CommandOutcome& outcome) {
        if (!command.date || *command.date <= in_.now) return guarded(outcome, EventKind::Disclosed, {}, "disclosed");
        const std::string done = "to be published on " + in_words(*command.date);
        // No clock runs in a closed ticket: what is to come is only told.
        const bool closed = ticket().state == TicketState::Closed;
        if (const std::string complaint = guard_complaint(*result_.after, EventKind::Disclosed); !complaint.empty())
            return refuse(outcome, complaint);
        happens(closed ? EventKind::Disclosed : EventKind::DisclosurePlanned, {{"at", to_rfc3339(*command.date)}});
        outcome.result = done;
    }

    void embargo(const Command& command, CommandOutcome& outcome) {
        const std::string until = in_words(*command.date);
        if (!command.argument.empty()) {  // "proposed", by us or by the reporter
            happens(EventKind::EmbargoProposed, {{"until", to_rfc3339(*command.date)}, {"by", command.argument}});
            outcome.result = ticket().embargo_dates.agreed()
                                 ? "both have named a date, and the earlier one holds: nobody publishes before " +
                                       in_words(*ticket().embargo)
                                 : "proposed: nobody publishes before " + until;
            return;
        }
        const auto before = ticket().embargo_dates;
        happens(EventKind::EmbargoSet, {{"until", to_rfc3339(*command.date)}});
        outcome.result = "agreed: nobody publishes before " + until;
        if (before.agreed() && !before.ended && before.until() != *command.date)
            outcome.result += "; until now it was " + in_words(*before.until());
    }

    void carry_out(const Command& command, CommandOutcome& outcome) {
        if (command.verb == Verb::Help) {
            result_.help = true;
            outcome.result = "the list is below";
            return;
        }
        if (command.verb == Verb::Open) return open(outcome);
        if (in_.about == nullptr) return refuse(outcome, "about which ticket? Answer one of its notices");
        const bool works_when_closed =
            command.verb == Verb::Reopen || command.verb == Verb::Note || command.verb == Verb::Status ||
            command.verb == Verb::Forget || command.verb == Verb::Undo || command.verb == Verb::Credit ||
            command.verb == Verb::Block || command.verb == Verb::Split || command.verb == Verb::Confirm ||
            command.verb == Verb::Mute || command.verb == Verb::Retry || command.verb == Verb::AcceptKey ||
            command.verb == Verb::Disclose;
        if (ticket().state == TicketState::Closed && !works_when_closed)
            return refuse(outcome, "the ticket is closed; /reopen comes first");
        // Between a mail and the yes to it a date may pass.
        if (command.date && *command.date <= in_.now && command.verb != Verb::Disclose)
            return refuse(outcome, in_words(*command.date) + " is over");
        on_ticket(command, outcome);
    }

    void on_ticket(const Command& command, CommandOutcome& outcome) {
        switch (command.verb) {
            case Verb::Take:
                return assign(in_.member, outcome);
            case Verb::Assign: {
                const Member* member = member_called(in_.organisation, command.argument, in_.member);
                if (member == nullptr)
                    return refuse(outcome, "nobody of the team, or more than one, is called that; " +
                                               names_of_team(in_.organisation));
                return assign(*member, outcome);
            }
            case Verb::Severity:
                if (!is_known_level(command, outcome)) return;
                happens(EventKind::Rated, rated(command));
                outcome.result = "rated " + std::string{to_text(ticket().severity)};
                return;
            case Verb::Triage:
                if (!is_known_level(command, outcome)) return;
                return guarded(outcome, EventKind::Triaged, rated(command),
                               "triaged as " + std::string{to_text(command.severity.value_or(ticket().severity))});
            case Verb::Evaluated:
                return guarded(outcome, EventKind::Evaluated, {}, "evaluated");
            case Verb::Incident:
                return guarded(outcome, EventKind::Identified, {}, "identified as an incident");
            case Verb::Wait:
                if (ticket().state == TicketState::Waiting) return refuse(outcome, "it waits for the reporter already");
                return guarded(outcome, EventKind::Waiting, {}, "we wait for the reporter");
            case Verb::Resume:
                if (ticket().state != TicketState::Waiting && !rests())
                    return refuse(outcome, "it does not wait for anybody");
                return guarded(outcome, EventKind::Resumed, {}, "we go on");
            case Verb::Eta:
                result_.eta_before = in_.about->ticket.eta;
                return guarded(outcome, EventKind::EtaSet, {{"eta", to_rfc3339(*command.date)}},
                               "the fix is planned for " + in_words(*command.date));
            case Verb::Delay:
                return guarded(outcome, EventKind::Delayed,
                               command.date ? cvd::Detail{{"until", to_rfc3339(*command.date)}} : cvd::Detail{},
                               command.date ? "delayed until " + in_words(*command.date) : "delayed");
            case Verb::Investigated:
                return guarded(outcome, EventKind::Investigated, {}, "investigated");
            case Verb::FixReady:
                return guarded(outcome, EventKind::FixReady, version(command), "a fix is ready" + in_version(command));
            case Verb::Fixed:
                return guarded(outcome, EventKind::Fixed, version(command), "fixed" + in_version(command));
            case Verb::Disclose:
                return disclose(command, outcome);
            case Verb::Embargo:
                return embargo(command, outcome);
            case Verb::Timeline:
                return guarded(outcome, EventKind::TimelineDiscussed, {}, "the timeline was discussed");
            case Verb::CustomersNotified:
                return guarded(outcome, EventKind::CustomersNotified, {}, "customers were notified");
            case Verb::ReleaseNoted:
                return guarded(outcome, EventKind::ReleaseNoted, {}, "it stands in the release notes");
            case Verb::Credit:
                return guarded(outcome, EventKind::Credited, {{"credit", command.argument}},
                               "credit: " + command.argument);
            case Verb::Close:
                return close(command, outcome);
            case Verb::Reopen:
                if (ticket().state != TicketState::Closed && ticket().state != TicketState::Disclosed)
                    return refuse(outcome, "it is not closed");
                return guarded(outcome, EventKind::Reopened, {}, "open again");
            case Verb::Note:
                outcome.result = "what follows stays inside";
                return;
            case Verb::Merge:
                return merge(command, outcome);
            case Verb::Split:
                return split(outcome);
            case Verb::Confirm:
                return confirm(outcome);
            case Verb::Reporter:
                return reporter(command, outcome);
            case Verb::Cc:
                return cc(command, outcome);
            case Verb::AcceptKey:
                return accept_key(command, outcome);
            case Verb::Retry:
                return retry(outcome);
            case Verb::Block:
                return block(outcome);
            case Verb::Snooze:
                happens(EventKind::Snoozed, {{"until", to_rfc3339(*command.date)}});
                outcome.result = "no reminders before " + in_words(*command.date);
                return;
            case Verb::Mute:
                happens(EventKind::Muted, {{"member", actor()}});
                outcome.result = "no reminders of this ticket to you";
                return;
            case Verb::Undo:
                return undo(outcome);
            case Verb::Forget:
                if (ticket().state != TicketState::Closed)
                    return refuse(outcome, "the ticket is open; /close comes first");
                if (!alone(outcome)) return;
                step(StoreStep::What::Forget, actor());
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

    void assign(const Member& member, CommandOutcome& outcome) {
        happens(EventKind::Assigned, {{"owner", member.address.text()}});
        outcome.result = &member == &in_.member ? "it is yours" : "it is " + member.name + "'s";
    }

    // A policy may have fewer levels than there are; what it promises hangs on those alone.
    bool is_known_level(const Command& command, CommandOutcome& outcome) const {
        const rules::Policy& policy = in_.about->policy;
        if (!command.severity || policy.levels.known(*command.severity) == *command.severity) return true;
        std::string known;
        for (const cvd::Severity level : cvd::all_severities)
            if (policy.levels.known(level) == level) known.append(known.empty() ? "" : ", ").append(to_text(level));
        refuse(outcome, "the policy " + policy.name + " has no level " + std::string{to_text(*command.severity)} +
                            "; it has " + known);
        return false;
    }

    cvd::Detail rated(const Command& command) const {
        if (!command.severity) return {};
        return {{"severity", std::string{to_text(*command.severity)}}, {"by", actor()}};
    }

    static cvd::Detail version(const Command& command) {
        return command.argument.empty() ? cvd::Detail{} : cvd::Detail{{"version", command.argument}};
    }
    static std::string in_version(const Command& command) {
        return command.argument.empty() ? std::string{} : " in " + command.argument;
    }

    // Another ticket that a command names; it has to be there, and another one.
    const std::pair<TicketId, cvd::Ticket>* other(const Command& command, CommandOutcome& outcome) {
        const auto found = in_.view.others.find(command.argument);
        if (found == in_.view.others.end()) {
            refuse(outcome, "there is no ticket " + command.argument);
            return nullptr;
        }
        if (found->second.first == result_.after->id) {
            refuse(outcome, "that is this ticket itself");
            return nullptr;
        }
        return &found->second;
    }

    void close(const Command& command, CommandOutcome& outcome) {
        cvd::Detail detail{{"reason", command.reason}};
        if (command.reason == "duplicate") {
            if (other(command, outcome) == nullptr) return;
            detail["of"] = command.argument;
        }
        guarded(outcome, EventKind::Closed, std::move(detail), "closed: " + command.reason);
    }

    // Whether the store can do it is known when it does it: so that all or none is done, it comes by itself.
    bool alone(CommandOutcome& outcome) {
        if (result_.commands.size() == 1) return true;
        refuse(outcome, "this command stands alone, in a mail of its own");
        return false;
    }

    void merge(const Command& command, CommandOutcome& outcome) {
        const auto* into = other(command, outcome);
        if (into == nullptr) return;
        const auto ours = mail::Address::from(ticket().reporter);
        const auto theirs = mail::Address::from(into->second.reporter);
        // Whoever sends a copy of somebody's report would otherwise be let into her ticket.
        if (!ours || !theirs || !(*ours == *theirs))
            return refuse(outcome,
                          "they have different reporters; /close duplicate " + command.argument + " keeps them apart");
        if (into->second.state == TicketState::Closed)
            return refuse(outcome, command.argument + " is closed; /reopen it first");
        if (!alone(outcome)) return;
        step(StoreStep::What::Merge, actor(), into->first.value());
        outcome.result = "it goes into " + command.argument;
    }

    void split(CommandOutcome& outcome) {
        if (!in_.view.answered || !in_.view.answered->cause)
            return refuse(outcome, "which mail? Answer the notice that shows it");
        if (!alone(outcome)) return;
        step(StoreStep::What::Split, actor(), in_.view.answered->cause->value());
        outcome.result = "the mail becomes a ticket of its own";
    }

    void confirm(CommandOutcome& outcome) {
        if (!in_.view.held_sender && in_.view.relays_blocked) {
            happens(EventKind::RelaysCleared);
            outcome.result = "words go out again";
            return;
        }
        if (!in_.view.held_sender)
            return refuse(outcome, "the mail that you answer is not held, or its sender cannot be told");
        happens(EventKind::Confirmed, {{"address", in_.view.held_sender->text()},
                                       {"journal", std::to_string(in_.view.answered->cause->value())}});
        step(StoreStep::What::Participant, in_.view.held_sender->identity());
        outcome.result = in_.view.held_sender->text() + " takes part from now on";
    }

    void reporter(const Command& command, CommandOutcome& outcome) {
        const auto address = mail::Address::from(command.argument);
        if (in_.organisation.owns(command.argument)) return refuse(outcome, "that is our own address");
        if (*address == in_.member.address || in_.organisation.member(command.argument) != nullptr)
            return refuse(outcome, "that is an address of the team's");
        happens(EventKind::ReporterChanged, {{"reporter", command.argument}});
        step(StoreStep::What::Participant, address->identity());
        outcome.result = "answers go to " + command.argument;
    }

    void cc(const Command& command, CommandOutcome& outcome) {
        if (in_.organisation.owns(command.argument)) return refuse(outcome, "that is our own address");
        happens(EventKind::CcAdded, {{"address", command.argument}});
        step(StoreStep::What::Participant, mail::Address::from(command.argument)->identity());
        outcome.result = command.argument + " gets what the reporter gets";
    }

    void accept_key(const Command& command, CommandOutcome& outcome) {
        if (std::ranges::find(in_.view.offered_keys, command.argument) == in_.view.offered_keys.end())
            return refuse(outcome, "no such key was offered by anybody who is written to here; the alarm names it");
        happens(EventKind::KeyAccepted, {{"fingerprint", command.argument}});
        step(StoreStep::What::AcceptKey, command.argument);
        outcome.result = "this is the reporter's key";
    }

    void retry(CommandOutcome& outcome) {
        if (!in_.view.answered || !in_.view.answered->cause)
            return refuse(outcome, "which mail? Answer the notice that shows it");
        step(StoreStep::What::Spend, retry_key(*in_.view.answered->cause));
        step(StoreStep::What::Reopen, {}, in_.view.answered->cause->value());
        outcome.result = "the mail is examined again";
    }

    void block(CommandOutcome& outcome) {
        const auto address = in_.view.held_sender ? in_.view.held_sender : mail::Address::from(ticket().reporter);
        if (!address) return refuse(outcome, "there is no address to block");
        happens(EventKind::Blocked, {{"address", address->text()}});
        step(StoreStep::What::Block, address->identity());
        outcome.result = "no more automatic answers to " + address->text();
    }

    // /open makes a ticket of the mail that is forwarded; the member's own words go nowhere.
    void open(CommandOutcome& outcome) {
        const auto& author = in_.examination.team.forwarded_author;
        const auto address = author ? mail::Address::from(author->address) : std::nullopt;
        if (!address) return refuse(outcome, "no forwarded mail was found, or not who wrote it");
        if (in_.organisation.owns(address->text()))
            return refuse(outcome, "the forwarded mail is from our own address");
        if (result_.opens) return refuse(outcome, "one is opened already");
        result_.opens = true;
        outcome.result = "a ticket of " + address->text();
    }

    void undo(CommandOutcome& outcome) {
        if (!in_.view.last_command) return refuse(outcome, "nothing was commanded that could be taken back");
        if (!result_.events.empty()) return refuse(outcome, "it stands alone, or before all others");
        const LastCommand& last = *in_.view.last_command;
        if (last.merged_from) {
            if (!alone(outcome)) return;
            step(StoreStep::What::UndoMerge, actor(), last.merged_from->value());
            outcome.result = last.line + " comes back out of this ticket";
            return;
        }
        if (const std::string complaint = complaint_about_undoing(last); !complaint.empty())
            return refuse(outcome, complaint);
        for (const cvd::Event& event : undoing(last, *result_.after, in_.now, actor())) {
            cvd::apply(result_.after->ticket, event);
            result_.events.push_back(event);
        }
        for (const StoreStep& one : steps_of_undoing(last)) result_.steps.push_back(one);
        for (const OutboxId mail : last.waiting) step(StoreStep::What::DropMail, {}, mail.value());
        outcome.result = "taken back" + (last.line.empty() ? std::string{} : ": " + for_one_line(last.line, 200));
        if (last.split_off)
            outcome.result += "; the mail is back here, and " + last.split_into + " is closed. What " +
                              last.split_into + " has sent cannot be called back";
        if (!last.waiting.empty()) outcome.result += "; its mail does not go out";
        if (!last.sent.empty()) outcome.result += "; what went out already cannot be called back";
    }

    const Commanding& in_;
    sla::Zone zone_;
    CarriedOut result_;
};

}  // namespace

bool CarriedOut::destructive() const {
    return std::ranges::any_of(commands, [](const Command& command) { return cvd::is_destructive(command.verb); });
}

std::string CarriedOut::lines() const {
    std::string text;
    for (const Command& command : commands) text.append(text.empty() ? "" : "\n").append(to_line(command));
    return text;
}

CarriedOut carry_out_commands(const Commanding& commanding) { return Desk{commanding}.work(); }

std::string guard_complaint(const OpenTicket& open, cvd::EventKind event) {
    return forbidden(open, event).value_or("");
}

}  // namespace tocsin::intake
