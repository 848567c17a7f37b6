// A pattern that is nothing but words, and what may stand between them, found without a regular expression: letters,
// `folded` and in UTF-8, signs, LiteralScan::boundary, and these.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::rules {

inline constexpr char some_space = '\x03';      // \s+
inline constexpr char one_space = '\x04';       // \s
inline constexpr char blank_or_dash = '\x05';   // [ -]
inline constexpr char any_ending = '\x06';      // \w* after the last letter, and perhaps a boundary
inline constexpr char some_ending = '\x0E';     // the same for \w+
inline constexpr char rest_of_word = '\x0F';    // \w*, not at the end
inline constexpr char some_of_word = '\x10';    // \w+, not at the end
inline constexpr char words_between = '\x11';   // (\w+\s+){0,n}: n, then this
inline constexpr char others_between = '\x12';  // [^.\n]{0,n}: what is not there, how many those are, n, then this

// What a pattern has between words, where that is one of the last two.
struct Between {
    std::size_t end = 0;   // past it in the pattern
    std::size_t most = 0;  // as many may stand there
    std::string said;      // as above
};
std::optional<Between> between_at(std::string_view pattern, std::size_t at);

// The part of the text that ends at `end` (but for an ending of the last word, where the pattern takes any) and is what
// the words say, as RE2 would match it, and begins at `farthest` or before.
std::optional<std::string_view> plain_words_at(std::string_view words, std::string_view text, std::size_t end,
                                               std::size_t farthest);

}  // namespace tocsin::rules
