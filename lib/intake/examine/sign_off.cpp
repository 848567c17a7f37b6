#include "intake/examine/sign_off.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "mail/text/letters.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t lines_of_a_block = 12;
constexpr std::size_t longest_line = 120;

constexpr std::array<std::string_view, 48> closing_formulas{
    "best",       "kind",        "warm",        "regards",   "cheers",   "thank",   "thx",       "many",
    "with",       "yours",       "sincerely",   "take care", "greet",    "mit",     "viele",     "beste",
    "liebe",      "schöne",      "gruß",        "grüße",     "gruss",    "mfg",     "vg",        "lg",
    "danke",      "cordial",     "bien",        "merci",     "salut",    "saludos", "un saludo", "atent",
    "gracias",    "obrigad",     "abra",        "distinti",  "grazie",   "met",     "groet",     "bedankt",
    "pozdrawiam", "s pozdravem", "с уважением", "спасибо",   "hälsning", "med",     "hilsen",    "terveis"};
constexpr std::array<std::string_view, 6> on_behalf{"i. a. ", "i.a. ", "i. v. ", "i.v. ", "ppa. ", "p.p. "};

bool is_letter_of_a_word(char c) { return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80; }

std::string_view without_marks(std::string_view line) {
    line = trim(line);
    while (!line.empty() && std::string_view{"-,./*_~|> \t"}.find(line.front()) != std::string_view::npos)
        line.remove_prefix(1);
    for (const std::string_view dash : {"–", "—"})
        if (line.starts_with(dash)) line = trim(line.substr(dash.size()));
    for (const std::string_view behalf : on_behalf)
        if (starts_ignoring_case(line, behalf)) line = trim(line.substr(behalf.size()));
    return line;
}

std::string_view without_end_marks(std::string_view line) {
    while (!line.empty() && std::string_view{",.*_! \t"}.find(line.back()) != std::string_view::npos)
        line.remove_suffix(1);
    return line;
}

class SignOff {
public:
    explicit SignOff(const std::vector<std::string>& names) {
        for (const std::string& name : names) {
            if (name.find('@') != std::string::npos) {
                addresses_.push_back(name);
                continue;
            }
            const auto parts = words(name);
            if (parts.empty()) continue;
            whole_.push_back(name);
            if (parts.size() < 2) continue;
            whole_.push_back(std::string{parts.back()} + ", " + std::string{name.substr(0, name.rfind(parts.back()))});
            while (is_space(whole_.back().back())) whole_.back().pop_back();
            if (parts.front().size() > 1) first_.emplace_back(parts.front());
        }
    }

    // Where in the line her name begins that she signs with: at its beginning, or behind "Cheers, ".
    std::optional<std::size_t> signs_at(std::string_view line) const {
        if (line.size() > longest_line) return std::nullopt;
        const std::string_view bare = without_end_marks(without_marks(line));
        for (const std::string& name : whole_) {
            if (equal_ignoring_case(bare, name)) return 0;
            if (starts_ignoring_case(bare, name) && is_title(bare.substr(name.size()))) return 0;
            if (const auto at = behind_formula(line, name)) return at;
        }
        for (const std::string& name : first_) {
            if (equal_ignoring_case(bare, name)) return 0;
            if (const auto at = behind_formula(line, name)) return at;
        }
        return std::nullopt;
    }

    // "alice@acme.test", "Mail: alice@acme.test | www.acme.test"
    bool is_own_address(std::string_view line) const {
        if (line.size() > longest_line) return false;
        std::string_view bare = without_marks(line);
        if (const auto colon = bare.find(':'); colon != std::string_view::npos && colon <= 8)
            bare = trim(bare.substr(colon + 1));
        while (!bare.empty() && (bare.front() == '<' || bare.front() == '[')) bare.remove_prefix(1);
        if (starts_ignoring_case(bare, "mailto:")) bare.remove_prefix(7);
        return std::ranges::any_of(addresses_, [&](const std::string& address) {
            return starts_ignoring_case(bare, address) ||
                   (line.find('|') != std::string_view::npos && contains_ignoring_case(line, address));
        });
    }

