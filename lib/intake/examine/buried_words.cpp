#include "intake/examine/buried_words.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/reply/reply_lines.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t most_looked_at = 1u << 20;
constexpr std::size_t letters_that_tell = 12;  // fewer stand somewhere by chance
constexpr std::size_t near_by = 400;
constexpr std::size_t least_share_quoted = 4;  // one letter in four

bool begins_link(std::string_view text) {
    return std::ranges::any_of(std::array<std::string_view, 5>{"http://", "https://", "mailto:", "www.", "cid:"},
                               [&](std::string_view start) { return starts_ignoring_case(text, start); });
}

// Letters and digits alone, without links: programs double them, break them, and lead them past a scanner.
std::string letters_of(std::string_view text) {
    std::string letters;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool word_begins = at == 0 || !(is_letter(text[at - 1]) || is_digit(text[at - 1]));
        if (word_begins && begins_link(text.substr(at))) {
            at = std::min(text.find_first_of(" \t\n<>\"", at), text.size());
            continue;
        }
        const char c = text[at];
        if (is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80) letters += ascii_lower(c);
    }
    return letters;
}

// What a gateway or a scanner puts above or below a mail.
bool is_of_a_gateway(std::string_view line) {
    constexpr std::array<std::string_view, 16> words{"confidential", "vertraulich",     "intended recipient",
                                                     "virus",        "disclaimer",      "privileged",
                                                     "external",     "extern ",         "outside",
                                                     "caution",      "achtung",         "you don't often get",
                                                     "scanned by",   "handelsregister", "registered office",
                                                     "unsubscribe"};
    return std::ranges::any_of(words, [&](std::string_view word) { return contains_ignoring_case(line, word); });
}

// The line with which another mail is announced, and the fields below it.
std::size_t end_of_header(const std::vector<std::string_view>& lines) {
    std::size_t end = 0;
    const auto pass_paragraph = [&] {
        while (end < lines.size() && !trim(lines[end]).empty()) ++end;
        while (end < lines.size() && trim(lines[end]).empty()) ++end;
    };
    pass_paragraph();
    const auto announces = [](std::string_view line) {
        return mail::is_rule_line(line) || mail::pasted_field(trim(line)) != mail::PastedField::None;
    };
    while (end < lines.size() && announces(lines[end])) pass_paragraph();
    return end;
}

}  // namespace

bool adds_words(std::string_view embedded, std::string_view answered) {
    const auto lines = split(cut_utf8(embedded, most_looked_at), '\n');
    const std::string known = letters_of(answered);
    bool gateway = false;  // what looks like it stands below a line of the quotation
    bool added = false;
    std::size_t read = 0;  // of `known`: a quotation goes on where it was
    std::size_t quoted = 0, all = 0;
    for (std::size_t i = end_of_header(lines); i < lines.size(); ++i) {
        const std::string letters = letters_of(lines[i]);
        if (letters.empty()) continue;
        const bool tells = letters.size() >= letters_that_tell;
        auto found = known.find(letters, read);
        if (!tells && found != std::string::npos && found > read + near_by) found = std::string::npos;
        if (found == std::string::npos && tells) found = known.find(letters);
        if (found == std::string::npos) {
            added = added || !is_of_a_gateway(lines[i]);
            gateway = read > 0;
            all += letters.size();
            continue;
        }
        added = added || gateway;  // in the midst of it nobody but her adds anything
        read = found + letters.size();
        quoted += letters.size();
        all += letters.size();
    }
    // What holds hardly anything of the mail that was answered is a quotation of another one.
    return added && quoted * least_share_quoted >= all;
}

}  // namespace tocsin::intake
