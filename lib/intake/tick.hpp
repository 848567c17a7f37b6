// What the time brings: a mark on a clock that has come, and the mail that says so.
#pragma once

#include "intake/decision.hpp"
#include "intake/message_ids.hpp"
#include "intake/organisation.hpp"
#include "intake/ticket_view.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// Pure: the events and mails of a mark on `clock` that is due, and when it speaks next. Marks that passed together
// (after a downtime) make one mail.
Decision tick(const OpenTicket& open, const std::string& clock, const Organisation& organisation, Instant now);

// Ticks and admits. Within a store::Transaction of the caller; returns how many mails were queued.
std::size_t remind(store::Store& store, const store::DueReminder& due, const rules::RuleSet& rule_set,
                   const Organisation& organisation, const MessageIds& ids, Instant now);

}  // namespace tocsin::intake
