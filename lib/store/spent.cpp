#include "store/spent.hpp"

#include "store/statement.hpp"

namespace tocsin::store {

bool Spent::has(std::string_view what) const {
    return database_.prepare("SELECT 1 FROM spent WHERE what = ?").bind(what).first<int>().has_value();
}

void Spent::keep(std::string_view what, Instant at) {
    database_.prepare("INSERT INTO spent (what, at) VALUES (?, ?) ON CONFLICT (what) DO NOTHING").bind(what, at).run();
}

void Spent::forget(std::string_view what) { database_.prepare("DELETE FROM spent WHERE what = ?").bind(what).run(); }

}  // namespace tocsin::store
