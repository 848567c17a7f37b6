// Every mail once, as it was received.
#include "store/journal.hpp"

#include "fixture.hpp"

namespace tocsin::store {
namespace {

class JournalTest : public StoreTest {
protected:
    std::optional<JournalId> append(const NewEntry& entry, std::string_view bytes) {
        return in_transaction([&] { return store_->journal.append(entry, bytes, morning); });
    }
    Journal& journal() { return store_->journal; }
};

TEST_F(JournalTest, KeepsTheBytesAndWhereTheyCameFrom) {
    const std::string mail{"From: rae@lab.test\r\n\r\n\xff\0 end", 29};
    const auto id =
        append({.place = {"security", "Junk", 4294967295u, 7}, .internal_date = morning, .acknowledge = false}, mail);
    ASSERT_TRUE(id);
    const JournalEntry entry = journal().find(*id).value();
    EXPECT_EQ("Junk", entry.place.folder);
    EXPECT_EQ(4294967295u, entry.place.uid_validity);
    EXPECT_EQ(7u, entry.place.uid);
    EXPECT_EQ(sha256(mail), entry.sha256);
    EXPECT_EQ(mail.size(), entry.size);
    EXPECT_EQ(morning, entry.internal_date);
    EXPECT_EQ(EntryState::Pending, entry.state);
    EXPECT_FALSE(entry.acknowledge);
    reopen();
    EXPECT_EQ(mail, journal().bytes(*id));
}

TEST_F(JournalTest, LargeMailsComeBackWhole) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{262143}, std::size_t{262144}, std::size_t{262145}, std::size_t{3} << 20}) {
        std::string mail(size, 'x');
        for (std::size_t at = 0; at < size; at += 1000) mail[at] = static_cast<char>(at / 1000);
        const auto id = append(from_inbox(static_cast<std::uint32_t>(size)), mail);
        ASSERT_TRUE(id) << size;
        EXPECT_TRUE(mail == journal().bytes(*id)) << size;
    }
    EXPECT_EQ(1 + 1 + 2 + 12, count("chunk"));
}

TEST_F(JournalTest, APlaceIsJournaledOnce) {
    const auto first = append(from_inbox(1), "one");
    EXPECT_FALSE(append(from_inbox(1), "another"));
    EXPECT_FALSE(append(from_inbox(1), "one"));
    EXPECT_EQ("one", journal().bytes(*first));
    EXPECT_EQ(1, journal().counts().total);
    EXPECT_TRUE(journal().holds({"security", "INBOX", 1, 1}));
    for (const MailPlace& other : {MailPlace{"security", "INBOX", 1, 2}, MailPlace{"security", "INBOX", 2, 1},
                                   MailPlace{"security", "Junk", 1, 1}, MailPlace{"psirt", "INBOX", 1, 1}})
        EXPECT_FALSE(journal().holds(other));
}

TEST_F(JournalTest, TheSameContentElsewhereIsADuplicateWithoutBytes) {
    const auto first = append(from_inbox(1), "the same bytes");
    const auto copied = append(from_inbox(2), "the same bytes");
    const auto again =
        append({.place = {"security", "INBOX", 2, 1}, .internal_date = morning, .baseline = true}, "the same bytes");
    for (const auto& id : {copied, again}) {
        ASSERT_TRUE(id);
        EXPECT_EQ(EntryState::Duplicate, journal().find(*id)->state);
        EXPECT_EQ(first, journal().find(*id)->same_as) << "the first one, not another duplicate";
        EXPECT_EQ("the same bytes", journal().bytes(*id));
    }
    EXPECT_EQ(1, count("chunk"));
    ASSERT_EQ(1u, journal().pending(10).size()) << "a duplicate has no effect";
    EXPECT_EQ(*first, journal().pending(10).at(0).id);
}

TEST_F(JournalTest, WhatWaitsComesOldestFirstUntilItIsFinished) {
    const auto report = append(from_inbox(3), "a report");
    const auto old =
        append({.place = {"security", "INBOX", 1, 1}, .internal_date = morning - 1000h, .baseline = true}, "old");
    const auto huge = in_transaction([&] { return journal().append_oversized(from_inbox(2), 900'000'000, morning); });
    ASSERT_TRUE(report && old && huge);
    const auto waiting = journal().pending(10);
    ASSERT_EQ(3u, waiting.size());
    EXPECT_EQ(EntryState::Pending, waiting[0].state);
    EXPECT_EQ(EntryState::Baseline, waiting[1].state);
    EXPECT_EQ(EntryState::Oversized, waiting[2].state);
    EXPECT_EQ(900'000'000u, waiting[2].size);
    EXPECT_EQ("", journal().bytes(*huge));
    EXPECT_EQ(3, journal().counts().pending);
    EXPECT_EQ(1u, journal().pending(1).size());

    const TicketId ticket = open_ticket("SEC-2026-0001");
    journal().finish(*report, EntryState::Done, ticket, "report", morning);
    journal().finish(*old, EntryState::Baseline, std::nullopt, "report", morning);
    journal().finish(*huge, EntryState::Quarantined, ticket, "report", morning);
    EXPECT_TRUE(journal().pending(10).empty());
    EXPECT_EQ(0, journal().counts().pending);
    EXPECT_EQ(1, journal().counts().quarantined);
    EXPECT_EQ(3, journal().counts().total);
    EXPECT_EQ(*huge, journal().newest(1).at(0).id);
}

