#include "base/encoding.hpp"

#include <cstdint>

namespace tocsin {

namespace {

// Writes groups of `bits` bits, most significant first; the last group is filled with zeros.
std::string by_groups(std::string_view bytes, unsigned bits, std::string_view alphabet) {
    std::string text;
    text.reserve(bytes.size() * 8 / bits + 4);
    std::uint32_t held = 0;
    unsigned count = 0;
    for (const char byte : bytes) {
        held = held << 8 | static_cast<std::uint8_t>(byte);
        for (count += 8; count >= bits; count -= bits) text += alphabet[held >> (count - bits) & ((1u << bits) - 1)];
        held &= (1u << count) - 1;
    }
    if (count > 0) text += alphabet[held << (bits - count) & ((1u << bits) - 1)];
    return text;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string to_hex(std::string_view bytes) { return by_groups(bytes, 4, "0123456789abcdef"); }

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const int high = hex_digit(text[at]);
        const int low = hex_digit(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

std::string to_base32(std::string_view bytes) { return by_groups(bytes, 5, "abcdefghijklmnopqrstuvwxyz234567"); }

std::string to_base64(std::string_view bytes) {
    std::string text = by_groups(bytes, 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    while (text.size() % 4 != 0) text += '=';
    return text;
}

}  // namespace tocsin
