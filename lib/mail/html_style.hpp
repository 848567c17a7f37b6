// Which inline styles keep a person from seeing the words (CSS 2.1 sections 9, 11 and 14).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin::mail {

// Of an element and those around it, as far as its attributes say; a style sheet is not read.
struct HtmlColours {
    std::optional<std::uint32_t> text;
    std::optional<std::uint32_t> background;
    bool background_is_certain = true;  // nothing was met that may have set another one

    // Words that cannot be told from what is behind them. A page on which nothing else is said is white.
    bool blend() const {
        constexpr std::uint32_t white = 0xFFFFFF;
        return text && background_is_certain && *text == background.value_or(white);
    }
};

// "#fff", "#ffffff", "rgb(255, 255, 255)", "white".
std::optional<std::uint32_t> colour_named(std::string_view text);

void take_colours(HtmlColours& colours, std::string_view style);

// Not displayed, of no size, moved out of the window, or all but transparent.
bool hides(std::string_view style);

}  // namespace tocsin::mail
