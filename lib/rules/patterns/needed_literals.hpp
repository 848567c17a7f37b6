// The strings that a text must hold for a pattern to match it: what a filter looks for before the pattern is run.
//
// Errs on the side of asking for too little: what is not understood is not asked for.
#pragma once

#include <string_view>
#include <vector>

#include "rules/patterns/branch_reader.hpp"

namespace tocsin::rules {

// One of the entries must be there whole. Empty: nothing is known to be needed, so the pattern must be run.
std::vector<NeededTogether> needed_literals(std::string_view pattern, std::size_t most_branches = 256);

}  // namespace tocsin::rules
