#include "rules/patterns/counted_text.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "rules/patterns/first_match.hpp"
#include "rules/patterns/pattern.hpp"
#include "rules/patterns/pattern_syntax.hpp"

namespace tocsin::rules {
namespace {

std::size_t characters_in(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return (byte & '\xC0') != '\x80'; }));
}

}  // namespace

bool Length::holds(std::string_view text) const {
    if (text.size() < least || text.size() > 4 * most) return false;
    const std::size_t characters = characters_in(text);
    return least <= characters && characters <= most;
}

std::optional<Length> length_asked_by(const std::string& pattern) {
    static const RE2 form{R"((?:\(\?im?\)|\(\?m\))\(\?s\)\\A\.\{(\d{1,4}),(\d{1,4})\}\\z)"};
    Length length;
    if (!RE2::FullMatch(pattern, form, &length.least, &length.most)) return std::nullopt;
    return length;
}

std::size_t NearTheBeginning::farthest_in(std::string_view text) const {
    std::size_t at = 0;
    for (std::size_t left = most; left > 0 && at < text.size(); --left)
        for (++at; at < text.size() && (text[at] & '\xC0') == '\x80';) ++at;
    return at;
}

std::optional<Window> match_up_to(std::size_t farthest, const RE2& words, std::string_view text,
                                  const std::vector<Window>& windows) {
    for (const Window& window : windows) {
        if (window.from > farthest) break;
        if (const auto first = first_match(words, text, window)) return first->from <= farthest ? first : std::nullopt;
    }
    return std::nullopt;
}

std::optional<NearTheBeginning> near_the_beginning(std::string& pattern) {
    static const RE2 form{R"(\(\?(im?|m)\)\(\?s\)\\A\.\{0,(\d{1,4})\}((?s:.+)))"};
    std::string flags, rest;
    NearTheBeginning near;
    if (!RE2::FullMatch(pattern, form, &flags, &near.most, &rest) || alternatives_of(rest).size() > 1)
        return std::nullopt;
    // What may be empty, or may be repeated with what is in front of it, is left as it is.
    if (rest.front() == '?' || rest.front() == '+' || rest.front() == '*') return std::nullopt;
    pattern = "(?" + flags + ")(?s)" + rest;
    return near;
}

std::size_t counted_without_automaton(std::string_view pattern) {
    std::string rest = pattern_for_re2(pattern, true);
    if (length_asked_by(rest)) return pattern.size();
    // The beginning holds no blank, so that it is as long in the pattern as it was written.
    return near_the_beginning(rest) ? pattern.find('}') + 1 : 0;
}

}  // namespace tocsin::rules
