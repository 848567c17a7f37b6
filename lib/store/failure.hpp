// What SQLite reports, as an exception that carries the name of its extended result code.
#pragma once

#include <string>

#include "store/database.hpp"

namespace tocsin::store {

// Another connection held the file for longer than the busy time-out.
class Busy : public Failure {
public:
    using Failure::Failure;
};

std::string name_of_result(int extended_code);

// Throws what the connection says of its last call.
[[noreturn]] void fail(sqlite3* connection);

}  // namespace tocsin::store
