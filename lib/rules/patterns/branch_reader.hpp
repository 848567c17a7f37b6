// What must stand in a text for a branch of a pattern, in which nothing is left to choose, to match it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::rules {

// One of the ways in which a pattern can match.
struct NeededTogether {
    // All of these must be there, in lower case; LiteralScan::boundary stands where the pattern has \b, and
    // LiteralScan::kind_of it for each letter beyond ASCII.
    std::vector<std::string> literals;
    // Where this way is nothing but words: what it says, for `plain_words_at`, which finds it at an end of the first
    // of the literals, or it is not there.
    std::string plain_words;

    bool operator==(const NeededTogether&) const = default;
};

// No literals where nothing is certain.
NeededTogether read_branch(std::string_view branch);

}  // namespace tocsin::rules
