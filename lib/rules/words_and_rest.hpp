// A pattern taken apart: its alternatives that are nothing but words take no regular expression.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/branch_reader.hpp"

namespace tocsin::rules {

struct WordsAndRest {
    std::vector<NeededTogether> words;
    std::string rest;  // the other alternatives, with the same flags; empty where none is left
};
WordsAndRest words_and_rest(std::string_view pattern);

}  // namespace tocsin::rules
