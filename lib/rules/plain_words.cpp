#include "rules/plain_words.hpp"

#include "base/letter_case.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/literal_scan.hpp"

namespace tocsin::rules {
namespace {

// What ends at `at` and is this letter without regard to case, as RE2 has it: how many bytes it takes, or none.
std::size_t size_of_letter_before(std::string_view text, std::size_t at, char letter) {
    if (at == 0) return 0;
    if (ascii_lower(text[at - 1]) == letter) return 1;
    const auto before = text.substr(0, at);
    if (letter == 's' && before.ends_with("\xC5\xBF")) return 2;
    if (letter == 'k' && before.ends_with("\xE2\x84\xAA")) return 3;
    return 0;
}

// The character beyond ASCII that ends at `at`: its bytes.
std::string_view character_before(std::string_view text, std::size_t at) {
    std::size_t begin = at;
    while (begin > 0 && (text[--begin] & '\xC0') == '\x80') {
    }
    return text.substr(begin, at - begin);
}

// What ends at `at` and is this letter without regard to case: how many bytes it takes, or none.
std::size_t size_of_foreign_before(std::string_view text, std::size_t at, std::string_view letter) {
    const auto character = character_before(text, at);
    if (character == letter) return character.size();
    std::size_t end = 0, end_of_letter = 0;
    if (character.size() < 2) return 0;
    const bool is_same = folded(next_code_point(character, end)) == next_code_point(letter, end_of_letter);
    return is_same && end == character.size() ? end : 0;
}

}  // namespace

std::optional<std::string_view> plain_words_at(std::string_view words, std::string_view text, std::size_t end) {
    std::size_t to = end, at = end;
    if (const auto ending = words.find(any_ending); ending != std::string_view::npos) {
        while (to < text.size() && is_word_character(text[to])) ++to;
        const bool ends_word = ending + 1 < words.size();
        if (ends_word && !is_boundary(text, to)) return std::nullopt;
        words = words.substr(0, ending);
    }
    for (std::size_t left = words.size(); left > 0; --left) {
        const char wanted = words[left - 1];
        if (wanted == LiteralScan::boundary) {
            if (!is_boundary(text, at)) return std::nullopt;
        } else if (at == 0) {
            return std::nullopt;
        } else if (wanted == some_space) {
            const std::size_t gap_end = at;
            while (at > 0 && is_white(text[at - 1])) --at;
            if (at == gap_end) return std::nullopt;
        } else if (wanted == one_space) {
            if (!is_white(text[--at])) return std::nullopt;
        } else if (wanted == blank_or_dash) {
            --at;
            if (text[at] != ' ' && text[at] != '-') return std::nullopt;
        } else if ((wanted & '\x80') != 0) {
            const auto letter = character_before(words, left);
            const std::size_t size = size_of_foreign_before(text, at, letter);
            if (size == 0) return std::nullopt;
            at -= size;
            left -= letter.size() - 1;
        } else if (const std::size_t size = size_of_letter_before(text, at, wanted); size > 0) {
            at -= size;
        } else {
            return std::nullopt;
        }
    }
    return text.substr(at, to - at);
}

}  // namespace tocsin::rules
