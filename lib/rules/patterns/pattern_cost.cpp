// What makes a pattern dear. Each mail is looked at by a process of its own, which builds the states of an automaton
// anew, so that what counts is how many states a mail leads to, not how fast a warm automaton is.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

#include "rules/patterns/counted_text.hpp"
#include "rules/patterns/pattern.hpp"
#include "rules/patterns/pattern_syntax.hpp"

namespace tocsin::rules {

namespace {

// Measured over 8 KB of text: beyond some 20,000 instructions RE2 has no room for its automaton and each look takes a
// hundred times as long (12,000: 0.1 ms; 24,000: 1.3 ms, the second time too).
constexpr std::size_t most_instructions = 16'000;
// `(the|and).{0,N}(…)` on one long line takes 1.7 ms for N = 100, 2.7 for 200 and 6.8 for 1000: a state for each way in
// which the words in front can lie within the last N characters.
constexpr std::size_t most_counted = 200;

// A repetition that counts far over a class that takes almost anything: `.{0,400}`, `[^\n]{300}`, `\w{1,500}`.
struct WideCount {
    std::size_t at = 0;  // in the pattern
    std::size_t end = 0;
    std::size_t most = 0;
};

bool is_digit_at(std::string_view pattern, std::size_t at) {
    return at < pattern.size() && pattern[at] >= '0' && pattern[at] <= '9';
}

// Of `{n}`, `{n,}` and `{n,m}` at `at` the larger number; sets `end` past it. 0 where none stands there.
std::size_t count_at(std::string_view pattern, std::size_t at, std::size_t& end) {
    if (at >= pattern.size() || pattern[at] != '{' || !is_digit_at(pattern, at + 1)) return 0;
    const std::size_t close = pattern.find('}', at);
    if (close == std::string_view::npos) return 0;
    std::string_view number = pattern.substr(at + 1, close - at - 1);
    if (const std::size_t comma = number.find(','); comma != std::string_view::npos && comma + 1 < number.size())
        number.remove_prefix(comma + 1);
    std::size_t most = 0;
    std::from_chars(number.data(), number.data() + number.size(), most);
    end = close + 1;
    return most;
}

bool is_wide_class(std::string_view atom) {
    if (atom == ".") return true;
    if (atom.starts_with("[^")) return true;
    if (atom.starts_with('\\') && atom.size() > 1) return std::string_view{"wWDSpPC"}.find(atom[1]) != atom.npos;
    return atom.starts_with('[') && (atom.find("\\w") != atom.npos || atom.find("\\S") != atom.npos ||
                                     atom.find("\\p") != atom.npos || atom.find("\\P") != atom.npos);
}

WideCount farthest_count(std::string_view pattern, std::size_t from) {
    WideCount farthest;
    for (std::size_t at = from; at < pattern.size();) {
        const std::size_t after = end_of_element(pattern, at);
        std::size_t end = after;
        const std::size_t most = count_at(pattern, after, end);
        if (most > farthest.most && is_wide_class(pattern.substr(at, after - at))) farthest = {at, end, most};
        at = end;
    }
    return farthest;
}

// Of one script or several, which are hundreds of ranges of bytes.
bool is_class_of_letters(std::string_view element) {
    if (element.front() == '\\') return element.size() > 2 && (element[1] == 'p' || element[1] == 'P');
    return element.front() == '[' && (element.find("\\p") != element.npos || element.find("\\P") != element.npos ||
                                      std::ranges::any_of(element, [](char c) { return (c & '\x80') != 0; }));
}

// As many instructions as it can make at most, or more: what is counted within something counted is multiplied.
std::size_t most_instructions_of(std::string_view pattern) {
    constexpr std::size_t dearest_element = 16;
    std::size_t once = 0, counted = 1;
    for (std::size_t at = 0; at < pattern.size();) {
        std::size_t end = end_of_element(pattern, at);
        const auto element = pattern.substr(at, end - at);
        if (is_class_of_letters(element)) return most_instructions + 1;
        once += element.size() == 1 && element != "." ? 2 : dearest_element;
        if (const std::size_t count = count_at(pattern, end, end); count > 1) counted *= count;
        if (once > most_instructions || counted > most_instructions / once) return most_instructions + 1;
        at = end;
    }
    return once * counted;
}

}  // namespace

std::optional<PatternMistake> costly_part(std::string_view pattern, bool ignore_case) {
    const std::size_t from = counted_without_automaton(pattern);
    const WideCount farthest = farthest_count(pattern, from);
    const std::string part{pattern.substr(farthest.at, farthest.end - farthest.at)};
    const bool may_be_large = from < pattern.size() && most_instructions_of(pattern.substr(from)) > most_instructions;
    const std::size_t instructions = may_be_large ? instructions_of(pattern, ignore_case) : 0;
    if (instructions > most_instructions)
        return PatternMistake{farthest.at,
                              "costly pattern: a program of " + std::to_string(instructions) +
                                  " instructions, for which RE2 has no room, so that each mail is looked at a hundred "
                                  "times as slowly; accepted without this warning: " +
                                  std::to_string(most_instructions) +
                                  ", by counting less far, fewer \\p classes, or several rules in the place of one"};
    if (farthest.most > most_counted)
        return PatternMistake{farthest.at, "costly pattern: '" + part +
                                               "' is counted anew for each place where what stands in front of it is "
                                               "found, in each mail; accepted without this warning: up to {0," +
                                               std::to_string(most_counted) +
                                               "}, '.*' or '[^.]*' which count nothing, two tests joined by 'and', or "
                                               "'(?s)\\A.{0," +
                                               std::to_string(farthest.most) +
                                               "}(words)' for what begins near the "
                                               "beginning"};
    return std::nullopt;
}

}  // namespace tocsin::rules
