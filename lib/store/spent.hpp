// What counts once: signed texts, answers to questions. Kept as long as the tickets are.
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "store/database.hpp"

namespace tocsin::store {

class Spent {
public:
    explicit Spent(Database& database) : database_{database} {}
    bool has(std::string_view what) const;
    void keep(std::string_view what, Instant at);  // a second time changes nothing
    void forget(std::string_view what);

private:
    Database& database_;
};

}  // namespace tocsin::store
