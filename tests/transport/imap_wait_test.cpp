// Waiting for news, with IDLE and without it.
#include <gtest/gtest.h>

#include <thread>

#include "peer_scripts.hpp"

namespace tocsin::transport::testing {
namespace {

using namespace std::chrono_literals;

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

TEST(ImapWait, OneThatRefusesIdleIsAskedLikeOneWithoutIt) {
    const auto refused = waited({expect("IDLE"), say("% NO not today"), expect("NOOP"), say("% OK done"),
                                 expect("NOOP"), say("* 2 EXISTS\r\n% OK done"), stall()},
                                100ms);
    ASSERT_TRUE(refused.word) << refused.word.error().what;
    EXPECT_EQ(Word::Changed, *refused.word);
    EXPECT_EQ("", refused.complaint);
}

TEST(ImapWait, AnEndOfTheServersIsAnErrorAtOnce) {
    const std::pair<const char*, Script> ends[] = {
        {"cut", {expect("IDLE"), say("+ idling"), cut()}},
        {"goodbye", {expect("IDLE"), say("+ idling"), goodbye()}},
        {"BYE", {expect("IDLE"), say("+ idling\r\n* BYE for lack of interest"), goodbye()}},
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

}  // namespace
}  // namespace tocsin::transport::testing
