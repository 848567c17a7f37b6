#include "rules/patterns/pattern_syntax.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::rules {

namespace {

// \b, \., \pL, \p{Greek}, \x41, \x{41}, \101
std::size_t end_of_escape(std::string_view pattern, std::size_t at) {
    const char kind = at + 1 < pattern.size() ? pattern[at + 1] : ' ';
    std::size_t end = at + 2;
    if (kind == 'p' || kind == 'P' || kind == 'x') {
        const bool braced = end < pattern.size() && pattern[end] == '{';
        const std::size_t close = braced ? pattern.find('}', end) : end + (kind == 'x' ? 1 : 0);
        end = close < pattern.size() ? close + 1 : pattern.size();
    } else if (is_digit(kind)) {
        while (end < at + 4 && end < pattern.size() && is_digit(pattern[end])) ++end;
    }
    return std::min(end, pattern.size());
}

}  // namespace

std::size_t end_of_element(std::string_view pattern, std::size_t at) {
    if (pattern[at] == '\\') return end_of_escape(pattern, at);
    if (pattern[at] == '[') return end_of_class(pattern, at);
    ++at;
    while (at < pattern.size() && (pattern[at] & '\xC0') == '\x80') ++at;  // the rest of a character
    return at;
}

bool folds_to_ascii(std::string_view character) { return character == "\xC5\xBF" || character == "\xE2\x84\xAA"; }

Group group_at(std::string_view pattern, std::size_t begin) {
    Group group{begin, begin + 1, pattern.size(), true};
    if (pattern.substr(begin).starts_with("(?")) {
        group.plain = pattern.substr(begin).starts_with("(?:");
        group.content = begin + 3;
    }
    std::size_t depth = 0;
    for (auto at = begin; at < pattern.size(); at = end_of_element(pattern, at)) {
        if (pattern[at] == '(') ++depth;
        if (pattern[at] == ')' && --depth == 0) {
            group.end = at + 1;
            break;
        }
    }
    return group;
}

bool is_quantified(std::string_view pattern, std::size_t at) {
    return at < pattern.size() && std::string_view{"?*+{"}.find(pattern[at]) != std::string_view::npos;
}
bool may_be_absent(std::string_view pattern, std::size_t at) {
    return is_quantified(pattern, at) && pattern[at] != '+';
}

std::vector<std::string_view> alternatives_of(std::string_view pattern) {
    std::vector<std::string_view> found;
    std::size_t from = 0;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] == '|') {
            found.push_back(pattern.substr(from, at - from));
            from = ++at;
        } else {
            at = pattern[at] == '(' ? group_at(pattern, at).end : end_of_element(pattern, at);
        }
    }
    found.push_back(pattern.substr(from));
    return found;
}

bool is_gap(std::string_view element) {
    return element == " " || element == "-" || element == "\\s" || element == "[ -]" || element == "[- ]" ||
           element == "[ ]";
}

bool quotes_or_names(std::string_view pattern) {
    return pattern.find("\\Q") != std::string_view::npos || pattern.find("(?P") != std::string_view::npos;
}

std::string_view flags_of(std::string_view pattern) {
    std::size_t end = 0;
    while (pattern.substr(end).starts_with("(?") && pattern.find(')', end) < pattern.size()) {
        const auto one = pattern.substr(end, pattern.find(')', end) + 1 - end);
        if (one.find(':') < one.size() || (end > 0 && one.find('-') < one.size())) break;
        end += one.size();
    }
    return pattern.substr(0, end);
}

bool sets_flags(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size(); at = end_of_element(pattern, at))
        if (pattern[at] == '(' && !group_at(pattern, at).plain) return true;
    return false;
}

std::size_t end_of_class(std::string_view pattern, std::size_t at) {
    std::size_t end = at + 1;
    if (end < pattern.size() && pattern[end] == '^') ++end;
    if (end < pattern.size() && pattern[end] == ']') ++end;  // a first ']' is itself
    while (end < pattern.size() && pattern[end] != ']') {
        if (pattern.substr(end).starts_with("[:")) {
            const std::size_t close = pattern.find(":]", end + 2);
            end = close == std::string_view::npos ? end + 1 : close + 2;
        } else {
            end += pattern[end] == '\\' ? 2 : 1;
        }
    }
    return std::min(end + 1, pattern.size());
}

}  // namespace tocsin::rules
