#include "mail/structure/file_name.hpp"

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t longest_extension = 16;

bool is_invisible(char32_t c) {
    return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
           c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF) || c == 0x180E || c == 0x061C;
}

std::string_view without_dots_and_blanks(std::string_view name) {
    while (!name.empty() && (name.front() == '.' || is_space(name.front()))) name.remove_prefix(1);
    while (!name.empty() && (name.back() == '.' || is_space(name.back()))) name.remove_suffix(1);
    return name;
}

}  // namespace

std::string clean_file_name(std::string_view name, std::size_t most) {
    const std::string line = for_one_line(name.substr(0, 4096));
    std::string visible;
    for (std::size_t at = 0; at < line.size();) {
        const char32_t c = next_code_point(line, at);
        if (!is_invisible(c)) append_utf8(visible, c);
    }
    std::string_view label = visible;
    if (const auto slash = label.find_last_of("/\\"); slash != std::string_view::npos) label.remove_prefix(slash + 1);
    label = without_dots_and_blanks(label);
    if (label.size() <= most) return std::string{label};
    const auto dot = label.rfind('.');
    const auto extension = dot == std::string_view::npos || label.size() - dot > longest_extension ? std::string_view{}
                                                                                                   : label.substr(dot);
    if (extension.size() >= most) return std::string{cut_utf8(label, most)};
    return std::string{without_dots_and_blanks(cut_utf8(label, most - extension.size()))}.append(extension);
}

}  // namespace tocsin::mail
