// How `Tickets` writes the history; nothing else does.
#pragma once

#include <optional>
#include <vector>

#include "base/id.hpp"
#include "cvd/event.hpp"
#include "store/database.hpp"

namespace tocsin::store {

// The event as reading it back will give it: all of its words are UTF-8.
cvd::Event as_kept(cvd::Event event);

// No ticket: what concerns the whole house.
void append_to_history(Database& database, std::optional<TicketId> ticket, const std::vector<cvd::Event>& events);

}  // namespace tocsin::store
