// What the team's commands do to a ticket: all of them or none (INTERFACES section 6). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cvd/command.hpp"
#include "intake/decide/decide.hpp"
#include "intake/decide/decision.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/decide/ticket_view.hpp"

namespace tocsin::intake {

struct CommandOutcome {
    std::string line;    // as it was understood, or as it was written
    std::string result;  // what became of it, in words for the member
    bool refused = false;
};

struct CarriedOut {
    std::vector<CommandOutcome> outcomes;
    std::vector<cvd::Command> commands;  // those that could be read
    bool refused = false;                // then nothing else here counts
    bool opens = false;                  // /open: the forwarded mail becomes a ticket
    bool help = false;
    std::optional<OpenTicket> after;
    std::vector<cvd::Event> events;
    std::vector<StoreStep> steps;
    std::optional<Instant> eta_before;

    bool destructive() const;
    std::string lines() const;  // as they were understood, one under the other
};

struct Commanding {
    const Examination& examination;
    const TicketView& view;
    const Organisation& organisation;
    const Member& member;
    const OpenTicket* about = nullptr;  // nothing: a mail about no ticket
    const Arrival& arrival;
    Instant now;
};
CarriedOut carry_out_commands(const Commanding& commanding);

}  // namespace tocsin::intake
