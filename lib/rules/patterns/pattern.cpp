#include "rules/patterns/pattern.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "rules/patterns/counted_text.hpp"
#include "rules/patterns/made_patterns.hpp"
#include "rules/patterns/pattern_syntax.hpp"
#include "rules/patterns/words_and_rest.hpp"

namespace tocsin::rules {

namespace {

std::string with_wide_blanks(std::string_view pattern) {
    std::string wide;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern.substr(at).starts_with("\\Q")) {  // quoted up to \E: as it is
            const std::size_t end = std::min(pattern.find("\\E", at), pattern.size());
            wide += pattern.substr(at, end - at);
            at = end;
        } else if (pattern[at] == '\\' && at + 1 < pattern.size()) {
            wide += pattern.substr(at, 2);
            at += 2;
        } else if (pattern[at] == '[') {
            const std::size_t end = end_of_class(pattern, at);
            wide += pattern.substr(at, end - at);
            at = end;
        } else if (pattern[at] == ' ') {
            ++at;
            wide += is_quantified(pattern, at) ? "\\s" : "\\s+";
        } else {
            wide += pattern[at++];
        }
    }
    return wide;
}

// Whether all that it opens it closes, and nothing else: parentheses, classes, escapes.
bool is_closed(std::string_view pattern) {
    int depth = 0;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] == '\\' && at + 1 == pattern.size()) return false;
        const std::size_t end = end_of_element(pattern, at);
        if (pattern[at] == '[' && pattern[end - 1] != ']') return false;
        if (pattern[at] == '(') ++depth;
        if (pattern[at] == ')' && --depth < 0) return false;
        at = end;
    }
    return depth == 0;
}

}  // namespace

std::optional<PatternMistake> mistake_in_pattern(std::string_view pattern) {
    if (pattern.empty()) return PatternMistake{0, "empty pattern: it would match everything"};
    const std::string looked_for = pattern_for_re2(pattern, true);
    // Nothing is wrong with words, and most of what a rule set looks for are words.
    const auto parts = is_closed(pattern) ? words_and_rest(looked_for).rest : std::vector{looked_for};
    std::unique_ptr<RE2> wide;
    for (const std::string& part : parts) {
        wide = made_pattern(part);
        if (!wide->ok()) break;
        if (RE2::FullMatch("", *wide))
            return PatternMistake{0, "this pattern matches the empty text too, so it always matches"};
    }
    if (wide == nullptr || wide->ok()) return std::nullopt;
    const auto as_written = made_pattern(pattern);  // which says where
    const RE2& re2 = *as_written;
    if (re2.ok()) return PatternMistake{0, "bad pattern: " + wide->error()};
    const std::size_t at = re2.error_arg().empty() ? 0 : pattern.find(re2.error_arg());
    std::string what = "bad pattern: " + re2.error();
    if (!re2.error_arg().empty() && re2.error().find(re2.error_arg()) == std::string::npos)
        what += " near '" + re2.error_arg() + "'";
    if (re2.error_code() == RE2::ErrorBadPerlOp) what += " (RE2 has no look-around)";
    if (re2.error_arg().size() == 2 && is_digit(re2.error_arg()[1])) what += " (RE2 has no back references)";
    return PatternMistake{at == std::string::npos ? 0 : at, std::move(what)};
}

std::string pattern_for_re2(std::string_view pattern, bool ignore_case) {
    return (ignore_case ? "(?im)" : "(?m)") + with_wide_blanks(pattern);
}

std::string pattern_for_words(const std::vector<std::string>& all) {
    std::string pattern;
    for (const std::string& entry : all) {
        std::string quoted;
        for (const std::string_view word : words(entry)) {
            if (!quoted.empty()) quoted += "\\s+";
            quoted += RE2::QuoteMeta(re2::StringPiece{word.data(), word.size()});
        }
        if (quoted.empty()) continue;
        if (!pattern.empty()) pattern += '|';
        pattern += quoted;
    }
    return pattern.empty() ? pattern : "(?i)" + pattern;
}

std::size_t instructions_of(std::string_view pattern, bool ignore_case) {
    std::string looked_for = pattern_for_re2(pattern, ignore_case);
    (void)near_the_beginning(looked_for);
    int largest = 0;
    for (const std::string& part : words_and_rest(looked_for).rest)
        largest = std::max(largest, made_pattern(part)->ProgramSize());
    return static_cast<std::size_t>(std::max(largest, 0));
}

}  // namespace tocsin::rules
