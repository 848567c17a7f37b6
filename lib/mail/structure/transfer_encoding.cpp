#include "mail/structure/transfer_encoding.hpp"

#include <array>
#include <cstdint>

#include "base/text.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t piece_bytes = 32u << 10;
constexpr std::uint8_t not_a_sextet = 0xFF;

constexpr std::array<std::uint8_t, 256> sextet_table = [] {
    std::array<std::uint8_t, 256> table{};
    for (auto& entry : table) entry = not_a_sextet;
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}();

std::uint8_t sextet_of(char c) { return sextet_table[static_cast<unsigned char>(c)]; }

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char low = ascii_lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// Whether a whole line could be base64; a mailing list's footer after the padding is not.
bool is_base64_line(std::string_view line) {
    for (const char c : line)
        if (sextet_of(c) == not_a_sextet && c != '=' && !is_space(c)) return false;
    return true;
}

std::string_view take_line(std::string_view& rest, std::string_view& line_end) {
    const auto found = rest.find('\n');
    if (found == std::string_view::npos) {
        const auto line = rest;
        line_end = {};
        rest = {};
        return line;
    }
    auto length = found;
    while (length > 0 && rest[length - 1] == '\r') --length;
    const auto line = rest.substr(0, length);
    line_end = rest.substr(length, found + 1 - length);
    rest.remove_prefix(found + 1);
    return line;
}

}  // namespace

TransferEncoding transfer_encoding_named(std::string_view name, bool& known) {
    known = true;
    const auto is = [&](std::string_view other) { return equal_ignoring_case(name, other); };
    if (is("base64") || is("b64") || is("base-64")) return TransferEncoding::Base64;
    if (is("quoted-printable") || is("quotedprintable") || is("quoted-printible"))
        return TransferEncoding::QuotedPrintable;
    if (is("x-uuencode") || is("x-uue") || is("uuencode") || is("uue")) return TransferEncoding::Uuencode;
    known = name.empty() || is("7bit") || is("8bit") || is("binary") || is("7-bit") || is("8-bit");
    return TransferEncoding::Identity;
}

BodyDecoder::BodyDecoder(std::string_view body, TransferEncoding encoding) : rest_{body}, encoding_{encoding} {}

std::string_view BodyDecoder::next() {
    piece_.clear();
    switch (encoding_) {
        case TransferEncoding::Identity: {
            const auto piece = rest_.substr(0, piece_bytes);
            rest_.remove_prefix(piece.size());
            return piece;
        }
        case TransferEncoding::Base64:
            next_base64();
            break;
        case TransferEncoding::QuotedPrintable:
            next_quoted_printable();
            break;
        case TransferEncoding::Uuencode:
            next_uuencode();
            break;
    }
    return piece_;
}

void BodyDecoder::next_base64() {
    piece_.reserve(piece_bytes + 4);
    std::size_t at = 0;
    const auto text = rest_;
    while (at < text.size() && piece_.size() < piece_bytes) {
        if (sextets_ == 0) {
            // The common case: whole groups of four.
            while (at + 4 <= text.size() && piece_.size() < piece_bytes) {
                const std::uint8_t a = sextet_of(text[at]), b = sextet_of(text[at + 1]), c = sextet_of(text[at + 2]),
                                   d = sextet_of(text[at + 3]);
                if ((a | b | c | d) & 0x80) break;
                padded_ = false;
                const char group[3] = {static_cast<char>(a << 2 | b >> 4), static_cast<char>(b << 4 | c >> 2),
                                       static_cast<char>(c << 6 | d)};
                piece_.append(group, 3);
                at += 4;
            }
            if (at >= text.size() || piece_.size() >= piece_bytes) break;
        }
        const char c = text[at++];
        if (const auto value = sextet_of(c); value != not_a_sextet) {
            bits_ = bits_ << 6 | value;
            padded_ = false;
            if (++sextets_ == 4) {
                const char group[3] = {static_cast<char>(bits_ >> 16), static_cast<char>(bits_ >> 8),
                                       static_cast<char>(bits_)};
                piece_.append(group, 3);
                sextets_ = 0;
                bits_ = 0;
            }
        } else if (c == '=') {
            // Padding ends a group, not the body: pieces that were encoded one by one are joined as they come.
            if (sextets_ == 2) piece_.push_back(static_cast<char>(bits_ >> 4));
            if (sextets_ == 3) {
                piece_.push_back(static_cast<char>(bits_ >> 10));
                piece_.push_back(static_cast<char>(bits_ >> 2));
            }
            if (sextets_ == 1 || (sextets_ == 0 && !padded_)) damaged_ = true;
            sextets_ = 0;
            bits_ = 0;
            padded_ = true;
        } else if (c == '\n' && padded_) {
            auto after = text.substr(at);
            std::string_view line_end;
            const auto line = take_line(after, line_end);
            if (!is_base64_line(line)) {
                damaged_ = true;
                at = text.size();
            }
        } else if (!is_space(c)) {
            damaged_ = true;
        }
    }
    rest_.remove_prefix(at);
    if (rest_.empty() && sextets_ != 0) {
        if (sextets_ >= 2) piece_.push_back(static_cast<char>(sextets_ == 2 ? bits_ >> 4 : bits_ >> 10));
        if (sextets_ == 3) piece_.push_back(static_cast<char>(bits_ >> 2));
        damaged_ = true;
        sextets_ = 0;
        bits_ = 0;
    }
}