    bool stands_in(std::string_view text) const {
        const std::string low = mail::lower_letters(text);
        const auto in_text = [&](const std::string& name) {
            const std::string wanted = mail::lower_letters(name);
            for (auto at = low.find(wanted); at != std::string::npos; at = low.find(wanted, at + 1)) {
                const auto end = at + wanted.size();
                if ((at == 0 || !is_letter_of_a_word(low[at - 1])) &&
                    (end >= low.size() || !is_letter_of_a_word(low[end])))
                    return true;
            }
            return false;
        };
        return std::ranges::any_of(addresses_, in_text) || std::ranges::any_of(whole_, [&](const std::string& name) {
                   return name.find(' ') != std::string::npos && in_text(name);
               });
    }

private:
    // What follows a name on a visiting card, and not in a sentence.
    static bool is_title(std::string_view rest) {
        if (rest.empty()) return true;
        if (words(rest).size() > 8) return false;
        if (is_letter_of_a_word(rest.front()) && static_cast<unsigned char>(rest.front()) < 0x80) return false;
        rest = trim(rest);
        return rest.empty() || std::string_view{",|/-(<[:;*"}.find(rest.front()) != std::string_view::npos ||
               static_cast<unsigned char>(rest.front()) == 0xC2 || static_cast<unsigned char>(rest.front()) == 0xE2;
    }

    static std::optional<std::size_t> behind_formula(std::string_view line, const std::string& name) {
        const std::string_view whole = without_end_marks(line);
        if (whole.size() <= name.size() + 1) return std::nullopt;
        const auto at = whole.size() - name.size();
        if (!equal_ignoring_case(whole.substr(at), name) || is_letter_of_a_word(whole[at - 1])) return std::nullopt;
        const std::string before = mail::lower_letters(without_marks(line.substr(0, at)));
        if (words(before).size() > 4) return std::nullopt;
        const bool formula = std::ranges::any_of(
            closing_formulas, [&](std::string_view one) { return std::string_view{before}.starts_with(one); });
        return formula ? std::optional{at} : std::nullopt;
    }

    std::vector<std::string> whole_;
    std::vector<std::string> first_;
    std::vector<std::string> addresses_;
};

bool is_postscript(std::string_view line) {
    line = trim(line);
    return starts_ignoring_case(line, "ps:") || starts_ignoring_case(line, "ps ") ||
           starts_ignoring_case(line, "p.s.") || starts_ignoring_case(line, "p. s.") ||
           starts_ignoring_case(line, "pps") || line == "PS";
}

// The paragraphs below her name that are words and no visiting card.
std::string words_below(const std::vector<std::string_view>& lines, std::size_t from) {
    std::string kept;
    for (std::size_t begin = from; begin < lines.size();) {
        std::size_t end = begin;
        while (end < lines.size() && !trim(lines[end]).empty()) ++end;
        bool said = begin > from && begin < end && is_postscript(lines[begin]);
        for (std::size_t i = begin; i < end && begin > from; ++i) said = said || trim(lines[i]).ends_with('?');
        if (said) {
            kept += "\n";
            for (std::size_t i = begin; i < end; ++i) kept.append(lines[i]).append("\n");
        }
        begin = end + 1;
    }
    return kept;
}

}  // namespace

std::string without_sign_off(std::string_view text, const std::vector<std::string>& names) {
    const SignOff sign_off{names};
    text = trim(text);
    std::vector<std::string_view> lines = split(text, '\n');
    std::optional<std::size_t> first;
    std::size_t cut_at = 0;
    std::size_t seen = 0;
    for (std::size_t i = lines.size(); i-- > 0 && seen < lines_of_a_block;) {
        if (trim(lines[i]).empty()) continue;
        ++seen;
        if (const auto at = sign_off.signs_at(lines[i])) {
            first = i;
            cut_at = *at;
        }
    }
    std::string kept;
    if (first) {
        for (std::size_t i = 0; i < *first; ++i) kept.append(lines[i]).append("\n");
        if (cut_at > 0) kept.append(trim(lines[*first].substr(0, cut_at))).append("\n");
        kept += words_below(lines, *first);
    } else {
        // Her address by itself at the end.
        std::size_t end = lines.size();
        for (int cut = 0; cut < 3 && end > 0 && sign_off.is_own_address(lines[end - 1]); ++cut) {
            --end;
            while (end > 0 && trim(lines[end - 1]).empty()) --end;
        }
        for (std::size_t i = 0; i < end; ++i) kept.append(lines[i]).append("\n");
    }
    return std::string{trim(kept)};
}

bool names_member(std::string_view text, const std::vector<std::string>& names) {
    return SignOff{names}.stands_in(text);
}

}  // namespace tocsin::intake
