#include "store/statement.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "store/failure.hpp"

namespace tocsin::store {

namespace {

void require_bound(sqlite3_stmt* statement, int code) {
    if (code != SQLITE_OK) fail(sqlite3_db_handle(statement));
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : handle_{std::exchange(other.handle_, nullptr)}, taken_{other.taken_}, column_{other.column_} {}

Statement::~Statement() {
    if (handle_ == nullptr) return;
    if (taken_ == nullptr) {
        sqlite3_finalize(handle_);
        return;
    }
    reset();
    sqlite3_clear_bindings(handle_);
    *taken_ = false;
}

bool Statement::step() {
    column_ = 0;
    switch (sqlite3_step(handle_)) {
        case SQLITE_ROW:
            return true;
        case SQLITE_DONE:
            reset();
            return false;
        default:
            fail(sqlite3_db_handle(handle_));
    }
}

void Statement::run() {
    while (step()) {
    }
}

// It repeats the error of the last step, which was thrown then.
void Statement::reset() noexcept { sqlite3_reset(handle_); }

void Statement::put_null(int place) { require_bound(handle_, sqlite3_bind_null(handle_, place)); }

void Statement::put_integer(int place, std::int64_t value) {
    require_bound(handle_, sqlite3_bind_int64(handle_, place, value));
}

void Statement::put_text(int place, std::string_view text) {
    const char* start = text.data() == nullptr ? "" : text.data();  // a null pointer would bind NULL
    require_bound(handle_, sqlite3_bind_text64(handle_, place, start, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::put_blob(int place, std::string_view bytes) {
    const char* start = bytes.data() == nullptr ? "" : bytes.data();
    require_bound(handle_, sqlite3_bind_blob64(handle_, place, start, bytes.size(), SQLITE_TRANSIENT));
}

bool Statement::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::bytes(int column) const {
    const void* start = sqlite3_column_blob(handle_, column);  // gives the bytes of a text as well
    const int size = sqlite3_column_bytes(handle_, column);
    if (start == nullptr) return {};
    return {static_cast<const char*>(start), static_cast<std::size_t>(size)};
}

Digest Statement::digest(int column) const {
    Digest digest{};
    const std::string_view stored = bytes(column);
    if (stored.size() != digest.size()) throw Failure{"a stored digest has the wrong length"};
    std::ranges::copy(stored, digest.begin());
    return digest;
}

}  // namespace tocsin::store
