// What the mailbox says and what is done to it, where a real server cannot be made to say it.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

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

// --- one large mail in pieces ---

std::string stream_answer(const std::string& bytes) {
    return "* 1 FETCH (UID 1 BODY[] {" + std::to_string(bytes.size()) + "}\r\n" + bytes + ")\r\n% OK done\r\n";
}

struct Streamed {
    Result<bool> result;
    std::string bytes;
};

Streamed streamed(const Script& answers, std::uint64_t told) {
    ScriptedPeer peer{imap_selected(1) + answers};
    Client client;
    auto source = client.selected(peer.imap());
    Streamed out;
    out.result = source.fetch_in_pieces(listing_of(1, told), [&](std::string_view piece) {
        out.bytes += piece;
        return true;
    });
    return out;
}

TEST(ImapPieces, TheMailComesWholeWhateverItsForm) {
    const auto literal =
        streamed({expect("UID FETCH 1 (UID BODY.PEEK[])"), say_raw(stream_answer("0123456789")), stall()}, 10);
    EXPECT_TRUE(literal.result) << literal.result.error().what;
    EXPECT_EQ("0123456789", literal.bytes);
    const auto quoted =
        streamed({expect("UID FETCH"), say("* 1 FETCH (UID 1 BODY[] \"0123456789\")\r\n% OK done"), stall()}, 10);
    EXPECT_TRUE(quoted.result) << quoted.result.error().what;
    EXPECT_EQ("0123456789", quoted.bytes);
    const auto after =
        streamed({expect("UID FETCH"),
                  say_raw("* 1 FETCH (BODY[] {10}\r\n0123456789 UID 1 FLAGS (\\Seen))\r\n% OK done\r\n"), stall()},
                 10);
    EXPECT_TRUE(after.result) << after.result.error().what;
    EXPECT_EQ("0123456789", after.bytes);
}

TEST(ImapPieces, AnotherSizeIsTakenOnlyWhenTheSameBytesComeTwice) {
    const auto twice = streamed({expect("UID FETCH"), say_raw(stream_answer("01234")), expect("UID FETCH"),
                                 say_raw(stream_answer("01234")), stall()},
                                10);
    EXPECT_TRUE(twice.result) << twice.result.error().what;
    EXPECT_EQ("01234", twice.bytes);
    const auto differs = streamed({expect("UID FETCH"), say_raw(stream_answer("01234")), expect("UID FETCH"),
                                   say_raw(stream_answer("0123456789")), stall()},
                                  10);
    ASSERT_FALSE(differs.result);
    EXPECT_EQ(Permanence::Temporary, differs.result.error().permanence);
}

TEST(ImapPieces, AnotherMailOrNoneIsAnError) {
    for (const auto* answer :
         {"% OK done", "* 1 FETCH (UID 1 BODY[] NIL)\r\n% OK done", "* 1 FETCH (UID 1 BODY[] {0}\r\n)\r\n% OK done",
          "* 9 FETCH (UID 99 BODY[] {10}\r\n0123456789)\r\n% OK done",
          "* 9 FETCH (BODY[] {10}\r\n0123456789)\r\n% OK done",
          "* 1 FETCH (UID 1 BODY[] {10}\r\n0123456789)\r\n* 1 FETCH (UID 1 BODY[] {3}\r\nxyz)\r\n% OK done"}) {
        const auto got = streamed({expect("UID FETCH"), say(answer), expect("UID FETCH"), say(answer), stall()}, 10);
        EXPECT_FALSE(got.result.value_or(false)) << answer;
    }
}

