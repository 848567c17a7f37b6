// The strings that a text must hold for a pattern to match it: what a filter looks for before the pattern is run.
//
// Errs on the side of asking for too little: what is not understood is not asked for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::rules {

// One of the ways in which a pattern can match.
struct NeededTogether {
    // All of these must be there, in lower case; LiteralScan::boundary stands where the pattern has \b, and
    // LiteralScan::foreign for each letter beyond ASCII.
    std::vector<std::string> literals;
    // Where this way is nothing but words: what it says, for `plain_words_at`; its one literal says where to look.
    std::string plain_words;

    bool operator==(const NeededTogether&) const = default;
};

// One of the entries must be there whole. Empty: nothing is known to be needed, so the pattern must be run.
std::vector<NeededTogether> needed_literals(std::string_view pattern);

// The part of the text that ends at `end` (but for an ending of the last word, where the pattern takes any) and is what
// the words say, as RE2 would match it. Nothing also where that would take RE2 to tell: letters beyond ASCII.
std::optional<std::string_view> plain_words_at(std::string_view words, std::string_view text, std::size_t end);

// Where the character class that begins at `at` ends: past its ']'.
std::size_t end_of_class(std::string_view pattern, std::size_t at);

}  // namespace tocsin::rules
