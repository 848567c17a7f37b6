// What a mail means and what follows from it. Pure: everything it knows stands in its arguments.
#pragma once

#include "intake/decide/decision.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/decide/ticket_view.hpp"
#include "intake/examine/examination.hpp"

namespace tocsin::intake {

struct Arrival {
    JournalId journal{0};
    Instant received;         // INTERNALDATE, never later than now
    bool baseline = false;    // threaded only
    bool imported = false;    // old mail of an import: makes closed tickets with its dates, and nobody is told
    bool acknowledge = true;  // false for folders that are never answered
    bool sent = false;        // lies in the folder of what was written from this very mailbox
    bool alone = false;       // taken out of its ticket (`/split`): it answers nothing, whatever it says
};

Decision decide(const Examination& examination, const TicketView& view, const rules::RuleSet& rule_set,
                const Organisation& organisation, const MailboxRules& mailbox, const Arrival& arrival, Instant now);

// A mail that nobody could read: too large, or given up after some tries (`quarantined`). It still becomes a ticket for
// a human.
Decision decide_unread(std::string_view why, bool quarantined, const rules::RuleSet& rule_set,
                       const Organisation& organisation, const MailboxRules& mailbox, const Arrival& arrival,
                       Instant now);

}  // namespace tocsin::intake
