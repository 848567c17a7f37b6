// Forgetting the person who opened a ticket: her words and names leave the file, and the history's chain still holds.
//
// Erased are words, never rows of the history: an event whose words name her keeps its place, time and kind. Freed
// pages are overwritten (secure_delete); what the write-ahead log still holds goes with `empty_log`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "store/database.hpp"

namespace tocsin::store {

struct Erased {
    std::int64_t events = 0;  // whose words are gone
    std::int64_t mails = 0;   // of the journal, whose bytes are gone
    std::int64_t outgoing = 0;
    std::int64_t keys = 0;
};

class Erasure {
public:
    explicit Erasure(Database& database) : database_{database} {}

    // Mails of the ticket, or to its reporter about several, that are not sent or given up yet.
    std::int64_t still_waiting(TicketId ticket, std::string_view address_identity) const;
    // Other tickets that the address opened or takes part in.
    std::vector<std::string> other_tickets(TicketId ticket, std::string_view address_identity) const;

    // Everything in the ticket that holds one of the words (in any case of its ASCII letters), and all mail of it,
    // in and out; whatever else the file knows of the address, too, where no other ticket is hers. Call within a
    // Transaction; `Tickets::record` the event that says so after it.
    Erased forget(TicketId ticket, std::string_view address_identity, const std::vector<std::string>& words,
                  Instant now);

    // The bytes of mail that came into the ticket since: the one that asked for it, and quotes her.
    void forget_mails(TicketId ticket, Instant now);

    // After the commit: what the log still holds of it.
    void empty_log();

private:
    Database& database_;
};

}  // namespace tocsin::store
