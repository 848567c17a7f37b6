#include "transport/wire_text.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::transport {
namespace {

constexpr std::size_t most_wire_text = 1000;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

Result<std::string> wire_safe(std::string_view text, std::string_view what) {
    if (text.size() > most_wire_text)
        return permanent(Code::BadInput, fmt::format("{}: longer than {} bytes", what, most_wire_text));
    if (std::ranges::any_of(text, [](char c) { return is_control(c) || static_cast<unsigned char>(c) > 0x7e; }))
        return permanent(Code::BadInput, fmt::format("{}: holds a control character or one that is not ASCII", what));
    return std::string{text};
}

Result<std::string> wire_safe_utf8(std::string_view text, std::string_view what) {
    if (std::ranges::any_of(text, is_control) || !is_utf8(text))
        return permanent(Code::BadInput, fmt::format("{}: holds a control character or broken UTF-8", what));
    return std::string{text};
}

std::string for_operators(std::string_view server_text) {
    std::string said;
    const auto clean = for_one_line(server_text, 200);
    for (const auto word : words(clean)) {
        if (!said.empty()) said += ' ';
        said += word.find('@') == std::string_view::npos ? word : "<address>";
    }
    return said;
}

}  // namespace tocsin::transport
