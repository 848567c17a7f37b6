// What waits for somebody, told to each member on business mornings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "intake/decide/organisation.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "intake/outgoing/recipe.hpp"
#include "rules/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// The first time of day `of_day` after an instant that falls on a business day; Monday to Friday, UTC, without a
// calendar.
Instant next_morning(const sla::Calendar* calendar, Micros of_day, Instant after);

struct DigestLine {
    std::string ticket;
    std::string title;
    std::string severity;
    std::string owner;
    std::string clock;  // empty: the ticket as a whole
    Instant due;
};

struct MorningDigest {
    std::vector<DigestLine> overdue;
    std::vector<DigestLine> due;  // by the end of the next business day
    std::vector<DigestLine> waiting;
    std::vector<DigestLine> unassigned;
    std::vector<DigestLine> held;  // a stranger's answer waits for a human
    std::int64_t held_back = 0;    // mails that wait in the outbox for a human
    std::int64_t put_off = 0;      // mails that the budgets let out later
    std::int64_t collected = 0;    // reports that are acknowledged together later
    std::int64_t deferred = 0;     // mails that a server has not taken yet
    std::int64_t failed = 0;       // mails that were given up since the last digest
    std::int64_t unfiled = 0;      // mails since the last digest that were taken for automatic and have no ticket
    std::vector<std::string> away;
    bool empty() const;
};

// What is so now; `due_until` bounds what counts as due.
MorningDigest digest_of(const store::Store& store, Instant now, Instant due_until, Instant since);

std::vector<Recipe> digest_mails(const MorningDigest& digest, const Organisation& organisation, const sla::Zone& zone,
                                 Instant now);

// Sends the digest when its time has come, and notes when the next one is due; the first is that of the second day.
// Returns how many mails were queued. Call within a Transaction.
std::size_t send_digest(store::Store& store, const rules::Policy& policy, const Organisation& organisation,
                        const MessageIds& ids, Instant now);
// When `send_digest` has something to do next; nothing: at once.
std::optional<Instant> next_digest(const store::Store& store);

}  // namespace tocsin::intake
