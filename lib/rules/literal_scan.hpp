// Which of many short strings occur in a text, in one pass (Aho and Corasick), without regard to the case of ASCII.
//
// A string may ask for a word's boundary at its ends, as RE2's \b does. Two letters beyond ASCII fold to ASCII ones
// (U+017F to s, U+212A to k) and are taken for them, as RE2 does; all others are one letter, `foreign`. White space and
// dashes, however many, are one blank, in the strings and in the text. Only read once it is built.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace tocsin::rules {

// As RE2 has it: \w and \b know ASCII alone, and \b stands between \w and something else, or an end of the text.
constexpr bool is_word_character(char c) noexcept { return is_letter(c) || is_digit(c) || c == '_'; }
constexpr bool is_white(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }  // \s
bool is_boundary(std::string_view text, std::size_t at);

class LiteralScan {
public:
    static constexpr char boundary = '\x01';  // stands for \b in a string to look for
    static constexpr char foreign = '\x02';   // stands for any character beyond ASCII

    LiteralScan() = default;
    // Takes strings of lower-case ASCII; one that is empty, or holds anything else, counts as found everywhere.
    explicit LiteralScan(const std::vector<std::string>& literals);

    static constexpr std::uint32_t everywhere = 0xFFFFFFFF;

    struct Occurrence {
        std::uint32_t place = 0;  // in the list given
        std::uint32_t end = 0;    // in the text, past its last byte; or `everywhere`
    };

    // All that occur in the text, by their ends.
    std::vector<Occurrence> found_in(std::string_view text) const;

private:
    using Node = std::uint32_t;
    static constexpr std::uint8_t other = 0;  // the class of a byte that no literal has

    struct Literal {
        std::uint32_t place = 0;
        std::size_t size = 0;
        bool begins_word = false;  // needs a boundary in front
        bool ends_word = false;
        int next = -1;  // the same letters with other boundaries
    };

    void add(std::string_view literal, std::uint32_t place);
    void make_fallbacks();
    void mark_ends();
    std::uint8_t class_at(std::string_view text, std::size_t& at) const;
    static bool has_its_boundaries(const Literal& literal, std::string_view text, std::size_t end);

    std::array<std::uint8_t, 256> class_of_{};
    std::size_t classes_ = 1;
    std::uint8_t gap_ = other;  // the class of white space and dashes
    std::vector<Literal> literals_;
    std::vector<Node> next_;     // by node and class; once built: the next row of it, doubled, odd where something ends
    std::vector<int> ends_;      // of each node: the first literal that ends there, or -1
    std::vector<Node> shorter_;  // of each node: the nearest suffix at which a literal ends, or the root
    std::vector<std::uint32_t> everywhere_;
};

}  // namespace tocsin::rules
