// ASCII armor (RFC 9580 section 6), undone here and not in gpg: its reader has been seen to write out of bounds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::openpgp {

struct Armor {
    std::string kind;       // "MESSAGE", "SIGNATURE", "PUBLIC KEY BLOCK"
    std::string bytes;      // what it holds
    bool whole = false;     // its last line is there
    bool quoted = false;    // each of its lines stands behind the marks of a quotation
    std::size_t begin = 0;  // where it stands in the text, from its first line to the end of its last
    std::size_t end = 0;
};

// The first block at or after `from`.
std::optional<Armor> find_armor(std::string_view text, std::size_t from = 0);

// The text is one block of this kind and nothing else but white space.
std::optional<Armor> only_armor(std::string_view text, std::string_view kind);

// The text is one clear-text signature (RFC 9580 section 7) and nothing else: it, without the white space around it.
std::optional<std::string_view> only_clear_signed(std::string_view text);

// The first clear-text signature at or after `from`, whatever stands around it.
std::optional<std::string_view> find_clear_signed(std::string_view text, std::size_t from = 0);

// The text above the signature, as it was before dashes were escaped; nobody has checked it.
std::optional<std::string> clear_signed_text(std::string_view message);

// What stands in the armor, or the bytes as they are where there is none.
std::string without_armor(std::string_view bytes);

// Bytes in armor of that kind, with LF line ends.
std::string to_armor(std::string_view bytes, std::string_view kind);

}  // namespace tocsin::openpgp
