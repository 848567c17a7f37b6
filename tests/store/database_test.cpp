// One file, one daemon, and what a transaction promises.
#include "store/database.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

#include "fixture.hpp"

namespace tocsin::store {
namespace {

mode_t mode_of(const std::filesystem::path& path) {
    struct stat status {};
    EXPECT_EQ(0, ::stat(path.c_str(), &status)) << path;
    return status.st_mode & 07777;
}

using DatabaseFile = StoreTest;

TEST_F(DatabaseFile, NobodyElseCanReadAnyPartOfIt) {
    open_ticket("SEC-2026-0001");
    EXPECT_EQ(0600u, mode_of(directory_ / "tocsin.db"));
    EXPECT_EQ(0600u, mode_of(directory_ / "tocsin.db-wal"));
    EXPECT_EQ(0600u, mode_of(directory_ / "tocsin.db-shm"));
    EXPECT_EQ(0600u, mode_of(directory_ / "tocsin.db.lock"));
}

TEST_F(DatabaseFile, AnOpenModeIsClosed) {
    store_.reset();
    ASSERT_EQ(0, ::chmod(path().c_str(), 0644));
    reopen();
    EXPECT_EQ(0600u, mode_of(path()));
}

TEST_F(DatabaseFile, AMissingDirectoryIsMadeForTheOwnerAlone) {
    const auto database = opened(directory_ / "state/tocsin.db");
    EXPECT_EQ(0700u, mode_of(directory_ / "state"));
    const auto nowhere = Database::open(directory_ / "no/such/tocsin.db", Database::Use::Daemon);
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(Code::Configuration, nowhere.error().code);
}

TEST_F(DatabaseFile, ASecondDaemonIsToldToTryLater) {
    const auto second = Database::open(path(), Database::Use::Daemon);
    ASSERT_FALSE(second);
    EXPECT_EQ(Code::Unavailable, second.error().code);
    EXPECT_EQ(Permanence::Temporary, second.error().permanence);
    store_.reset();
    EXPECT_TRUE(Database::open(path(), Database::Use::Daemon));
}

TEST_F(DatabaseFile, ASecondDaemonIsNotLetInByALink) {
    std::filesystem::create_symlink(path(), directory_ / "link.db");
    std::filesystem::create_directory_symlink(directory_ / ".", directory_ / "again");
    EXPECT_FALSE(Database::open(directory_ / "link.db", Database::Use::Daemon));
    EXPECT_FALSE(Database::open(directory_ / "again/tocsin.db", Database::Use::Daemon));
}

TEST_F(DatabaseFile, ChildrenDoNotInheritIt) {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        std::error_code gone;
        const auto target = std::filesystem::read_symlink(entry.path(), gone).string();
        if (gone || !target.starts_with(path().string())) continue;
        ++files;
        EXPECT_NE(0, ::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC) << target;
    }
    EXPECT_GE(files, 3) << "the database, its WAL and the lock are open";
}

TEST_F(DatabaseFile, AVisitorReadsAndWritesBesideTheDaemon) {
    open_ticket("SEC-2026-0001");
    auto visitor = opened(path(), Database::Use::Visitor);
    const auto before = store_->database.data_version();
    EXPECT_TRUE(Tickets{visitor}.by_number("SEC-2026-0001"));
    EXPECT_EQ(before, store_->database.data_version()) << "reading is no change";
    visitor
        .prepare(
            "INSERT INTO request (verb, arguments, asked_by, asked, state) VALUES ('release', '{}', 'root', 1, "
            "'asked')")
        .run();
    EXPECT_LT(before, store_->database.data_version());
    EXPECT_EQ(1, count("request"));
}

TEST_F(DatabaseFile, AVisitorMakesNothing) {
    const auto visitor = Database::open(directory_ / "other.db", Database::Use::Visitor);
    ASSERT_FALSE(visitor);
    EXPECT_EQ(Code::Configuration, visitor.error().code);
    EXPECT_FALSE(std::filesystem::exists(directory_ / "other.db"));
}

TEST_F(DatabaseFile, ANewerSchemaIsRefusedAndLeftAlone) {
    store_.reset();
    with_bare_sqlite(path(), "PRAGMA user_version = 999");
    for (const auto use : {Database::Use::Daemon, Database::Use::Visitor}) {
        const auto database = Database::open(path(), use);
        ASSERT_FALSE(database);
        EXPECT_EQ(Code::Configuration, database.error().code);
        EXPECT_NE(std::string::npos, database.error().what.find("999")) << database.error().what;
    }
    EXPECT_EQ("999", with_bare_sqlite(path(), "PRAGMA user_version").at(0));
}

TEST_F(DatabaseFile, AVisitorDoesNotMigrate) {
    store_.reset();
    with_bare_sqlite(path(), "PRAGMA user_version = 0");
    const auto visitor = Database::open(path(), Database::Use::Visitor);
    ASSERT_FALSE(visitor);
    EXPECT_EQ(Code::Configuration, visitor.error().code);
}

TEST_F(DatabaseFile, SomebodyElsesDatabaseIsNotTouched) {
    with_bare_sqlite(directory_ / "contacts.db", "CREATE TABLE contact (name)");
    const auto database = Database::open(directory_ / "contacts.db", Database::Use::Daemon);
    ASSERT_FALSE(database);
    EXPECT_EQ(Code::Configuration, database.error().code);
    EXPECT_EQ("1", with_bare_sqlite(directory_ / "contacts.db", "SELECT count(*) FROM sqlite_master").at(0));
}

TEST_F(DatabaseFile, WhatIsNoDatabaseAtAllThrows) {
    std::ofstream{directory_ / "text.db"} << std::string(5000, 'x');
    EXPECT_THROW((void)Database::open(directory_ / "text.db", Database::Use::Daemon), Failure);
}

TEST_F(DatabaseFile, IsWrittenTheCarefulWay) {
    const std::pair<const char*, std::string> wanted[] = {
        {"journal_mode", "wal"},  {"synchronous", "2"},        {"foreign_keys", "1"},
        {"trusted_schema", "0"},  {"cell_size_check", "1"},    {"secure_delete", "1"},
        {"busy_timeout", "5000"}, {"recursive_triggers", "1"}, {"application_id", std::to_string(0x544F4353)}};
    for (const auto& [setting, value] : wanted)
        EXPECT_EQ(value, store_->database.prepare(std::string{"PRAGMA "} + setting).first<std::string>()) << setting;
    EXPECT_THROW(store_->database.execute("SELECT \"no_such_column\""), Failure) << "a typing error is no string";
    EXPECT_THROW(store_->database.execute("PRAGMA writable_schema = ON; DELETE FROM sqlite_master"), Failure);
    EXPECT_EQ(0, count("pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'"));
    EXPECT_EQ(0, count("pragma_foreign_key_check"));
}

TEST_F(DatabaseFile, AFailureSaysWhichResultItWas) {
    open_ticket("SEC-2026-0001");
    try {
        open_ticket("SEC-2026-0001");
        FAIL() << "the number was taken";
    } catch (const Failure& failure) {
        EXPECT_EQ(0u, std::string{failure.what()}.find("SQLITE_CONSTRAINT_UNIQUE")) << failure.what();
    }
    EXPECT_EQ(1, count("ticket"));
    EXPECT_FALSE(store_->database.in_transaction());
}

using StoreTransaction = StoreTest;

TEST_F(StoreTransaction, IsUndoneWhereItWasNotCommitted) {
    {
        Transaction transaction{store_->database};
        store_->journal.append(from_inbox(1), "one", morning);
    }
    EXPECT_FALSE(store_->database.in_transaction());
    EXPECT_EQ(0, store_->journal.counts().total);
}

TEST_F(StoreTransaction, ASavepointUndoesOneMailOfAGroup) {
    in_transaction([&] {
        for (std::uint32_t uid = 1; uid <= 3; ++uid) {
            Savepoint one_mail{store_->database};
            store_->journal.append(from_inbox(uid), "mail " + std::to_string(uid), morning);
            if (uid != 2) one_mail.release();
        }
    });
    EXPECT_EQ((std::vector<std::uint32_t>{1, 3}), store_->journal.uids("security", "INBOX", 1));
    EXPECT_EQ(2, count("chunk"));
}

TEST_F(StoreTransaction, ASavepointThatThrewLeavesTheGroupWhole) {
    in_transaction([&] {
        store_->journal.append(from_inbox(1), "one", morning);
        try {
            Savepoint one_mail{store_->database};
            store_->journal.append(from_inbox(2), "two", morning);
            throw std::runtime_error{"a mail that could not be decided"};
        } catch (const std::runtime_error&) {
        }
    });
    EXPECT_EQ(1, store_->journal.counts().total);
    EXPECT_THROW(Savepoint{store_->database}, std::logic_error) << "outside of a transaction it would commit";
}

TEST_F(StoreTransaction, WhatBelongsTogetherIsRefusedOutsideOfOne) {
    EXPECT_THROW(store_->journal.append(from_inbox(1), "one", morning), std::logic_error);
    EXPECT_THROW(store_->tickets.next_serial(2026), std::logic_error);
    EXPECT_EQ(0, store_->journal.counts().total);
}

TEST_F(StoreTransaction, TheSameQueryWithinItselfIsTwoStatements) {
    for (std::uint32_t uid = 1; uid <= 3; ++uid)
        in_transaction([&] { store_->journal.append(from_inbox(uid), "mail " + std::to_string(uid), morning); });
    const std::string sql = "SELECT uid FROM journal ORDER BY uid";
    Statement outer = store_->database.prepare(sql);
    std::string walked;
    while (outer.step()) {
        walked += std::to_string(outer.next<int>()) + ":";
        Statement inner = store_->database.prepare(sql);
        while (inner.step()) walked += std::to_string(inner.next<int>());
        walked += " ";
    }
    EXPECT_EQ("1:123 2:123 3:123 ", walked);
}

TEST_F(StoreTransaction, ValuesComeBackAsTheyWentIn) {
    Statement row = store_->database.prepare("SELECT ?, ?, ?, ?, ?, ?, typeof(?)");
    const std::string with_zero{"a\0b", 3};
    row.bind(std::string_view{}, with_zero, sha256("x"), morning, std::optional<TicketId>{}, TicketId{7}, Blob{""});
    ASSERT_TRUE(row.step());
    EXPECT_EQ("", row.next<std::optional<std::string>>());
    EXPECT_EQ(with_zero, row.next<std::string>());
    EXPECT_EQ(sha256("x"), row.next<Digest>());
    EXPECT_EQ(morning, row.next<Instant>());
    EXPECT_EQ(std::nullopt, row.next<std::optional<TicketId>>());
    EXPECT_EQ(TicketId{7}, row.next<TicketId>());
    EXPECT_EQ("blob", row.next<std::string>());
}

}  // namespace
}  // namespace tocsin::store
