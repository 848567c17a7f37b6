// A large mail that comes in pieces.
#include "fixture.hpp"

namespace tocsin::store {
namespace {

class ArrivalTest : public StoreTest {
protected:
    const std::string first_ = std::string(Journal::piece_bytes, 'a');
    const std::string last_ = "the end";
    JournalId two_pieces(const NewEntry& entry) {
        const auto id = store_->journal.begin_arrival(entry, morning);
        store_->journal.add_piece(id, 0, first_);
        store_->journal.add_piece(id, 1, last_);
        return id;
    }
    EntryState finish(JournalId id, const NewEntry& entry) {
        return in_transaction([&] {
            return store_->journal.finish_arrival(id, entry, sha256(first_ + last_), first_.size() + last_.size(),
                                                  morning);
        });
    }
};

TEST_F(ArrivalTest, IsNowhereToBeSeenBeforeItIsWhole) {
    const auto entry = from_inbox(7);
    two_pieces(entry);
    EXPECT_FALSE(store_->journal.holds(entry.place));
    EXPECT_TRUE(store_->journal.uids("security", "INBOX", 1).empty());
    EXPECT_TRUE(store_->journal.pending(10).empty());
    EXPECT_TRUE(store_->journal.newest(10).empty());
    EXPECT_EQ(0, store_->journal.counts().total);
    EXPECT_EQ(std::nullopt, store_->journal.last_from_outside());
    reopen();
    store_->journal.forget_arrivals();
    EXPECT_EQ(0, count("chunk"));
    EXPECT_EQ(0, count("journal"));
}

TEST_F(ArrivalTest, IsAMailLikeAnyOtherAfterwards) {
    const auto entry = from_inbox(7);
    EXPECT_EQ(EntryState::Pending, finish(two_pieces(entry), entry));
    ASSERT_EQ(1u, store_->journal.pending(10).size());
    const auto id = store_->journal.pending(10).front().id;
    EXPECT_EQ(first_ + last_, store_->journal.bytes(id));
    EXPECT_EQ(first_, store_->journal.piece(id, 0));
    EXPECT_EQ(last_, store_->journal.piece(id, 1));
    EXPECT_EQ("", store_->journal.piece(id, 2));
    EXPECT_TRUE(store_->journal.holds(entry.place));
    EXPECT_THROW(finish(id, entry), std::logic_error);
}

TEST_F(ArrivalTest, BegunAnewForgetsTheFirstTry) {
    const auto entry = from_inbox(7);
    two_pieces(entry);
    EXPECT_EQ(EntryState::Pending, finish(two_pieces(entry), entry));
    EXPECT_EQ(1, count("journal"));
    EXPECT_EQ(2, count("chunk"));
}

TEST_F(ArrivalTest, OfKnownContentKeepsItOnce) {
    finish(two_pieces(from_inbox(7)), from_inbox(7));
    EXPECT_EQ(EntryState::Duplicate, finish(two_pieces(from_inbox(8)), from_inbox(8)));
    EXPECT_EQ(2, count("chunk"));
    const auto copy = store_->journal.newest(1).front();
    EXPECT_EQ(first_, store_->journal.piece(copy.id, 0));
    EXPECT_TRUE(store_->journal.holds_content("security", "INBOX", sha256(first_ + last_)));
    EXPECT_FALSE(store_->journal.holds_content("security", "Sent", sha256(first_ + last_)));
}

TEST_F(ArrivalTest, LeftHalfWayKeepsNothingFromItsPlace) {
    two_pieces(from_inbox(7));
    const auto id = in_transaction([&] { return store_->journal.append(from_inbox(7), "it was small", morning); });
    ASSERT_TRUE(id);
    EXPECT_EQ("it was small", store_->journal.bytes(*id));
    EXPECT_EQ(1, count("chunk"));
}

TEST_F(ArrivalTest, TakenOutOfTheJunkIsLookedAtAnew) {
    NewEntry junk = from_inbox(1);
    junk.place.folder = "Junk";
    junk.acknowledge = false;
    EXPECT_EQ(EntryState::Pending, finish(two_pieces(junk), junk));
    const auto first = store_->journal.newest(1).front().id;
    in_transaction([&] { store_->journal.finish(first, EntryState::Done, std::nullopt, "report", morning); });
    EXPECT_EQ(EntryState::Pending, finish(two_pieces(from_inbox(2)), from_inbox(2)));
    const auto copy = store_->journal.newest(1).front();
    EXPECT_EQ(first, copy.copy_of);
    EXPECT_EQ(first_ + last_, store_->journal.bytes(copy.id));
    EXPECT_EQ(EntryState::Duplicate, finish(two_pieces(from_inbox(3)), from_inbox(3))) << "once";
}

TEST_F(ArrivalTest, ACopyInTheInboxIsAnsweredThoughAnotherWasReadFirst) {
    NewEntry beside = from_inbox(1);
    beside.place.folder = "Junk";
    beside.acknowledge = false;
    const auto first = in_transaction([&] { return *store_->journal.append(beside, "bytes", morning); });
    EXPECT_FALSE(store_->journal.find(first)->acknowledge);
    in_transaction([&] { store_->journal.append(from_inbox(2), "bytes", morning); });
    EXPECT_TRUE(store_->journal.find(first)->acknowledge);
}

}  // namespace
}  // namespace tocsin::store
