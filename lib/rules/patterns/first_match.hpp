// Where a pattern matches first in a part of a text.
//
// RE2 finds where a match begins by a second program, which runs backwards, and which every mail's process would have
// to make. In a part of a few lines it is found by trying.
#pragma once

#include <optional>
#include <string_view>

#include "rules/patterns/match_windows.hpp"

namespace re2 {
class RE2;
}

namespace tocsin::rules {

std::optional<Window> first_match(const re2::RE2& pattern, std::string_view text, const Window& part);

}  // namespace tocsin::rules
