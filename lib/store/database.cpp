#include "store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <map>

#include "base/handle.hpp"
#include "store/failure.hpp"
#include "store/file.hpp"
#include "store/schema.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr int busy_milliseconds = 5000;

// Of each connection, before anything is read. What the file says is not believed: a schema that was tampered with
// calls no function with effects, and no row outgrows its page.
constexpr const char* connection_settings =
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA recursive_triggers = ON;"  // so that REPLACE meets the triggers that refuse DELETE
    "PRAGMA secure_delete = ON;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA journal_size_limit = 67108864;"  // what one huge mail leaves behind of the WAL
    "PRAGMA synchronous = FULL;";

void configure(sqlite3* connection) {
    sqlite3_busy_timeout(connection, busy_milliseconds);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    if (sqlite3_exec(connection, connection_settings, nullptr, nullptr, nullptr) != SQLITE_OK) fail(connection);
}

Result<void> check_schema(Database& database, const std::filesystem::path& path, Database::Use use) {
    const auto application = database.prepare("PRAGMA application_id").first<std::int64_t>();
    const int schema = schema_of(database);
    const bool empty = database.prepare("SELECT count(*) FROM sqlite_master").first<int>() == 0;
    if (application != application_id && !(empty && schema == 0 && application == 0))
        return permanent(Code::Configuration, path.string() + " is not a database of Tocsin");
    if (schema > newest_schema())
        return permanent(Code::Configuration, fmt::format("{} has schema {}, this program knows {}: it is too old",
                                                          path.string(), schema, newest_schema()));
    if (use == Database::Use::Visitor && schema < newest_schema())
        return permanent(Code::Configuration,
                         fmt::format("{} has schema {}, this program wants {}: start tocsind first", path.string(),
                                     schema, newest_schema()));
    return {};
}

}  // namespace

struct Database::State {
    struct Cached {
        std::unique_ptr<sqlite3_stmt, Releaser<&sqlite3_finalize>> handle;
        bool taken = false;
    };
    Descriptor lock;  // released last
    std::unique_ptr<sqlite3, Releaser<&sqlite3_close_v2>> connection;
    std::map<std::string, Cached, std::less<>> statements;
};

Database::Database(std::unique_ptr<State> state) : state_{std::move(state)} {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path& path, Use use) {
    auto state = std::make_unique<State>();
    const bool in_memory = path == ":memory:";
    const std::filesystem::path file = in_memory ? path : real_name(path);
    if (!in_memory && use == Use::Daemon) {
        if (auto made = make_private(file); !made) return tl::unexpected{made.error()};
        auto lock = lock_beside(file);
        if (!lock) return tl::unexpected{lock.error()};
        state->lock = std::move(*lock);
    } else if (!in_memory && !std::filesystem::is_regular_file(file)) {
        return permanent(Code::Configuration,
                         fmt::format("there is no database {}: start tocsind first", file.string()));
    }

    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (in_memory ? SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY : 0);
    sqlite3* connection = nullptr;
    const int opened = sqlite3_open_v2(file.c_str(), &connection, flags, nullptr);
    state->connection.reset(connection);
    try {
        if (opened != SQLITE_OK) fail(connection);
        configure(connection);
        Database database{std::move(state)};
        if (auto known = check_schema(database, file, use); !known) return tl::unexpected{known.error()};
        if (use == Use::Daemon) {
            database.execute("PRAGMA journal_mode = WAL");
            migrate(database);
        }
        return database;
    } catch (const Busy& busy) {
        return temporary(Code::Unavailable, file.string() + " is busy: " + busy.what());
    }
}

Statement Database::prepare(std::string_view sql) {
    const auto cached = state_->statements.find(sql);
    if (cached != state_->statements.end() && !cached->second.taken) {
        cached->second.taken = true;
        return Statement{cached->second.handle.get(), &cached->second.taken};
    }
    sqlite3_stmt* handle = nullptr;
    sqlite3* const connection = state_->connection.get();
    if (sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &handle,
                           nullptr) != SQLITE_OK)
        fail(connection);
    if (cached != state_->statements.end()) return Statement{handle, nullptr};
    State::Cached& kept = state_->statements[std::string{sql}];
    kept.handle.reset(handle);
    kept.taken = true;
    return Statement{handle, &kept.taken};
}

void Database::execute(std::string_view sql) {
    sqlite3* const connection = state_->connection.get();
    if (sqlite3_exec(connection, std::string{sql}.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(connection);
}

// For what rolls back: SQLite may have done so itself after a failure, and there is nobody left to tell.
void Database::execute_quietly(const char* sql) noexcept {
    sqlite3_exec(state_->connection.get(), sql, nullptr, nullptr, nullptr);
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(state_->connection.get()); }

int Database::changes() const { return sqlite3_changes(state_->connection.get()); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(state_->connection.get()) == 0; }

std::int64_t Database::data_version() {
    // The pragma tells of other connections alone, the count of this one.
    return prepare("PRAGMA data_version").first<std::int64_t>().value_or(0) +
           sqlite3_total_changes64(state_->connection.get());
}

sqlite3* connection_of(Database& database) { return database.state_->connection.get(); }

void require_transaction(const Database& database) {
    if (!database.in_transaction()) throw std::logic_error{"the store is written within a transaction"};
}

Transaction::Transaction(Database& database) : database_{database} { database_.prepare("BEGIN IMMEDIATE").run(); }

Transaction::~Transaction() {
    if (open_) database_.execute_quietly("ROLLBACK");
}

void Transaction::commit() {
    database_.prepare("COMMIT").run();
    open_ = false;
}

Savepoint::Savepoint(Database& database) : database_{database} {
    require_transaction(database_);  // outside of one it would commit at its release
    database_.prepare("SAVEPOINT part").run();
}

Savepoint::~Savepoint() {
    if (open_) database_.execute_quietly("ROLLBACK TO part; RELEASE part");
}

void Savepoint::release() {
    database_.prepare("RELEASE part").run();
    open_ = false;
}

}  // namespace tocsin::store
