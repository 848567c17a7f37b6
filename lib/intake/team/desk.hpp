// The desk at which one mail's commands are carried out, one after the other, on a copy of its ticket.
//
// Pure. What was asked outlives the desk. A command that cannot be done says so in its outcome; the caller then lets
// none of them count.
#pragma once

#include <string>

#include "intake/team/commanding.hpp"
#include "sla/zone.hpp"

namespace tocsin::intake {

class Desk {
public:
    explicit Desk(const Commanding& asked);

    const Commanding& asked() const { return asked_; }
    const sla::Zone& zone() const { return zone_; }
    CarriedOut& result() { return result_; }
    cvd::Ticket& ticket() { return result_.after->ticket; }  // where the mail is about one
    const std::string& actor() const { return asked_.member.address.text(); }
    std::string in_words(Instant at) const;

    void happens(cvd::EventKind kind, cvd::Detail detail = {});
    // The event, when the policy lets it come now.
    void guarded(CommandOutcome& outcome, cvd::EventKind kind, cvd::Detail detail, std::string done);
    void step(StoreStep::What what, std::string words, std::int64_t id = 0);
    // Whether the store can do it is known when it does it: so that all or none is done, it comes by itself.
    bool stands_alone(CommandOutcome& outcome) const;

private:
    const Commanding& asked_;
    sla::Zone zone_;
    CarriedOut result_;
};

void refuse(CommandOutcome& outcome, std::string why);

// The days that are told to people outside: command_dates.cpp.
void name_eta(Desk& desk, const cvd::Command& command, CommandOutcome& outcome);
void delay(Desk& desk, const cvd::Command& command, CommandOutcome& outcome);
void set_embargo(Desk& desk, const cvd::Command& command, CommandOutcome& outcome);
void disclose(Desk& desk, const cvd::Command& command, CommandOutcome& outcome);

// Who works on the ticket, and who is written to: command_people.cpp.
void assign_to(Desk& desk, const Member& member, CommandOutcome& outcome);
void confirm_sender(Desk& desk, CommandOutcome& outcome);
void change_reporter(Desk& desk, const cvd::Command& command, CommandOutcome& outcome);
void add_cc(Desk& desk, const cvd::Command& command, CommandOutcome& outcome);
void accept_offered_key(Desk& desk, const cvd::Command& command, CommandOutcome& outcome);
void block_answers(Desk& desk, CommandOutcome& outcome);

// Which ticket a mail belongs to, and which ticket stands for another: command_tickets.cpp.
void open_for_author(Desk& desk, CommandOutcome& outcome);
void close_ticket(Desk& desk, const cvd::Command& command, CommandOutcome& outcome);
void merge_into(Desk& desk, const cvd::Command& command, CommandOutcome& outcome);
void split_mail(Desk& desk, CommandOutcome& outcome);
void examine_again(Desk& desk, CommandOutcome& outcome);

}  // namespace tocsin::intake
