// The one SQLite file: opened, migrated, and written in transactions (WAL, synchronous=FULL, STRICT tables).
//
// A statement that fails for the disk's sake has an unknown result (a commit may be there after a restart), so it
// throws Failure, which nobody but the loops catches: the daemon ends and starts again, and every step can be done
// twice. One thread owns a Database.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;

namespace tocsin::store {

class Failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Statement;

class Database {
public:
    enum class Use {
        Daemon,   // creates (mode 0600) and migrates it; holds the lock, which children do not inherit
        Visitor,  // tocsinctl: reads in short transactions and writes requests; refuses a schema it does not know
    };
    // ":memory:" for tests. Held by another daemon or busy: Code::Unavailable, Temporary. No database of ours, or
    // one of a newer Tocsin: Code::Configuration. A directory that is made for it has mode 0700.
    static Result<Database> open(const std::filesystem::path& path, Use use);
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    // A prepared statement out of the cache, to which it goes back at the end of its scope. The same `sql` twice at
    // a time is two statements. Texts are few and fixed: the cache keeps them all.
    Statement prepare(std::string_view sql);
    void execute(std::string_view sql);
    std::int64_t last_row() const;
    int changes() const;
    bool in_transaction() const;
    // Grows whenever anything was written, by this or by another connection.
    std::int64_t data_version();

private:
    friend class Transaction;
    friend class Savepoint;
    friend class Snapshot;
    friend sqlite3* connection_of(Database& database);
    void execute_quietly(const char* sql) noexcept;
    struct State;
    explicit Database(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// For what only SQLite's own functions can do, within this folder.
sqlite3* connection_of(Database& database);

// Throws where a caller promised to have begun a transaction and has not.
void require_transaction(const Database& database);

// BEGIN IMMEDIATE; rolls back at scope exit unless committed. It does not survive a move of the Database.
class Transaction {
public:
    explicit Transaction(Database& database);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    void commit();

private:
    Database& database_;
    bool open_ = true;
};

// Steps that belong together: in the caller's transaction where there is one, else in one of their own.
class Together {
public:
    explicit Together(Database& database) {
        if (!database.in_transaction()) own_.emplace(database);
    }
    void commit() {
        if (own_) own_->commit();
    }

private:
    std::optional<Transaction> own_;
};

// One mail's part of a group transaction, without which it throws; rolls back its own part at scope exit unless
// released.
class Savepoint {
public:
    explicit Savepoint(Database& database);
    Savepoint(const Savepoint&) = delete;
    Savepoint& operator=(const Savepoint&) = delete;
    ~Savepoint();
    void release();

private:
    Database& database_;
    bool open_ = true;
};

}  // namespace tocsin::store
