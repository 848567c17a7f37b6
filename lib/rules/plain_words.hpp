// A pattern that is nothing but words, found without a regular expression: letters, `folded` and in UTF-8, signs,
// LiteralScan::boundary, and these.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tocsin::rules {

inline constexpr char some_space = '\x03';     // \s+
inline constexpr char one_space = '\x04';      // \s
inline constexpr char blank_or_dash = '\x05';  // [ -]
inline constexpr char any_ending = '\x06';     // \w* after the last letter, and perhaps a boundary

// The part of the text that ends at `end` (but for an ending of the last word, where the pattern takes any) and is what
// the words say, as RE2 would match it.
std::optional<std::string_view> plain_words_at(std::string_view words, std::string_view text, std::size_t end);

}  // namespace tocsin::rules
