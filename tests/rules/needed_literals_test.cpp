// The filter before the patterns: never asks for too much, and asks for something where it can.
#include "rules/patterns/needed_literals.hpp"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>

#include "base/file.hpp"
#include "base/letter_case.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/patterns/literal_scan.hpp"
#include "rules/patterns/longest_match.hpp"
#include "rules/patterns/made_patterns.hpp"
#include "rules/patterns/pattern.hpp"
#include "rules/patterns/pattern_set.hpp"
#include "rules/patterns/plain_words.hpp"
#include "rules/patterns/words_and_rest.hpp"

namespace tocsin::rules {
namespace {

using Needed = std::vector<NeededTogether>;

std::string shown(const Needed& needed) {
    std::string out;
    for (const auto& together : needed) {
        out += out.empty() ? "" : " | ";
        for (std::size_t i = 0; i < together.literals.size(); ++i) out += (i == 0 ? "" : " & ") + together.literals[i];
    }
    for (auto& c : out) c = c == LiteralScan::boundary ? '%' : LiteralScan::is_kind(c) ? '?' : c;
    return out;
}

TEST(NeededLiterals, AreTheRunsOfEachAlternative) {
    EXPECT_EQ("attacker", shown(needed_literals("attacker")));
    EXPECT_EQ("%code execution% | %rce%", shown(needed_literals(R"((?im)\b(code\s+execution|rce)\b)")));
    EXPECT_EQ("%exploit", shown(needed_literals(R"(\bexploit\w*\b)")));
    EXPECT_EQ("reproduce & step to ", shown(needed_literals(R"(step\s+to\s+\d*reproduce)")));
    EXPECT_EQ("step to | steps to", shown(needed_literals(R"(steps?\s+to)")));
    EXPECT_EQ("use the | use any", shown(needed_literals("use (?:the|any)")));
    EXPECT_EQ("example.org", shown(needed_literals(R"(example\.org[^ ]+)")));
    EXPECT_EQ("%rm%", shown(needed_literals(R"(\brm\b)")));
    EXPECT_EQ("man in the middle", shown(needed_literals("man[ -]in[ -]the-middle")));
    EXPECT_EQ("foo", shown(needed_literals(R"(\p{Greek}+foo\pL\PN\x66)")));
    EXPECT_EQ("", shown(needed_literals(R"(\pL?(?:a|\x6f?o:b?))")));
    EXPECT_EQ("%door & %open", shown(needed_literals(R"(\bopen\s+\bdoor)")));
}

TEST(NeededLiterals, AreThoseOfOneChoiceWhereThereAreTooMany) {
    std::string many;
    for (int i = 0; i < 9; ++i) many += R"((\d|\W|[xy]))";
    EXPECT_EQ("bar | foo", shown(needed_literals(many + "\\d(foo|bar\\d)" + many)));
    EXPECT_EQ("bar | foo", shown(needed_literals(many + "\\d((foo|bar)\\d)" + many)));
    EXPECT_EQ("", shown(needed_literals(many + "\\s(foo|bar)?" + many)));
    EXPECT_EQ("", shown(needed_literals(many + "\\s(?:" + many + "(foo|bar)|b)" + many)));
}

TEST(NeededLiterals, AreEachCharacterOfASmallClassWhereNothingElseIsCertain) {
    EXPECT_EQ("%v1 | %v2 | %v3", shown(needed_literals(R"(\bv[1-3]+\.[0-9])")));
    EXPECT_EQ("%v 1 | %v 2 | %v:", shown(needed_literals(R"(\bv[ :][12])")));
    EXPECT_EQ("?  | : ", shown(needed_literals(R"(^\s*re\s*[：:]\s+)")));
    EXPECT_EQ("abc", shown(needed_literals("abc[12]")));
    for (const auto* pattern : {"[0-9]", "a[^b]c", "a[0-9]?bc", "a[a-z]b", R"(a[\w]b)", "a[ä-ö]"})
        EXPECT_EQ("", shown(needed_literals(pattern))) << pattern;
}

TEST(NeededLiterals, AreRareSymbolsWhereNothingElseIsCertain) {
    EXPECT_EQ("$ ", shown(needed_literals(R"(^\$\s+[^\n]{6})")));
    EXPECT_EQ("x>", shown(needed_literals(R"(x>\s*)")));
    EXPECT_EQ("script", shown(needed_literals(R"(<\s*script)")));
    EXPECT_EQ("", shown(needed_literals(R"(,\s*\.)")));
}

TEST(NeededLiterals, AskForNothingWhereNothingIsCertain) {
    for (const auto* pattern : {R"(\d+)", "ab", "(foo)?", "foo|x", R"(\Qfoo\E)", R"(\p{Greek}+fo)", "(foo){0,3}",
                                "[^f]bar?", "(?P<name>foo)", R"(\x{66}oo\x6f)", "größe|b"})
        EXPECT_EQ("", shown(needed_literals(pattern))) << pattern;
    EXPECT_EQ("bar", shown(needed_literals("(foo)*bar")));
}

LiteralScan scan_for(const std::vector<std::string>& literals) {
    LiteralTree tree;
    for (const std::string& literal : literals) tree.add(literal);
    return LiteralScan{std::move(tree)};
}

std::vector<int> numbers_in(const LiteralScan& scan, std::string_view text) {
    std::vector<int> numbers;
    for (const auto& occurrence : scan.found_in(text)) numbers.push_back(static_cast<int>(occurrence.number));
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

// Every character that has a case, and some that have none, among all of the planes that have letters with case.
TEST(NeededLiterals, FoldLettersAsRe2Does) {
    constexpr char32_t last = 0x1E943, some = 97;
    std::string all;
    std::map<char32_t, std::string> same;
    for (char32_t c = 0x21; c <= last; ++c) {
        if (c >= 0xD800 && c < 0xE000) continue;
        append_utf8(all, c);
        append_utf8(same[folded(c)], c);
    }
    for (char32_t c = 0x80; c <= last; ++c) {
        const bool has_case = folded(c) != c || small_letter(c) != c || same[c].size() > 4;
        if ((c >= 0xD800 && c < 0xE000) || (!has_case && c % some != 0)) continue;
        std::string letter;
        append_utf8(letter, c);
        const RE2 pattern{"(?i)(" + letter + ")"};
        std::string found, one;
        for (re2::StringPiece rest{all}; RE2::FindAndConsume(&rest, pattern, &one);) found += one;
        ASSERT_EQ(same[folded(c)], found) << std::hex << static_cast<std::uint32_t>(c);
    }
}

TEST(NeededLiterals, TakeALetterBeyondAsciiForItsKind) {
    EXPECT_EQ("gr??e", shown(needed_literals("größe")));
    EXPECT_EQ("?? | out of office", shown(needed_literals("(?i)外出|out of office")));
    EXPECT_EQ(needed_literals("(?i)größe"), needed_literals("(?i)GRÖßE"));
    EXPECT_NE(needed_literals("(?i)größe")[0].literals, needed_literals("(?i)grüße")[0].literals);
    EXPECT_EQ("", shown(needed_literals("ri\xC5\xBFk")));  // which is "risk" to RE2, in two runs too short
}

TEST(PlainWords, AreFoundWhereRe2FindsThem) {
    const auto words_of = [](std::string_view pattern) {
        const auto needed = needed_literals(pattern);
        return needed.size() == 1 ? needed[0].plain_words : "";
    };
    const auto at = [&](std::string_view pattern, std::string_view text, std::size_t end) {
        return std::string{plain_words_at(words_of(pattern), text, end, text.size()).value_or("-")};
    };
    EXPECT_EQ("Remote  code", at(R"((?i)\bremote\s+code\b)", "a Remote  code.", 14));
    EXPECT_EQ("-", at(R"((?i)\bremote\s+code\b)", "a Remote-code.", 13));
    EXPECT_EQ("-", at(R"((?i)\bremote\s+code\b)", "aRemote code.", 12));
    EXPECT_EQ("cross-site", at(R"((?i)cross[ -]site)", "cross-site", 10));
    EXPECT_EQ("-", at(R"((?i)cross[ -]site)", "cross--site", 11));
    EXPECT_EQ("-", at(R"((?i)\bris\w*\b)", "ri\xC5\xBF", 4));  // no word's end to RE2
    EXPECT_EQ("exploited", at(R"((?i)\bexploit\w*\b)", "be exploited!", 10));
    EXPECT_EQ("ri\xC5\xBF\xE2\x84\xAA", at(R"((?i)risk)", "a ri\xC5\xBF\xE2\x84\xAA", 9));
    EXPECT_EQ("GRÖ\u1E9EE", at("(?i)größe", "die GRÖ\u1E9EE", 12));
    EXPECT_EQ("-", at("(?i)größe",
                      "die GR\xC5\x90\xC3\x9F"
                      "E",
                      11));
    EXPECT_EQ("-", at("(?i)öl", "\xB6l", 2));
    EXPECT_EQ("σίγμας", at("(?i)ΣΊΓΜΑΣ", "σίγμας", 12));
    EXPECT_EQ("can be read", at(R"((?i)\bcan\s+(\w+\s+){0,2}read\b)", "it can be read", 14));
    EXPECT_EQ("-", at(R"((?i)\bcan\s+(\w+\s+){0,2}read\b)", "it can, be read", 15));
    EXPECT_EQ("-", at(R"((?i)\bcan\s+(\w+\s+){0,2}read\b)", "can a b c read", 14));
    EXPECT_EQ("verified the  origins", at(R"((?i)verif\w+\s+the\s+origin\w*)", "verified the  origins", 20));
    EXPECT_EQ("-", at(R"((?i)verif\w+\s+the)", "verif the", 9));
    EXPECT_EQ("results in any remote", at(R"((?i)results\s+in\s+\w+\s+remote)", "results in any remote", 21));
    EXPECT_EQ("-", at("(?i)open\\w+", "open", 4));
    EXPECT_EQ("script (été) runs", at(R"((?i)\bscript\b[^.\n]{0,9}\bruns\b)", "script (été) runs", 19));
    for (const auto* text : {"script ... runs", "script 12345678 runs", "script \n runs", "script \xFF runs"})
        EXPECT_EQ("-", at(R"((?i)\bscript\b[^.\n]{0,9}\bruns\b)", text, std::string_view{text}.size())) << text;
    // More than words, or words whose case counts.
    for (const auto* pattern : {"exploit", R"((?i)exploit\d)", "(?i)foo.*bar", R"((?i)foo-\w*\b)", "(?i)foo{2}",
                                "größe", "(?i)größ?e", "(?i)gr[öø]ße"})
        EXPECT_EQ("", words_of(pattern)) << pattern;
}

std::string apart(std::string_view pattern) {
    const WordsAndRest parts = words_and_rest(pattern);
    std::string all = shown(parts.words);
    for (const std::string& one : parts.rest) all += " / " + one;
    return all;
}

TEST(PlainWords, ThatTellAllTakeNoRegularExpression) {
    EXPECT_EQ("foo bar | %baz%", apart(R"((?i)foo\s+bar|\bbaz\b)"));
    EXPECT_EQ("foo | gr??e / (?im)x / (?im)ß+", apart("(?im)x|foo|größe|ß+"));
    EXPECT_EQ(R"( / (?i)foo\s+- / (?i)\bfoo\s+\bx)", apart(R"((?i)foo\s+-|\bfoo\s+\bx)"));  // the end of a gap
    EXPECT_EQ(R"( / (?i)foo\s+\b / (?i)\b\s\s+foo)", apart(R"((?i)foo\s+\b|\b\s\s+foo)"));
    EXPECT_EQ(R"( / (?i)\Qa|foo|b\E)", apart(R"((?i)\Qa|foo|b\E)"));
    EXPECT_EQ(" / foo / bar", apart("foo|bar"));  // whose case counts
    EXPECT_EQ("%exploit / (?i)fo+ / (?i)foo\\d", apart(R"((?i)fo+|\bexploit\w*\b|foo\d)"));
}

TEST(PlainWords, AreToldApartWithinAGroup) {
    EXPECT_EQ(R"(%foo% | %bar% / (?im)(?s)\b\d+\b)", apart(R"((?im)(?s)\b(foo|(\d+|bar))\b)"));
    EXPECT_EQ("foo / (?i)x", apart("(?i)((?:x|(foo)))"));
    EXPECT_EQ(R"( / (?i)\b(foo|bar)+\b)", apart(R"((?i)\b(foo|bar)+\b)"));
    EXPECT_EQ(R"( / (?i)(?-i)foo|bar)", apart("(?i)(?-i)foo|bar"));  // what is set in the middle holds to the end
    EXPECT_EQ(R"( / (?i)(x|(?s)foo.|bar))", apart("(?i)(x|(?s)foo.|bar)"));
}

TEST(LongestMatch, CountsBytes) {
    EXPECT_EQ(3U, longest_match("foo"));
    EXPECT_EQ(longest_run + 1, longest_match("[0-9]+a"));
    EXPECT_EQ(8U, longest_match("(?i)risk"));  // of which two letters fold to longer ones
    EXPECT_EQ(1 + longest_gap + 1, longest_match(R"(\ba\s+b\b)"));
    EXPECT_EQ(6U, longest_match("(ab|(?:cde)){1,2}"));
    EXPECT_EQ(4U * 60 + 1, longest_match("[^.]{0,60}a?"));
    EXPECT_EQ(1U + 1U, longest_match("a{|b}"));
    for (const auto* pattern : {"a.*b", "(ab)+", "[a-z]+", R"(\S*)", "a{2,}", R"(\Qa\E)", "(?P<n>a)", R"(\pL)"})
        EXPECT_FALSE(longest_match(pattern)) << pattern;
}

TEST(LiteralScan, FindsWhatRe2FoldsAndKeepsBoundaries) {
    const std::string mark(1, LiteralScan::boundary);
    const LiteralScan scan = scan_for({"risk", mark + "ato" + mark, "he", "she", "hers", mark + "x_y"});
    const auto found = [&](std::string_view text) { return numbers_in(scan, text); };
    EXPECT_EQ(std::vector<int>({2, 3, 4}), found("uSHErs"));
    EXPECT_EQ(std::vector<int>(), found("creator potato"));
    EXPECT_EQ(std::vector<int>({1}), found("an ATO."));
    EXPECT_EQ(std::vector<int>({0}), found("ri\xC5\xBF\xE2\x84\xAA"));
    EXPECT_EQ(std::vector<int>({5}), found("x_y"));
    EXPECT_EQ(std::vector<int>(), found("_x_y"));
    EXPECT_TRUE(LiteralScan{}.found_in("anything").empty());
}

TEST(LiteralScan, TakesWhiteSpaceAndDashesForOneBlank) {
    const std::string mark(1, LiteralScan::boundary);
    const LiteralScan scan = scan_for({"use-after free" + mark, mark + "a b", " x"});
    EXPECT_EQ(std::vector<int>({0}), numbers_in(scan, "a Use\n  after--FREE."));
    EXPECT_EQ(std::vector<int>(), numbers_in(scan, "use after freed"));
    EXPECT_EQ(std::vector<int>(), numbers_in(scan, "use of after free"));
    EXPECT_EQ(std::vector<int>({1}), numbers_in(scan, "extra b"));  // where it begins is not asked
    EXPECT_EQ(std::vector<int>({2}), numbers_in(scan, "\t\t x"));
}

TEST(LiteralTree, GivesStringsThatAreFoundAtTheSamePlacesOneNumber) {
    const std::string mark(1, LiteralScan::boundary);
    LiteralTree tree;
    std::vector<std::uint32_t> numbers;
    for (const std::string& literal :
         std::vector<std::string>{"use after", "after", mark + "after", "use - after", mark + "use after", "after",
                                  "Odd", "Odd", "use after" + mark})
        numbers.push_back(tree.add(literal));
    EXPECT_EQ(std::vector<std::uint32_t>({0, 1, 2, 0, 0, 1, 3, 4, 5}), numbers);
    EXPECT_EQ(6U, tree.size());
    EXPECT_EQ(std::vector<int>({0, 1, 2, 3, 4, 5}), numbers_in(LiteralScan{std::move(tree)}, "use-after"));
}

// Whether a set of patterns says what each pattern says alone.
void expect_same(const std::vector<std::string>& patterns, const std::vector<std::string>& texts) {
    MadePatterns made;
    PatternSet set;
    std::vector<std::unique_ptr<RE2>> alone;
    for (const auto& pattern : patterns) {
        ASSERT_TRUE(set.add(pattern, made)) << pattern;
        alone.push_back(std::make_unique<RE2>(pattern));
    }
    set.build();
    for (const auto& text : texts) {
        std::vector<PatternHit> hits;
        set.match(text, hits);
        auto hit = hits.begin();
        for (std::size_t i = 0; i < alone.size(); ++i) {
            re2::StringPiece first;
            if (!alone[i]->Match(text, 0, text.size(), RE2::UNANCHORED, &first, 1)) continue;
            ASSERT_TRUE(hit != hits.end() && hit->pattern == i) << patterns[i] << " in " << text.substr(0, 200);
            const auto found = set.find(*hit, text);
            // Of what has to begin near the beginning, the first words alone are shown; RE2 takes the last ones.
            if (patterns[i].find("(?s)\\A.{0,") != std::string::npos) {
                const auto to = static_cast<std::size_t>(found.end() - text.data());
                EXPECT_TRUE(alone[i]->Match(text, 0, to, RE2::ANCHOR_BOTH, nullptr, 0)) << patterns[i] << found;
                ++hit;
                continue;
            }
            ++hit;
            // RE2 begins there too, or sooner with another alternative, and may prefer to go on for longer or shorter.
            const auto from = static_cast<std::size_t>(found.data() - text.data());
            re2::StringPiece there;
            EXPECT_TRUE(alone[i]->Match(text, from, text.size(), RE2::ANCHOR_START, &there, 1))
                << patterns[i] << " at " << found;
        }
        EXPECT_TRUE(hit == hits.end()) << text.substr(0, 200);
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

// A match may be cut off by nothing: far from each other, at the ends of the text, over long runs.
TEST(PatternSet, FindsMatchesWhereverTheyAre) {
    const std::vector<std::string> patterns = {R"((?im)\bopen\s+(the\s+)?door\b)",
                                               R"((?im)\wgat)",
                                               R"((?im)\b\w+gat)",
                                               R"((?im)\b\w+shell\b)",
                                               R"((?im)\A.{0,20}gate)",
                                               R"((?im)gate\s*\z)",
                                               R"((?im)^gate$)",
                                               R"((?im)(an?\s+)?größe(n)?)",
                                               R"((?i)in the\s+gate|gate)"};
    const std::string much(400, 'x'), wide(300, ' '), far(2000, '.');
    expect_same(patterns, {far + "open" + wide + "door" + far, far + "open the" + wide + "door",
                           far + " " + much + "shell " + far, far + "webshell", "a gate" + far, far + "gate" + far,
                           far + "gate", far + "gate " + wide, far + "\ngate\n" + far, far + "eine GRÖSSE" + far,
                           far + "a  GRÖßEN" + far, far + "\xC5\xBFgat" + far,
                           "a\xC5\xBF\xC5\xBF\xC5\xBF\xC5\xBF\xC5\xBF\xC5\xBF\xC5\xBF\xC5\xBF\xC5\xBF\xC5\xBF\xC5\xBF"
                           "\xC5\xBF\xC5\xBFgat" +
                               far,
                           far + "open door open  the door", "gate" + far + "in the gate", "open" + far + "door"});
}

// Texts put together from what the shipped patterns look for, at random but always the same.
TEST(PatternSet, SaysWhatRe2SaysOfShippedPatterns) {
    const auto folder = std::filesystem::path{TOCSIN_SOURCE_DIR} / "rules";
    std::vector<std::string> patterns;
    std::vector<std::string> pieces{" ", "\n", "-", ". ", "s ", "the ", "É", "1. ", ":", "\xC5\xBF", "K", "re -"};
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().extension() != ".toml") continue;
        const std::string text = read_file(entry.path()).value();
        for (std::size_t at = text.find("~ /"); at != std::string::npos; at = text.find("~ /", at + 3)) {
            const std::size_t end = text.find("/i", at);
            if (end == std::string::npos) break;
            const auto pattern = text.substr(at + 3, end - at - 3);
            if (pattern.find('\n') != std::string::npos || mistake_in_pattern(pattern)) continue;
            patterns.push_back(pattern_for_re2(pattern, true));
            for (const NeededTogether& way : needed_literals(patterns.back()))
                for (std::string literal : way.literals) {
                    std::erase_if(literal, [](char c) { return c < ' '; });
                    pieces.push_back(literal);
                    pieces.push_back(way.plain_words);
                    std::ranges::replace_if(
                        pieces.back(), [](char c) { return c > 0 && c < ' '; }, ' ');
                }
        }
    }
    ASSERT_GT(patterns.size(), 50U);
    patterns.push_back(
        pattern_for_words({"out of office", "auto-reply:", "risk", "risk assessment", "re -", "größe", "k"}));
    std::mt19937 chance{7};
    std::vector<std::string> texts;
    for (int i = 0; i < 60; ++i) {
        std::string text;
        while (text.size() < 1500) {
            text += pieces[chance() % pieces.size()];
            if (chance() % 3 != 0) text += pieces[chance() % 9];
        }
        texts.push_back(std::move(text));
    }
    expect_same(patterns, texts);
}

TEST(PatternSet, LooksForWhatBeginsNearTheBeginningAndForLengths) {
    const std::vector<std::string> patterns{R"((?s)\A.{0,5}(word|übel)\b)", R"((?s)\A.{0,5}a|b)", R"((?s)\A.{2,4}\z)",
                                            R"((?s)\A.{0,5}\bw[a-z]+(\s\d)?)", R"((?s)\A.{0,5}(\w+!|none))"};
    MadePatterns made;
    PatternSet set;
    std::vector<std::unique_ptr<RE2>> alone;
    for (const std::string& pattern : patterns) {
        ASSERT_TRUE(set.add(pattern_for_re2(pattern, true), made));
        RE2::Options quiet;
        quiet.set_log_errors(false);
        alone.push_back(std::make_unique<RE2>(pattern_for_re2(pattern, true), quiet));
    }
    set.build();
    const std::vector<std::string> texts{"",
                                         "word",
                                         "12345word",
                                         "123456word",
                                         "ääääüword",
                                         "äääääÜbel",
                                         "ääääääÜbel",
                                         "123456b",
                                         "a word",
                                         "words",
                                         "x",
                                         "xy",
                                         "wxyz",
                                         "vwxyz",
                                         "ää",
                                         "ääää",
                                         "äääää",
                                         "a\nw 1",
                                         "late late word word",
                                         "a" + std::string(50, 'n') + "!"};
    for (const std::string& text : texts) {
        std::vector<PatternHit> hits;
        set.match(text, hits);
        std::vector<std::size_t> found, wanted;
        for (const PatternHit& hit : hits) found.push_back(hit.pattern);
        for (std::size_t i = 0; i < alone.size(); ++i)
            if (RE2::PartialMatch(text, *alone[i])) wanted.push_back(i);
        EXPECT_EQ(wanted, found) << text;
    }
}

}  // namespace
}  // namespace tocsin::rules
