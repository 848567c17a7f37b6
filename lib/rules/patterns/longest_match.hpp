// How long what a pattern matches can be, so that only the parts of a text near what it needs are searched.
//
// Errs on the side of too long: what is not understood has no bound.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tocsin::rules {

// `\w*` and `\s+` are taken to match no more bytes than these at a time: who uses the bound looks for longer runs.
inline constexpr std::size_t longest_run = 24;
inline constexpr std::size_t longest_gap = 12;

// In bytes of UTF-8, for a pattern in RE2's syntax without regard to case; nothing where there is no bound.
std::optional<std::size_t> longest_match(std::string_view pattern);

}  // namespace tocsin::rules
