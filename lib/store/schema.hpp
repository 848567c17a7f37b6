// The tables, as numbered migrations that are compiled in. A migration that was released is never edited.
#pragma once

#include "store/database.hpp"

namespace tocsin::store {

// "TOCS": stands in the file's header, so that nobody else's database is taken for ours.
inline constexpr std::int64_t application_id = 0x544F4353;

int newest_schema();
int schema_of(Database& database);

// Brings the tables to the newest schema, each step in a transaction of its own.
void migrate(Database& database);

}  // namespace tocsin::store
