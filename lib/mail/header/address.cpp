#include "mail/header/address.hpp"

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t max_local_part = 64;  // RFC 5321 section 4.5.3.1.1
constexpr std::size_t max_domain = 255;     // section 4.5.3.1.2
constexpr std::size_t max_address = 254;    // RFC 3696 erratum 1690: what fits into a path
constexpr std::size_t max_label = 63;       // RFC 1035 section 2.3.4

bool is_atext(char c) {
    return is_letter(c) || is_digit(c) || std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

bool is_not_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

bool is_dot_atom(std::string_view text) {
    bool after_dot = true;
    for (const char c : text) {
        if (c == '.') {
            if (after_dot) return false;
            after_dot = true;
        } else if (is_atext(c) || is_not_ascii(c)) {
            after_dot = false;
        } else {
            return false;
        }
    }
    return !after_dot;
}

bool is_label(std::string_view label) {
    if (label.empty() || label.size() > max_label || label.front() == '-' || label.back() == '-') return false;
    for (const char c : label)
        if (!is_letter(c) && !is_digit(c) && c != '-' && !is_not_ascii(c)) return false;
    return true;
}

// What looks like a letter and is a control, a blank or an invisible mark has no place in an address.
bool has_only_visible_characters(std::string_view text) {
    if (!is_utf8(text) || for_people(text) != text) return false;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = next_code_point(text, at);
        if (c == 0xA0 || c == 0xAD || c == 0x1680 || (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) ||
            (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF || c == 0xFFFD || (c >= 0xFFF9 && c <= 0xFFFB) ||
            (c >= 0xE0000 && c <= 0xE0FFF) || c == 0x3002 || c == 0xFF0E || c == 0xFF20)
            return false;
    }
    return true;
}

}  // namespace

std::optional<Address> Address::from(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos || text.size() > max_address) return std::nullopt;
    const auto local = text.substr(0, at);
    const auto domain = text.substr(at + 1);
    if (local.empty() || local.size() > max_local_part || domain.size() > max_domain || !is_dot_atom(local))
        return std::nullopt;
    for (const auto label : split(domain, '.'))
        if (!is_label(label)) return std::nullopt;
    if (!has_only_visible_characters(text)) return std::nullopt;
    return Address{std::string{text}, at};
}

bool Address::needs_smtputf8() const noexcept {
    for (const char c : text_)
        if (is_not_ascii(c)) return true;
    return false;
}

std::string Address::identity() const { return lower(text_); }

}  // namespace tocsin::mail
