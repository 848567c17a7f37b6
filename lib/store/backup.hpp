// A consistent copy of the database while the daemon goes on writing, and looking at all of it at one moment.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "store/database.hpp"

namespace tocsin::store {

// One moment of the database for as long as it lives; writers go on beside it (WAL).
class Snapshot {
public:
    explicit Snapshot(Database& database);
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot();

private:
    Database& database_;
};

// The copy has mode 0600, is checked and on the disk when this returns. A file that is there already is left alone:
// Code::BadInput. What a failure leaves behind is removed.
Result<void> back_up(Database& database, const std::filesystem::path& file);

// SQLite's own look at every page and index; empty when all is well.
std::string damage_of(Database& database);

}  // namespace tocsin::store
