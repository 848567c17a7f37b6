// Mail that waits for a human: whether it belongs to the ticket that it answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "store/database.hpp"

namespace tocsin::store {

struct HeldLine {
    JournalId journal{0};
    TicketId ticket{0};
    std::string sender;  // its address as it was written; may be empty
    Instant held;
    std::optional<Instant> asked_again;  // when the team was reminded of it
};

class HeldMail {
public:
    explicit HeldMail(Database& database) : database_{database} {}

    // Call within a Transaction, as all that follows. The same mail again changes nothing.
    void hold(JournalId journal, TicketId ticket, std::string_view sender, Instant now, Instant ask_again);
    // A human has decided; false: it was not held, or is decided already.
    bool settle(JournalId journal, Instant now);
    void unsettle(JournalId journal);  // nobody has
    void told_again(JournalId journal, Instant now);

    std::vector<HeldLine> to_ask_again(Instant now) const;  // oldest first
    std::optional<Instant> next() const;
    std::vector<HeldLine> waiting() const;  // all that nobody has decided, oldest first
    std::vector<HeldLine> waiting(TicketId ticket) const;

private:
    Database& database_;
};

}  // namespace tocsin::store
