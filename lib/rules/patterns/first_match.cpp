#include "rules/patterns/first_match.hpp"

#include <re2/re2.h>

#include <cstddef>

#include "rules/patterns/literal_scan.hpp"
#include "rules/patterns/pattern_syntax.hpp"

namespace tocsin::rules {
namespace {

constexpr std::size_t most_bytes_for_trying = 512;

// All of its alternatives: "(?i)\\b(...)".
bool begins_with_boundary(std::string_view pattern) {
    pattern.remove_prefix(flags_of(pattern).size());
    return pattern.starts_with("\\b") && !is_quantified(pattern, 2) && alternatives_of(pattern).size() == 1;
}

}  // namespace

std::optional<Window> first_match(const RE2& pattern, std::string_view text, const Window& part) {
    const re2::StringPiece whole{text.data(), text.size()};
    re2::StringPiece found;
    if (part.to - part.from > most_bytes_for_trying) {
        if (!pattern.Match(whole, part.from, part.to, RE2::UNANCHORED, &found, 1)) return std::nullopt;
    } else {
        if (!pattern.Match(whole, part.from, part.to, RE2::UNANCHORED, nullptr, 0)) return std::nullopt;
        const bool begins_word = begins_with_boundary(pattern.pattern());
        std::size_t from = part.from;
        while ((begins_word && !is_boundary(text, from)) ||
               !pattern.Match(whole, from, part.to, RE2::ANCHOR_START, &found, 1))
            if (++from > part.to) return std::nullopt;
    }
    const auto from = static_cast<std::size_t>(found.data() - text.data());
    return Window{from, from + found.size()};
}

}  // namespace tocsin::rules
