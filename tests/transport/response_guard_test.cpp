#include "transport/response_guard.hpp"

#include <gtest/gtest.h>

namespace tocsin::transport {
namespace {

// What comes out when these bytes come in, in chunks of `chunk`; "!" and the error's code where it breaks off.
std::string passed(std::string_view bytes, const WireBudget& budget = {}, std::size_t chunk = 1'000'000) {
    ResponseGuard guard;
    guard.arm(budget);
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += chunk) {
        if (const auto fed = guard.feed(bytes.substr(at, chunk)); !fed) return out + "!limit";
        for (;;) {
            const auto stretch = guard.next(4096);
            if (!stretch) return out + (stretch.error().code == Code::Limit ? "!limit" : "!grammar");
            if (!*stretch) break;
            out += (*stretch)->bytes;
        }
    }
    return out;
}

TEST(ResponseGuard, PassesWhatAServerUsuallySays) {
    const std::string talk =
        "* OK ready\r\n"
        "* FLAGS (\\Answered \\Seen $Junk)\r\n"
        "* OK [PERMANENTFLAGS (\\Answered \\Seen $Junk \\*)] Flags permitted.\r\n"
        "* OK [PERMANENTFLAGS ()] Read-only mailbox.\r\n"
        "* 3 EXISTS\r\n"
        "* SEARCH 1 2 3\r\n"
        "* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE \"01-Jan-2026 00:00:00 +0000\" RFC822.SIZE 9)\r\n"
        "* 1 FETCH (UID 1 BODY[] {9}\r\nab)\r\n((\"\n)\r\n"
        "+ go on\r\n"
        "5 OK [READ-WRITE] Done (it took 0.1 s).\r\n";
    const WireBudget budget{.literal_bytes = 9};
    for (const std::size_t chunk : {1u, 2u, 7u, 64u, 10'000u}) EXPECT_EQ(talk, passed(talk, budget, chunk)) << chunk;
}

TEST(ResponseGuard, SwallowsWhatNobodyAskedFor) {
    EXPECT_EQ("* 1 EXISTS\r\n", passed("* LIST (\\Noselect) \"/\" {5}\r\na(\"(b x\r\n* STATUS INBOX (MESSAGES 3)\r\n"
                                       "* ESEARCH (TAG \"1\") UID ALL 1\r\n* 5 NONSENSE\r\n* 1 EXISTS\r\n",
                                       {.literal_bytes = 10}));
}

TEST(ResponseGuard, PermanentFlagsThatAreNoFlagsBreakItOff) {
    for (const auto* line : {"* OK [PERMANENTFLAGS (((((((((] x\r\n", "* OK [PERMANENTFLAGS (\x01)] x\r\n",
                             "* OK [permanentflags ((\\Seen))] x\r\n", "* OK [PERMANENTFLAGS \\Seen] x\r\n",
                             "* OK [PERMANENTFLAGS (\\Seen  \\*)] x\r\n", "* OK [PERMANENTFLAGS (\\Seen ] x\r\n",
                             "* OK  [PERMANENTFLAGS (\\Seen)] x\r\n", "* FLAGS PERMANENTFLAGS\r\n",
                             "* OK [PERMANENTFLAGS (\\Seen)] [PERMANENTFLAGS ((\r\n",
                             "* OK [PERMANENTFLAGS (a(b)] x\r\n", "1 OK [PERMANENTFLAGS (\"a\")] x\r\n"})
        EXPECT_EQ("!grammar", passed(line)) << line;
}

TEST(ResponseGuard, ALiteralIsOneOnlyWhereALiteralMayStand) {
    // A reader of text does not look for literals: what follows is a line of its own, and is checked as one.
    EXPECT_EQ("* OK text {40}\r\n!grammar",
              passed("* OK text {40}\r\n* OK [PERMANENTFLAGS ((((((((] x\r\n", {.literal_bytes = 99}));
    EXPECT_EQ("1 NO quote \" {3}\r\n* 1 EXISTS\r\n",
              passed("1 NO quote \" {3}\r\n* 1 EXISTS\r\n", {.literal_bytes = 99}));
}

TEST(ResponseGuard, LiteralsKeepToTheirLimit) {
    EXPECT_EQ("!limit", passed("* 1 FETCH (BODY[] {11}\r\n", {.literal_bytes = 10}));
    EXPECT_EQ("!limit", passed("* 1 FETCH (BODY[] {4294967295}\r\n", {.literal_bytes = 1u << 20}));
    for (const auto* size : {"4294967299000", "77777777777777777777", "-5", "", "1x", "0x10", "3+"})
        EXPECT_EQ("!grammar", passed("* 1 FETCH (BODY[] {" + std::string{size} + "}\r\n", {.literal_bytes = 1u << 20}))
            << size;
}

TEST(ResponseGuard, LinesAndAnswersAndDepthKeepToTheirLimits) {
    EXPECT_EQ("!limit", passed("* SEARCH " + std::string(5'000, '1'), {.line_bytes = 1'000}, 100));
    EXPECT_EQ("* 1 EXISTS\r\n!limit", passed("* 1 EXISTS\r\n* 2 EXISTS\r\n", {.bytes = 20}, 12));
    EXPECT_EQ("!limit", passed("* 1 FETCH (BODYSTRUCTURE " + std::string(30, '(') + "\r\n"));
    const std::string before = "* 1 FETCH (X (((((((((((( {1}\r\na";
    EXPECT_EQ(before + "!limit", passed(before + "((((((((((((((((\r\n", {.literal_bytes = 1})) << "across a literal";
    EXPECT_EQ("!limit", passed("* OK \"" + std::string(30, '(') + "\r\n")) << "quotes mean nothing in text";
    EXPECT_EQ(
        "* 1 FETCH (BODY[] {9}\r\n123456789)\r\n!limit",
        passed("* 1 FETCH (BODY[] {9}\r\n123456789)\r\n* 1 EXISTS\r\n", {.framing_bytes = 30, .literal_bytes = 9}));
    const auto quoted = "* 1 FETCH (X \"" + std::string(30, '(') + "\\\"(\")\r\n";
    EXPECT_EQ(quoted, passed(quoted));
}

TEST(ResponseGuard, BrokenLinesBreakItOff) {
    EXPECT_EQ("!grammar", passed("* OK bare\n"));
    EXPECT_EQ("!grammar", passed(std::string_view{"* OK a\0b\r\n", 10}));
    EXPECT_EQ("!grammar", passed("* OK a\rb\r\n"));
    EXPECT_EQ("!grammar", passed("* 1 FETCH (X \"open\r\n"));
    EXPECT_EQ("!grammar", passed("* 1 FETCH (BODY[1.2.HEADER] {3}\r\n", {.literal_bytes = 9})) << "never asked for";
    EXPECT_EQ("!grammar", passed("\r\n"));
    EXPECT_EQ("!grammar", passed("HTTP/1.1 400 Bad Request\r\n"));
}

TEST(ResponseGuard, KeepsTheNewsUntilItIsTaken) {
    for (const auto* news :
         {"* 3 EXISTS\r\n", "* 3 EXPUNGE\r\n", "* 0 RECENT\r\n", "* VANISHED 1:3\r\n", "* 3 exists\r\n"}) {
        ResponseGuard guard;
        ASSERT_TRUE(guard.feed(news));
        ASSERT_TRUE(guard.next(100));
        EXPECT_TRUE(guard.take_news()) << news;
        EXPECT_FALSE(guard.take_news());
    }
    ResponseGuard guard;
    ASSERT_TRUE(guard.feed("* 3 FETCH (FLAGS (\\Seen))\r\n7 NO [OVERQUOTA] full\r\n"));
    ASSERT_TRUE(guard.next(100));
    ASSERT_TRUE(guard.next(100));
    EXPECT_FALSE(guard.take_news()) << "what others read is no news";
    EXPECT_EQ("NO [OVERQUOTA] full", guard.last_status());
}

TEST(ResponseGuard, HoldsNoMoreThanALineHoweverLongTheAnswer) {
    // Lines that never end where a chunk ends.
    ResponseGuard guard;
    guard.arm({.framing_bytes = 100u << 20, .bytes = 100u << 20});
    const std::string line = "* 1 FETCH (FLAGS (\\Seen))\r\n";
    std::string wire;
    while (wire.size() < 1u << 20) wire += line;
    std::size_t out = 0;
    for (std::size_t at = 0; at < wire.size(); at += 1000) {
        ASSERT_TRUE(guard.feed(std::string_view{wire}.substr(at, 1000)));
        for (auto stretch = guard.next(4096); stretch && *stretch; stretch = guard.next(4096))
            out += (*stretch)->bytes.size();
    }
    EXPECT_EQ(wire.size(), out);
    EXPECT_TRUE(guard.empty());
}

}  // namespace
}  // namespace tocsin::transport
