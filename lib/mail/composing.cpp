#include "mail/composing.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/header/header_writing.hpp"
#include "mail/structure/file_name.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t longest_line = 998;  // RFC 5322 section 2.1.1
constexpr std::size_t quoted_printable_columns = 76;
constexpr std::size_t longest_message_id = 250;

std::string with_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 40);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') continue;
        if (text[at] == '\n' || text[at] == '\r')
            out.append("\r\n");
        else
            out.push_back(text[at]);
    }
    return out;
}

bool has_long_line(std::string_view text) {
    for (const auto line : split(text, '\n'))
        if (line.size() > longest_line) return true;
    return false;
}

bool has_trailing_blank(std::string_view text) {
    return text.find(" \n") != std::string_view::npos || text.find(" \r\n") != std::string_view::npos ||
           text.find("\t\n") != std::string_view::npos;
}

// RFC 2045 section 6.7. A blank at the end of a line is escaped, so that format=flowed and signatures survive.
std::string quoted_printable(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const auto line : split(text, '\n')) {
        if (line.data() != text.data()) out.append("\r\n");
        std::size_t column = 0;
        for (std::size_t at = 0; at < line.size(); ++at) {
            const auto byte = static_cast<unsigned char>(line[at]);
            const bool last = at + 1 == line.size();
            const bool safe = (byte > ' ' && byte < 0x7F && byte != '=') || ((byte == ' ' || byte == '\t') && !last);
            const bool from_or_dot = column == 0 && (byte == '.' || byte == 'F' || byte == '-');
            const std::size_t width = safe && !from_or_dot ? 1 : 3;
            if (column + width > quoted_printable_columns - (last ? 0u : 1u)) {
                out.append("=\r\n");
                column = 0;
            }
            if (width == 1) {
                out.push_back(line[at]);
            } else {
                out.push_back('=');
                out.push_back(digits[byte >> 4]);
                out.push_back(digits[byte & 0xF]);
            }
            column += width;
        }
    }
    return out;
}

std::string base64_lines(std::string_view bytes) {
    const std::string all = to_base64(bytes);
    std::string out;
    for (std::size_t at = 0; at < all.size(); at += 76) out.append(at == 0 ? "" : "\r\n").append(all.substr(at, 76));
    return out;
}

void write_text(std::string& out, std::string_view text) {
    const std::string flowed = to_flowed(text);
    std::size_t escapes = 0;
    for (const char c : flowed)
        if (static_cast<unsigned char>(c) >= 0x80) ++escapes;
    const bool as_it_is = is_ascii(flowed) && flowed.find_first_of(std::string_view{"\0\r", 2}) == std::string::npos &&
                          !has_long_line(flowed) && !has_trailing_blank(flowed);
    out.append("Content-Type: text/plain; charset=utf-8; format=flowed\r\n");
    if (as_it_is) {
        out.append("Content-Transfer-Encoding: 7bit\r\n\r\n").append(with_crlf(flowed));
    } else if (escapes * 3 <= flowed.size()) {
        out.append("Content-Transfer-Encoding: quoted-printable\r\n\r\n").append(quoted_printable(flowed));
    } else {
        out.append("Content-Transfer-Encoding: base64\r\n\r\n").append(base64_lines(with_crlf(flowed)));
    }
}

bool is_media_type(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size() || text.size() > 100) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (i != slash && !is_letter(text[i]) && !is_digit(text[i]) &&
            std::string_view{"!#$&-^_.+"}.find(text[i]) == std::string_view::npos)
            return false;
    return true;
}

void write_enclosure(std::string& out, const Enclosure& enclosure) {
    std::string type = is_media_type(enclosure.media_type) ? lower(enclosure.media_type) : "application/octet-stream";
    const bool composite = type.starts_with("message/") || type.starts_with("multipart/");
    std::string as_lines;
    bool encoded = true;
    if (composite) {
        // RFC 2045 section 6.4: no encoding inside these. What is not 7-bit text travels as plain bytes instead.
        as_lines = with_crlf(enclosure.bytes);
        if (type.starts_with("message/") && is_ascii(as_lines) && as_lines.find('\0') == std::string::npos &&
            !has_long_line(as_lines))
            encoded = false;
        else
            type = "application/octet-stream";
    }
    const std::string name = clean_file_name(enclosure.name, 150);
    std::vector<std::string> pieces{"attachment" + std::string{name.empty() ? "" : ";"}};
    if (!name.empty())
        for (auto& piece : parameter_pieces("filename", name)) pieces.push_back(std::move(piece));
    write_pieces(out, "Content-Type", {type});
    write_pieces(out, "Content-Disposition", pieces);
    out.append(encoded ? "Content-Transfer-Encoding: base64\r\n\r\n" : "Content-Transfer-Encoding: 7bit\r\n\r\n");
    out.append(encoded ? base64_lines(enclosure.bytes) : as_lines);
}

