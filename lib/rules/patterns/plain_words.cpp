#include "rules/patterns/plain_words.hpp"

#include <charconv>

#include "base/letter_case.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/patterns/literal_scan.hpp"
#include "rules/patterns/pattern_syntax.hpp"

namespace tocsin::rules {
namespace {

constexpr std::size_t most_between = 100;

// The character that ends at `at`: its bytes.
std::string_view character_before(std::string_view text, std::size_t at) {
    std::size_t begin = at;
    while (begin > 0 && (text[--begin] & '\xC0') == '\x80') {
    }
    return text.substr(begin, at - begin);
}

// What ends at `at` and is this letter, `folded`, without regard to case: how many bytes it takes, or none.
std::size_t size_of_letter_before(std::string_view text, std::size_t at, std::string_view letter) {
    if (at == 0) return 0;
    if ((text[at - 1] & '\x80') == 0) return letter.size() == 1 && ascii_lower(text[at - 1]) == letter[0] ? 1 : 0;
    const auto character = character_before(text, at);
    if (character == letter) return character.size();
    std::size_t end = 0, end_of_letter = 0;
    const bool is_same = folded(next_code_point(character, end)) == next_code_point(letter, end_of_letter);
    return is_same && end == character.size() ? end : 0;
}

// \w without regard to case, as RE2 has it.
std::size_t size_of_word_character_before(std::string_view text, std::size_t at) {
    if (at == 0) return 0;
    if (is_word_character(text[at - 1])) return 1;
    return folds_to_ascii(character_before(text, at)) ? character_before(text, at).size() : 0;
}

// One that is none of these, and is UTF-8.
std::size_t size_of_other_before(std::string_view text, std::size_t at, std::string_view excluded) {
    if (at == 0) return 0;
    if ((text[at - 1] & '\x80') == 0) return excluded.find(text[at - 1]) == std::string_view::npos ? 1 : 0;
    const auto character = character_before(text, at);
    return is_utf8(character) ? character.size() : 0;
}

// Reads a text backwards.
class WordsBefore {
public:
    WordsBefore(std::string_view text, std::size_t farthest) : text_{text}, farthest_{farthest} {}

    // Where the words begin that end at `at`. Tries what may be longer or shorter from the shortest on.
    std::optional<std::size_t> begin_of(std::string_view words, std::size_t at) const {  // NOLINT(misc-no-recursion)
        while (!words.empty()) {
            const char wanted = words.back();
            const auto letter = character_before(words, words.size());
            words.remove_suffix(letter.size());
            std::size_t size = 0;
            if (wanted == words_between || wanted == others_between) return begin_before_gap(words, wanted, at);
            if (wanted == rest_of_word || wanted == some_of_word)
                return begin_before_rest(words, wanted == some_of_word, at);
            if (wanted == LiteralScan::boundary) {
                if (!is_boundary(text_, at)) return std::nullopt;
                continue;
            }
            if (wanted == some_space) {
                size = size_of_space_before(at);
            } else if (wanted == one_space) {
                size = at > 0 && is_white(text_[at - 1]) ? 1 : 0;
            } else if (wanted == blank_or_dash) {
                size = at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '-') ? 1 : 0;
            } else {
                size = size_of_letter_before(text_, at, letter);
            }
            if (size == 0) return std::nullopt;
            at -= size;
        }
        return at <= farthest_ ? std::optional{at} : std::nullopt;
    }

private:
    std::size_t size_of_space_before(std::size_t at) const {
        std::size_t begin = at;
        while (begin > 0 && is_white(text_[begin - 1])) --begin;
        return at - begin;
    }

    // \w+\s+ that ends at `at`. Nothing but words and white space is in front of it, so that each takes all there is.
    std::size_t size_of_word_and_space_before(std::size_t at) const {
        const std::size_t space = size_of_space_before(at);
        std::size_t begin = at - space;
        if (space == 0) return 0;
        while (const std::size_t size = size_of_word_character_before(text_, begin)) begin -= size;
        return begin == at - space ? 0 : at - begin;
    }

    std::optional<std::size_t> begin_before_gap(std::string_view words, char kind,
                                                std::size_t at) const {  // NOLINT(misc-no-recursion)
        const auto most = static_cast<std::size_t>(words.back());
        words.remove_suffix(1);
        std::string_view excluded;
        if (kind == others_between) {
            const auto count = static_cast<std::size_t>(words.back());
            words.remove_suffix(1);
            excluded = words.substr(words.size() - count);
            words.remove_suffix(count);
        }
        for (std::size_t left = most;; --left) {
            if (const auto begin = begin_of(words, at)) return begin;
            if (left == 0) return std::nullopt;
            const std::size_t size =
                kind == words_between ? size_of_word_and_space_before(at) : size_of_other_before(text_, at, excluded);
            if (size == 0) return std::nullopt;
            at -= size;
        }
    }

