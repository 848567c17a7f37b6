#include "transport/smtp_data.hpp"

#include <algorithm>

namespace tocsin::transport {

std::optional<std::string_view> objection_to(std::string_view bytes) {
    if (bytes.empty()) return "it is empty";
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        switch (bytes[at]) {
            case '\0':
                return "it holds a NUL";
            case '\n':
                return "it holds a bare LF";
            case '\r':
                if (at + 1 == bytes.size() || bytes[at + 1] != '\n') return "it holds a bare CR";
                ++at;
                break;
            default:
                break;
        }
    }
    return std::nullopt;
}

bool has_eight_bit(std::string_view bytes) {
    return std::ranges::any_of(bytes, [](char c) { return static_cast<unsigned char>(c) > 0x7f; });
}

std::string_view header_section(std::string_view bytes) { return bytes.substr(0, bytes.find("\r\n\r\n")); }

void stuff_lines(std::string_view& rest, std::string& out, std::size_t most) {
    while (!rest.empty() && out.size() < most) {
        const auto end = rest.find("\r\n");
        const auto line = rest.substr(0, end == std::string_view::npos ? end : end + 2);
        rest.remove_prefix(line.size());
        if (line.starts_with('.')) out += '.';
        out += line;
        if (end == std::string_view::npos) out += "\r\n";
    }
}

}  // namespace tocsin::transport