TEST(ImapPieces, WhoeverTakesThemMayGiveUp) {
    for (const bool by_throwing : {false, true}) {
        ScriptedPeer peer{imap_selected(1) +
                          Script{expect("UID FETCH"), say_raw(stream_answer(std::string(300'000, 'x'))), stall()}};
        Client client;
        auto source = client.selected(peer.imap());
        int pieces = 0;
        const auto take = [&](std::string_view) {
            if (++pieces == 2 && by_throwing) throw std::runtime_error{"disk full"};
            return pieces < 2;
        };
        if (by_throwing)
            EXPECT_THROW((void)source.fetch_in_pieces(listing_of(1, 300'000), take), std::runtime_error);
        else
            EXPECT_FALSE(source.fetch_in_pieces(listing_of(1, 300'000), take));
        EXPECT_EQ(2, pieces);
        EXPECT_FALSE(source.list_from(1)) << "the rest of the mail is still on its way";
    }
}

TEST(ImapPieces, FiftyMegabytesTakeNoMemoryToSpeakOf) {
    constexpr std::size_t size = 50u << 20;
    const Step fifty = [](Line& line) {
        const std::string block(1u << 16, 'x');
        say_raw("* 1 FETCH (UID 1 BODY[] {" + std::to_string(size) + "}\r\n")(line);
        for (std::size_t sent = 0; sent < size; sent += block.size()) say_raw(block)(line);
        say_raw(")\r\n% OK done\r\n")(line);
    };
    ScriptedPeer peer{imap_selected(1) + Script{expect("UID FETCH"), fifty, stall()}};
    Client client;
    client.limits.deadlines.body = 60s;
    auto source = client.selected(peer.imap());
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    std::size_t got = 0;
    std::size_t largest = 0;
    const auto done = source.fetch_in_pieces(listing_of(1, size), [&](std::string_view piece) {
        got += piece.size();
        largest = std::max(largest, piece.size());
        return true;
    });
    rusage after{};
    ::getrusage(RUSAGE_SELF, &after);
    ASSERT_TRUE(done) << done.error().what;
    EXPECT_EQ(size, got);
    EXPECT_LE(largest, 64u << 10);
#ifndef __SANITIZE_ADDRESS__
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 4 << 10) << "kB";
#endif
}

TEST(ImapPieces, TheInterruptEndsAFloodThatNeverPauses) {
    ScriptedPeer peer{imap_selected(1) +
                      Script{expect("UID FETCH"), say_raw("* 1 FETCH (UID 1 BODY[] {4000000000}\r\n"), flood("x")}};
    Client client;
    client.limits.max_message_bytes = 4'000'000'000;
    auto source = client.selected(peer.imap());
    std::size_t got = 0;
    const auto done = source.fetch_in_pieces(listing_of(1, 4'000'000'000), [&](std::string_view piece) {
        if (got == 0) client.interrupt.raise();
        got += piece.size();
        return true;
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(Code::Interrupted, done.error().code) << done.error().what;
    EXPECT_LT(got, 1u << 20);
}

// --- waiting ---

struct Waited {
    Result<Word> word = Word::Nothing;
    std::vector<std::string> heard;
    std::string complaint;
    std::chrono::milliseconds took{};
};

Waited waited(const Script& script, std::chrono::milliseconds most, const std::string& capabilities = usual_imap,
              std::chrono::seconds patience = 10s) {
    ScriptedPeer peer{imap_selected(1, capabilities) + script};
    Waited out;
    {
        Client client{patience};
        auto source = client.selected(peer.imap());
        const auto begin = std::chrono::steady_clock::now();
        out.word = source.wait(most);
        out.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    }
    out.heard = peer.heard();
    out.complaint = peer.complaint();
    return out;
}

const Script ends_quietly{expect("DONE"), say("% OK idled"), expect("NOOP"), say("% OK done"), stall()};

// DONE has no tag, so the one of IDLE is kept for it.
Step expect_done() { return expect("DONE"); }

TEST(ImapWait, ANewMailEndsIt) {
    for (const auto* news : {"* 2 EXISTS", "* 1 EXPUNGE", "* 1 RECENT"}) {
        const auto w = waited(Script{expect("IDLE"), say("+ idling"), wait_for(100ms), say(news)} + ends_quietly, 5s);
        ASSERT_TRUE(w.word) << w.word.error().what;
        EXPECT_EQ(Word::Changed, *w.word) << news;
        EXPECT_LT(w.took, 1s);
        EXPECT_EQ("", w.complaint);
    }
}

TEST(ImapWait, ANudgeEndsItAndKillsNothing) {
    ScriptedPeer peer{
        imap_selected(1) +
        Script{expect("IDLE"), say("+ idling"), expect("DONE"), say("% OK idled"), expect("NOOP"), say("% OK done")} +
        Script{expect("IDLE"), say("+ idling"), wait_for(50ms), say("* 2 EXISTS")} + ends_quietly};
    Client client;
    auto source = client.selected(peer.imap());
    std::thread other{[&] {
        std::this_thread::sleep_for(100ms);
        client.interrupt.nudge();
    }};
    const auto begun = std::chrono::steady_clock::now();
    const auto word = source.wait(5s);
    other.join();
    ASSERT_TRUE(word) << word.error().what;
    EXPECT_EQ(Word::Nudged, *word);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
    EXPECT_EQ(Word::Nudged, source.wait(5s).value()) << "it stays until it is taken back";
    client.interrupt.take_nudge_back();
    EXPECT_EQ(Word::Changed, source.wait(5s).value());
}

TEST(ImapWait, WhatIsNoNewsDoesNotEndIt) {
    const auto w = waited(
        Script{expect("IDLE"), say("+ idling\r\n* OK Still here\r\n* 1 FETCH (FLAGS (\\Seen))")} + ends_quietly, 300ms);
    ASSERT_TRUE(w.word) << w.word.error().what;
    EXPECT_EQ(Word::Nothing, *w.word);
    EXPECT_GE(w.took, 300ms);
}

TEST(ImapWait, NewsInOneBreathWithThePlusIsHeard) {
    const auto w = waited(Script{expect("IDLE"), say("+ idling\r\n* 2 EXISTS")} + ends_quietly, 5s);
    ASSERT_TRUE(w.word) << w.word.error().what;
    EXPECT_EQ(Word::Changed, *w.word);
}

TEST(ImapWait, NewsBeforeThePlusIsHeard) {
    const auto w = waited(Script{expect("IDLE"), say("* 2 EXISTS\r\n+ idling")} + ends_quietly, 5s);
    ASSERT_TRUE(w.word) << w.word.error().what;
    EXPECT_EQ(Word::Changed, *w.word);
    EXPECT_LT(w.took, 1s);
}

TEST(ImapWait, NewsThatComesWithTheEndIsHeard) {
    const auto with_done = waited({expect("IDLE"), say("+ idling"), expect_done(), say("* 2 EXISTS\r\n% OK idled"),
                                   expect("NOOP"), say("% OK done"), stall()},
                                  100ms);
    EXPECT_EQ(Word::Changed, with_done.word.value());
    const auto with_noop = waited({expect("IDLE"), say("+ idling"), expect_done(), say("% OK idled"), expect("NOOP"),
                                   say("* 2 EXISTS\r\n% OK done"), stall()},
                                  100ms);
    EXPECT_EQ(Word::Changed, with_noop.word.value());
}

TEST(ImapWait, HalfALineIsNoNews) {
    const auto w = waited({expect("IDLE"), say("+ idling"), say_raw("* 2 EX"), wait_for(300ms), say("ISTS"),
                           expect_done(), say("% OK idled"), expect("NOOP"), say("% OK done"), stall()},
                          5s);
    ASSERT_TRUE(w.word) << w.word.error().what;
    EXPECT_EQ(Word::Changed, *w.word);
    EXPECT_GE(w.took, 250ms);
}

TEST(ImapWait, WhereThereIsNoIdleItWaitsAndAsksOnce) {
    const auto quiet = waited({expect("NOOP"), say("% OK done"), stall()}, 300ms, "IMAP4rev1 SASL-IR AUTH=PLAIN");
    ASSERT_TRUE(quiet.word) << quiet.word.error().what;
    EXPECT_EQ(Word::Nothing, *quiet.word);
    EXPECT_GE(quiet.took, 300ms);
    EXPECT_EQ("", quiet.complaint);
    const auto news =
        waited({expect("NOOP"), say("* 2 EXISTS\r\n% OK done"), stall()}, 100ms, "IMAP4rev1 SASL-IR AUTH=PLAIN");
    EXPECT_EQ(Word::Changed, news.word.value());
}

TEST(ImapWait, AnEndOfTheServersIsAnErrorAtOnce) {
    const std::pair<const char*, Script> ends[] = {
        {"cut", {expect("IDLE"), say("+ idling"), cut()}},
        {"goodbye", {expect("IDLE"), say("+ idling"), goodbye()}},
        {"BYE", {expect("IDLE"), say("+ idling\r\n* BYE for lack of interest"), goodbye()}},
        {"refused", {expect("IDLE"), say("% NO not today"), stall()}},
        {"ended by itself", {expect("IDLE"), say("+ idling\r\n% OK idled"), stall()}},
        {"garbage", {expect("IDLE"), say("+ idling\r\nwhat"), stall()}},
    };
    for (const auto& [name, script] : ends) {
        const auto w = waited(script, 5s);
        EXPECT_FALSE(w.word) << name;
        EXPECT_LT(w.took, 1s) << name;
    }
    const auto silent = waited({expect("IDLE"), say("+ idling"), expect_done(), stall()}, 100ms, usual_imap, 1s);
    ASSERT_FALSE(silent.word);
    EXPECT_EQ(Code::Deadline, silent.word.error().code);
    const auto no_idle = waited({cut()}, 5s, "IMAP4rev1 SASL-IR AUTH=PLAIN");
    EXPECT_FALSE(no_idle.word);
    EXPECT_LT(no_idle.took, 1s);
}

TEST(ImapWait, AThousandMailsReadBySomebodyElseAreNoReasonToHangUp) {
    std::string flags;
    for (int n = 1; n <= 5000; ++n) flags += "* " + std::to_string(n) + " FETCH (FLAGS (\\Seen $Junk))\r\n";
    const auto w = waited({expect("IDLE"), say("+ idling\r\n" + flags), expect_done(), say(flags + "% OK idled"),
                           expect("NOOP"), say(flags + "% OK done"), stall()},
                          100ms);
    ASSERT_TRUE(w.word) << w.word.error().what;
    EXPECT_EQ(Word::Nothing, *w.word);
}

TEST(ImapWait, AnEndlessChatterIsCutByItsBudget) {
    const auto w = waited({expect("IDLE"), say("+ idling"), flood("* OK Still here\r\n")}, 20s);
    ASSERT_FALSE(w.word);
    EXPECT_EQ(Code::Limit, w.word.error().code);
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
