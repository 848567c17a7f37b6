// The strings that a text must hold for a pattern to match it: what a filter looks for before the pattern is run.
//
// Errs on the side of asking for too little: what is not understood is not asked for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::rules {

// All of these, in lower case; LiteralScan::boundary stands where the pattern has \b.
using NeededTogether = std::vector<std::string>;

// One of the entries must be there whole. Empty: nothing is known to be needed, so the pattern must be run.
std::vector<NeededTogether> needed_literals(std::string_view pattern);

// Where the character class that begins at `at` ends: past its ']'.
std::size_t end_of_class(std::string_view pattern, std::size_t at);

}  // namespace tocsin::rules
