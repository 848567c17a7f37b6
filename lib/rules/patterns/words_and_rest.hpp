// A pattern taken apart: its alternatives that are nothing but words take no regular expression, and each other one
// has one of its own, which is small and looked for only where what it needs is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/patterns/branch_reader.hpp"

namespace tocsin::rules {

struct WordsAndRest {
    std::vector<NeededTogether> words;
    std::vector<std::string> rest;  // the other alternatives, each with the pattern's flags
};
WordsAndRest words_and_rest(std::string_view pattern);

}  // namespace tocsin::rules
