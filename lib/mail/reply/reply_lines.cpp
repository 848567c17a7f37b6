#include "mail/reply/reply_lines.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/reply/reply_words.hpp"
#include "mail/text/letters.hpp"
#include "mail/text/openings.hpp"

namespace tocsin::mail {
namespace {

bool is_among(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
bool is_rule_mark(char c) { return is_among(c, "-_=*#~+"); }
bool ends_with_colon(std::string_view line) { return line.ends_with(':') || line.ends_with("："); }

// Proton Mail rules with U+2010, others with dashes and box drawings: as hyphens.
std::string with_plain_rules(std::string_view line) {
    std::string out;
    for (std::size_t at = 0; at < line.size();) {
        const auto from = at;
        const auto c = next_code_point(line, at);
        const bool rule = (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x2500 || c == 0x2501 || c == 0x2550 ||
                          c == 0xFF0D || c == 0x2E3A || c == 0x2E3B;
        if (rule)
            out.push_back('-');
        else
            out.append(line.substr(from, at - from));
    }
    return out;
}

bool may_begin_with_a_rule(std::string_view line) {
    return line.starts_with('\xE2') || line.starts_with('\xEF');  // all of those above
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

std::size_t numbers_in(std::string_view text) {
    std::size_t numbers = 0;
    for (std::size_t at = 0; at < text.size(); ++at)
        if (is_digit(text[at]) && (at == 0 || !is_digit(text[at - 1]))) ++numbers;
    return numbers;
}

// "On 1 November I wrote to you:" is a sentence of hers.
bool says_who_writes(std::string_view low) {
    constexpr std::string_view her_own[] = {"i wrote",    "i've written",     "we wrote",    "schrieb ich",
                                            "habe ich",   "schrieben wir",    "haben wir",   "j'ai écrit",
                                            "j’ai écrit", "nous avons écrit", " ho scritto", "abbiamo scritto",
                                            "schreef ik", "heb ik",           "skrev jag",   "skrev jeg",
                                            "я написал",  "я писал",          "мы написали", "я пишу"};
    return std::ranges::any_of(her_own, [&](auto words) { return holds(low, words); });
}

// Help desks have answers written above a line of theirs.
bool is_reply_above_line(std::string_view line) {
    constexpr std::string_view above_it[] = {
        "above this line",          "oberhalb dieser zeile", "über dieser zeile",     "über diese zeile",
        "au-dessus de cette ligne", "encima de esta línea",  "por encima de esta",    "acima desta linha",
        "sopra questa riga",        "boven deze regel",      "ovanför den här raden", "over denne linje",
        "над этой строкой",         "powyżej tej linii",     "この行より上",          "この線より上"};
    // "The bug is in the function above this line" is a sentence.
    constexpr std::string_view answering[] = {"reply",     "replies", "respon",  "antwort",  "répon",
                                              "respuesta", "rispost", "rispond", "antwoord", "svar",
                                              "ответ",     "odpow",   "返信"};
    constexpr std::string_view openings[] = {"please",  "reply",     "bitte",   "antwort", "répon",    "veuillez",
                                             "respond", "por favor", "rispond", "svar",    "antwoord", "пожалуйста",
                                             "ответ",   "odpow",     "返信",    "この"};
    constexpr std::size_t longest = 160;
    if (line.size() < 12 || line.size() > longest) return false;
    static const Openings begins{openings};
    if (!is_rule_mark(line.front()) && !is_among(line.front(), "[(<\xE2") && !begins.begin(line)) return false;
    const std::string low = lower_letters(line);
    return std::ranges::any_of(above_it, [&](auto words) { return holds(low, words); }) &&
           std::ranges::any_of(answering, [&](auto word) { return holds(low, word); });
}

// "2013/7/20 Alice <alice@example.org>" and "2016-03-03 17:21 GMT+01:00 Alice".
bool is_old_gmail_attribution(std::string_view line) {
    if (line.size() <= 10 || line.size() >= 200) return false;
    if (!is_digit(line[0]) || !is_digit(line[3]) || !is_among(line[4], "/-")) return false;
    return (line.ends_with('>') && holds(line, "@")) || contains_ignoring_case(line, " gmt+") ||
           contains_ignoring_case(line, " gmt-");
}

// "On ", "Am ", "2 mars 2026", the name of a day.
bool opens_with_who_or_when(std::string_view line) {
    static const Openings openings{attribution_openings()};
    return is_digit(line.front()) || line.starts_with("----") || openings.begin(line);
}

// "... <alice@example.org>:", "... by alice@example.org:"
bool ends_with_address(std::string_view line) {
    while (!line.empty() && ends_with_colon(line)) line.remove_suffix(line.ends_with(':') ? 1 : 3);
    line = trim(line);
    if (line.ends_with('>')) return true;
    const auto last_word = line.substr(line.find_last_of(" \t") + 1);
    return holds(last_word, "@");
}

const Openings& original_message_markers() {
    static const Openings markers{original_markers()};
    return markers;
}

// A row of a Markdown table is no quotation.
bool is_table_row(std::string_view line) {
    line = trim(line);
    return line.size() > 2 && line.ends_with('|') && line.find_first_not_of("|> ") != std::string_view::npos;
}

// "Sent with curl 8.5 the same request still answers 500" begins like one, and is a sentence. What a program writes
// is short, names a program or a device, and asks for pardon at most.
bool says_only_what_sent(std::string_view line) {
    constexpr std::size_t most_words = 8;
    constexpr std::size_t most_words_of_set_phrases = 14;
    const std::string low = lower_letters(line.substr(0, line.find_first_of("<(")));
    std::string_view said = trim(low);
    constexpr std::string_view begin_sentences_too[] = {
        "sent ",  "from my ", "envoyé",  "envoye",     "von meinem", "von unterwegs", "gesendet ",
        "enviad", "inviat",   "sendt ",  "skicka",     "verzonden ", "verstuurd ",    "wysłan",
        "odeslá", "odosla",   "de mon ", "depuis mon", "отправ",     "надіслан"};
    if (std::ranges::none_of(begin_sentences_too, [&](auto stem) { return said.starts_with(stem); })) return true;
    for (const std::string_view end : {". ", "! ", " - ", " – ", ", please"})
        if (const auto at = said.find(end); at != std::string_view::npos) {
            const auto rest = said.substr(at);
            if (std::ranges::none_of(words_for_pardon(), [&](auto word) { return holds(rest, word); })) return false;
            said = said.substr(0, at);
        }
    const auto count = words(said).size();
    if (std::ranges::any_of(set_phrases_of_devices(), [&](auto phrase) { return said.starts_with(phrase); }))
        return count <= most_words_of_set_phrases;
    const bool sent = holds(said, "sen") || holds(said, "envoy");  // "von meinem iPhone gesendet."
    for (const std::string_view doubtful : {"from my ", "von meinem ", "depuis mon", "de mon ", "von unterwegs"})
        if (said.starts_with(doubtful) && said.ends_with('.') && !sent) return false;
    return count <= most_words &&
           std::ranges::any_of(words_for_devices(), [&](auto word) { return holds(said, word); });
}

// "Get Outlook for iOS", in the languages in which it is put below an answer. "Outlook for iOS crashes" is a sentence.
bool is_offer_of_outlook(std::string_view line) {
    constexpr std::size_t longest = 70;  // before its link
    constexpr std::string_view getting[] = {
        "get ",     "télécharg", "obten", "obtén",  "obtin",  "obțin",     "obter",   "scarica",  "ottieni", "baix",
        "descarg",  "transfer",  "downl", "hämta",  "skaffa", "ladda ner", "hent",    "få ",      "hanki",   "lataa",
        "pobierz",  "stáhn",     "získa", "stiahn", "letölt", "beszerez",  "descărc", "descarc",  "indir",   "edin",
        "herunter", "bezieh",    "holen", "laden",  "скача",  "загруз",    "получ",   "отрим",    "завант",  "изтег",
        "преуз",    "preuz",     "nabav", "prenes", "λήψη",   "λάβετε",    "κατεβ",   "获取",     "下载",    "取得",
        "下載",     "入手",      "받기",  "다운",   "tải",    "nhận",      "unduh",   "dapatkan", "ดาวน์",    "รับ",
        "קבל",      "הורד",      "تنزيل", "احصل"};
    const auto link = std::min(line.find("<http"), line.find("https://aka.ms/"));
    const std::string low = lower_letters(line.substr(0, std::min(link, longest + 1)));
    if (low.size() > longest || !holds(low, "outlook") || (!holds(low, "ios") && !holds(low, "android"))) return false;
    return holds(line, "//aka.ms/") || words(low).size() <= 3 ||
           std::ranges::any_of(getting, [&](auto word) { return holds(low, word); });
}

bool ends_ignoring_case(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && equal_ignoring_case(text.substr(text.size() - end.size()), end);
}

}  // namespace

std::size_t quotation_mark_length(std::string_view line) {
    std::size_t at = 0;
    while (at < line.size() && at < 3 && line[at] == ' ') ++at;
    if (at >= line.size()) return 0;
    if (line[at] == '|' && is_table_row(line)) return 0;
    if (line[at] == '>' || line[at] == '|') {
        while (at < line.size() && (line[at] == '>' || line[at] == '|' || line[at] == ' ')) ++at;
        return at;
    }
    // "AB> ": initials before the mark, as some programs write them.
    std::size_t letters = at;
    while (letters < line.size() && letters < at + 3 && line[letters] >= 'A' && line[letters] <= 'Z') ++letters;
    // The prompts of PowerShell and of databases.
    if (const auto said = line.substr(at, letters - at); said == "PS" || said == "SQL" || said == "CQL") return 0;
    if (letters > at && letters < line.size() && line[letters] == '>' &&
        (letters + 1 == line.size() || line[letters + 1] == ' ' || line[letters + 1] == '>'))
        return letters + 1;
    return 0;
}

std::string_view doubtful_mark(std::string_view line) {
    line = trim(line);
    if (line.starts_with('|')) return line.substr(0, 1);
    if (line.empty() || line.front() == '>' || quotation_mark_length(line) == 0) return {};
    return line.substr(0, line.find('>') + 1);
}

bool is_rule_line(std::string_view line) {
    line = trim(line);
    if (may_begin_with_a_rule(line) && line.size() > 3 && line.size() < 600 && std::ranges::none_of(line, is_letter)) {
        const auto plain = with_plain_rules(line);
        if (plain.front() == '-') return is_rule_line(plain);
    }
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
    while (!line.empty() && is_among(line.front(), "<([ ")) line.remove_prefix(1);
    if (line.empty() || line.size() > 200) return false;
    static const Openings openings{device_openings()};
    if (openings.begin(line)) return says_only_what_sent(line);
    if (is_offer_of_outlook(line)) return true;
    if (line.size() >= 40) return false;
    return ends_ignoring_case(line, " from mobile") || line.ends_with("から送信") || line.ends_with("手机发送") ||
           line.ends_with("手機發送") || line.ends_with("版邮件发送") || line.ends_with("에서 보냄") ||
           line.ends_with("an gönderildi") || line.ends_with("ról küldve");
}

// "I read the original message:" is a sentence. A marker stands between rules, or is all that a line with a colon says.
bool is_original_message_marker(std::string_view line) {
    line = trim(line);
    constexpr std::size_t shortest_between_rules = 12;  // bytes
    if (line.empty() || line.size() > 240) return false;
    if (is_reply_above_line(line)) return true;
    if (may_begin_with_a_rule(line)) {
        if (line.size() < shortest_between_rules) return false;
        const auto plain = with_plain_rules(line);
        return plain.front() == '-' && is_original_message_marker(plain);
    }
    if (line.size() > 120) return false;
    if (is_among(line.front(), "-=*_") && (holds(line, "--") || holds(line, "__") || holds(line, "=="))) {
        // "===8<===Original message text===", as The Bat! has it.
        while (!line.empty() && (is_rule_mark(line.front()) || is_among(line.front(), " 8<"))) line.remove_prefix(1);
        if (original_message_markers().begin(line)) return true;
        while (!line.empty() && (is_rule_mark(line.back()) || line.back() == ' ')) line.remove_suffix(1);
        return equal_ignoring_case(line, "original");  // QQ
    }
    line = without_emphasis(line);
    return ends_with_colon(line) && line.size() < 60 && original_message_markers().begin(line);
}

bool is_bare_marker(std::string_view line) {
    line = without_emphasis(line);
    return !line.empty() && line.size() < 60 && original_message_markers().begin(line);
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
    return holds(line, "@") || opens_with_who_or_when(line);
}

bool is_attribution(std::string_view joined, bool quotation_follows) {
    joined = trim(joined);
    if (joined.starts_with("----") && contains_ignoring_case(joined, " wrote ---")) return true;
    if (is_old_gmail_attribution(joined)) return true;
    const bool address = holds(joined, "@");
    const bool dated = has_time_or_year(joined);
    const bool day_and_time = dated && numbers_in(joined) >= 5;
    // "* Alice <alice@example.org> [2026-03-02 10:00]", as some set it in mutt.
    if (quotation_follows && address && day_and_time && joined.size() < 120 && holds(joined, "<") &&
        (joined.ends_with(']') || joined.ends_with('>')))
        return true;
    if (!ends_with_colon(joined) || (!address && !dated)) return false;
    // "2026年3月2日(月) 10:00 Alice <alice@example.org>:", where the verb is left out.
    if (address && dated && ends_with_address(joined) && (quotation_follows || opens_with_who_or_when(joined)))
        return true;
    // "Alice, 02.03.2026 10:00:"
    if (quotation_follows && day_and_time && joined.size() < 80 && !is_digit(joined.front())) return true;
    // "In 2026 the vendor wrote:" is a sentence.
    if (!address && !quotation_follows && !day_and_time && (!opens_with_who_or_when(joined) || numbers_in(joined) < 2))
        return false;
    const std::string low = lower_letters(joined);
    if (!address && !quotation_follows && says_who_writes(low)) return false;
    return std::ranges::any_of(words_for_wrote(), [&](auto word) { return holds(low, word); });
}

bool has_day_and_time(std::string_view line) { return has_time_or_year(line) && numbers_in(line) >= 5; }

bool begins_with_attribution(std::string_view line) {
    constexpr std::size_t longest = 300;
    line = trim(line).substr(0, longest);
    const auto address = line.find('@');
    if (address == std::string_view::npos) return false;
    const auto colon = line.find(": ", address);
    const auto bracket = line.find('>', address);
    return colon != std::string_view::npos && bracket < colon && colon - bracket < 30 && opens_with_who_or_when(line) &&
           is_attribution(line.substr(0, colon + 1), false);
}

}  // namespace tocsin::mail
