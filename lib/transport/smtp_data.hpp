// A mail as DATA carries it (RFC 5321 section 4.5.2), and what it needs the server to know.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::transport {

// Why these bytes cannot go out as they are; nothing when they can. A bare CR or LF is where one mail becomes two.
std::optional<std::string_view> objection_to(std::string_view bytes);

bool has_eight_bit(std::string_view bytes);
std::string_view header_section(std::string_view bytes);

// Appends the next lines of `rest`, dot-stuffed, until `most` bytes are there or nothing is left of it; a last line
// without an end gets one. The final dot is not part of it.
void stuff_lines(std::string_view& rest, std::string& out, std::size_t most);

}  // namespace tocsin::transport