void BodyDecoder::quoted_printable_line(std::string_view line, bool ended, std::string_view line_end) {
    // RFC 2045 section 6.7 rule 3: white space at the end of a line was added on the way.
    auto end = line.size();
    while (ended && end > 0 && is_blank(line[end - 1])) --end;
    line = line.substr(0, end);
    std::size_t at = 0;
    while (at < line.size()) {
        const auto escape = line.find('=', at);
        piece_.append(line.substr(at, escape - at));
        if (escape == std::string_view::npos) break;
        if (escape + 1 == line.size()) return;  // soft line break; at the very end it stands for nothing
        const int high = hex_value(line[escape + 1]);
        const int low = escape + 2 < line.size() ? hex_value(line[escape + 2]) : -1;
        if (high >= 0 && low >= 0) {
            piece_.push_back(static_cast<char>(high << 4 | low));
            at = escape + 3;
        } else {
            // RFC 2045 section 6.7: what is no escape is shown as it stands.
            damaged_ = true;
            piece_.push_back('=');
            at = escape + 1;
        }
    }
    piece_.append(line_end);
}

void BodyDecoder::next_quoted_printable() {
    // A line may decode to nothing at all (a soft line break alone), so go on until there is something.
    while (!rest_.empty() && piece_.size() < piece_bytes) {
        std::string_view line_end;
        const auto line = take_line(rest_, line_end);
        quoted_printable_line(line, !line_end.empty(), line_end);
    }
}

void BodyDecoder::next_uuencode() {
    while (!rest_.empty() && piece_.size() < piece_bytes) {
        std::string_view line_end;
        const auto line = take_line(rest_, line_end);
        if (!begun_) {
            begun_ = line.starts_with("begin ");
            continue;
        }
        if (line == "end") {
            rest_ = {};
            begun_ = false;
            return;
        }
        if (line.empty()) continue;
        const auto value = [&](std::size_t i) {
            return i < line.size() ? static_cast<unsigned>(line[i] - ' ') & 0x3Fu : 0u;
        };
        const std::size_t count = value(0);
        if (line.size() < 1 + (count * 8 + 5) / 6) damaged_ = true;
        std::size_t written = 0;
        for (std::size_t i = 1; written < count && i < line.size(); i += 4) {
            const unsigned bits = value(i) << 18 | value(i + 1) << 12 | value(i + 2) << 6 | value(i + 3);
            for (int shift = 16; shift >= 0 && written < count; shift -= 8, ++written)
                piece_.push_back(static_cast<char>(bits >> shift));
        }
    }
    if (rest_.empty() && begun_) damaged_ = true;
}

std::string decode_q(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '_') {
            out.push_back(' ');
        } else if (text[at] == '=' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 &&
                   hex_value(text[at + 2]) >= 0) {
            out.push_back(static_cast<char>(hex_value(text[at + 1]) << 4 | hex_value(text[at + 2])));
            at += 2;
        } else {
            out.push_back(text[at]);
        }
    }
    return out;
}

std::string decode_base64(std::string_view text) {
    BodyDecoder decoder{text, TransferEncoding::Base64};
    std::string out;
    for (auto piece = decoder.next(); !piece.empty(); piece = decoder.next()) out.append(piece);
    return out;
}

}  // namespace tocsin::mail
