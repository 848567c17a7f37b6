// A store on a real file in a directory of its own, and a way past the store to the file itself.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "store/statement.hpp"
#include "store/store.hpp"

namespace tocsin::store {

using namespace std::chrono_literals;

inline constexpr Instant morning = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 9h;

class TemporaryDirectory {
public:
    TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

// Throws the error's text where the store cannot be opened.
Database opened(const std::filesystem::path& path, Database::Use use = Database::Use::Daemon);

// What somebody does to the file with SQLite's own shell; an error is thrown. The rows' first columns come back.
std::vector<std::string> with_bare_sqlite(const std::filesystem::path& path, const std::string& sql);

class StoreTest : public testing::Test {
protected:
    std::filesystem::path path() const { return directory_ / "tocsin.db"; }
    void reopen() {
        store_.reset();
        store_ = std::make_unique<Store>(opened(path()));
    }
    template <class Work>
    auto in_transaction(Work work) {
        Transaction transaction{store_->database};
        if constexpr (std::is_void_v<decltype(work())>) {
            work();
            transaction.commit();
        } else {
            auto result = work();
            transaction.commit();
            return result;
        }
    }
    std::int64_t count(const std::string& rest) {
        return store_->database.prepare("SELECT count(*) FROM " + rest).first<std::int64_t>().value();
    }
    TicketId open_ticket(const std::string& number, Instant at = morning);

    TemporaryDirectory directory_;
    std::unique_ptr<Store> store_ = std::make_unique<Store>(opened(path()));
};

inline NewEntry from_inbox(std::uint32_t uid, Instant at = morning) {
    return {.place = {"security", "INBOX", 1, uid}, .internal_date = at};
}

}  // namespace tocsin::store
