// What a mail server's word about a mail of ours means for its ticket.
#pragma once

#include "intake/decide/decision.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "rules/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// Keeps the result of an attempt and what follows from it: the event of an accepted mail, or a word to the team
// about one that will not arrive. Within a store::Transaction of the caller. Returns the state that the row got.
store::OutboxState settle(store::Store& store, const store::OutboxRow& row, const store::AttemptResult& result,
                          const rules::RuleSet& rule_set, const Organisation& organisation, const MessageIds& ids,
                          Instant now, double chance);

// At the start of the daemon: what an earlier process left in the middle of an attempt. Within a store::Transaction
// of the caller.
void recover(store::Store& store, const rules::RuleSet& rule_set, Instant now);

// What the return of a mail of ours means, once for each mail: what it kept is open again, the team hears of it, the
// address is marked. Within a store::Transaction of the caller.
void take_back(store::Store& store, const ReturnedMail& returned, const rules::RuleSet& rule_set,
               const Organisation& organisation, const MessageIds& ids, Instant now);

// The same for a mail that could not even be composed.
void settle_uncomposed(store::Store& store, const store::OutboxRow& row, std::string_view why,
                       const rules::RuleSet& rule_set, const Organisation& organisation, const MessageIds& ids,
                       Instant now);

}  // namespace tocsin::intake
