// The history is append-only, and whoever changes it shows.
#include <fstream>
#include <iterator>

#include "fixture.hpp"

namespace tocsin::store {
namespace {

using cvd::EventKind;

class HistoryTest : public StoreTest {
protected:
    HistoryTest() {
        for (const char* number : {"SEC-2026-0001", "SEC-2026-0002"}) {
            const TicketId id = open_ticket(number);
            in_transaction([&] {
                store_->tickets.record(id,
                                       {{EventKind::Triaged, morning + 1h, "alice@acme.test", {{"severity", "high"}}},
                                        {EventKind::Closed, morning + 2h, "alice@acme.test", {{"reason", "fixed"}}}});
            });
        }
    }

    // As somebody with the file in hand would do it.
    void tamper(const std::string& sql) {
        store_.reset();
        with_bare_sqlite(
            path(),
            "PRAGMA synchronous = OFF; DROP TRIGGER event_is_not_changed; DROP TRIGGER event_is_not_deleted;"
            "DROP TRIGGER event_is_appended; DROP TRIGGER event_value_is_not_changed;"
            "DROP TRIGGER event_value_comes_with_its_event; PRAGMA "
            "ignore_check_constraints = ON;" +
                sql);
        reopen();
    }
    std::optional<std::int64_t> broken() { return store_->tickets.first_broken_line(); }
};

TEST_F(HistoryTest, SaysWhatHappenedInOrder) {
    const auto lines = store_->tickets.history(TicketId{2});
    ASSERT_EQ(3u, lines.size());
    EXPECT_EQ(4, lines[0].seq);
    EXPECT_EQ(EventKind::Opened, lines[0].event.kind);
    EXPECT_EQ("SEC-2026-0002", lines[0].event.detail.at("number"));
    EXPECT_EQ(EventKind::Closed, lines[2].event.kind);
    EXPECT_EQ(morning + 2h, lines[2].event.at);
    EXPECT_EQ("alice@acme.test", lines[2].event.actor);
    EXPECT_EQ((cvd::Detail{{"reason", "fixed"}}), lines[2].event.detail);
    EXPECT_EQ(TicketId{2}, lines[2].ticket);
    EXPECT_NE(lines[1].hash, lines[2].hash);
    EXPECT_TRUE(store_->tickets.history(TicketId{99}).empty());
    EXPECT_EQ(std::nullopt, broken());
}

TEST_F(HistoryTest, TheSameWordsLeaveDifferentCommitments) {
    EXPECT_EQ(6, count("(SELECT DISTINCT commitment FROM event)")) << "salted: nobody can guess names against them";
}

TEST_F(HistoryTest, NothingInItCanBeChangedOrTakenOut) {
    for (const char* sql :
         {"UPDATE event SET at = 0", "UPDATE event SET kind = 'fixed' WHERE seq = 2", "DELETE FROM event",
          "DELETE FROM event WHERE seq = 6", "UPDATE event_value SET value = '{}'",
          "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 3",
          "INSERT OR REPLACE INTO event_value SELECT * FROM event_value WHERE seq = 3",
          "INSERT INTO event SELECT 9, ticket, kind, at, commitment, hash FROM event WHERE seq = 1"})
        EXPECT_THROW(store_->database.execute(sql), Failure) << sql;
    EXPECT_EQ(6, count("event"));
    EXPECT_EQ(6, count("event_value"));
    EXPECT_EQ(std::nullopt, broken());
}

TEST_F(HistoryTest, ForgottenWordsAreGoneAndTheChainStillHolds) {
    store_->tickets.forget(1);
    store_->tickets.forget(5);
    EXPECT_EQ(std::nullopt, broken());
    const auto lines = store_->tickets.history(TicketId{1});
    ASSERT_EQ(3u, lines.size());
    EXPECT_EQ("", lines[0].event.actor);
    EXPECT_TRUE(lines[0].event.detail.empty());
    EXPECT_EQ(EventKind::Opened, lines[0].event.kind) << "that it happened stays";
    in_transaction([&] {
        store_->tickets.record(TicketId{1}, {{EventKind::Reopened, morning + 3h, "alice@acme.test", {}}});
    });
    EXPECT_EQ(std::nullopt, broken()) << "and it goes on";
    EXPECT_EQ(cvd::TicketState::Triaged, store_->tickets.find(TicketId{1})->state);
}

TEST_F(HistoryTest, ForgottenWordsAreNotInTheFileAnyMore) {
    in_transaction([&] {
        store_->tickets.record(TicketId{1},
                               {{EventKind::Credited, morning + 3h, "alice@acme.test", {{"name", "Xyzzy Plugh"}}}});
    });
    const auto in_the_file = [&] {
        store_.reset();  // the last connection brings the WAL home
        std::ifstream file{path(), std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
        reopen();
        return bytes.find("Xyzzy") != std::string::npos;
    };
    EXPECT_TRUE(in_the_file());
    store_->tickets.forget(7);
    EXPECT_FALSE(in_the_file()) << "secure_delete overwrites it";
}

TEST_F(HistoryTest, OtherWordsInThePlaceOfForgottenOnesShow) {
    store_->tickets.forget(2);
    tamper("INSERT INTO event_value SELECT 2, salt, value FROM event_value WHERE seq = 3");
    EXPECT_EQ(2, broken());
}

TEST_F(HistoryTest, EveryByteOfEveryColumnIsCovered) {
    // Of a blob each byte is replaced (of one line all, of the others both ends), of a text each character.
    const auto row_count = 6;
    store_.reset();
    const std::string clean = path().string() + ".clean";
    std::filesystem::copy_file(path(), clean);
    const auto broken_after = [&](const std::string& sql) {
        store_.reset();
        std::filesystem::copy_file(clean, path(), std::filesystem::copy_options::overwrite_existing);
        tamper(sql);
        return broken();
    };
    for (int seq = 1; seq <= row_count; ++seq) {
        const std::string where = " WHERE seq = " + std::to_string(seq);
        for (const std::string column : {"at", "ticket"}) {
            // A ticket that exists, so that no foreign key is in the way.
            const std::string value = column == "at" ? "at + 1" : "3 - ticket";
            EXPECT_EQ(seq, broken_after("UPDATE event SET " + column + " = " + value + where)) << column;
        }
        EXPECT_EQ(seq, broken_after("UPDATE event SET ticket = NULL" + where));
        for (const std::string target : {"event.commitment", "event.hash", "event_value.salt"}) {
            const std::string table = target.substr(0, target.find('.'));
            const std::string column = target.substr(target.find('.') + 1);
            for (int byte = 1; byte <= 32; byte += seq == 2 ? 1 : 31)
                EXPECT_EQ(seq,
                          broken_after("UPDATE " + table + " SET " + column + " = CAST(substr(" + column + ", 1, " +
                                       std::to_string(byte - 1) + ") || CASE substr(" + column + ", " +
                                       std::to_string(byte) + ", 1) WHEN x'00' THEN x'01' ELSE x'00' END || substr(" +
                                       column + ", " + std::to_string(byte + 1) + ") AS BLOB)" + where))
                    << target << " byte " << byte;
        }
    }
    // One line's text, character by character.
    for (const std::string target : {"event.kind", "event_value.value"}) {
        const std::string table = target.substr(0, target.find('.'));
        const std::string column = target.substr(target.find('.') + 1);
        const auto length =
            std::stoi(with_bare_sqlite(clean, "SELECT length(" + column + ") FROM " + table + " WHERE seq = 2").at(0));
        ASSERT_GT(length, 5);
        for (int at = 1; at <= length; ++at)
            EXPECT_EQ(2, broken_after("UPDATE " + table + " SET " + column + " = substr(" + column + ", 1, " +
                                      std::to_string(at - 1) + ") || char(unicode(substr(" + column + ", " +
                                      std::to_string(at) + ")) + 1) || substr(" + column + ", " +
                                      std::to_string(at + 1) + ") WHERE seq = 2"))
                << target << " character " << at;
    }
}

TEST_F(HistoryTest, LinesThatWereTakenOutOrSwappedShow) {
    store_.reset();
    const std::string clean = path().string() + ".clean";
    std::filesystem::copy_file(path(), clean);
    const std::pair<const char*, std::int64_t> damage[] = {
        {"DELETE FROM event WHERE seq = 1", 1},
        {"DELETE FROM event WHERE seq = 3", 3},
        {"DELETE FROM event WHERE seq >= 5", 5},
        {"DELETE FROM event", 1},
        {"UPDATE event SET hash = x'00' WHERE seq = 4", 4},
        {"UPDATE event SET commitment = x'00' WHERE seq = 4", 4},
        {"UPDATE event_value SET salt = x'' WHERE seq = 4", 4},
        {"DELETE FROM event WHERE seq = 3; UPDATE event SET seq = seq - 1 WHERE seq > 3", 3},
        {"UPDATE event SET seq = 100 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 3; "
         "UPDATE event SET seq = 3 WHERE seq = 100",
         2},
        {"INSERT INTO event (seq, kind, at, commitment, hash) SELECT 7, kind, at, commitment, hash FROM event WHERE "
         "seq = 6",
         7}};
    for (const auto& [sql, line] : damage) {
        store_.reset();
        std::filesystem::copy_file(clean, path(), std::filesystem::copy_options::overwrite_existing);
        tamper(sql);
        EXPECT_EQ(line, broken()) << sql;
    }
}

TEST_F(HistoryTest, AnUndoneMailLeavesNoGap) {
    {
        Transaction undone{store_->database};
        store_->tickets.record(TicketId{1}, {{EventKind::Reopened, morning + 3h, "alice@acme.test", {}}});
    }
    in_transaction([&] {
        store_->tickets.record(TicketId{2}, {{EventKind::Reopened, morning + 3h, "alice@acme.test", {}}});
    });
    EXPECT_EQ(7, store_->tickets.history(TicketId{2}).back().seq);
    EXPECT_EQ(std::nullopt, broken());
}

}  // namespace
}  // namespace tocsin::store
