#include "mail/reply_lines.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/letters.hpp"
#include "mail/reply_words.hpp"

namespace tocsin::mail {
namespace {

// Which bytes the phrases of a list begin with: most lines are told apart by their first byte alone.
using FirstBytes = std::array<bool, 256>;
FirstBytes first_bytes_of(Phrases phrases) {
    FirstBytes bytes{};
    for (const auto phrase : phrases) bytes[static_cast<unsigned char>(phrase.front())] = true;
    return bytes;
}

bool is_rule_mark(char c) { return std::string_view{"-_=*#~+"}.find(c) != std::string_view::npos; }

bool may_begin_with(std::string_view line, const FirstBytes& first_bytes) {
    // A capital beyond ASCII may have another first byte than its small letter.
    const char first =
        (line.front() & '\x80') != 0 ? lower_letters(line.substr(0, 4)).front() : ascii_lower(line.front());
    return first_bytes[static_cast<unsigned char>(first)];
}

bool begins_with_one_of(std::string_view low, Phrases phrases) {
    return std::ranges::any_of(phrases,
                               [&](auto phrase) { return phrase.front() == low.front() && low.starts_with(phrase); });
}

std::string_view without_emphasis(std::string_view line) {
    line = trim(line);
    while (!line.empty() && (line.front() == '*' || line.front() == '_')) line.remove_prefix(1);
    while (!line.empty() && (line.back() == '*' || line.back() == '_')) line.remove_suffix(1);
    return trim(line);
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// A year, or a time of day: what every attribution without an address has.
bool has_time_or_year(std::string_view text) {
    for (std::size_t at = 0; at + 3 < text.size(); ++at) {
        if (!is_digit(text[at])) continue;
        if ((text.substr(at).starts_with("19") || text.substr(at).starts_with("20")) && is_digit(text[at + 2]) &&
            is_digit(text[at + 3]))
            return true;
        const auto colon = is_digit(text[at + 1]) ? at + 2 : at + 1;
        if (colon + 2 < text.size() && (text[colon] == ':' || text[colon] == '.') && is_digit(text[colon + 1]) &&
            is_digit(text[colon + 2]))
            return true;
    }
    return false;
}

}  // namespace

std::size_t quotation_mark_length(std::string_view line) {
    std::size_t at = 0;
    while (at < line.size() && at < 3 && line[at] == ' ') ++at;
    if (at >= line.size()) return 0;
    if (line[at] == '>' || line[at] == '|') {
        while (at < line.size() && (line[at] == '>' || line[at] == '|' || line[at] == ' ')) ++at;
        return at;
    }
    // "AB> ": initials before the mark, as some programs write them.
    std::size_t letters = at;
    while (letters < line.size() && letters < at + 3 && line[letters] >= 'A' && line[letters] <= 'Z') ++letters;
    if (letters > at && letters < line.size() && line[letters] == '>' &&
        (letters + 1 == line.size() || line[letters + 1] == ' ' || line[letters + 1] == '>'))
        return letters + 1;
    return 0;
}

bool is_rule_line(std::string_view line) {
    line = trim(line);
    if (line == "\xE1\x90\xA7" || line == "\xE2\x80\x94" || line == "\xE2\x80\x93")
        return true;  // a tracker's mark; dashes
    if (line.size() < 2) return false;
    std::size_t marks = 0;
    for (const char c : line) {
        if (!is_rule_mark(c) && c != ' ') return false;
        if (c != ' ') ++marks;
    }
    return marks >= 2;
}

bool is_signature_separator(std::string_view line) {
    while (line.ends_with(' ') && line.size() > 3) line.remove_suffix(1);
    return line == "--" || line == "-- " || line == "\xE2\x80\x94" || line == "\xE2\x80\x93" || line == "\xE2\x80\x94 ";
}

bool is_device_signature(std::string_view line) {
    line = without_emphasis(line);
    while (!line.empty() && std::string_view{"<([ "}.find(line.front()) != std::string_view::npos)
        line.remove_prefix(1);
    if (line.empty() || line.size() > 200) return false;
    const bool ends_like_one =
        line.size() < 40 && (line.ends_with("e") || line.ends_with("\xA1") || line.ends_with("\x84"));
    static const FirstBytes first_bytes = first_bytes_of(device_openings());
    if (!may_begin_with(line, first_bytes) && !ends_like_one) return false;
    const std::string low = lower_letters(line);
    if (begins_with_one_of(low, device_openings())) return true;
    return low.size() < 40 &&
           (low.ends_with(" from mobile") || low.ends_with("から送信") || low.ends_with("에서 보냄"));
}

bool is_original_message_marker(std::string_view line) {
    line = trim(line);
    if (line.size() > 120) return false;
    auto bare = line;
    while (!bare.empty() && (is_rule_mark(bare.front()) || is_blank(bare.front()))) bare.remove_prefix(1);
    static const std::size_t shortest = std::ranges::min(original_markers(), {}, &std::string_view::size).size();
    if (bare.size() < shortest) return false;
    const bool framed =
        holds(line, "--") || holds(line, "__") || holds(line, "==") || line.ends_with(':') || line.ends_with("：");
    if (!framed) return false;
    const std::string low = lower_letters(line);
    const auto found = std::ranges::any_of(original_markers(), [&](auto marker) { return holds(low, marker); });
    if (!found) return false;
    // "I read the original message:" is a sentence. A marker has rules around it, or begins with the words.
    if (holds(line, "--") || holds(line, "__") || holds(line, "==")) {
        const auto first = without_emphasis(line).front();
        return first == '-' || first == '_' || first == '=' || trim(line).front() == '*';
    }
    const std::string words_alone{without_emphasis(low)};
    return std::ranges::any_of(original_markers(), [&](auto marker) { return words_alone.starts_with(marker); }) &&
           words_alone.size() < 60;
}

PastedField pasted_field(std::string_view line) {
    line = trim(line);
    while (!line.empty() && (line.front() == '*' || line.front() == '_')) line.remove_prefix(1);
    auto colon = line.substr(0, 40).find(':');
    if (const auto wide = line.substr(0, 40).find("："); wide != std::string_view::npos) colon = std::min(colon, wide);
    if (colon == std::string_view::npos || colon == 0) return PastedField::None;
    return field_of_label(lower_letters(without_emphasis(line.substr(0, colon))));
}

bool may_begin_attribution(std::string_view line) {
    line = trim(line);
    if (line.empty() || line.size() > 400) return false;
    if (is_digit(line.front()) || holds(line, "@")) return true;
    static const FirstBytes first_bytes = first_bytes_of(attribution_openings());
    if (!may_begin_with(line, first_bytes)) return false;
    return begins_with_one_of(lower_letters(cut_utf8(line, 40)), attribution_openings());
}

bool is_attribution(std::string_view joined) {
    joined = trim(joined);
    const std::string low = lower_letters(joined);
    if (low.starts_with("----") && holds(low, " wrote ----")) return true;
    // "2013/7/20 Alice <alice@example.org>" and "2016-03-03 17:21 GMT+01:00 Alice", the old form of Gmail.
    if (low.size() > 10 && is_digit(low[0]) && is_digit(low[3]) && (low[4] == '/' || low[4] == '-') &&
        low.size() < 200) {
        if (low.ends_with('>') && holds(low, "@")) return true;
        if (holds(low, " gmt+") || holds(low, " gmt-")) return true;
    }
    const bool ends = low.ends_with(':') || low.ends_with("：");
    if (!ends) return false;
    if (!holds(low, "@") && !has_time_or_year(low)) return false;
    // "2026年3月2日(月) 10:00 Alice <alice@example.org>:", where the verb is left out.
    if (is_digit(low.front()) && has_time_or_year(low) && holds(low, "@") &&
        (low.ends_with(">:") || low.ends_with(">：")))
        return true;
    return std::ranges::any_of(words_for_wrote(), [&](auto word) { return holds(low, word); });
}

}  // namespace tocsin::mail
