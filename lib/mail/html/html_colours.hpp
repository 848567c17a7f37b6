// Colours as HTML and CSS write them (CSS Color Module Level 4, as far as mail uses it).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin::mail {

// 0xRRGGBB. Styles come without blanks (plain_css); an attribute may come as it stands.
// "#fff", "#ffffffff", "rgb(255,255,255)", "hsl(0,0%,100%)", "white".
std::optional<std::uint32_t> colour_named(std::string_view text);

// "transparent", or an alpha of next to nothing.
bool is_transparent(std::string_view colour);

// Whether a person could tell words of the one from a ground of the other.
bool can_be_told_apart(std::uint32_t words, std::uint32_t ground);

}  // namespace tocsin::mail
