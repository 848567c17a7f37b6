#include "mail/header/encoded_words.hpp"

#include <optional>

#include "base/text.hpp"
#include "mail/defects.hpp"
#include "mail/structure/transfer_encoding.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

struct EncodedWord {
    std::string_view charset;
    char encoding = 'q';
    std::string_view text;
    std::size_t end = 0;  // after the closing "?="
};

constexpr std::size_t max_charset_name = 64;

// Section 2: "=?" charset "?" encoding "?" encoded-text "?=". Blanks inside the text are taken as they are found.
std::optional<EncodedWord> encoded_word_at(std::string_view value, std::size_t at) {
    const auto charset_from = at + 2;
    const auto charset_end = value.substr(0, charset_from + max_charset_name).find('?', charset_from);
    if (charset_end == std::string_view::npos || charset_end == charset_from) return std::nullopt;
    const auto charset = value.substr(charset_from, charset_end - charset_from);
    if (charset.find_first_of(" \t=\"()<>@,;:") != std::string_view::npos) return std::nullopt;
    if (charset_end + 2 >= value.size() || value[charset_end + 2] != '?') return std::nullopt;
    const char encoding = ascii_lower(value[charset_end + 1]);
    if (encoding != 'q' && encoding != 'b') return std::nullopt;
    const auto text_from = charset_end + 3;
    const auto text_end = value.find("?=", text_from);
    if (text_end == std::string_view::npos) return std::nullopt;
    return EncodedWord{charset, encoding, value.substr(text_from, text_end - text_from), text_end + 2};
}

bool all_blank(std::string_view text) {
    for (const char c : text)
        if (!is_space(c)) return false;
    return true;
}

// How many characters of base64 there are beyond whole groups of four; none where padding ends it.
std::size_t beyond_whole_groups(std::string_view base64) {
    std::size_t count = 0;
    for (const char c : base64) {
        if (c == '=') return 0;
        if (!is_space(c)) ++count;
    }
    return count % 4;
}

// Bits beyond the last whole byte: an encoder that came to its end leaves none.
bool is_cut_within_a_byte(std::string_view base64) {
    const auto beyond = beyond_whole_groups(base64);
    if (beyond == 1) return true;
    if (beyond == 0) return false;
    const auto last = base64[base64.find_last_not_of(" \t\r\n")];
    return std::string_view{beyond == 2 ? "AQgw" : "AEIMQUYcgkosw048"}.find(last) == std::string_view::npos;
}

class WordJoiner {
public:
    WordJoiner(std::string& out, std::vector<std::string>& defects) : out_{out}, defects_{defects} {}

    void word(const EncodedWord& word) {
        if (!equal_ignoring_case(word.charset, charset_)) flush();
        charset_ = std::string{word.charset};
        if (word.encoding == 'q') {
            close_base64();
            bytes_.append(decode_q(word.text));
            return;
        }
        // Some programs cut the base64 itself, and not what it stands for.
        if (!is_cut_within_a_byte(base64_) && beyond_whole_groups(word.text) == 0) close_base64();
        base64_.append(word.text);
        if (beyond_whole_groups(base64_) == 0) close_base64();
    }
    void plain(std::string_view text) {
        if (text.empty()) return;
        flush();
        const bool plain = is_ascii(text) && text.find('\x1B') == std::string_view::npos;
        out_.append(plain ? std::string{text} : to_utf8(text, {}, defects_));
    }
    void flush() {
        close_base64();
        if (!bytes_.empty()) out_.append(to_utf8(bytes_, charset_, defects_));
        bytes_.clear();
        charset_.clear();
    }

private:
    void close_base64() {
        if (!base64_.empty()) bytes_.append(decode_base64(base64_));
        base64_.clear();
    }

    std::string& out_;
    std::vector<std::string>& defects_;
    std::string charset_;
    std::string base64_;  // of words that ended within a group
    std::string bytes_;
};

}  // namespace

std::string decode_encoded_words(std::string_view unfolded, std::size_t most, std::vector<std::string>& defects) {
    std::string out;
    WordJoiner joiner{out, defects};
    std::size_t plain_from = 0;
    bool after_word = false;
    std::size_t words = 0;
    std::size_t closing = 0;  // the next "?=": looked for once, or a field of starts without an end would take for ever
    for (std::size_t at = 0; (at = unfolded.find("=?", at)) != std::string_view::npos;) {
        if (closing < at + 2) closing = unfolded.find("?=", at + 2);
        if (closing == std::string_view::npos) break;
        if (words >= most) {
            note_defect(defects, "limit-encoded-words");
            break;
        }
        const auto word = encoded_word_at(unfolded, at);
        if (!word) {
            at += 2;
            continue;
        }
        const auto between = unfolded.substr(plain_from, at - plain_from);
        if (!(after_word && all_blank(between))) joiner.plain(between);
        joiner.word(*word);
        ++words;
        after_word = true;
        at = plain_from = word->end;
    }
    joiner.plain(unfolded.substr(plain_from));
    joiner.flush();
    return out;
}

}  // namespace tocsin::mail
