#include "openpgp/armor.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "mail/structure/transfer_encoding.hpp"

namespace tocsin::openpgp {

namespace {

constexpr std::string_view begin_mark = "-----BEGIN PGP ";
constexpr std::string_view end_mark = "-----END PGP ";
constexpr std::string_view dashes = "-----";
constexpr std::string_view clear_mark = "-----BEGIN PGP SIGNED MESSAGE-----";
constexpr std::string_view proof_mark = "\n-----BEGIN PGP SIGNATURE-----";
constexpr std::string_view proof_end = "-----END PGP SIGNATURE-----";

// Takes the next line off, without its end.
std::string_view take_line(std::string_view text, std::size_t& at) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = std::min(end + 1, text.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// Where the mark stands behind "> ", as a mail program quotes; there is no such sign in base64.
bool is_quoted(std::string_view text, std::size_t mark) {
    const std::size_t line_end = text.substr(0, mark).rfind('\n');
    const std::size_t from = line_end == std::string_view::npos ? 0 : line_end + 1;
    const std::string_view before = trim(text.substr(from, mark - from));
    return !before.empty() && before.find_first_not_of("> \t") == std::string_view::npos;
}

std::string_view without_quote_marks(std::string_view line) {
    const std::size_t from = line.find_first_not_of("> \t");
    return from == std::string_view::npos ? std::string_view{} : line.substr(from);
}

std::optional<std::string_view> kind_in(std::string_view line, std::string_view mark) {
    line = trim(line);
    if (!line.starts_with(mark) || !line.ends_with(dashes) || line.size() <= mark.size() + dashes.size())
        return std::nullopt;
    const std::string_view kind = line.substr(mark.size(), line.size() - mark.size() - dashes.size());
    if (kind.find(dashes) != std::string_view::npos) return std::nullopt;
    return kind;
}

// "Version: GnuPG v2", "Comment:" (RFC 9580 section 6.2.2). There is no colon in base64.
bool is_armor_header(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    return std::ranges::all_of(line.substr(0, colon), [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

bool is_base64(std::string_view word) {
    return std::ranges::all_of(word,
                               [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '='; });
}

// Lines that a form, a markup or a mail program has run together: words between the two marks. Of the words of the
// headers none is as long as a line of base64.
std::optional<Armor> find_run_together(std::string_view text, std::size_t begin) {
    constexpr std::size_t shortest_first = 40;
    constexpr std::size_t longest_kind = 40;
    const std::size_t kind_at = begin + begin_mark.size();
    const std::size_t kind_size = text.substr(kind_at, longest_kind).find(dashes);
    if (kind_size == std::string_view::npos) return std::nullopt;
    const std::string kind{text.substr(kind_at, kind_size)};
    const std::size_t from = kind_at + kind_size + dashes.size();
    // No further than where another one begins: many beginnings cost no more than one.
    const std::string_view rest = text.substr(from, text.find(begin_mark, from) - from);
    const std::string last = std::string{end_mark}.append(kind).append(dashes);
    const std::size_t to = rest.find(last);
    if (to == std::string_view::npos) return std::nullopt;
    const std::string_view body = rest.substr(0, to);
    std::string base64;
    for (std::size_t at = 0; at < body.size();) {
        if (is_space(body[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < body.size() && !is_space(body[end])) ++end;
        const std::string_view word = body.substr(at, end - at);
        at = end;
        if (base64.empty() && (word.size() < shortest_first || !is_base64(word))) continue;
        if (!(word.starts_with('=') && word.size() == 5)) base64 += word;
    }
    if (base64.empty()) return std::nullopt;
    return Armor{kind, mail::decode_base64(base64), true, is_quoted(text, begin), begin, from + to + last.size()};
}

}  // namespace

std::optional<Armor> find_armor(std::string_view text, std::size_t from) {
    Armor armor;
    std::size_t at = from;
    for (;;) {
        const std::size_t found = text.find(begin_mark, at);
        if (found == std::string_view::npos) return std::nullopt;
        at = found;
        const bool line_start = found == 0 || text[found - 1] == '\n' || is_blank(text[found - 1]) ||
                                text[found - 1] == '\r' || text[found - 1] == '>';
        const auto kind = kind_in(take_line(text, at), begin_mark);
        if (line_start && !kind)
            if (auto run_together = find_run_together(text, found)) return run_together;
        if (!line_start || !kind) continue;
        armor.kind = std::string{*kind};
        armor.begin = found;
        armor.quoted = is_quoted(text, found);
        break;
    }
    std::string base64;
    bool in_header = true;
    while (at < text.size()) {
        std::string_view line = trim(take_line(text, at));
        if (armor.quoted) line = without_quote_marks(line);
        if (kind_in(line, end_mark)) {
            armor.whole = true;
            break;
        }
        if (line.starts_with(begin_mark)) break;  // another one begins: this one was cut off
        if (in_header && !is_armor_header(line)) in_header = false;
        if (in_header) continue;
        if (line.starts_with('=') && line.size() == 5) continue;  // the checksum proves nothing (RFC 9580 section 6.1)
        base64 += line;
    }
    armor.end = at;
    armor.bytes = mail::decode_base64(base64);
    return armor;
}

std::optional<Armor> only_armor(std::string_view text, std::string_view kind) {
    auto armor = find_armor(text);
    if (!armor || armor->kind != kind) return std::nullopt;
    if (!trim(text.substr(0, armor->begin)).empty() || !trim(text.substr(armor->end)).empty()) return std::nullopt;
    return armor;
}

std::optional<std::string_view> only_clear_signed(std::string_view text) {
    text = trim(text);
    if (!text.starts_with(clear_mark)) return std::nullopt;
    const auto proof = text.find(proof_mark);
    const auto end = proof == std::string_view::npos ? proof : text.find(proof_end, proof);
    if (end == std::string_view::npos || end + proof_end.size() != text.size()) return std::nullopt;
    if (text.find("\n-----BEGIN PGP SIGNED", 1) != std::string_view::npos) return std::nullopt;  // two are nobody's
    return text;
}

std::optional<std::string_view> find_clear_signed(std::string_view text, std::size_t from) {
    for (std::size_t at = text.find(clear_mark, from); at != std::string_view::npos;
         at = text.find(clear_mark, at + 1)) {
        if (at != 0 && text[at - 1] != '\n') continue;
        const std::size_t end = text.find(proof_end, at);
        if (end == std::string_view::npos) return std::nullopt;
        if (const auto one = only_clear_signed(text.substr(at, end + proof_end.size() - at))) return one;
    }
    return std::nullopt;
}

std::optional<std::string> clear_signed_text(std::string_view message) {
    const auto whole = only_clear_signed(message);
    if (!whole) return std::nullopt;
    std::string text;
    bool in_header = true;
    for (std::size_t at = 0; at < whole->size();) {
        std::string_view line = take_line(*whole, at);
        if (in_header) {
            in_header = !trim(line).empty();
            continue;
        }
        if (line.starts_with("-----")) break;
        if (line.starts_with("- ")) line.remove_prefix(2);
        text.append(line).append("\n");
    }
    return text;
}

std::string without_armor(std::string_view bytes) {
    if (!bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0x80) != 0) return std::string{bytes};
    auto armor = find_armor(bytes);
    return armor ? std::move(armor->bytes) : std::string{bytes};
}

std::string to_armor(std::string_view bytes, std::string_view kind) {
    std::string text;
    text.append(begin_mark).append(kind).append(dashes).append("\n\n");
    const std::string base64 = to_base64(bytes);
    for (std::size_t at = 0; at < base64.size(); at += 64) text.append(base64, at, 64).append("\n");
    return text.append(end_mark).append(kind).append(dashes).append("\n");
}

}  // namespace tocsin::openpgp
