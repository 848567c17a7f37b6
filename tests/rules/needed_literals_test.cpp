// The filter before the patterns: never asks for too much, and asks for something where it can.
#include "rules/needed_literals.hpp"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "base/text.hpp"
#include "rules/literal_scan.hpp"
#include "rules/pattern.hpp"

namespace tocsin::rules {
namespace {

using Needed = std::vector<NeededTogether>;

std::string shown(const Needed& needed) {
    std::string out;
    for (const auto& together : needed) {
        out += out.empty() ? "" : " | ";
        for (std::size_t i = 0; i < together.size(); ++i) out += (i == 0 ? "" : " & ") + together[i];
    }
    for (auto& c : out)
        if (c == LiteralScan::boundary) c = '%';
    return out;
}

TEST(NeededLiterals, AreTheRunsOfEachAlternative) {
    EXPECT_EQ("attacker", shown(needed_literals("attacker")));
    EXPECT_EQ("%rce% | %code execution%", shown(needed_literals(R"((?im)\b(code\s+execution|rce)\b)")));
    EXPECT_EQ("%exploit", shown(needed_literals(R"(\bexploit\w*\b)")));
    EXPECT_EQ("reproduce & step", shown(needed_literals(R"(steps?\s+to\s+(re-?)?reproduce)")));
    EXPECT_EQ("use any | use the", shown(needed_literals("use (?:the|any)")));
    EXPECT_EQ("example.org", shown(needed_literals(R"(example\.org[^ ]+)")));
    EXPECT_EQ("%rm%", shown(needed_literals(R"(\brm\b)")));
    EXPECT_EQ("man in the middle", shown(needed_literals("man[ -]in[ -]the-middle")));
    EXPECT_EQ("%door & %open", shown(needed_literals(R"(\bopen\s+\bdoor)")));
}

TEST(NeededLiterals, AskForNothingWhereNothingIsCertain) {
    for (const auto* pattern : {R"(\d+)", "ab", "(foo)?", "foo|x", R"(\Qfoo\E)", R"(\p{Greek}+foo)", "(foo){0,3}",
                                "[foo]bar?", "(?P<name>foo)", R"(\x{66}oooo)", "größe|ä"})
        EXPECT_EQ("", shown(needed_literals(pattern))) << pattern;
    EXPECT_EQ("bar", shown(needed_literals("(foo)*bar")));
}

TEST(LiteralScan, FindsWhatRe2FoldsAndKeepsBoundaries) {
    const std::string mark(1, LiteralScan::boundary);
    const LiteralScan scan{{"risk", mark + "ato" + mark, "he", "she", "hers", mark + "x_y"}};
    const auto found = [&](std::string_view text) {
        auto places = scan.found_in(text);
        std::ranges::sort(places);
        return places;
    };
    EXPECT_EQ(std::vector<int>({2, 3, 4}), found("uSHErs"));
    EXPECT_EQ(std::vector<int>(), found("creator potato"));
    EXPECT_EQ(std::vector<int>({1}), found("an ATO."));
    EXPECT_EQ(std::vector<int>({0}), found("ri\xC5\xBF\xE2\x84\xAA"));
    EXPECT_EQ(std::vector<int>({5}), found("x_y"));
    EXPECT_EQ(std::vector<int>(), found("_x_y"));
    EXPECT_EQ(std::vector<int>(), LiteralScan{}.found_in("anything"));
}

TEST(LiteralScan, TakesWhiteSpaceAndDashesForOneBlank) {
    const std::string mark(1, LiteralScan::boundary);
    const LiteralScan scan{{"use-after free" + mark, mark + "a b", " x"}};
    EXPECT_EQ(std::vector<int>({0}), scan.found_in("a Use\n  after--FREE."));
    EXPECT_EQ(std::vector<int>(), scan.found_in("use after freed"));
    EXPECT_EQ(std::vector<int>(), scan.found_in("use of after free"));
    EXPECT_EQ(std::vector<int>({1}), scan.found_in("extra b"));  // where it begins is not asked
    EXPECT_EQ(std::vector<int>({2}), scan.found_in("\t\t x"));
}

// Whether a set of patterns says what each pattern says alone.
void expect_same(const std::vector<std::string>& patterns, const std::vector<std::string>& texts) {
    PatternSet set;
    std::vector<std::unique_ptr<RE2>> alone;
    for (const auto& pattern : patterns) {
        ASSERT_TRUE(set.add(pattern)) << pattern;
        alone.push_back(std::make_unique<RE2>(pattern));
    }
    set.build();
    for (const auto& text : texts) {
        std::vector<int> hits, expected;
        set.match(text, hits);
        for (std::size_t i = 0; i < alone.size(); ++i)
            if (RE2::PartialMatch(text, *alone[i])) expected.push_back(static_cast<int>(i));
        EXPECT_EQ(expected, hits) << text.substr(0, 200);
    }
}

TEST(PatternSet, FiltersNothingThatMatches) {
    const std::vector<std::string> patterns = {
        R"((?im)\b(account\s+take[ -]?over|ato|take\s?over\s+(of\s+)?(any|the|other)\s+accounts?|(full|complete)\s+take\s?over)\b)",
        R"((?im)\b(rce|remote\s+code\s+execution|(arbitrary|remote)\s+code(\s+execution)?|execut\w+\s+(any|remote)\s+code)\b)",
        R"((?im)^(curl|wget|\$|#)\s+[^\n]{6})",
        R"((?i)größe|zugriff)",
        R"((?im)\b(xss|cross[ -]?site)\b[^\n]*:)",
        R"((?im)(foo|bar){2}baz|qu+x)",
        R"((?im)\bk(ill|iss)?er\b)"};
    expect_same(patterns, {"", "An account takeover, no: ATO!", "creator of take over any account", "REMOTE\n code",
                           "executing any code", "$ curl http://x", "# abcdef", "Größe", "ZUGRIFF",
                           "stored cross-site: yes", "foobarbaz quuux",
                           "\xE2\x84\xAA"
                           "iller",
                           "a \xE2\x84\xAAi\xC5\xBF\xC5\xBF"
                           "er b",
                           "risk", "full complete take over"});
}

}  // namespace
}  // namespace tocsin::rules
