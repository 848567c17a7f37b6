#include "rules/words_and_rest.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "rules/needed_literals.hpp"
#include "rules/pattern_syntax.hpp"

namespace tocsin::rules {
namespace {

constexpr std::size_t most_ways_of_words = 64;  // of one alternative

// Whether nothing in an alternative makes it more than words: a look before it is taken apart.
bool may_be_words(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        const std::size_t end = end_of_element(pattern, at);
        const auto element = pattern.substr(at, end - at);
        const char next = end < pattern.size() ? pattern[end] : ' ';
        at = end;
        if (element == "\\s" && next == '+') {
            ++at;
        } else if (element == "\\w" && next == '*') {
            ++at;
        } else if (next == '*' || next == '+' || next == '{') {
            return false;
        } else if (element.size() > 1) {
            const bool is_sign = element[0] == '\\' && !is_letter(element[1]) && !is_digit(element[1]);
            const bool is_foreign = (element[0] & '\x80') != 0 && !folds_to_ascii(element);
            if (!is_sign && !is_foreign && element != "\\b" && !is_gap(element)) return false;
        } else if (std::string_view{".^$"}.find(element[0]) != std::string_view::npos) {
            return false;
        }
    }
    return true;
}

// Into how many branches it would be taken apart, or more than most_ways_of_words.
std::size_t ways_in(std::string_view pattern) {  // NOLINT(misc-no-recursion)
    std::size_t all = 0;
    for (const auto alternative : alternatives_of(pattern)) {
        std::size_t ways = 1;
        for (std::size_t at = 0; at < alternative.size() && ways <= most_ways_of_words;) {
            std::size_t end = end_of_element(alternative, at), of_one = 1;
            if (alternative[at] == '(') {
                const Group group = group_at(alternative, at);
                of_one = ways_in(alternative.substr(group.content, group.end - 1 - group.content));
                end = group.end;
            }
            if (end < alternative.size() && alternative[end] == '?') ++of_one, ++end;
            ways *= of_one;
            at = end;
        }
        all += ways;
        if (all > most_ways_of_words) break;
    }
    return all;
}

}  // namespace

WordsAndRest words_and_rest(std::string_view pattern) {
    const auto flags = flags_of(pattern);
    const bool is_beyond_us = quotes_or_names(pattern);
    WordsAndRest parts;
    const auto alternatives = alternatives_of(pattern.substr(flags.size()));
    std::size_t others = 0;
    for (const auto alternative : alternatives) {
        std::vector<NeededTogether> needed;
        if (!is_beyond_us && may_be_words(alternative) && ways_in(alternative) <= most_ways_of_words)
            needed = needed_literals(std::string{flags} += alternative);
        const bool told = !needed.empty() && std::ranges::all_of(needed, &NeededTogether::is_told_by_words);
        if (told)
            parts.words.insert(parts.words.end(), needed.begin(), needed.end());
        else
            parts.rest.append(others++ == 0 ? flags : "|") += alternative;
    }
    return parts;
}

}  // namespace tocsin::rules
