// The rows of `outbox` as values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/outbox.hpp"

namespace tocsin::store {

// The query that the two below read; `rest` is what follows FROM outbox.
std::string select_outbox(std::string_view rest);
OutboxRow outbox_row_in(Statement& row);
std::vector<OutboxRow> outbox_rows_in(Statement rows);

}  // namespace tocsin::store
