// What the mailbox says and what is done to it, where a real server cannot be made to say it.
#include <gtest/gtest.h>

#include "peer_scripts.hpp"

namespace tocsin::transport::testing {
namespace {

using namespace std::chrono_literals;

TEST(ImapSelect, TellsWhatTheServerSaid) {
    ScriptedPeer peer{imap_login() +
                      Script{expect("SELECT \"Entw&APw-rfe\""),
                             say("* 4 EXISTS\r\n* OK [UIDVALIDITY 4294967295] x\r\n* OK [UIDNEXT 17] x\r\n"
                                 "* OK [HIGHESTMODSEQ 715194045007] x\r\n% OK [READ-ONLY] look only"),
                             expect("SELECT INBOX"), say("* 0 EXISTS\r\n* OK [UIDVALIDITY 3] x\r\n% OK done"),
                             expect("SELECT Odd"), say("* 0 EXISTS\r\n% OK done"), stall()}};
    Client client;
    auto source = client.connect(peer.imap()).value();
    const auto first = source.select("Entwürfe");
    ASSERT_TRUE(first) << first.error().what;
    EXPECT_EQ(4294967295u, first->uid_validity);
    EXPECT_EQ(17u, first->uid_next);
    EXPECT_EQ(4u, first->exists);
    EXPECT_TRUE(first->read_only);
    const auto second = source.select("INBOX");
    ASSERT_TRUE(second) << second.error().what;
    EXPECT_EQ(3u, second->uid_validity);
    EXPECT_EQ(0u, second->uid_next) << "nothing is left of the mailbox before";
    EXPECT_FALSE(second->read_only);
    const auto third = source.select("Odd");
    ASSERT_FALSE(third) << "UIDs would mean nothing";
}

Listing listed(const std::string& attributes) {
    ScriptedPeer peer{imap_selected(1) + Script{expect("UID SEARCH UID 1:*"), say("* SEARCH 1\r\n% OK done"),
                                                expect("UID FETCH 1 "),
                                                say("* 1 FETCH (" + attributes + ")\r\n% OK done"), stall()}};
    Client client;
    auto source = client.selected(peer.imap());
    const auto listings = source.list_from(1);
    if (!listings) throw std::runtime_error{listings.error().what};
    return listings->at(0);
}

TEST(ImapList, AnInternalDateIsAnInstantWhateverItsZone) {
    const struct {
        const char* date;
        const char* utc;
    } cases[] = {
        {"22-Nov-2026 02:00:00 +0000", "2026-11-22T02:00:00Z"}, {"22-Nov-2026 02:00:00 +0530", "2026-11-21T20:30:00Z"},
        {"22-Nov-2026 02:00:00 -0330", "2026-11-22T05:30:00Z"}, {"22-Nov-2026 02:00:00 -0030", "2026-11-22T02:30:00Z"},
        {"22-Nov-2026 02:00:00 +1400", "2026-11-21T12:00:00Z"}, {" 1-Jan-2026 00:30:59 +0100", "2025-12-31T23:30:59Z"},
        {"29-Feb-2024 23:59:59 -0000", "2024-02-29T23:59:59Z"}, {"31-Dec-1999 23:59:60 +0000", "2000-01-01T00:00:00Z"},
        {"30-Feb-2026 00:00:00 +0000", "2026-03-02T00:00:00Z"},
    };
    for (const auto& c : cases) {
        const auto listing = listed("UID 1 FLAGS () RFC822.SIZE 5 INTERNALDATE \"" + std::string{c.date} + "\"");
        EXPECT_EQ(c.utc, to_rfc3339(listing.internal_date)) << c.date;
    }
}

TEST(ImapList, FlagsComeAsTheyAreNamed) {
    const auto listing = listed(
        "UID 1 FLAGS (\\Seen \\Answered \\Recent \\Junk $Forwarded NonJunk) RFC822.SIZE 5 INTERNALDATE \"22-Nov-2026 "
        "02:00:00 +0000\"");
    EXPECT_EQ((std::vector<std::string>{"\\Seen", "\\Answered", "\\Recent", "\\Junk", "$Forwarded", "NonJunk"}),
              listing.flags);
}

TEST(ImapList, ALargeMailboxIsListedInCommandsOfAThousand) {
    std::string found = "* SEARCH";
    for (int uid = 3000; uid > 0; uid -= 2) found += " " + std::to_string(uid);  // in any order
    const auto answers = [](int from, int to) {
        std::string out;
        for (int uid = from; uid <= to; uid += 2)
            out += "* " + std::to_string(uid / 2) + " FETCH (UID " + std::to_string(uid) +
                   " FLAGS () RFC822.SIZE 5 INTERNALDATE \"22-Nov-2026 02:00:00 +0000\")\r\n";
        return out + "% OK done";
    };
    ScriptedPeer peer{imap_selected(1500) + Script{expect("UID SEARCH UID 2:*"), say(found + "\r\n% OK done"),
                                                   expect("UID FETCH 2:2000 ("), say(answers(2, 2000)),
                                                   expect("UID FETCH 2002:3000 ("), say(answers(2002, 3000)), stall()}};
    Client client;
    auto source = client.selected(peer.imap());
    const auto listings = source.list_from(2);
    ASSERT_TRUE(listings) << listings.error().what;
    ASSERT_EQ(1500u, listings->size());
    EXPECT_EQ(2u, listings->front().uid);
    EXPECT_EQ(3000u, listings->back().uid);
}

TEST(ImapList, OnlyWholeAnswersCount) {
    ScriptedPeer peer{
        imap_selected(3) +
        Script{expect("UID SEARCH"), say("* SEARCH 1 2 3\r\n% OK done"), expect("UID FETCH 1:3"),
               say("* 1 FETCH (UID 1 FLAGS ())\r\n"
                   "* 2 FETCH (UID 2 FLAGS () RFC822.SIZE 5 INTERNALDATE \"22-Nov-2026 02:00:00 +0000\")\r\n"
                   "* 9 FETCH (UID 99 FLAGS () RFC822.SIZE 5 INTERNALDATE \"22-Nov-2026 02:00:00 +0000\")\r\n"
                   "* 2 FETCH (FLAGS (\\Seen))\r\n% OK done"),
               stall()}};
    Client client;
    auto source = client.selected(peer.imap());
    const auto listings = source.list_from(1);
    ASSERT_TRUE(listings) << listings.error().what;
    ASSERT_EQ(1u, listings->size());
    EXPECT_EQ(2u, listings->front().uid);
}

TEST(ImapFetch, NeighboursAreAskedForAsOneRangeAndNoneInBetween) {
    ScriptedPeer peer{imap_selected(9) + Script{expect("UID FETCH 1:3,7,9 (UID BODY.PEEK[])"), say("% OK done"),
                                                expect("UID FETCH 1:3,7,9 (UID BODY.PEEK[])"), say("% OK done"),
                                                stall()}};
    Client client;
    client.limits.max_message_bytes = 100;
    auto source = client.selected(peer.imap());
    const auto fetched = source.fetch(
        {listing_of(1, 5), listing_of(2, 5), listing_of(3, 5), listing_of(5, 101), listing_of(7, 5), listing_of(9, 5)});
    ASSERT_TRUE(fetched) << fetched.error().what;
    EXPECT_TRUE(fetched->empty()) << "all are gone, and the oversized one was never asked for";
}

TEST(ImapFetch, ACommandStaysShortHoweverScatteredTheUids) {
    std::vector<Listing> wanted;
    for (std::uint32_t uid = 4'000'000'000; wanted.size() < 200; uid += 2) wanted.push_back(listing_of(uid, 5));
    ScriptedPeer peer{imap_selected(9) + Script{expect("UID FETCH "),
                                                say("* 1 FETCH (UID 4000000000 BODY[] {5}\r\n01234)\r\n% OK done"),
                                                expect("UID FETCH "), say("% OK done"), stall()}};
    std::vector<std::string> heard;
    {
        Client client;
        auto source = client.selected(peer.imap());
        const auto fetched = source.fetch(wanted);
        ASSERT_TRUE(fetched) << fetched.error().what;
        EXPECT_EQ(1u, fetched->size());
    }
    for (const auto& line : peer.heard()) EXPECT_LT(line.size(), 1000u);
}

// --- changes ---

TEST(ImapMove, WithoutMoveOnlyTheOneMailIsExpunged) {
    ScriptedPeer peer{imap_selected(2, "IMAP4rev1 SASL-IR UIDPLUS AUTH=PLAIN") +
                      Script{expect("UID COPY 2 Archive"), say("% OK [COPYUID 9 2 1] done"),
                             expect("UID STORE 2 +FLAGS.SILENT (\\Deleted)"), say("% OK done"), expect("UID EXPUNGE 2"),
                             say("* 2 EXPUNGE\r\n% OK done"), stall()}};
    {
        Client client;
        auto source = client.selected(peer.imap());
        const auto moved = source.move(2, "Archive");
        EXPECT_TRUE(moved) << moved.error().what;
    }
    EXPECT_EQ("", peer.complaint());
}

TEST(ImapMove, WithoutUidplusNothingIsExpunged) {
    ScriptedPeer peer{imap_selected(2, "IMAP4rev1 SASL-IR AUTH=PLAIN") +
                      Script{expect("UID COPY 2 Archive"), say("% OK done"),
                             expect("UID STORE 2 +FLAGS.SILENT (\\Deleted)"), say("% OK done"), stall()}};
    {
        Client client;
        auto source = client.selected(peer.imap());
        EXPECT_TRUE(source.move(2, "Archive"));
    }
    for (const auto& line : peer.heard()) EXPECT_EQ(std::string::npos, line.find("EXPUNGE"));
}

TEST(ImapMove, ACopyThatFailedDeletesNothing) {
    ScriptedPeer peer{imap_selected(2, "IMAP4rev1 SASL-IR UIDPLUS AUTH=PLAIN") +
                      Script{expect("UID COPY 2 Archive"), say("% NO [TRYCREATE] no such mailbox"), stall()}};
    {
        Client client;
        auto source = client.selected(peer.imap());
        const auto moved = source.move(2, "Archive");
        ASSERT_FALSE(moved);
        EXPECT_EQ(Code::Refused, moved.error().code);
    }
    for (const auto& line : peer.heard()) EXPECT_EQ(std::string::npos, line.find("STORE"));
}

TEST(ImapCreate, SaysTheNameInQuotesAndBearsANo) {
    ScriptedPeer peer{imap_selected(1) + Script{expect("CREATE \"Alt &- \\\"neu\\\"\""), say("% OK made"),
                                                expect("CREATE \"Archive\""), say("% NO [ALREADYEXISTS] it is there"),
                                                expect("CREATE \"&ANw-bung\""), say("% OK made"), stall()}};
    Client client;
    auto source = client.selected(peer.imap());
    EXPECT_TRUE(source.create("Alt & \"neu\"").value());
    EXPECT_FALSE(source.create("Archive").value());
    EXPECT_TRUE(source.create("Übung").value());
    EXPECT_FALSE(source.create("a\r\nb"));
}

TEST(ImapAppend, TheBytesGoOutAfterTheServerAsksForThem) {
    const std::string mail = "Subject: x\r\n\r\n.\r\nbody\r\n";
    ScriptedPeer peer{imap_selected(1) +
                      Script{expect("APPEND \"Sent\" (\\Seen) {" + std::to_string(mail.size()) + "}"),
                             say("* 2 EXISTS\r\n* OK Still here\r\n+ go on"), hear(mail.size()), expect(""),
                             say("* 3 EXISTS\r\n% OK [APPENDUID 9 1] done"), expect("APPEND \"Sent\" {"),
                             say("% NO [OVERQUOTA] full"), stall()}};
    Client client;
    auto source = client.selected(peer.imap());
    const auto done = source.append("Sent", mail, true);
    EXPECT_TRUE(done) << done.error().what;
    const auto full = source.append("Sent", mail, false);
    ASSERT_FALSE(full);
    EXPECT_EQ(Permanence::Temporary, full.error().permanence);
}

TEST(ImapEnd, TheEndOfTheServersCertificateIsKnown) {
    ScriptedPeer peer{imap_selected(1) + Script{expect("LOGOUT"), goodbye()}};
    Client client;
    auto source = client.selected(peer.imap());
    const auto expiry = source.certificate_expiry();
    ASSERT_TRUE(expiry);
    const auto left = *expiry - SystemClock{}.now();  // these live for a day
    EXPECT_LT(left, 25h);
    EXPECT_GT(left, 23h);
    source.log_out();
    EXPECT_FALSE(source.certificate_expiry());
}

TEST(ImapEnd, DestroyingASessionNeitherSaysNorWaits) {
    ScriptedPeer peer{imap_selected(1) + Script{stall()}};
    {
        Client client;
        client.limits.deadlines = {9s, 9s, 9s, 9s, 9s, 9s, 9s, 9s};
        auto source = client.selected(peer.imap());
        const auto begin = std::chrono::steady_clock::now();
        { auto gone = std::move(source); }
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 100ms);
    }
    EXPECT_TRUE(peer.heard().back().find("SELECT") != std::string::npos) << peer.heard().back();
}

TEST(ImapEnd, LogoutIsPoliteAndShort) {
    ScriptedPeer polite{imap_selected(1) + Script{expect("LOGOUT"), say("* BYE then\r\n% OK done"), stall()}};
    ScriptedPeer silent{imap_selected(1) + Script{expect("LOGOUT"), stall()}};
    for (auto* peer : {&polite, &silent}) {
        Client client{1s};
        auto source = client.selected(peer->imap());
        const auto begin = std::chrono::steady_clock::now();
        source.log_out();
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
        EXPECT_FALSE(source.select("INBOX"));
        EXPECT_EQ("", peer->complaint());
    }
}

}  // namespace
}  // namespace tocsin::transport::testing