    std::optional<std::size_t> begin_before_rest(std::string_view words, bool is_some,
                                                 std::size_t at) const {  // NOLINT(misc-no-recursion)
        for (bool may_begin = !is_some;; may_begin = true) {
            if (may_begin)
                if (const auto begin = begin_of(words, at)) return begin;
            const std::size_t size = size_of_word_character_before(text_, at);
            if (size == 0) return std::nullopt;
            at -= size;
        }
    }

    std::string_view text_;
    std::size_t farthest_;
};

// Where a word ends of which what is before `end` is known: as far as RE2 would go on.
std::optional<std::size_t> end_of_word(std::string_view text, std::size_t end, bool is_some, bool needs_boundary) {
    std::optional<std::size_t> found;
    for (std::size_t at = end;;) {
        if ((at > end || !is_some) && (!needs_boundary || is_boundary(text, at))) found = at;
        const bool is_ascii = at < text.size() && is_word_character(text[at]);
        std::size_t after = at + 1;
        while (!is_ascii && after < text.size() && (text[after] & '\xC0') == '\x80') ++after;
        if (!is_ascii && (at >= text.size() || !folds_to_ascii(text.substr(at, after - at)))) return found;
        at = after;
    }
}

// "{0,60}" at `at`: the number, and `at` past it.
std::optional<std::size_t> up_to(std::string_view pattern, std::size_t& at) {
    if (!pattern.substr(at).starts_with("{0,")) return std::nullopt;
    std::size_t most = 0;
    const char* const end = pattern.data() + pattern.size();
    const auto [after, error] = std::from_chars(pattern.data() + at + 3, end, most);
    if (error != std::errc{} || after == end || *after != '}' || most == 0 || most > most_between) return std::nullopt;
    at = static_cast<std::size_t>(after - pattern.data()) + 1;
    if (is_quantified(pattern, at)) return std::nullopt;  // a lazy one, too
    return most;
}

// The signs of "[^.\n]"; nothing where there is more in it.
std::optional<std::string> excluded_by(std::string_view element) {
    if (!element.starts_with("[^") || element.size() < 4) return std::nullopt;
    std::string excluded;
    for (std::size_t at = 2; at + 1 < element.size(); ++at) {
        const bool escaped = element[at] == '\\';
        const char c = element[escaped ? ++at : at];
        if (escaped && c == 'n')
            excluded += '\n';
        else if (is_letter(c) || is_digit(c) || (c & '\x80') != 0 || (!escaped && (c == '-' || c == '[')) || c < ' ')
            return std::nullopt;
        else
            excluded += c;
    }
    return excluded;
}

}  // namespace

std::optional<Between> between_at(std::string_view pattern, std::size_t at) {
    constexpr std::string_view words = "(\\w+\\s+)", uncaptured_words = "(?:\\w+\\s+)";
    const auto here = pattern.substr(at);
    Between between;
    std::optional<std::string> excluded;
    if (here.starts_with(words) || here.starts_with(uncaptured_words)) {
        between.end = group_at(pattern, at).end;
        between.said = words_between;
    } else if (here.starts_with("[^")) {
        between.end = end_of_class(pattern, at);
        excluded = excluded_by(pattern.substr(at, between.end - at));
        if (!excluded) return std::nullopt;
        between.said = others_between;
    } else {
        return std::nullopt;
    }
    const auto most = up_to(pattern, between.end);
    if (!most) return std::nullopt;
    between.most = *most;
    between.said.insert(0, 1, static_cast<char>(*most));
    if (excluded) between.said.insert(0, *excluded + static_cast<char>(excluded->size()));
    return between;
}

std::optional<std::string_view> plain_words_at(std::string_view words, std::string_view text, std::size_t end,
                                               std::size_t farthest) {
    std::optional<std::size_t> to = end;
    const auto ending = words.find_last_not_of(LiteralScan::boundary);
    if (ending < words.size() && (words[ending] == any_ending || words[ending] == some_ending)) {
        to = end_of_word(text, end, words[ending] == some_ending, ending + 1 < words.size());
        words = words.substr(0, ending);
    }
    if (!to) return std::nullopt;
    const auto begin = WordsBefore{text, farthest}.begin_of(words, end);
    return begin ? std::optional{text.substr(*begin, *to - *begin)} : std::nullopt;
}

}  // namespace tocsin::rules
