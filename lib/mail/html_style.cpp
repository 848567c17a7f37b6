#include "mail/html_style.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t longest_style = 2'000;

std::string small_without_blanks(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, longest_style))
        if (!is_space(c)) out.push_back(ascii_lower(c));
    return out;
}

// What a style without blanks says of the properties that matter here; the last word counts.
struct Declared {
    std::string_view display, visibility, mso_hide, font_size, opacity, overflow, max_height, height, max_width, width,
        position, left, top, right, text_indent, color, background, background_color, background_image;
};

Declared declared_in(std::string_view style) {
    constexpr std::pair<std::string_view, std::string_view Declared::*> properties[] = {
        {"display", &Declared::display},
        {"visibility", &Declared::visibility},
        {"mso-hide", &Declared::mso_hide},
        {"font-size", &Declared::font_size},
        {"opacity", &Declared::opacity},
        {"overflow", &Declared::overflow},
        {"max-height", &Declared::max_height},
        {"height", &Declared::height},
        {"max-width", &Declared::max_width},
        {"width", &Declared::width},
        {"position", &Declared::position},
        {"left", &Declared::left},
        {"top", &Declared::top},
        {"right", &Declared::right},
        {"text-indent", &Declared::text_indent},
        {"color", &Declared::color},
        {"background", &Declared::background},
        {"background-color", &Declared::background_color},
        {"background-image", &Declared::background_image}};
    Declared declared;
    while (!style.empty()) {
        const auto declaration = style.substr(0, style.find(';'));
        style.remove_prefix(std::min(declaration.size() + 1, style.size()));
        const auto colon = declaration.find(':');
        if (colon == std::string_view::npos) continue;
        const auto name = declaration.substr(0, colon);
        const auto value = declaration.substr(colon + 1);
        for (const auto& [known, member] : properties)
            if (name == known) declared.*member = value.substr(0, value.find('!'));
    }
    return declared;
}

// Whether a length or a share, in the unit that it has, is that small; a word is not.
bool at_most(std::string_view value, double most) {
    const std::string text{value.substr(0, 20)};
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    return end != text.c_str() && number <= most;
}

std::optional<std::uint32_t> hex_colour(std::string_view digits) {
    if (digits.size() != 3 && digits.size() != 6) return std::nullopt;
    std::uint32_t colour = 0;
    for (const char c : digits) {
        const char low = ascii_lower(c);
        if (!is_digit(c) && (low < 'a' || low > 'f')) return std::nullopt;
        const auto value = static_cast<std::uint32_t>(is_digit(c) ? c - '0' : low - 'a' + 10);
        colour = colour << 4 | value;
        if (digits.size() == 3) colour = colour << 4 | value;
    }
    return colour;
}

std::optional<std::uint32_t> rgb_colour(std::string_view numbers) {
    std::uint32_t colour = 0;
    std::size_t count = 0;
    for (const auto number : split(numbers, ',')) {
        if (count == 3) break;  // how much shines through
        const auto value = to_whole_number(number);
        if (!value || *value < 0 || *value > 255) return std::nullopt;
        colour = colour << 8 | static_cast<std::uint32_t>(*value);
        ++count;
    }
    return count == 3 ? std::optional{colour} : std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> colour_named(std::string_view text) {
    constexpr std::pair<std::string_view, std::uint32_t> names[] = {
        {"white", 0xFFFFFF}, {"black", 0x000000}, {"red", 0xFF0000},  {"yellow", 0xFFFF00},
        {"blue", 0x0000FF},  {"green", 0x008000}, {"gray", 0x808080}, {"grey", 0x808080},
        {"snow", 0xFFFAFA},  {"ivory", 0xFFFFF0}, {"navy", 0x000080}, {"silver", 0xC0C0C0}};
    const std::string name = small_without_blanks(text.substr(0, 40));
    for (const auto& [known, colour] : names)
        if (name == known) return colour;
    if (name.starts_with('#')) return hex_colour(std::string_view{name}.substr(1));
    for (const std::string_view form : {"rgb(", "rgba("})
        if (name.starts_with(form) && name.ends_with(')'))
            return rgb_colour(std::string_view{name}.substr(form.size(), name.size() - form.size() - 1));
    return hex_colour(name);
}

void take_colours(HtmlColours& colours, std::string_view style) {
    const std::string text = small_without_blanks(style);
    const Declared said = declared_in(text);
    if (!said.color.empty()) colours.text = colour_named(said.color);
    for (const auto value : {said.background, said.background_color}) {
        if (value.empty()) continue;
        colours.background = colour_named(value);
        // A picture, a gradient, a name that is not known here.
        colours.background_is_certain = colours.background.has_value();
    }
    if (!said.background_image.empty()) colours.background_is_certain = false;
}

bool hides(std::string_view style) {
    const std::string text = small_without_blanks(style);
    const Declared said = declared_in(text);
    if (said.display == "none" || said.visibility == "hidden" || said.mso_hide == "all") return true;
    const bool in_points = said.font_size.ends_with("px") || said.font_size.ends_with("pt");
    if (at_most(said.font_size, in_points ? 1 : 0) || at_most(said.opacity, 0.05)) return true;
    if (said.overflow == "hidden")
        for (const auto size : {said.max_height, said.height, said.max_width, said.width})
            if (at_most(size, 0)) return true;
    const bool moved = said.position == "absolute" || said.position == "fixed";
    for (const auto place : {said.left, said.top, said.right})
        if (moved && at_most(place, -500)) return true;
    return at_most(said.text_indent, -500);
}

}  // namespace tocsin::mail
