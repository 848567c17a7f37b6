// What the keys and the ciphertext of a mail mean for its ticket: said to the team, answered, and kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "intake/decide/decision.hpp"
#include "intake/decide/known_keys.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// For the first lines of the notice.
std::vector<std::string> crypto_alarms(const KeyFindings& keys, const TicketView& view);

// What was opened, and what could not be.
void note_opening(Decision& decision, const Examination& examination);

// Keys that are bound or proposed, and relays that are blocked, here and in the other ticket; to be called once the
// decision's ticket is known. Of what people outside wrote alone; keys only of what is a report, or its author's own.
void note_crypto(Decision& decision, const KeyFindings& keys, const TicketView& view, const Examination& examination,
                 const Organisation& organisation, const Arrival& arrival, Instant now);

// In kind: sealed to a key that the report brought or that was bound to its author, and saying so where there is none.
Recipe answer_to_report(const Examination& examination, const rules::Evaluation& evaluation, const KeyFindings& keys,
                        const mail::Address& author, const cvd::Ticket& ticket, const rules::Policy& policy,
                        const Organisation& organisation, const Arrival& arrival, Instant now);

// Makes it durable, within the caller's transaction. `ticket` is nothing where the mail has none.
void keep_crypto(store::Store& store, const Decision& decision, JournalId entry, std::optional<TicketId> ticket,
                 const std::string& number, const Organisation& organisation, const MessageIds& ids, Instant now);

}  // namespace tocsin::intake
