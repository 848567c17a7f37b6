// Bytes as text: hexadecimal, base32 (RFC 4648 section 6, lower case, no padding) and base64 (section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base32(std::string_view bytes);
std::string to_base64(std::string_view bytes);

}  // namespace tocsin
