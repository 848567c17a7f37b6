// ImapSource against a real Dovecot.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "rig.hpp"

namespace tocsin::transport::testing {
namespace {

using namespace std::chrono_literals;

std::string mail_with(std::size_t body_bytes, const std::string& subject = "A report") {
    std::string mail = "From: rae@lab.test\r\nTo: security@acme.test\r\nSubject: " + subject + "\r\n\r\n";
    for (std::size_t line = 0; mail.size() < body_bytes; ++line) mail += "line " + std::to_string(line) + " of it\r\n";
    return mail;
}

class RealImap : public ::testing::Test {
protected:
    void SetUp() override {
        const auto found = find_rig();
        if (!found) GTEST_SKIP() << "TOCSIN_RIG names no folder of a running mail host (tests/rig/mailhost)";
        rig_ = *found;
        // A mailbox of its own for each test: the host makes one for every address.
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        user_ = std::string{test->name()} + "." + std::to_string(::getpid()) + "@acme.test";
        trust_ = Trust::load(rig_.ca).value();
    }

    Result<ImapSource> try_connect(TlsStart tls = TlsStart::Implicit, const ImapLimits& limits = {}) {
        return ImapSource::connect(rig_.imap_endpoint(tls), rig_.login(user_), *trust_, interrupt_, limits);
    }
    ImapSource connect(const ImapLimits& limits = {}) {
        auto source = try_connect(TlsStart::Implicit, limits);
        if (!source) throw std::runtime_error{source.error().what};
        return std::move(*source);
    }

