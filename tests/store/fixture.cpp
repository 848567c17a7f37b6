#include "fixture.hpp"

#include <sqlite3.h>
#include <stdlib.h>

#include <stdexcept>

#include "base/handle.hpp"

namespace tocsin::store {

namespace {

int keep_first_column(void* rows, int columns, char** values, char**) {
    if (columns > 0) static_cast<std::vector<std::string>*>(rows)->push_back(values[0] == nullptr ? "" : values[0]);
    return 0;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "tocsin-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Database opened(const std::filesystem::path& path, Database::Use use) {
    auto database = Database::open(path, use);
    if (!database) throw std::runtime_error{database.error().what};
    return std::move(*database);
}

std::vector<std::string> with_bare_sqlite(const std::filesystem::path& path, const std::string& sql) {
    sqlite3* opened = nullptr;
    sqlite3_open(path.c_str(), &opened);
    const std::unique_ptr<sqlite3, Releaser<&sqlite3_close>> connection{opened};
    std::vector<std::string> rows;
    if (sqlite3_exec(opened, sql.c_str(), &keep_first_column, &rows, nullptr) != SQLITE_OK)
        throw std::runtime_error{sqlite3_errmsg(opened)};
    return rows;
}

TicketId StoreTest::open_ticket(const std::string& number, Instant at) {
    return in_transaction([&] {
        return store_->tickets.open({{cvd::EventKind::Opened,
                                      at,
                                      "tocsin",
                                      {{"number", number}, {"title", "XSS in login"}, {"reporter", "rae@lab.test"}}}});
    });
}

}  // namespace tocsin::store
