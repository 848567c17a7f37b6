#include "base/utf8.hpp"

#include <wchar.h>

#include <algorithm>
#include <cstdint>

namespace tocsin {

namespace {

constexpr char32_t replacement = 0xFFFD;

struct Step {
    char32_t code_point;
    std::size_t bytes;
    bool good;
};

// RFC 3629 section 4: no overlong form, no surrogate, nothing above U+10FFFF. A bad sequence is as long as the
// part of it that could have begun a good one.
Step step_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) return {lead, 1, true};
    std::size_t length = 0;
    std::uint8_t low = 0x80;
    std::uint8_t high = 0xBF;
    char32_t value = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
        value = lead & 0x1Fu;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        value = lead & 0x0Fu;
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        value = lead & 0x07u;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
    } else {
        return {replacement, 1, false};
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (at + i >= text.size() || byte(i) < low || byte(i) > high) return {replacement, i, false};
        value = value << 6 | (byte(i) & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    return {value, length, true};
}

bool is_bidirectional_control(char32_t c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C;
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029; }

}  // namespace

bool is_utf8(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const Step step = step_at(bytes, at);
        if (!step.good) return false;
        at += step.bytes;
    }
    return true;
}

std::string to_valid_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const Step step = step_at(bytes, at);
        if (step.good)
            text += bytes.substr(at, step.bytes);
        else
            append_utf8(text, replacement);
        at += step.bytes;
    }
    return text;
}

std::string for_people(std::string_view text) {
    std::string shown;
    shown.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Step step = step_at(text, at);
        at += step.bytes;
        if (step.code_point == U'\r') {
            // CRLF, and the CR CRLF of some gateways, are one line end; every other CR is one of its own.
            const std::size_t after = std::min(text.find_first_not_of('\r', at), text.size());
            const bool ends_in_lf = after < text.size() && text[after] == '\n';
            shown.append(ends_in_lf ? 1 : after - at + 1, '\n');
            at = ends_in_lf ? after + 1 : after;
        } else if (step.code_point == U'\n' || step.code_point == U'\t') {
            shown += static_cast<char>(step.code_point);
        } else if (!is_control(step.code_point) && !is_bidirectional_control(step.code_point)) {
            append_utf8(shown, step.code_point);
        }
    }
    return shown;
}

std::string for_one_line(std::string_view text, std::size_t most) {
    std::string line;
    std::size_t count = 0;
    bool blank_before = false;
    const std::string clean = for_people(text);
    for (std::size_t at = 0; at < clean.size();) {
        const Step step = step_at(clean, at);
        const std::string_view here = std::string_view{clean}.substr(at, step.bytes);
        at += step.bytes;
        if (step.code_point == U' ' || step.code_point == U'\t' || step.code_point == U'\n') {
            blank_before = !line.empty();
            continue;
        }
        if (count + (blank_before ? 1 : 0) >= most) {
            append_utf8(line, 0x2026);
            break;
        }
        if (blank_before) {
            line += ' ';
            ++count;
            blank_before = false;
        }
        line += here;
        ++count;
    }
    return line;
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<std::uint8_t>(text[bytes]) & 0xC0) == 0x80) --bytes;
    return text.substr(0, bytes);
}

char32_t next_code_point(std::string_view text, std::size_t& at) {
    const Step step = step_at(text, at);
    at += step.bytes;
    return step.code_point;
}

void append_utf8(std::string& text, char32_t c) {
    const auto add = [&](char32_t byte) { text += static_cast<char>(static_cast<std::uint8_t>(byte)); };
    if (c < 0x80) {
        add(c);
    } else if (c < 0x800) {
        add(0xC0 | c >> 6);
        add(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        add(0xE0 | c >> 12);
        add(0x80 | (c >> 6 & 0x3F));
        add(0x80 | (c & 0x3F));
    } else {
        add(0xF0 | c >> 18);
        add(0x80 | (c >> 12 & 0x3F));
        add(0x80 | (c >> 6 & 0x3F));
        add(0x80 | (c & 0x3F));
    }
}

std::size_t columns(std::string_view text) {
    std::size_t total = 0;
    for (std::size_t at = 0; at < text.size();) {
        const int width = ::wcwidth(static_cast<wchar_t>(next_code_point(text, at)));  // needs a UTF-8 locale; else -1
        total += width < 0 ? 1u : static_cast<std::size_t>(width);
    }
    return total;
}

}  // namespace tocsin
