// Which of many short strings occur in a text, in one pass (Aho and Corasick), without regard to the case of ASCII.
//
// A string may ask for a word's boundary at its ends, as RE2's \b does. Two letters beyond ASCII fold to ASCII ones
// (U+017F to s, U+212A to k) and are taken for them, as RE2 does; of all others there are a few kinds (kind_of). White
// space and dashes, however many, are one blank, in the strings and in the text. Only read once it is built.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "rules/patterns/literal_tree.hpp"

namespace tocsin::rules {

// As RE2 has it: \w and \b know ASCII alone, and \b stands between \w and something else, or an end of the text.
constexpr bool is_word_character(char c) noexcept { return is_letter(c) || is_digit(c) || c == '_'; }
constexpr bool is_white(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }  // \s
constexpr bool is_boundary(std::string_view text, std::size_t at) noexcept {
    const bool before = at > 0 && is_word_character(text[at - 1]);
    const bool after = at < text.size() && is_word_character(text[at]);
    return before != after;
}

class LiteralScan {
public:
    static constexpr char boundary = '\x01';  // stands for \b in a string to look for

    // Stands for a character beyond ASCII, and for others with it: the same for all that differ in case alone.
    static char kind_of(char32_t character);
    // One blank, with what stands beside it.
    static constexpr bool is_gap(char c) { return c == '-' || is_white(c); }
    static constexpr bool is_kind(char c) { return static_cast<unsigned char>(c) >> 4 == 8; }

    LiteralScan() = default;
    explicit LiteralScan(LiteralTree literals);

    static constexpr std::uint32_t everywhere = 0xFFFFFFFF;

    struct Occurrence {
        std::uint32_t number = 0;  // that its tree gave it
        std::uint32_t end = 0;     // in the text, past its last byte; or `everywhere`
    };

    // All that occur in the text, by their ends.
    std::vector<Occurrence> found_in(std::string_view text) const;

private:
    static constexpr std::uint8_t other = 0;  // the class of a byte that no literal has
    // Most nodes go on with a letter or two, or with none, and need no row: those of a node lie side by side.
    struct Path {
        std::uint32_t byte_class = other;
        std::uint32_t next = 0;       // as in a row
        std::uint32_t otherwise = 0;  // the state that is asked instead: the next path, or where the node falls back to
        int ends = LiteralTree::none;
        std::uint32_t shorter = 0;
    };
    struct Ending {
        int literal = LiteralTree::none;
        std::uint32_t shorter = 0;
    };

    void name_classes(const LiteralTree& tree);
    struct Layout;
    void lay_row(const Layout& layout, std::uint32_t node);
    void lay_paths(const Layout& layout, std::uint32_t node);
    std::uint8_t class_beyond_ascii(std::string_view text, std::size_t& at) const;
    std::uint32_t after(std::uint32_t state, std::uint8_t byte_class) const;
    Ending ending_at(std::uint32_t state) const;

    std::array<std::uint8_t, 256> class_of_{};
    std::size_t classes_ = 1;
    std::uint8_t gap_ = other;  // the class of white space and dashes
    std::vector<LiteralTree::Literal> literals_;
    // A state is the place of a row, or, beyond all rows, that of a path. A row has by class the next state, doubled,
    // and odd where something ends there; then what ends here, and the state of the nearest suffix where something
    // does.
    std::vector<std::uint32_t> rows_;
    std::vector<Path> paths_;
    std::vector<std::uint32_t> everywhere_;
};

}  // namespace tocsin::rules
