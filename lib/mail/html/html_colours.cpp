#include "mail/html/html_colours.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace tocsin::mail {
namespace {

constexpr double least_alpha = 0.05;

std::string small_without_blanks(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 100))
        if (!is_space(c)) out.push_back(ascii_lower(c));
    return out;
}

// The digits of "#rgb", "#rgba", "#rrggbb" or "#rrggbbaa", each channel with two.
std::optional<std::string> eight_digits(std::string_view digits) {
    if (digits.size() != 3 && digits.size() != 4 && digits.size() != 6 && digits.size() != 8) return std::nullopt;
    std::string out;
    for (const char c : digits) {
        if (!is_digit(c) && (c < 'a' || c > 'f')) return std::nullopt;
        out.append(digits.size() <= 4 ? 2 : 1, c);
    }
    if (out.size() == 6) out += "ff";
    return out;
}

std::optional<std::uint32_t> hex_colour(std::string_view digits) {
    const auto eight = eight_digits(digits);
    if (!eight) return std::nullopt;
    return static_cast<std::uint32_t>(std::strtoul(eight->substr(0, 6).c_str(), nullptr, 16));
}

// The arguments of "name(a,b,c)" or "name(a,b,c,/,d)"; none when it is something else.
std::vector<std::string_view> arguments_of(std::string_view colour, std::string_view name) {
    if (!colour.starts_with(name)) return {};
    colour.remove_prefix(name.size());
    if (colour.starts_with('a')) colour.remove_prefix(1);  // "rgba("
    if (!colour.starts_with('(') || !colour.ends_with(')')) return {};
    auto parts = split(colour.substr(1, colour.size() - 2), ',');
    std::erase_if(parts, [](std::string_view part) { return part.empty() || part == "/"; });
    return parts;
}

std::optional<double> number_in(std::string_view text, double whole) {
    const std::string copy{text.substr(0, 20)};
    char* end = nullptr;
    const double number = std::strtod(copy.c_str(), &end);
    if (end == copy.c_str() || !(number >= -1e6 && number <= 1e6)) return std::nullopt;
    return *end == '%' ? number * whole / 100 : number;
}

std::optional<std::uint32_t> rgb_colour(std::string_view colour) {
    const auto parts = arguments_of(colour, "rgb");
    if (parts.size() < 3 || parts.size() > 4) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto channel = number_in(parts[i], 255);
        if (!channel) return std::nullopt;
        value = value << 8 | static_cast<std::uint32_t>(std::clamp(*channel, 0.0, 255.0));
    }
    return value;
}

// Greys alone: what hides is white or black.
std::optional<std::uint32_t> hsl_grey(std::string_view colour) {
    const auto parts = arguments_of(colour, "hsl");
    if (parts.size() < 3 || parts.size() > 4) return std::nullopt;
    const auto saturation = number_in(parts[1], 100);
    const auto lightness = number_in(parts[2], 100);
    if (!saturation || !lightness) return std::nullopt;
    if (*saturation > 0 && *lightness > 0 && *lightness < 100) return std::nullopt;
    const auto grey = static_cast<std::uint32_t>(std::clamp(*lightness, 0.0, 100.0) * 255 / 100);
    return grey << 16 | grey << 8 | grey;
}

}  // namespace

std::optional<std::uint32_t> colour_named(std::string_view text) {
    constexpr std::pair<std::string_view, std::uint32_t> names[] = {
        {"white", 0xFFFFFF},      {"black", 0x000000},  {"red", 0xFF0000},        {"yellow", 0xFFFF00},
        {"blue", 0x0000FF},       {"green", 0x008000},  {"gray", 0x808080},       {"grey", 0x808080},
        {"snow", 0xFFFAFA},       {"ivory", 0xFFFFF0},  {"navy", 0x000080},       {"silver", 0xC0C0C0},
        {"whitesmoke", 0xF5F5F5}, {"azure", 0xF0FFFF},  {"ghostwhite", 0xF8F8FF}, {"floralwhite", 0xFFFAF0},
        {"mintcream", 0xF5FFFA},  {"canvas", 0xFFFFFF}, {"lightgray", 0xD3D3D3},  {"lightgrey", 0xD3D3D3}};
    const std::string name = small_without_blanks(text);
    for (const auto& [known, colour] : names)
        if (name == known) return colour;
    if (name.starts_with('#')) return hex_colour(std::string_view{name}.substr(1));
    if (name.starts_with("rgb")) return rgb_colour(name);
    if (name.starts_with("hsl")) return hsl_grey(name);
    return hex_colour(name);
}

bool is_transparent(std::string_view colour) {
    const std::string name = small_without_blanks(colour);
    if (name == "transparent") return true;
    if (name.starts_with('#')) {
        const auto digits = eight_digits(std::string_view{name}.substr(1));
        return digits && digits->substr(6) < "0c";  // 5 percent of 255
    }
    for (const std::string_view form : {"rgb", "hsl"}) {
        const auto parts = arguments_of(name, form);
        if (parts.size() == 4) return number_in(parts[3], 1).value_or(1) <= least_alpha;
    }
    return false;
}

bool can_be_told_apart(std::uint32_t words, std::uint32_t ground) {
    constexpr std::uint32_t too_near = 12;
    for (const unsigned shift : {0u, 8u, 16u}) {
        const auto a = words >> shift & 0xFF;
        const auto b = ground >> shift & 0xFF;
        if ((a > b ? a - b : b - a) > too_near) return true;
    }
    return false;
}

}  // namespace tocsin::mail
