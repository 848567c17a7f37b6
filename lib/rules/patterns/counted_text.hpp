// What a pattern asks of a text's length, or of how near to its beginning words stand: counted, because an automaton
// that counts characters has a state for each of them, and each mail's process makes them anew.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/patterns/match_windows.hpp"

namespace re2 {
class RE2;
}

namespace tocsin::rules {

// Of a whole text, in characters, as /(?s)\A.{1,600}\z/ asks for it.
struct Length {
    std::size_t least = 0;
    std::size_t most = 0;

    bool holds(std::string_view text) const;
};
std::optional<Length> length_asked_by(const std::string& pattern);

// How /(?s)\A.{0,400}(words)/ is looked for: where its words begin first says whether they begin near enough.
struct NearTheBeginning {
    std::size_t most = 0;  // characters before it

    std::size_t farthest_in(std::string_view text) const;  // where it may begin, in bytes
};
// The leftmost match, where that begins at `farthest` or before. `windows` from left to right.
std::optional<Window> match_up_to(std::size_t farthest, const re2::RE2& words, std::string_view text,
                                  const std::vector<Window>& windows);
// Leaves in `pattern` what is then to be looked for.
std::optional<NearTheBeginning> near_the_beginning(std::string& pattern);

// How much of a pattern as it was written, from its beginning, is counted so.
std::size_t counted_without_automaton(std::string_view pattern);

}  // namespace tocsin::rules
