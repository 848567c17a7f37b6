#include "rules/patterns/words_and_rest.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "rules/patterns/needed_literals.hpp"
#include "rules/patterns/pattern_syntax.hpp"
#include "rules/patterns/plain_words.hpp"

namespace tocsin::rules {
namespace {

constexpr std::size_t most_ways_of_words = 2048;  // of one alternative
constexpr std::size_t most_patterns = 256;        // out of one

// Whether nothing in an alternative makes it more than words: a look before it is taken apart.
bool may_be_words(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        if (const auto between = between_at(pattern, at)) {
            at = between->end;
            continue;
        }
        const std::size_t end = end_of_element(pattern, at);
        const auto element = pattern.substr(at, end - at);
        const char next = end < pattern.size() ? pattern[end] : ' ';
        at = end;
        if (element == "\\s" && next == '+') {
            ++at;
        } else if (element == "\\w" && (next == '*' || next == '+')) {
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

// "\b(a|b)\b" is "\ba\b" or "\bb\b"; nothing where something else stands beside the group.
std::vector<std::string> opened(std::string_view alternative) {
    constexpr std::string_view boundary = "\\b";
    const std::string_view before = alternative.starts_with(boundary) ? boundary : std::string_view{};
    const std::size_t begin = before.size();
    if (!alternative.substr(begin).starts_with('(')) return {};
    const Group group = group_at(alternative, begin);
    const auto after = alternative.substr(group.end);
    if (!after.empty() && after != boundary) return {};
    std::vector<std::string> parts;
    for (const auto part : alternatives_of(alternative.substr(group.content, group.end - 1 - group.content)))
        parts.push_back(std::string{before} + std::string{part} + std::string{after});
    return parts;
}

// All that can be told apart without taking the branches themselves apart, in the order in which they stand.
std::vector<std::string> alternatives_within(std::string_view pattern) {
    std::vector<std::string> waiting{std::string{pattern}}, found;
    while (!waiting.empty()) {
        const std::string one = std::move(waiting.back());
        waiting.pop_back();
        std::vector<std::string> parts;
        if (const auto open = alternatives_of(one); open.size() > 1)
            parts.assign(open.begin(), open.end());
        else
            parts = opened(one);
        if (parts.empty()) found.push_back(one);
        waiting.insert(waiting.end(), parts.rbegin(), parts.rend());
    }
    return found;
}

}  // namespace

WordsAndRest words_and_rest(std::string_view pattern) {
    const auto flags = flags_of(pattern);
    const auto body = pattern.substr(flags.size());
    WordsAndRest parts;
    if (quotes_or_names(pattern) || sets_flags(body)) {
        parts.rest.emplace_back(pattern);
        return parts;
    }
    for (const std::string& alternative : alternatives_within(body)) {
        const std::string one = std::string{flags} + alternative;
        std::vector<NeededTogether> needed;
        if (may_be_words(alternative) && ways_in(alternative) <= most_ways_of_words)
            needed = needed_literals(one, most_ways_of_words);
        if (!needed.empty() && std::ranges::none_of(needed, &std::string::empty, &NeededTogether::plain_words))
            parts.words.insert(parts.words.end(), needed.begin(), needed.end());
        else if (parts.rest.size() < most_patterns)
            parts.rest.push_back(one);
        else
            parts.rest.back() += "|" + alternative;
    }
    return parts;
}

}  // namespace tocsin::rules
