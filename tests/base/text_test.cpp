#include "base/text.hpp"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

using Parts = std::vector<std::string_view>;

TEST(Text, TrimsEverySpaceOfTheMailRfcsAndNothingElse) {
    EXPECT_EQ("a b", trim(" \t\r\n\f\va b \t\r\n\f\v"));
    EXPECT_EQ("", trim(" \t "));
    EXPECT_EQ("", trim(""));
    EXPECT_EQ("\u00A0a", trim("\u00A0a"));  // a no-break space is no white space of an RFC
}

TEST(Text, SplitsAtEachSeparator) {
    EXPECT_EQ((Parts{"a", "b", "c"}), split("a,b,c", ','));
    EXPECT_EQ((Parts{"", "a", "", ""}), split(",a,,", ','));
    EXPECT_EQ((Parts{""}), split("", ','));
    EXPECT_EQ((Parts{"abc"}), split("abc", ','));
}

TEST(Text, FindsTheWordsBetweenAnyWhiteSpace) {
    EXPECT_EQ((Parts{"a", "bc", "d"}), words("  a\tbc\r\n d "));
    EXPECT_EQ(Parts{}, words(" \n "));
}

TEST(Text, ComparesAsciiOnlyWithoutRegardToCase) {
    EXPECT_TRUE(equal_ignoring_case("Message-ID", "message-id"));
    EXPECT_FALSE(equal_ignoring_case("Message-ID", "message-i"));
    EXPECT_FALSE(equal_ignoring_case("\u00C4", "\u00E4"));
    EXPECT_FALSE(equal_ignoring_case("@", "`"));  // 0x40 and 0x60 differ by the same bit as letters do
    EXPECT_FALSE(equal_ignoring_case("[", "{"));
    EXPECT_EQ("\u00C4bc-1", lower("\u00C4BC-1"));
}

TEST(Text, FindsBeginningsAndParts) {
    EXPECT_TRUE(starts_ignoring_case("CVE-2026", "cve-"));
    EXPECT_FALSE(starts_ignoring_case("CV", "cve-"));
    EXPECT_TRUE(contains_ignoring_case("List-ID: Security.ACME.test", "security.acme"));
    EXPECT_FALSE(contains_ignoring_case("security", "security."));
    EXPECT_TRUE(contains_ignoring_case("", ""));
    EXPECT_FALSE(contains_ignoring_case("", "a"));
}

TEST(Text, ReadsWholeNumbersAndNothingAroundThem) {
    EXPECT_EQ(42, to_whole_number("42"));
    EXPECT_EQ(-30, to_whole_number("-30"));
    EXPECT_EQ(7, to_whole_number("007"));
    EXPECT_EQ(9'223'372'036'854'775'807, to_whole_number("9223372036854775807"));
    for (const char* text : {"", " 1", "1 ", "+1", "1.0", "0x10", "1e3", "-", "9223372036854775808", "ten"})
        EXPECT_FALSE(to_whole_number(text)) << text;
}

TEST(Nearest, GuessesWhatAPersonMeant) {
    const Parts keys{"severity", "score", "floor", "cap", "when", "why"};
    EXPECT_EQ("severity", nearest("sevrity", keys));    // one left out
    EXPECT_EQ("severity", nearest("severtiy", keys));   // two swapped
    EXPECT_EQ("severity", nearest("Severityy", keys));  // one too many, another case
    EXPECT_EQ("score", nearest("scpre", keys));
    EXPECT_EQ("floor", nearest("flor", keys));
    EXPECT_EQ("when", nearest("wenn", keys));
}

TEST(Nearest, GuessesNothingWhenNothingIsNear) {
    EXPECT_EQ("", nearest("gravity!!", {"severity"}));
    EXPECT_EQ("", nearest("xyz", {"cap"}));  // every letter would have to change
    EXPECT_EQ("", nearest("severity", {}));
    EXPECT_EQ("", nearest("", {"severity"}));
    EXPECT_EQ("", nearest(std::string(100'000, 'a'), {"severity"}));
    EXPECT_EQ("", nearest("severity", {std::string_view{}}));
}

TEST(Nearest, PrefersTheNearerOne) {
    EXPECT_EQ("triage", nearest("triagee", {"triaged!", "triage"}));
    EXPECT_EQ("exact", nearest("exact", {"exacts", "exact"}));
}

}  // namespace
}  // namespace tocsin
