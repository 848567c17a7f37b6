// Many patterns that look at one field: which of them match a text, and where.
//
// Not thread safe to build, thread safe to match.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace tocsin::rules {

class MadePatterns;

// A pattern that matches, and the part of the text that it matches or that holds its first match.
struct PatternHit {
    std::size_t pattern = 0;  // what PatternSet::add gave
    std::size_t from = 0;
    std::size_t to = 0;
    bool exact = false;            // the part is the match itself
    const re2::RE2* by = nullptr;  // what finds it there, where it is not exact
};

class PatternSet {
public:
    PatternSet();
    PatternSet(PatternSet&&) noexcept;
    PatternSet& operator=(PatternSet&&) noexcept;
    ~PatternSet();

    // Takes what pattern_for_re2 or pattern_for_words gave; nothing when it is too large.
    std::optional<std::size_t> add(const std::string& pattern, MadePatterns& made);
    void build();  // after the last `add`
    std::size_t size() const;

    // Puts the patterns that match into `hits`, in the order in which they were added.
    void match(std::string_view text, std::vector<PatternHit>& hits) const;
    // A part of the text that the pattern of a hit in it matches.
    std::string_view find(const PatternHit& hit, std::string_view text) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tocsin::rules