void write_addresses(std::string& out, std::string_view name, const std::vector<NamedAddress>& mailboxes) {
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < mailboxes.size(); ++i) {
        auto one = named_address_pieces(mailboxes[i]);
        if (i + 1 < mailboxes.size()) one.back().push_back(',');
        for (auto& piece : one) pieces.push_back(std::move(piece));
    }
    if (pieces.empty()) pieces.emplace_back("undisclosed-recipients:;");
    write_pieces(out, name, pieces);
}

std::string angled(const MessageId& id) { return std::string{"<"}.append(id.view()).append(">"); }

void write_header(std::string& out, const Composition& mail) {
    write_addresses(out, "From", {mail.from});
    write_addresses(out, "To", mail.to);
    if (mail.reply_to) write_pieces(out, "Reply-To", {mail.reply_to->text()});
    write_unstructured(out, "Subject", mail.subject.view());
    write_pieces(out, "Date", {to_date_time(mail.date)});
    write_pieces(out, "Message-ID", {angled(mail.message_id)});
    if (mail.in_reply_to) write_pieces(out, "In-Reply-To", {angled(*mail.in_reply_to)});
    std::vector<std::string> references;
    for (const auto& id : mail.references) references.push_back(angled(id));
    if (!references.empty()) write_pieces(out, "References", references);
    for (const auto& [name, value] : mail.fields) write_unstructured(out, name.view(), value.view());
    out.append("MIME-Version: 1.0\r\n");
}

}  // namespace

std::optional<Unstructured> Unstructured::from(std::string_view text) {
    if (!is_utf8(text)) return std::nullopt;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = next_code_point(text, at);
        if (c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029) return std::nullopt;
    }
    return Unstructured{std::string{text}};
}

Unstructured Unstructured::cleaned(std::string_view text, std::size_t most_code_points) {
    return Unstructured{for_one_line(text, most_code_points)};
}

std::optional<MessageId> MessageId::from(std::string_view text) {
    if (text.size() > longest_message_id || std::ranges::count(text, '@') != 1 || text.starts_with('@') ||
        text.ends_with('@'))
        return std::nullopt;
    for (const char c : text)
        if (c <= ' ' || c >= 0x7F || c == '<' || c == '>') return std::nullopt;
    return MessageId{std::string{text}};
}

std::optional<FieldName> FieldName::from(std::string_view text) {
    if (text.empty() || text.size() > 70) return std::nullopt;
    for (const char c : text)
        if (!is_letter(c) && !is_digit(c) && c != '-') return std::nullopt;
    return FieldName{std::string{text}};
}

// Content-Transfer-Encoding: 7bit where the text is ASCII and no line ends in a blank; else quoted-printable,
// or base64 where more than a third of the bytes are not ASCII. Enclosures are base64. So any server takes it
// without 8BITMIME, and a signature over it survives the way (RFC 3156 section 5).
std::string compose(const Composition& mail) {
    std::string out;
    write_header(out, mail);
    if (mail.enclosures.empty()) {
        write_text(out, mail.text);
        if (!out.ends_with("\r\n")) out.append("\r\n");
        return out;
    }
    // "=_" cannot occur in quoted-printable or base64; the rest follows from the Message-ID, so that the same
    // composition gives the same bytes.
    const std::string boundary = "=_" + to_hex(view(sha256(mail.message_id.view()))).substr(0, 32);
    write_pieces(out, "Content-Type", {"multipart/mixed;", "boundary=\"" + boundary + "\""});
    out.append("\r\n--").append(boundary).append("\r\n");
    write_text(out, mail.text);
    for (const auto& enclosure : mail.enclosures) {
        // This line end belongs to the delimiter (RFC 2046 section 5.1.1), not to what stands before it.
        out.append("\r\n--").append(boundary).append("\r\n");
        write_enclosure(out, enclosure);
    }
    out.append("\r\n--").append(boundary).append("--\r\n");
    return out;
}

}  // namespace tocsin::mail
