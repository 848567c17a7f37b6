// Reports whose sender has had her daily number of acknowledgements: they are acknowledged together, once a day.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "store/database.hpp"

namespace tocsin::store {

struct CollectedAddress {
    std::string identity;
    std::string recipient;  // the address as it was written
    std::string language;
    Instant since;  // the oldest that waits
    std::vector<TicketId> tickets;
};

class Collected {
public:
    explicit Collected(Database& database) : database_{database} {}

    // Call within a Transaction, as `told`.
    void add(TicketId ticket, std::string_view identity, std::string_view recipient, std::string_view language,
             Instant now);
    void told(const std::vector<TicketId>& tickets, Instant now);

    void drop(std::string_view identity);  // what still waits to be told to this address

    // Those whose oldest has waited for `gather`, and that were told of others no later than `apart` ago.
    std::vector<CollectedAddress> due(Instant now, Micros gather, Micros apart) const;
    std::optional<Instant> next(Micros gather, Micros apart) const;  // when `due` has something
    std::size_t waiting() const;                                     // tickets that wait

private:
    Database& database_;
};

}  // namespace tocsin::store
