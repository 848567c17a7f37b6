// One large mail in pieces: whole or an error, and never held in memory.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "peer_scripts.hpp"

namespace tocsin::transport::testing {
namespace {

using namespace std::chrono_literals;

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

}  // namespace
}  // namespace tocsin::transport::testing
