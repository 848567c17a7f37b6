// The rows of `ticket` and `clock`: what folding the history gives, kept so that it can be asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "cvd/ticket.hpp"
#include "store/database.hpp"

namespace tocsin::store {

// The query that `ticket_in` reads; `rest` is what follows FROM ticket.
std::string select_tickets(std::string_view rest);
std::pair<TicketId, cvd::Ticket> ticket_in(Statement& row);  // without its clocks
std::vector<cvd::TicketClock> clocks_of(Database& database, TicketId ticket);

// No id: a new row. Its clocks are kept apart.
TicketId keep_ticket(Database& database, std::optional<TicketId> id, const cvd::Ticket& ticket);
void keep_changed_clocks(Database& database, TicketId id, const std::vector<cvd::TicketClock>& before,
                         const std::vector<cvd::TicketClock>& after);

}  // namespace tocsin::store
