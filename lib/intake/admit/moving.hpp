// `/merge` and `/split`: two tickets become one, a mail becomes a ticket of its own; and back.
//
// A promise that was made to somebody is kept: where both tickets have the same clock, the earlier deadline stands.
#pragma once

#include <string>

#include "base/result.hpp"
#include "intake/decide/ticket_view.hpp"
#include "rules/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// All of these belong within a Transaction; `by` is the member's address. That both have the same reporter is for the
// caller to know: undoing a split merges mails of strangers, too.
//
// Mails, keys, who takes part and the open clocks of `from` go to `into`; `from` is closed as "merged".
Result<void> merge_tickets(store::Store& store, TicketId from, TicketId into, const std::string& by,
                           const rules::RuleSet& rule_set, Instant now);

// What the last merge of this ticket moved comes back to it; clocks that were stopped meanwhile stay stopped.
Result<void> undo_merge(store::Store& store, TicketId from, const std::string& by, const rules::RuleSet& rule_set,
                        Instant now);

// The ticket itself, or the one that it was merged into, however often.
TicketId standing_for(const store::Store& store, TicketId ticket);

// The mail leaves its ticket and is examined again as if it answered nothing: it opens a ticket, whose clocks count
// from when it was received. Refused for the mail that opened the ticket.
Result<void> split_off(store::Store& store, TicketId from, JournalId mail, const std::string& by, Instant now);

// The mail comes back into `into`, held if it was, with all that came into the ticket that it opened; that one is
// closed as "merged". Who took part there and the clocks there do not come along.
Result<void> undo_split(store::Store& store, TicketId into, JournalId mail, const std::string& by,
                        const rules::RuleSet& rule_set, Instant now);

}  // namespace tocsin::intake
