#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

constexpr const char* bad = "\xEF\xBF\xBD";  // U+FFFD

struct Sequence {
    std::string_view bytes;
    std::string_view valid;
};

class BadUtf8 : public testing::TestWithParam<Sequence> {};

TEST_P(BadUtf8, BecomesOneReplacementForEachMaximalBadSequence) {
    EXPECT_FALSE(is_utf8(GetParam().bytes));
    EXPECT_EQ(GetParam().valid, to_valid_utf8(GetParam().bytes));
    EXPECT_TRUE(is_utf8(to_valid_utf8(GetParam().bytes)));
    EXPECT_EQ(GetParam().valid, for_people(GetParam().bytes));
}

// The Unicode Standard, section 3.9, table 3-8, and RFC 3629 section 10.
INSTANTIATE_TEST_SUITE_P(
    Sequences, BadUtf8,
    testing::Values(Sequence{"\x80", "\xEF\xBF\xBD"},
                    Sequence{"a\xFF"
                             "b",
                             "a\xEF\xBF\xBD"
                             "b"},
                    Sequence{"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},                                  // overlong '/'
                    Sequence{"\xC1\x81", "\xEF\xBF\xBD\xEF\xBF\xBD"},                                  // overlong 'A'
                    Sequence{"\xE0\x80\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},                  // overlong
                    Sequence{"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},                  // surrogate
                    Sequence{"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},  // above U+10FFFF
                    Sequence{"\xF5\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"}, Sequence{"\xE2\x82", "\xEF\xBF\xBD"},
                    Sequence{"\xE2\x82"
                             "A",
                             "\xEF\xBF\xBD"
                             "A"},
                    Sequence{"\xF0\x9F\x98", "\xEF\xBF\xBD"}, Sequence{"\xC3\xC3\xA4", "\xEF\xBF\xBD\xC3\xA4"},
                    Sequence{"\x61\xF1\x80\x80\xE1\x80\xC2\x62", "\x61\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\x62"}));

TEST(Utf8, TheEdgesOfEachLengthAreGood) {
    for (const char32_t c :
         {U'\1', U'\x7F', U'\x80', U'\x7FF', U'\x800', U'\xD7FF', U'\xE000', U'\xFFFF', U'\x10000', U'\x10FFFF'}) {
        std::string text;
        append_utf8(text, c);
        EXPECT_TRUE(is_utf8(text));
        std::size_t at = 0;
        EXPECT_EQ(c, next_code_point(text, at));
        EXPECT_EQ(text.size(), at);
    }
}

TEST(Utf8, GoodTextStaysAsItIs) {
    const std::string text = "Stra\u00DFe, \u65E5\u672C\u8A9E, \U0001F600\n";
    EXPECT_TRUE(is_utf8(text));
    EXPECT_EQ(text, to_valid_utf8(text));
    EXPECT_EQ(text, for_people(text));
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8(std::string_view{"a\0b", 3}));
}

TEST(Utf8, ReadsPastABadSequenceAsAWhole) {
    const std::string text =
        "\xF0\x9F\x98"
        "x";
    std::size_t at = 0;
    EXPECT_EQ(0xFFFDu, next_code_point(text, at));
    EXPECT_EQ(3u, at);
    EXPECT_EQ(U'x', next_code_point(text, at));
}

TEST(ForPeople, LeavesOutWhatATerminalWouldObey) {
    EXPECT_EQ("a[31mred", for_people("a\x1B[31mred"));
    EXPECT_EQ("ab", for_people(std::string_view{"a\0b", 3}));
    EXPECT_EQ("ab", for_people("a\x07\x08"
                               "b"));
    EXPECT_EQ("ab", for_people("a\x7F"
                               "b"));
    EXPECT_EQ("ab", for_people("a\u009Bb"));  // CSI in one character
    EXPECT_EQ("ab", for_people("a\u0080b"));
    EXPECT_EQ("a\u00A0b", for_people("a\u00A0b"));  // the first one that is no control
}

TEST(ForPeople, LeavesOutWhatTurnsTextAround) {
    for (const char32_t c :
         {0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0x200E, 0x200F, 0x061C}) {
        std::string text = "invoice";
        append_utf8(text, c);
        text += "fdp.exe";
        EXPECT_EQ("invoicefdp.exe", for_people(text)) << std::hex << static_cast<unsigned>(c);
        EXPECT_EQ("invoicefdp.exe", for_one_line(text));
    }
    EXPECT_EQ("\u05D0\u05D1", for_people("\u05D0\u05D1"));  // Hebrew letters stay
}

TEST(ForPeople, HasOneLineEnd) {
    EXPECT_EQ("a\nb\nc\n\nd\te", for_people("a\r\nb\rc\n\r\nd\te"));
    EXPECT_EQ("\n\n", for_people("\r\r"));
}

TEST(ForOneLine, MakesEachRunOfWhiteSpaceOneBlank) {
    EXPECT_EQ("a b c", for_one_line("  a \t\r\n b\n\n\nc \n"));
    EXPECT_EQ("", for_one_line(" \r\n\t "));
    EXPECT_EQ("Subject Bcc: x@evil.test", for_one_line("Subject\r\nBcc: x@evil.test"));
}

TEST(ForOneLine, IsCutAfterSoManyCodePoints) {
    EXPECT_EQ("abc", for_one_line("abc", 3));
    EXPECT_EQ("abc\u2026", for_one_line("abcd", 3));
    EXPECT_EQ("\u65E5\u672C\u2026", for_one_line("\u65E5\u672C\u8A9E", 2));
    EXPECT_EQ("abc", for_one_line("abc   \n", 3));  // what is cut off is not even there
    EXPECT_EQ("", for_one_line("", 0));
}

TEST(ForOneLine, CountsTheBlanksToo) {
    EXPECT_EQ("ab c", for_one_line("ab c", 4));
    EXPECT_EQ("ab\u2026", for_one_line("ab cd", 3));
    for (std::size_t most = 1; most < 12; ++most) {
        std::size_t code_points = 0;
        const std::string line = for_one_line("a bc d ef g hi", most);
        for (std::size_t at = 0; at < line.size(); ++code_points) next_code_point(line, at);
        EXPECT_LE(code_points, most + 1) << most << ": " << line;  // with the ellipsis
    }
}

TEST(CutUtf8, NeverCutsInsideACodePoint) {
    const std::string text = "a\u00E4\u65E5\U0001F600";  // 1 + 2 + 3 + 4 bytes
    const std::size_t sizes[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (std::size_t most = 0; most < std::size(sizes); ++most) {
        EXPECT_EQ(sizes[most], cut_utf8(text, most).size()) << most;
        EXPECT_TRUE(is_utf8(cut_utf8(text, most)));
    }
}

TEST(CutUtf8, EndsOnBytesThatAreNoText) { EXPECT_LE(cut_utf8(std::string(100, '\x80'), 50).size(), 50u); }

TEST(Utf8, AppendsTheReplacementItself) {
    std::string text;
    append_utf8(text, 0xFFFD);
    EXPECT_EQ(bad, text);
}

}  // namespace
}  // namespace tocsin
