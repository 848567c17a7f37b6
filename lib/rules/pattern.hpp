// Regular expressions for strangers' text: RE2, so that no pattern and no mail can make matching slow.
//
// A blank in a pattern stands for white space of any kind and length, since mail wraps its lines wherever it likes;
// `^` and `$` stand at the ends of lines. Not thread safe to build, thread safe to match.
#pragma once

#include <cstddef>
#include <memory>
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
// How much of the pattern, from its beginning, asks for a length or a distance that PatternSet counts by itself.
std::size_t counted_without_automaton(std::string_view pattern);
std::size_t instructions_of(std::string_view pattern, bool ignore_case);  // of the program that RE2 makes

// The pattern as RE2 gets it.
std::string pattern_for_re2(std::string_view pattern, bool ignore_case);

// A pattern that finds any of the words, without regard to case; empty when there are none.
std::string pattern_for_words(const std::vector<std::string>& words);

// A pattern that matches, and the part of the text that it matches or that holds its first match.
struct PatternHit {
    std::size_t pattern = 0;  // what PatternSet::add gave
    std::size_t from = 0;
    std::size_t to = 0;
    bool exact = false;  // the part is the match itself
};

// Many patterns that look at one field.
class PatternSet {
public:
    PatternSet();
    PatternSet(PatternSet&&) noexcept;
    PatternSet& operator=(PatternSet&&) noexcept;
    ~PatternSet();

    // Takes what pattern_for_re2 or pattern_for_words gave; nothing when it is too large.
    std::optional<std::size_t> add(const std::string& pattern);
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
