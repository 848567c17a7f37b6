// Moving what belongs to one ticket to another one, and back: mails, keys and who takes part.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "store/database.hpp"
#include "store/tickets.hpp"

namespace tocsin::store {

// The rows that were moved, so that they can be moved back.
struct Moved {
    std::vector<std::int64_t> messages;
    std::vector<std::int64_t> journal;
    std::vector<std::int64_t> keys;
    std::vector<std::string> participants;  // identities that the other ticket did not know
};

class Moving {
public:
    explicit Moving(Database& database) : database_{database} {}

    // Call these within a Transaction.
    Moved move_all(TicketId from, TicketId to, Instant now);
    void move_back(const Moved& moved, TicketId from, TicketId to);  // `from` is where they came from

    // What opened a ticket and came back into another one opened nothing: it is of this kind there.
    void rename_reports(const std::vector<std::int64_t>& messages, std::string_view kind);

    // The mail leaves its ticket and waits to be examined again, as one that answers nothing.
    void set_apart(JournalId mail);

private:
    Database& database_;
};

}  // namespace tocsin::store
