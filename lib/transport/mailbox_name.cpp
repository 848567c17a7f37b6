#include "transport/mailbox_name.hpp"

#include <cstdint>

#include "base/utf8.hpp"
#include "transport/wire_text.hpp"

namespace tocsin::transport {
namespace {

constexpr std::string_view utf7_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool stands_for_itself(char32_t c) { return c >= 0x20 && c <= 0x7e; }

// Packs UTF-16 units into base64 digits of six bits, without padding.
class DigitWriter {
public:
    explicit DigitWriter(std::string& out) : out_{out} {}
    void unit(std::uint32_t value) {
        held_ = (held_ << 16) | value;
        for (bits_ += 16; bits_ >= 6; bits_ -= 6) out_ += utf7_digits[(held_ >> (bits_ - 6)) & 63];
    }
    void finish() {
        if (bits_ > 0) out_ += utf7_digits[(held_ << (6 - bits_)) & 63];
        bits_ = 0;
        held_ = 0;
    }

private:
    std::string& out_;
    std::uint32_t held_ = 0;
    int bits_ = 0;
};

}  // namespace

Result<std::string> to_modified_utf7(std::string_view name) {
    auto clean = wire_safe_utf8(name, "the mailbox name");
    if (!clean) return clean;
    if (name.empty()) return permanent(Code::BadInput, "the mailbox name is empty");
    std::string encoded;
    DigitWriter digits{encoded};
    bool shifted = false;
    for (std::size_t at = 0; at < name.size();) {
        const auto c = next_code_point(name, at);
        if (stands_for_itself(c)) {
            if (shifted) {
                digits.finish();
                encoded += '-';
                shifted = false;
            }
            encoded += static_cast<char>(c);
            if (c == U'&') encoded += '-';
            continue;
        }
        if (!shifted) encoded += '&';
        shifted = true;
        if (c >= 0x10000) {
            digits.unit(0xd800 + ((c - 0x10000) >> 10));
            digits.unit(0xdc00 + ((c - 0x10000) & 0x3ff));
        } else {
            digits.unit(c);
        }
    }
    if (shifted) {
        digits.finish();
        encoded += '-';
    }
    return wire_safe(encoded, "the mailbox name");
}

std::optional<std::string> from_modified_utf7(std::string_view name) {
    std::string decoded;
    for (std::size_t at = 0; at < name.size();) {
        const auto c = static_cast<unsigned char>(name[at++]);
        if (!stands_for_itself(c)) return std::nullopt;
        if (c != '&') {
            decoded += static_cast<char>(c);
            continue;
        }
        const auto end = name.find('-', at);
        if (end == std::string_view::npos) return std::nullopt;
        if (end == at) decoded += '&';
        std::uint32_t held = 0;
        int bits = 0;
        char32_t high = 0;
        for (; at < end; ++at) {
            const auto digit = utf7_digits.find(name[at]);
            if (digit == std::string_view::npos) return std::nullopt;
            held = (held << 6) | static_cast<std::uint32_t>(digit);
            if ((bits += 6) < 16) continue;
            bits -= 16;
            const char32_t unit = (held >> bits) & 0xffff;
            const bool is_low = unit >= 0xdc00 && unit < 0xe000;
            if (is_low != (high != 0)) return std::nullopt;  // half a surrogate pair
            if (is_low)
                append_utf8(decoded, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
            else if (unit < 0xd800 || unit >= 0xe000)
                append_utf8(decoded, unit);
            high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
        }
        if (high) return std::nullopt;
        at = end + 1;
    }
    // Every name has one spelling; another is somebody's attempt to be taken for it.
    const auto again = to_modified_utf7(decoded);
    if (!again || *again != name) return std::nullopt;
    return decoded;
}

}  // namespace tocsin::transport