    Rig rig_;
    std::string user_;
    std::optional<Trust> trust_;
    Interrupt interrupt_;
};

TEST_F(RealImap, LogsInOverBothWaysOfTls) {
    for (const auto tls : {TlsStart::Implicit, TlsStart::StartTls}) {
        auto source = try_connect(tls);
        ASSERT_TRUE(source) << source.error().what;
        EXPECT_TRUE(source->can_idle());
        EXPECT_TRUE(source->select("INBOX"));
        source->log_out();
    }
}

TEST_F(RealImap, SaysThatThePasswordIsWrong) {
    const auto source =
        ImapSource::connect(rig_.imap_endpoint(TlsStart::Implicit), {user_, Secret{"no"}}, *trust_, interrupt_, {});
    ASSERT_FALSE(source);
    EXPECT_EQ(Code::Refused, source.error().code);
    EXPECT_EQ(Permanence::Permanent, source.error().permanence);
    EXPECT_EQ(std::string::npos, source.error().what.find(user_));
}

TEST_F(RealImap, TellsWhatLiesInTheMailboxAndItsBytes) {
    auto source = connect();
    const auto mail = mail_with(2'000);
    ASSERT_TRUE(source.append("INBOX", mail, false));
    ASSERT_TRUE(source.append("INBOX", mail_with(300), true));

    const auto selected = source.select("INBOX");
    ASSERT_TRUE(selected) << selected.error().what;
    EXPECT_NE(0u, selected->uid_validity);
    EXPECT_EQ(3u, selected->uid_next);
    EXPECT_EQ(2u, selected->exists);
    EXPECT_FALSE(selected->read_only);

    const auto listings = source.list_from(1);
    ASSERT_TRUE(listings) << listings.error().what;
    ASSERT_EQ(2u, listings->size());
    EXPECT_EQ(1u, (*listings)[0].uid);
    EXPECT_EQ(mail.size(), (*listings)[0].size);
    const auto age = SystemClock{}.now() - (*listings)[0].internal_date;
    EXPECT_LT(std::chrono::abs(age), 60s);
    EXPECT_NE((*listings)[1].flags.end(), std::ranges::find((*listings)[1].flags, "\\Seen"));

    const auto fetched = source.fetch(*listings);
    ASSERT_TRUE(fetched) << fetched.error().what;
    ASSERT_EQ(2u, fetched->size());
    EXPECT_EQ(mail, (*fetched)[0].bytes);

    const auto after = source.list_from(1);
    ASSERT_TRUE(after);
    EXPECT_EQ((*after)[0].flags.end(), std::ranges::find((*after)[0].flags, "\\Seen")) << "reading set a flag";
    EXPECT_TRUE(source.list_from(3)->empty()) << "3:* finds mail 2 as well, which is not from 3 on";
    EXPECT_EQ((std::vector<std::uint32_t>{1, 2}), *source.all_uids());
}

TEST_F(RealImap, FetchesAsManyAsFitTheBatchAndAtLeastOne) {
    auto source = connect({.max_batch_bytes = 10'000});
    for (const std::size_t size : {4'000, 4'000, 4'000, 30'000})
        ASSERT_TRUE(source.append("INBOX", mail_with(size), false));
    ASSERT_TRUE(source.select("INBOX"));
    auto wanted = *source.list_from(1);
    std::vector<std::vector<std::uint32_t>> rounds;
    while (!wanted.empty()) {
        const auto fetched = source.fetch(wanted);
        ASSERT_TRUE(fetched) << fetched.error().what;
        auto& uids = rounds.emplace_back();
        for (const auto& message : *fetched) uids.push_back(message.uid);
        std::erase_if(wanted, [&](const Listing& l) { return l.uid <= uids.back(); });
    }
    EXPECT_EQ((std::vector<std::vector<std::uint32_t>>{{1, 2}, {3}, {4}}), rounds);
}

TEST_F(RealImap, AVanishedMailIsSimplyNotThere) {
    auto source = connect();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(source.append("INBOX", mail_with(300), false));
    ASSERT_TRUE(source.select("INBOX"));
    const auto wanted = *source.list_from(1);
    auto other = connect();
    ASSERT_TRUE(other.select("INBOX"));
    ASSERT_TRUE(other.move(2, "Archive"));
    const auto fetched = source.fetch(wanted);
    ASSERT_TRUE(fetched) << fetched.error().what;
    // Dovecot keeps the bytes for who has not heard of it yet, or has not: both are right, and neither is an error.
    EXPECT_GE(fetched->size(), 2u);
    const auto later = source.list_from(1);
    ASSERT_TRUE(later) << later.error().what;
    EXPECT_EQ(2u, later->size());
}

TEST_F(RealImap, IdleHearsOfANewMail) {
    auto source = connect();
    ASSERT_TRUE(source.select("INBOX"));
    ASSERT_TRUE(source.list_from(1));
    std::thread sender{[&] {
        auto other = connect();
        std::this_thread::sleep_for(300ms);
        EXPECT_TRUE(other.append("INBOX", mail_with(300), false));
    }};
    const auto begin = std::chrono::steady_clock::now();
    const auto word = source.wait(20s);
    sender.join();
    ASSERT_TRUE(word) << word.error().what;
    EXPECT_EQ(Word::Changed, *word);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
    EXPECT_EQ(1u, source.list_from(1)->size());
}

TEST_F(RealImap, IdleEndsAfterItsTimeWithNothing) {
    auto source = connect();
    ASSERT_TRUE(source.select("INBOX"));
    const auto begin = std::chrono::steady_clock::now();
    const auto word = source.wait(400ms);
    ASSERT_TRUE(word) << word.error().what;
    EXPECT_EQ(Word::Nothing, *word);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 400ms);
    EXPECT_TRUE(source.select("INBOX")) << "the session goes on";
}

TEST_F(RealImap, AnInterruptEndsIdleWithinMoments) {
    auto source = connect();
    ASSERT_TRUE(source.select("INBOX"));
    std::thread hand{[&] {
        std::this_thread::sleep_for(200ms);
        interrupt_.raise();
    }};
    const auto begin = std::chrono::steady_clock::now();
    const auto word = source.wait(20s);
    hand.join();
    ASSERT_FALSE(word);
    EXPECT_EQ(Code::Interrupted, word.error().code);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
    interrupt_.clear();
    EXPECT_FALSE(source.list_from(1)) << "after an error the object is dead";
}

TEST_F(RealImap, WhatArrivedWhileListingIsNewsForTheNextWait) {
    auto source = connect();
    ASSERT_TRUE(source.select("INBOX"));
    auto other = connect();
    ASSERT_TRUE(other.append("INBOX", mail_with(300), false));
    // The next command of any kind carries the EXISTS; IDLE alone would never repeat it.
    ASSERT_TRUE(source.all_uids());
    const auto begin = std::chrono::steady_clock::now();
    const auto word = source.wait(10s);
    ASSERT_TRUE(word) << word.error().what;
    EXPECT_EQ(Word::Changed, *word);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(RealImap, MarksSeenAndMovesWhenTold) {
    auto source = connect();
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(source.append("INBOX", mail_with(300), false));
    ASSERT_TRUE(source.select("INBOX"));
    ASSERT_TRUE(source.mark_seen(1));
    EXPECT_NE(std::vector<std::string>{}, source.list_from(1)->front().flags);
    ASSERT_TRUE(source.move(2, "Archive"));
    EXPECT_EQ((std::vector<std::uint32_t>{1}), *source.all_uids());
    ASSERT_TRUE(source.select("Archive"));
    EXPECT_EQ(1u, source.list_from(1)->size());
}

TEST_F(RealImap, AMailboxThatIsNotThereIsRefusedByName) {
    auto source = connect();
    const auto selected = source.select("No such box");
    ASSERT_FALSE(selected);
    EXPECT_EQ(Code::Refused, selected.error().code);
    EXPECT_NE(std::string::npos, selected.error().what.find("SELECT"));
    EXPECT_FALSE(source.select("INBOX")) << "after an error the object is dead";
}

TEST_F(RealImap, MailboxNamesArriveAsTheyAreWritten) {
    auto source = connect();
    // Dovecot makes a mailbox for nobody, so the refusal shows the name that it understood: it lists none of these,
    // and takes none for a broken name.
    for (const auto* name : {"Müll & Ähnliches", "日本語", "quote\" and \\ slash"}) {
        auto each = connect();
        const auto selected = each.select(name);
        ASSERT_FALSE(selected);
        EXPECT_EQ(Code::Refused, selected.error().code) << selected.error().what;
        EXPECT_EQ(std::string::npos, selected.error().what.find("mUTF-7")) << selected.error().what;
    }
    const auto injected = source.select("INBOX\r\n2 CREATE hax\r\n");
    ASSERT_FALSE(injected);
    EXPECT_EQ(Code::BadInput, injected.error().code);
    EXPECT_TRUE(source.select("INBOX")) << "nothing was sent, so the session goes on";
}

TEST_F(RealImap, ALargeMailComesInPieces) {
    auto source = connect();
    const auto mail = mail_with(3'000'000);
    ASSERT_TRUE(source.append("INBOX", mail, false));
    ASSERT_TRUE(source.select("INBOX"));
    const auto listing = source.list_from(1)->front();
    std::string got;
    std::size_t largest = 0;
    const auto done = source.fetch_in_pieces(listing, [&](std::string_view piece) {
        largest = std::max(largest, piece.size());
        got += piece;
        return true;
    });
    ASSERT_TRUE(done) << done.error().what;
    EXPECT_TRUE(mail == got);  // no diff of megabytes
    EXPECT_LE(largest, std::size_t{64} << 10);
    EXPECT_EQ(1u, source.list_from(1)->size()) << "the session goes on";
}

}  // namespace
}  // namespace tocsin::transport::testing
