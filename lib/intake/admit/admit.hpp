// Makes decisions durable: ticket, history, clocks, outbox rows and the journal entry, all or none.
//
// Every function belongs within a store::Transaction of the caller; where several mails share one, each within a
// Savepoint of its own. Done twice, it does nothing the second time: the journal knows that the entry is finished.
#pragma once

#include <optional>
#include <string>

#include "intake/decide/decision.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

struct Admitted {
    std::optional<TicketId> ticket;
    std::string number;
    std::size_t queued = 0;  // mails put into the outbox, suppressed ones included
    bool forgot = false;     // somebody: `store.erasure.empty_log()` after the commit
};

// `rule_set` is needed for what a member commands alone (/merge); without it that is refused in the transcript.
Admitted admit(store::Store& store, const Decision& decision, JournalId entry, store::EntryState becomes,
               const Organisation& organisation, const MessageIds& ids, Instant now,
               const rules::RuleSet* rule_set = nullptr);

// What happens to a ticket outside of a mail: applied, kept, and its reminders set anew. Call within a Transaction.
void record(store::Store& store, OpenTicket& open, const cvd::Event& event);

// Mail that no journaled mail caused: reminders, alarms. `ticket` is nothing for mail about none.
std::size_t queue_mail(store::Store& store, const std::vector<Recipe>& mail, std::optional<TicketId> ticket,
                       const std::string& number, std::optional<JournalId> cause, const Organisation& organisation,
                       const MessageIds& ids, Instant now);

}  // namespace tocsin::intake
