#include "mail/header/header_writing.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t fold_column = 76;
constexpr std::size_t longest_word = 900;  // a word without a blank cannot be folded; a line ends at 998
constexpr std::size_t encoded_word_room = 75 -
                                          std::string_view{
                                              "=?utf-8?q?"
                                              "?="}
                                              .size();
constexpr std::size_t section_room = 60;  // of one RFC 2231 section

// RFC 2047 section 5 rule 3: what may stand for itself in a phrase.
bool stands_for_itself(char c) {
    return is_letter(c) || is_digit(c) || std::string_view{"!*+-/"}.find(c) != std::string_view::npos;
}

std::string hex_escape(char mark, char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    return {mark, digits[byte >> 4], digits[byte & 0xF]};
}

std::string q_encoded(std::string_view character) {
    std::string out;
    for (const char c : character) {
        if (c == ' ')
            out.push_back('_');
        else if (stands_for_itself(c))
            out.push_back(c);
        else
            out += hex_escape('=', c);
    }
    return out;
}

bool needs_encoding(std::string_view word) {
    return !is_ascii(word) || word.find("=?") != std::string_view::npos || word.size() > longest_word;
}

// Writes words with the blanks before them; breaks the line before the blanks.
class FieldWriter {
public:
    FieldWriter(std::string& out, std::string_view name) : out_{out}, column_{name.size() + 1} {
        out_.append(name).push_back(':');
    }
    void piece(std::string_view blanks, std::string_view word) {
        if (column_ + blanks.size() + word.size() > fold_column && !first_) {
            out_.append("\r\n");
            column_ = 0;
        }
        out_.append(blanks).append(word);
        column_ += blanks.size() + word.size();
        first_ = false;
    }
    void end() { out_.append("\r\n"); }

private:
    std::string& out_;
    std::size_t column_;
    bool first_ = true;
};

bool is_plain_phrase(std::string_view text) {
    for (const char c : text)
        if (!is_letter(c) && !is_digit(c) && std::string_view{" !#$%&'*+-/^_`{|}~"}.find(c) == std::string_view::npos)
            return false;
    return true;
}

}  // namespace

std::vector<std::string> encoded_word_pieces(std::string_view text) {
    std::vector<std::string> pieces;
    std::string q;
    std::string raw;
    bool use_base64 = false;
    {
        std::size_t escaped = 0;
        for (const char c : text)
            if (!stands_for_itself(c) && c != ' ') ++escaped;
        use_base64 = escaped * 3 > text.size() * 2;
    }
    const auto flush = [&] {
        if (raw.empty()) return;
        pieces.push_back(use_base64 ? "=?utf-8?b?" + to_base64(raw) + "?=" : "=?utf-8?q?" + q + "?=");
        raw.clear();
        q.clear();
    };
    for (std::size_t at = 0; at < text.size();) {
        const auto from = at;
        next_code_point(text, at);
        const auto character = text.substr(from, at - from);
        const auto encoded = q_encoded(character);
        const auto length = use_base64 ? (raw.size() + character.size() + 2) / 3 * 4 : q.size() + encoded.size();
        if (length > encoded_word_room) flush();
        raw.append(character);
        q.append(encoded);
    }
    flush();
    return pieces;
}

void write_unstructured(std::string& out, std::string_view name, std::string_view text) {
    // Words that need encoding, from the first to the last, are encoded as one run: blanks between encoded words
    // would be lost (RFC 2047 section 6.2).
    std::size_t from = std::string_view::npos;
    std::size_t to = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = std::min(text.find_first_not_of(' ', at), text.size());
        const auto end = std::min(text.find(' ', begin), text.size());
        if (needs_encoding(text.substr(begin, end - begin))) {
            if (from == std::string_view::npos) from = begin;
            to = end;
        }
        at = end;
    }
    FieldWriter field{out, name};
    const auto plain = [&](std::string_view part, std::string_view lead) {
        std::string blanks{lead};
        for (std::size_t at = 0; at < part.size();) {
            const auto begin = std::min(part.find_first_not_of(' ', at), part.size());
            const auto end = std::min(part.find(' ', begin), part.size());
            blanks.append(part.substr(at, begin - at));
            if (begin < end) {
                field.piece(blanks, part.substr(begin, end - begin));
                blanks.clear();
            }
            at = end;
        }
    };
    if (from == std::string_view::npos) {
        plain(text, " ");
    } else {
        auto before = text.substr(0, from);
        while (before.ends_with(' ')) before.remove_suffix(1);
        plain(before, " ");
        for (const auto& word : encoded_word_pieces(text.substr(from, to - from))) field.piece(" ", word);
        plain(text.substr(to), "");
    }
    field.end();
}

void write_pieces(std::string& out, std::string_view name, const std::vector<std::string>& pieces) {
    FieldWriter field{out, name};
    for (const auto& piece : pieces) field.piece(" ", piece);
    field.end();
}

std::vector<std::string> named_address_pieces(const NamedAddress& mailbox) {
    const std::string name = for_one_line(mailbox.name, 200);
    std::vector<std::string> pieces;
    if (name.empty()) return {mailbox.address.text()};
    if (!is_ascii(name) || name.find("=?") != std::string::npos || name.size() > longest_word) {
        pieces = encoded_word_pieces(name);
    } else if (is_plain_phrase(name)) {
        for (const auto word : words(name)) pieces.emplace_back(word);
    } else {
        std::string quoted = "\"";
        for (const char c : name) {
            if (c == '"' || c == '\\') quoted.push_back('\\');
            quoted.push_back(c);
        }
        pieces.push_back(quoted + "\"");
    }
    pieces.push_back("<" + mailbox.address.text() + ">");
    return pieces;
}

std::vector<std::string> parameter_pieces(std::string_view name, std::string_view value) {
    // What has the marks of an extended value may be read as one.
    const bool looks_extended = value.find('\'') != std::string_view::npos && value.find('%') != std::string_view::npos;
    const bool plain = is_ascii(value) && value.size() <= section_room && !looks_extended &&
                       value.find_first_of("\"\\") == std::string_view::npos;
    if (plain) return {std::string{name} + "=\"" + std::string{value} + "\""};
    // RFC 2231 sections 3 and 4.
    std::vector<std::string> sections(1);
    for (std::size_t at = 0; at < value.size();) {
        const auto from = at;
        next_code_point(value, at);
        std::string character;
        for (const char c : value.substr(from, at - from)) {
            if (is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_')
                character.push_back(c);
            else
                character += hex_escape('%', c);
        }
        if (sections.back().size() + character.size() > section_room) sections.emplace_back();
        sections.back() += character;
    }
    if (sections.size() == 1) return {std::string{name} + "*=utf-8''" + sections[0]};
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < sections.size(); ++i)
        pieces.push_back(std::string{name} + "*" + std::to_string(i) + "*=" + (i == 0 ? "utf-8''" : "") + sections[i] +
                         (i + 1 < sections.size() ? ";" : ""));
    return pieces;
}

}  // namespace tocsin::mail
