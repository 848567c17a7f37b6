#include "rules/counted_text.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "rules/first_match.hpp"
#include "rules/pattern.hpp"
#include "rules/pattern_syntax.hpp"

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

std::optional<Window> NearTheBeginning::found(const RE2& words, std::string_view text,
                                              const std::vector<Window>& windows,
                                              const std::optional<std::size_t>& longest) const {
    const std::size_t end = longest ? std::min(text.size(), 4 * most + *longest + 1) : text.size();
    for (const Window& window : windows) {
        if (window.from > 4 * most) break;
        if (window.from >= end) break;
        const auto first = first_match(words, text, {window.from, std::min(window.to, end)});
        if (!first) continue;
        if (first->from > 4 * most || characters_in(text.substr(0, first->from)) > most) break;
        return first;
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
