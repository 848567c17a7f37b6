// What waits for a human and must not wait for ever: mail of strangers that was held.
#pragma once

#include <optional>

#include "intake/decide/organisation.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "rules/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// When the team is asked again about a mail that is held now: after a business day of the policy's first calendar.
Instant asked_again_at(const rules::Policy& policy, Instant held);

// Tells the team of what has been held for a business day; once for each mail. Within a store::Transaction of the
// caller. Returns how many mails were queued.
std::size_t ask_again_about_held(store::Store& store, const Organisation& organisation, const MessageIds& ids,
                                 Instant now);

}  // namespace tocsin::intake
