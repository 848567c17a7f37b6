// The part of a TicketView that matters for a mail that says it is the team's.
#pragma once

#include <string>

#include "intake/decide/ticket_view.hpp"

namespace tocsin::intake {

struct TeamLookUp {
    const store::Store& store;
    const Examination& examination;
    const Organisation& organisation;
    const MessageIds& ids;
    const rules::RuleSet& rule_set;
    const Member& member;
    std::optional<JournalId> entry;
    Instant now;
    const openpgp::Keyring& keyring;
};
void look_up_for_team(TicketView& view, const TeamLookUp& about);

// Names in the table of what counts once.
std::string granted_key(JournalId entry);                    // a member said yes to this mail
std::string blocked_key(std::string_view address_identity);  // no automatic answers to this address
std::string retry_key(JournalId entry);                      // a member wants this mail examined again
std::string answered_key(OutboxId question);                 // a question was answered
std::string signed_key(std::string_view digest);             // a signed text
std::string exposed_key(std::string_view message_id);  // people outside have seen the Message-ID of a mail to a member

}  // namespace tocsin::intake
