// The pieces of a pattern in RE2's syntax, as far as a filter has to know them. Of a pattern that RE2 has not taken,
// the answers mean nothing.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tocsin::rules {

struct Group {
    std::size_t begin = 0;    // its '('
    std::size_t content = 0;  // past "(" or "(?:"
    std::size_t end = 0;      // past its ')'
    bool plain = false;       // not one that sets flags
};
Group group_at(std::string_view pattern, std::size_t begin);

// One element: an escape, a class, or a character; a parenthesis is one by itself.
std::size_t end_of_element(std::string_view pattern, std::size_t at);
// Where the character class that begins at `at` ends: past its ']'.
std::size_t end_of_class(std::string_view pattern, std::size_t at);

bool is_quantified(std::string_view pattern, std::size_t at);  // by what stands at `at`
bool may_be_absent(std::string_view pattern, std::size_t at);  // so quantified that it may
bool is_gap(std::string_view element);                         // white space or a dash
bool folds_to_ascii(std::string_view character);               // U+017F and U+212A: to s and k
bool quotes_or_names(std::string_view pattern);                // \Q and (?P<, which are beyond this

// The alternatives outside of all groups.
std::vector<std::string_view> alternatives_of(std::string_view pattern);
// At the very beginning: "(?im)", "(?im)(?s)".
std::string_view flags_of(std::string_view pattern);
bool sets_flags(std::string_view pattern);  // anywhere

}  // namespace tocsin::rules
