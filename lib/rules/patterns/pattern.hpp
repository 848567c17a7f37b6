// Regular expressions for strangers' text: RE2, so that no pattern and no mail can make matching slow.
//
// A blank in a pattern stands for white space of any kind and length, since mail wraps its lines wherever it likes;
// `^` and `$` stand at the ends of lines.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::rules {

struct PatternMistake {
    std::size_t offset = 0;  // in the pattern as it was written
    std::string what;
};

// What keeps the pattern from being used; nothing when it is right.
std::optional<PatternMistake> mistake_in_pattern(std::string_view pattern);

// Where \b stands beside a letter that RE2 does not take for one (any beyond ASCII), so that it never matches there.
std::optional<std::size_t> boundary_beside_foreign_letter(std::string_view pattern);

// What makes the pattern dear for each mail's process, and where; nothing for one that is right and cheap.
std::optional<PatternMistake> costly_part(std::string_view pattern, bool ignore_case);
std::size_t instructions_of(std::string_view pattern, bool ignore_case);  // of the program that RE2 makes

// The pattern as RE2 gets it.
std::string pattern_for_re2(std::string_view pattern, bool ignore_case);

// A pattern that finds any of the words, without regard to case; empty when there are none.
std::string pattern_for_words(const std::vector<std::string>& words);

}  // namespace tocsin::rules