TEST_F(JournalTest, TwoOversizedMailsAreNotTakenForOne) {
    in_transaction([&] {
        journal().append_oversized(from_inbox(1), 900'000'000, morning);
        journal().append_oversized(from_inbox(2), 900'000'000, morning);
    });
    EXPECT_EQ(2u, journal().pending(10).size());
}

TEST_F(JournalTest, TriesAreCountedBeforeAnythingLooksAtTheBytes) {
    const auto id = append(from_inbox(1), "poison");
    journal().begin_try(*id);
    journal().begin_try(*id);
    reopen();
    EXPECT_EQ(2, journal().find(*id)->tries);
    EXPECT_EQ(0, journal().find(*id)->failures) << "a try that was cut off is not a failure of the mail";
    journal().count_failure(*id);
    EXPECT_EQ(1, journal().find(*id)->failures);
    EXPECT_EQ(1u, journal().pending(10).size()) << "giving up is for others to decide";
}

TEST_F(JournalTest, ForgottenPlacesAndWrongEndsAreBugs) {
    const auto id = append(from_inbox(1), "one");
    EXPECT_THROW(journal().finish(JournalId{99}, EntryState::Done, std::nullopt, "report", morning), std::logic_error);
    EXPECT_THROW(journal().finish(*id, EntryState::Pending, std::nullopt, "report", morning), std::logic_error);
    EXPECT_THROW(journal().bytes(JournalId{99}), std::logic_error);
    EXPECT_FALSE(journal().find(JournalId{99}));
}

TEST_F(JournalTest, BytesCannotBeChangedAndAChangeBehindOurBackShows) {
    const auto id = append(from_inbox(1), "as received");
    EXPECT_THROW(store_->database.execute("UPDATE chunk SET bytes = x'00'"), Failure);
    with_bare_sqlite(path(), "DROP TRIGGER chunk_stays_as_received; UPDATE chunk SET bytes = x'00'");
    EXPECT_THROW(journal().bytes(*id), Failure);
}

TEST_F(JournalTest, ANumberThatWasVacatedMayNameAnotherMail) {
    const auto first = append(from_inbox(1), "one");
    append(from_inbox(2), "two");
    append({.place = {"security", "INBOX", 2, 1}, .internal_date = morning}, "of another validity");
    in_transaction([&] {
        store_->server_actions.move(from_inbox(1).place, "Archive", morning);
        journal().vacate("security", "INBOX", 1);
    });
    EXPECT_TRUE(store_->server_actions.due("security", morning, 10).empty()) << "it would move the other mail";
    EXPECT_TRUE(journal().uids("security", "INBOX", 1).empty());
    EXPECT_EQ(1u, journal().uids("security", "INBOX", 2).size());
    EXPECT_FALSE(journal().holds(from_inbox(1).place));
    const auto other = append(from_inbox(1), "another");
    ASSERT_TRUE(other);
    EXPECT_EQ(EntryState::Pending, journal().find(*other)->state);
    EXPECT_EQ(EntryState::Duplicate, journal().find(*append(from_inbox(2), "two"))->state);
    EXPECT_EQ("one", journal().bytes(*first));
    in_transaction([&] { journal().vacate(from_inbox(1).place); });
    EXPECT_EQ((std::vector<std::uint32_t>{2}), journal().uids("security", "INBOX", 1));
}

TEST_F(JournalTest, AMailOfAnotherDateIsAnother) {
    append(from_inbox(1), "one");
    NewEntry tomorrow = from_inbox(2);
    tomorrow.internal_date = morning;  // as the daemon keeps a date in the future
    append(tomorrow, "two");
    const auto place = from_inbox(1).place;
    EXPECT_FALSE(journal().holds_another(place, from_inbox(1).internal_date));
    EXPECT_TRUE(journal().holds_another(place, from_inbox(1).internal_date - 1h));
    EXPECT_FALSE(journal().holds_another(tomorrow.place, morning + 24h));
    EXPECT_TRUE(journal().holds_another(tomorrow.place, morning - 24h));
    EXPECT_FALSE(journal().holds_another(from_inbox(3).place, morning)) << "nothing lies there";
}

TEST_F(JournalTest, AnOversizedMailIsKnownByItsSizeAndDate) {
    const auto put = [&](std::uint32_t uid, std::uint64_t size, Instant date, std::uint32_t validity = 2) {
        NewEntry entry = from_inbox(uid);
        entry.place.uid_validity = validity;
        entry.internal_date = date;
        return in_transaction([&] { return journal().find(*journal().append_oversized(entry, size, morning))->state; });
    };
    EXPECT_EQ(EntryState::Oversized, put(1, 60'000'000, morning, 1));
    EXPECT_EQ(EntryState::Duplicate, put(2, 60'000'000, morning));
    EXPECT_EQ(EntryState::Oversized, put(3, 60'000'000, morning + 1s));
    EXPECT_EQ(EntryState::Oversized, put(4, 60'000'001, morning));
}

TEST_F(JournalTest, UidsAreThoseOfOneFolderInOneValidity) {
    for (const std::uint32_t uid : {9u, 4u, 4294967295u}) append(from_inbox(uid), "mail " + std::to_string(uid));
    append({.place = {"security", "INBOX", 2, 5}, .internal_date = morning}, "other validity");
    append({.place = {"security", "Junk", 1, 6}, .internal_date = morning}, "other folder");
    EXPECT_EQ((std::vector<std::uint32_t>{4, 9, 4294967295u}), journal().uids("security", "INBOX", 1));
    EXPECT_TRUE(journal().uids("security", "Sent", 1).empty());
}

}  // namespace
}  // namespace tocsin::store
