// Which tickets' reports share text with another one: keyed hashes of their shingles, from which nothing can be read
// back without the key, and with it only what somebody guesses word by word.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "store/database.hpp"

namespace tocsin::store {

struct SharedShingles {
    TicketId ticket{0};
    std::string number;
    std::string state;
    Instant opened;
    std::int64_t shared = 0;    // of the hashes that are kept
    std::int64_t shingles = 0;  // of the ticket's whole text
};

class Similar {
public:
    explicit Similar(Database& database) : database_{database} {}

    // Of the report that opened the ticket: the hashes, and how many shingles its whole text has.
    void keep(TicketId ticket, const std::vector<std::int64_t>& hashes, std::int64_t shingles);
    // The tickets that share most, at most ten; of a text that hundreds share, the newest ones.
    std::vector<SharedShingles> sharing(const std::vector<std::int64_t>& hashes) const;

private:
    Database& database_;
};

}  // namespace tocsin::store
