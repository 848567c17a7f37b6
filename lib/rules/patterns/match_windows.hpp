// The parts of a text in which a pattern can match at all: near the literals that it needs, as far as it reaches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rules/patterns/literal_scan.hpp"

namespace tocsin::rules {

struct Window {
    std::size_t from = 0;
    std::size_t to = 0;
};

// One of the ways in which a pattern can match: the literals that it needs, by their numbers, and what it says where it
// is nothing but words (rules::NeededTogether). A view.
struct Way {
    std::span<const std::uint32_t> needed;
    std::string_view plain_words;
};

// Of one text, which must outlive it.
class MatchWindows {
public:
    static constexpr std::size_t most_literals = 0xFFFF;

    // `found` as LiteralScan gave it for this text and that many literals, `most_literals` at most.
    MatchWindows(std::string_view text, const std::vector<LiteralScan::Occurrence>& found, std::size_t literals);

    // Those that were found, each once.
    const std::vector<std::uint32_t>& literals() const { return literals_; }

    // Of the pattern's ways those whose first literal was found. From left to right and apart from each other; each
    // match of the pattern lies in one of them. `longest` is what longest_match says. Good until the next call.
    const std::vector<Window>& of(std::span<const Way> ways, const std::optional<std::size_t>& longest);
    // Of a pattern of which nothing is known.
    const std::vector<Window>& whole();

    // A match that is nothing but words, which takes no pattern to be found, and begins at `farthest` or before.
    std::optional<Window> plain_match(std::span<const Way> ways, std::size_t farthest) const;

private:
    std::span<const std::uint32_t> rarest_of(std::span<const std::uint32_t> needed) const;
    bool has_all_near(std::span<const std::uint32_t> needed, std::size_t end, std::size_t longest) const;
    std::span<const std::uint32_t> ends_of(std::uint32_t literal) const;
    bool meets_a_long_run(const Window& window) const;
    bool are_most_of_it() const;
    void merge();

    std::string_view text_;
    std::vector<std::uint16_t> rank_;   // of each literal there is: its place in `literals_` and one more, or 0
    std::vector<std::uint32_t> first_;  // by rank: where in `ends_` the ends of the literal begin, and end
    std::vector<std::uint32_t> ends_;   // where literals end in the text
    std::vector<std::uint32_t> literals_;
    std::vector<Window> runs_;  // longer than what longest_match counts with
    std::vector<Window> windows_;
};

}  // namespace tocsin::rules
