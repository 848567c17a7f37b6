#include "mail/html/html_style.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t longest_style = 2'000;

bool is_hex_digit(char c) { return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }

// "n\6f ne" is "none". What is not ASCII names nothing that matters here.
char escaped_character(std::string_view css, std::size_t& at) {
    unsigned value = 0;
    std::size_t digits = 0;
    for (++at; at < css.size() && digits < 6 && is_hex_digit(css[at]); ++at, ++digits) {
        const char low = ascii_lower(css[at]);
        value = value << 4 | static_cast<unsigned>(is_digit(low) ? low - '0' : low - 'a' + 10);
    }
    if (digits == 0) return at < css.size() ? css[at++] : '\\';
    if (at < css.size() && is_space(css[at])) ++at;
    return value > ' ' && value < 0x7F ? static_cast<char>(value) : '?';
}

// What a style without blanks says of the properties that matter here; the last word counts.
struct Declared {
    std::string_view display, visibility, mso_hide, font, font_size, opacity, filter, overflow, max_height, height,
        max_width, width, position, left, top, right, bottom, margin_left, margin_top, text_indent, clip, clip_path,
        transform, zoom, white_space, color, background, background_color, background_image;
};

Declared declared_in(std::string_view style) {
    constexpr std::pair<std::string_view, std::string_view Declared::*> properties[] = {
        {"display", &Declared::display},
        {"visibility", &Declared::visibility},
        {"mso-hide", &Declared::mso_hide},
        {"font", &Declared::font},
        {"font-size", &Declared::font_size},
        {"filter", &Declared::filter},
        {"bottom", &Declared::bottom},
        {"margin-left", &Declared::margin_left},
        {"margin-top", &Declared::margin_top},
        {"clip", &Declared::clip},
        {"clip-path", &Declared::clip_path},
        {"transform", &Declared::transform},
        {"zoom", &Declared::zoom},
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
        {"white-space", &Declared::white_space},
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

struct Measure {
    double number;
    std::string_view unit;
};

std::optional<Measure> measure_in(std::string_view value) {
    const std::string text{value.substr(0, 20)};
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (end == text.c_str()) return std::nullopt;
    return Measure{number, value.substr(static_cast<std::size_t>(end - text.c_str()))};
}

// Whether a length or a share, in the unit that it has, is that small; a word is not.
bool at_most(std::string_view value, double most) {
    const auto measure = measure_in(value);
    return measure && measure->number <= most;
}

// The size may be the first word of the shorthand: "0/0 a", "1px serif".
bool is_unreadable_font(std::string_view size) {
    const auto measure = measure_in(size);
    if (!measure) return false;
    const auto is = [&](std::string_view unit) { return measure->unit.starts_with(unit); };
    if (is("px") || is("pt")) return measure->number <= 1;
    if (is("em") || is("rem")) return measure->number <= 0.1;
    return measure->number <= (is("%") ? 10 : 0);
}

bool is_no_box(std::string_view size) {
    const auto measure = measure_in(size);
    return measure && measure->number <= (measure->unit.starts_with("px") ? 1 : 0);
}

bool is_clipped_away(const Declared& said) {
    for (const std::string_view nothing : {"rect(0,0,0,0)", "rect(0px,0px,0px,0px)", "rect(1px,1px,1px,1px)"})
        if (said.clip == nothing) return true;
    for (const std::string_view nothing : {"inset(100%)", "inset(50%)", "circle(0)", "circle(0%)", "polygon(0,0"})
        if (said.clip_path.starts_with(nothing)) return true;
    return said.transform.starts_with("scale(0)") || said.transform.starts_with("scale(0,") ||
           said.transform.starts_with("scalex(0)") || said.transform.starts_with("scaley(0)") ||
           said.transform.starts_with("translatex(-9") || said.transform.starts_with("translate(-9");
}

bool is_word_for_what_is_around(std::string_view value) {
    return value == "none" || value == "inherit" || value == "initial" || value == "unset" || is_transparent(value);
}

}  // namespace

std::string plain_css(std::string_view css) {
    css = css.substr(0, longest_style);
    std::string out;
    std::size_t depth = 0;
    bool blank_before = false;
    for (std::size_t at = 0; at < css.size();) {
        if (css.substr(at).starts_with("/*")) {
            at = std::min(css.find("*/", at + 2), css.size() - 2) + 2;
            continue;
        }
        if (is_space(css[at])) {
            blank_before = true;
            ++at;
            continue;
        }
        const char c = ascii_lower(css[at] == '\\' ? escaped_character(css, at) : css[at++]);
        const bool parts = depth > 0 && blank_before && c != ',' && c != ')' && out.back() != ',' && out.back() != '(';
        if (parts) out.push_back(',');
        blank_before = false;
        if (c == '(') ++depth;
        if (c == ')' && depth > 0) --depth;
        out.push_back(c);
    }
    return out;
}

void take_colours(HtmlColours& colours, std::string_view style) {
    const Declared said = declared_in(style);
    if (!said.color.empty()) colours.text = colour_named(said.color);
    for (const auto value : {said.background, said.background_color}) {
        if (value.empty() || is_word_for_what_is_around(value)) continue;
        colours.background = colour_named(value);
        // A picture, a gradient, a name that is not known here.
        colours.background_is_certain = colours.background.has_value();
    }
    if (!said.background_image.empty() && said.background_image != "none") colours.background_is_certain = false;
}

bool keeps_line_ends(std::string_view style) {
    if (style.find("white-space") == std::string_view::npos) return false;
    const auto kept = declared_in(style).white_space;
    return kept.starts_with("pre") || kept == "break-spaces";
}

bool hides(std::string_view style) {
    const Declared said = declared_in(style);
    if (said.display == "none" || said.visibility == "hidden" || said.visibility == "collapse" ||
        said.mso_hide == "all")
        return true;
    if (is_unreadable_font(said.font_size) || is_unreadable_font(said.font)) return true;
    if (at_most(said.opacity, 0.05) || said.filter == "alpha(opacity=0)" || said.filter == "opacity(0)") return true;
    if (is_transparent(said.color) || at_most(said.zoom, 0) || is_clipped_away(said)) return true;
    if (said.overflow == "hidden")
        for (const auto size : {said.max_height, said.height, said.max_width, said.width})
            if (is_no_box(size)) return true;
    const bool moved = said.position == "absolute" || said.position == "fixed";
    for (const auto place : {said.left, said.top, said.right, said.bottom})
        if (moved && at_most(place, -500)) return true;
    for (const auto shift : {said.text_indent, said.margin_left, said.margin_top})
        if (at_most(shift, -500)) return true;
    return false;
}

}  // namespace tocsin::mail
