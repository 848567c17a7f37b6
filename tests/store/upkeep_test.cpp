// Cursors of mailboxes, and budgets of automatic mail.
#include "store/upkeep.hpp"

#include "fixture.hpp"

namespace tocsin::store {
namespace {

using UpkeepTest = StoreTest;

TEST_F(UpkeepTest, ACursorIsKeptWhole) {
    EXPECT_FALSE(store_->cursors.find("security", "INBOX"));
    ImapCursor cursor{
        .mailbox = "security", .folder = "INBOX", .uid_validity = 4294967295u, .next_uid = 17, .trouble = {}};
    store_->cursors.keep(cursor);
    EXPECT_EQ(std::nullopt, store_->cursors.find("security", "INBOX")->start);
    cursor.start = morning;
    cursor.last_contact = morning + 1h;
    cursor.last_compared = morning + 2h;
    cursor.missing = 3;
    cursor.trouble = "the server has gone away";
    store_->cursors.keep(cursor);
    store_->cursors.keep({.mailbox = "security", .folder = "Junk", .trouble = {}});
    reopen();
    const ImapCursor kept = store_->cursors.find("security", "INBOX").value();
    EXPECT_EQ(4294967295u, kept.uid_validity);
    EXPECT_EQ(17u, kept.next_uid);
    EXPECT_EQ(morning, kept.start);
    EXPECT_EQ(morning + 1h, kept.last_contact);
    EXPECT_EQ(morning + 2h, kept.last_compared);
    EXPECT_EQ(3, kept.missing);
    EXPECT_EQ("the server has gone away", kept.trouble);
    ASSERT_EQ(2u, store_->cursors.all().size());
    EXPECT_EQ("Junk", store_->cursors.all()[1].folder);
    EXPECT_EQ(1u, store_->cursors.all()[1].next_uid);
}

TEST_F(UpkeepTest, ABudgetIsCountedByAddressDomainAndInAll) {
    Budgets& budgets = store_->budgets;
    budgets.spend("rae@lab.test", "lab.test", morning);
    budgets.spend("roy@lab.test", "lab.test", morning + 1h);
    budgets.spend("eve@evil.test", "evil.test", morning + 2h);
    EXPECT_EQ(1, budgets.spent_on_address("rae@lab.test", morning));
    EXPECT_EQ(0, budgets.spent_on_address("rae@lab.test", morning + 1us));
    EXPECT_EQ(2, budgets.spent_on_domain("lab.test", morning));
    EXPECT_EQ(1, budgets.spent_on_domain("lab.test", morning + 1h));
    EXPECT_EQ(3, budgets.spent(morning));
    budgets.forget_before(morning + 1h);
    EXPECT_EQ(2, budgets.spent(morning - 1000h));
}

TEST_F(UpkeepTest, WhatIsSpentForAMailThatWasUndoneIsNotSpent) {
    {
        Transaction undone{store_->database};
        store_->budgets.spend("rae@lab.test", "lab.test", morning);
    }
    EXPECT_EQ(0, store_->budgets.spent(morning));
}

}  // namespace
}  // namespace tocsin::store
