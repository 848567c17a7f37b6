// Which styles keep a person from seeing the words (CSS 2.1 sections 9, 11 and 14).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mail/html/html_colours.hpp"

namespace tocsin::mail {

// Of an element and those around it, as far as its attributes and the simple rules of style elements say.
struct HtmlColours {
    std::optional<std::uint32_t> text;
    std::optional<std::uint32_t> background;
    bool background_is_certain = true;  // nothing was met that may have set another one

    // Words that cannot be told from what is behind them. A page on which nothing else is said is white.
    bool blend() const {
        constexpr std::uint32_t white = 0xFFFFFF;
        return text && background_is_certain && !can_be_told_apart(*text, background.value_or(white));
    }
};

// CSS in small letters without comments, escapes (CSS 2.1 section 4.1.3) and blanks; those between arguments become
// commas.
std::string plain_css(std::string_view css);

// These take what plain_css made of declarations.
void take_colours(HtmlColours& colours, std::string_view style);
// Not displayed, of no size, moved out of the window, or all but transparent.
bool hides(std::string_view style);
// Shown with the line ends and blanks of its source (CSS 2.1 section 16.6).
bool keeps_line_ends(std::string_view style);

}  // namespace tocsin::mail
