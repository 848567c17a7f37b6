#include "mail/reply_lines.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::mail {
namespace {

constexpr std::string_view wrote_words[] = {
    "wrote",      "writes",     "schrieb",    "geschrieben", "a écrit",   "a ecrit",  "écrit :",    "escribió",
    "escribio",   "escreveu",   "ha scritto", "scritto",     "skrev",     "schreef",  "geschreven", "napisał",
    "napisal",    "napsal",     "napísal",    "написал",     "написав",   "пише",     "пишет",      "писал",
    "kirjoitti",  "írta",       "a scris",    "έγραψε",      "yazdı",     "şunları",  "viết",       "menulis",
    "写道",       "寫道",       "のメール",   "書きました",  "님이 작성", "작성:",    "hat geschr", "va escriure",
    "je napisao", "napisao/la", "pisze",      "rašė",        "rakstīja",  "kirjutas", "написа",     "כתב",
    "كتب",        "เขียน"};

constexpr std::string_view attribution_openings[] = {
    "on ",    "am ",      "le ",       "el ",     "il ",         "em ",   "op ",         "den ",
    "w dniu", "dnia ",    "dne ",      "dňa ",    "på ",         "pe ",   "at ",         "in ",
    "a ",     "vào ",     "pada ",     "tarih",   "στις",        "στις ", "il giorno",   "ma ",
    "date:",  "quoting ", "zitat von", "citando", "citát",       "от:",   "в ",          "вт",
    "ср",     "чт",       "пт",        "сб",      "вс",          "пн",    "понедельник", "вторник",
    "среда",  "четверг",  "пятница",   "суббота", "воскресенье", "mon",   "tue",         "wed",
    "thu",    "fri",      "sat",       "sun",     "----",        "de ",   "da ",         "från"};

constexpr std::string_view original_markers[] = {"original message",
                                                 "original-nachricht",
                                                 "ursprüngliche nachricht",
                                                 "originalnachricht",
                                                 "urspruengliche nachricht",
                                                 "forwarded message",
                                                 "weitergeleitete nachricht",
                                                 "message d'origine",
                                                 "message d’origine",
                                                 "message original",
                                                 "message transféré",
                                                 "mensaje original",
                                                 "mensaje reenviado",
                                                 "messaggio originale",
                                                 "messaggio inoltrato",
                                                 "mensagem original",
                                                 "mensagem encaminhada",
                                                 "oorspronkelijk bericht",
                                                 "oorspronkelijke bericht",
                                                 "doorgestuurd bericht",
                                                 "ursprungligt meddelande",
                                                 "originalmeddelande",
                                                 "vidarebefordrat",
                                                 "oprindelig meddelelse",
                                                 "opprinnelig melding",
                                                 "videresendt",
                                                 "alkuperäinen viesti",
                                                 "wiadomość oryginalna",
                                                 "oryginalna wiadomość",
                                                 "původní zpráva",
                                                 "pôvodná správa",
                                                 "eredeti üzenet",
                                                 "mesaj original",
                                                 "mesaj orijinal",
                                                 "orijinal mesaj",
                                                 "özgün ileti",
                                                 "исходное сообщение",
                                                 "пересылаемое сообщение",
                                                 "пересланное сообщение",
                                                 "оригінальне повідомлення",
                                                 "original besked",
                                                 "begin forwarded message",
                                                 "start des weitergeleiteten",
                                                 "anfang der weitergeleiteten",
                                                 "début du message transféré",
                                                 "début du message réexpédié",
                                                 "inicio del mensaje reenviado",
                                                 "inizio messaggio inoltrato",
                                                 "vidarebefordrat brev",
                                                 "begin doorgestuurd bericht",
                                                 "原始邮件",
                                                 "原始郵件",
                                                 "转发的邮件",
                                                 "転送メッセージ",
                                                 "転送されたメッセージ",
                                                 "元のメッセージ",
                                                 "원본 메시지",
                                                 "전달된 메시지",
                                                 "reply message",
                                                 "reply to message",
                                                 "転送"};

struct FieldLabel {
    std::string_view label;
    PastedField field;
};
constexpr FieldLabel field_labels[] = {{"from", PastedField::From},
                                       {"von", PastedField::From},
                                       {"de", PastedField::From},
                                       {"da", PastedField::From},
                                       {"van", PastedField::From},
                                       {"från", PastedField::From},
                                       {"fra", PastedField::From},
                                       {"od", PastedField::From},
                                       {"от", PastedField::From},
                                       {"від", PastedField::From},
                                       {"lähettäjä", PastedField::From},
                                       {"feladó", PastedField::From},
                                       {"expéditeur", PastedField::From},
                                       {"mittente", PastedField::From},
                                       {"gönderen", PastedField::From},
                                       {"kimden", PastedField::From},
                                       {"από", PastedField::From},
                                       {"发件人", PastedField::From},
                                       {"寄件者", PastedField::From},
                                       {"差出人", PastedField::From},
                                       {"보낸 사람", PastedField::From},
                                       {"remetente", PastedField::From},
                                       {"de la", PastedField::From},
                                       {"sent", PastedField::Sent},
                                       {"date", PastedField::Sent},
                                       {"gesendet", PastedField::Sent},
                                       {"datum", PastedField::Sent},
                                       {"envoyé", PastedField::Sent},
                                       {"envoyé le", PastedField::Sent},
                                       {"enviado", PastedField::Sent},
                                       {"enviado el", PastedField::Sent},
                                       {"enviada em", PastedField::Sent},
                                       {"enviada", PastedField::Sent},
                                       {"inviato", PastedField::Sent},
                                       {"data", PastedField::Sent},
                                       {"fecha", PastedField::Sent},
                                       {"verzonden", PastedField::Sent},
                                       {"skickat", PastedField::Sent},
                                       {"sendt", PastedField::Sent},
                                       {"dato", PastedField::Sent},
                                       {"wysłano", PastedField::Sent},
                                       {"wysłane", PastedField::Sent},
                                       {"odesláno", PastedField::Sent},
                                       {"odoslané", PastedField::Sent},
                                       {"отправлено", PastedField::Sent},
                                       {"дата", PastedField::Sent},
                                       {"надіслано", PastedField::Sent},
                                       {"lähetetty", PastedField::Sent},
                                       {"elküldve", PastedField::Sent},
                                       {"gönderilme tarihi", PastedField::Sent},
                                       {"tarih", PastedField::Sent},
                                       {"发送时间", PastedField::Sent},
                                       {"日期", PastedField::Sent},
                                       {"送信日時", PastedField::Sent},
                                       {"日時", PastedField::Sent},
                                       {"보낸 날짜", PastedField::Sent},
                                       {"trimis", PastedField::Sent},
                                       {"sent by", PastedField::Other},
                                       {"to", PastedField::To},
                                       {"an", PastedField::To},
                                       {"à", PastedField::To},
                                       {"para", PastedField::To},
                                       {"a", PastedField::To},
                                       {"aan", PastedField::To},
                                       {"till", PastedField::To},
                                       {"til", PastedField::To},
                                       {"do", PastedField::To},
                                       {"komu", PastedField::To},
                                       {"кому", PastedField::To},
                                       {"vastaanottaja", PastedField::To},
                                       {"címzett", PastedField::To},
                                       {"destinataire", PastedField::To},
                                       {"destinatario", PastedField::To},
                                       {"kime", PastedField::To},
                                       {"收件人", PastedField::To},
                                       {"宛先", PastedField::To},
                                       {"받는 사람", PastedField::To},
                                       {"către", PastedField::To},
                                       {"subject", PastedField::Subject},
                                       {"betreff", PastedField::Subject},
                                       {"objet", PastedField::Subject},
                                       {"asunto", PastedField::Subject},
                                       {"assunto", PastedField::Subject},
                                       {"oggetto", PastedField::Subject},
                                       {"onderwerp", PastedField::Subject},
                                       {"ämne", PastedField::Subject},
                                       {"emne", PastedField::Subject},
                                       {"temat", PastedField::Subject},
                                       {"předmět", PastedField::Subject},
                                       {"predmet", PastedField::Subject},
                                       {"тема", PastedField::Subject},
                                       {"aihe", PastedField::Subject},
                                       {"tárgy", PastedField::Subject},
                                       {"konu", PastedField::Subject},
                                       {"主题", PastedField::Subject},
                                       {"主旨", PastedField::Subject},
                                       {"件名", PastedField::Subject},
                                       {"제목", PastedField::Subject},
                                       {"subiect", PastedField::Subject},
                                       {"cc", PastedField::Other},
                                       {"kopie", PastedField::Other},
                                       {"copie", PastedField::Other},
                                       {"reply-to", PastedField::Other},
                                       {"importance", PastedField::Other},
                                       {"organization", PastedField::Other},
                                       {"antwort an", PastedField::Other},
                                       {"copia", PastedField::Other},
                                       {"抄送", PastedField::Other}};

constexpr std::string_view device_openings[] = {"sent from ",
                                                "sent via ",
                                                "sent with ",
                                                "sent by ",
                                                "sent on ",
                                                "sent using ",
                                                "from my ",
                                                "get outlook for",
                                                "get [outlook",
                                                "envoyé depuis ",
                                                "envoyé de ",
                                                "envoyé à partir",
                                                "von meinem ",
                                                "gesendet von ",
                                                "gesendet mit ",
                                                "gesendet über ",
                                                "gesendet aus ",
                                                "diese nachricht wurde von meinem",
                                                "enviado desde ",
                                                "enviado do ",
                                                "enviado de ",
                                                "enviado a partir",
                                                "enviado con ",
                                                "enviado via ",
                                                "inviato da ",
                                                "inviato dal ",
                                                "verzonden vanaf ",
                                                "verzonden met ",
                                                "verstuurd vanaf ",
                                                "verstuurd met ",
                                                "skickat från ",
                                                "skickad från ",
                                                "sendt fra ",
                                                "sendt fra min",
                                                "lähetetty ",
                                                "wysłane z ",
                                                "wysłano z ",
                                                "odesláno z ",
                                                "odoslané z ",
                                                "отправлено с ",
                                                "отправлено из ",
                                                "надіслано з ",
                                                "iphone'umdan gönderildi",
                                                "iphone'dan gönderildi",
                                                "trimis de pe ",
                                                "elküldve ",
                                                "從我的",
                                                "从我的",
                                                "发自我的",
                                                "發自我的",
                                                "iphoneから送信",
                                                "나의 iphone",
                                                "iphone에서 보냄",
                                                "sent from my",
                                                "outlook for ios",
                                                "outlook für ios",
                                                "outlook voor ios",
                                                "holen sie sich outlook",
                                                "obtenez outlook",
                                                "obtener outlook",
                                                "télécharger outlook"};

// Which bytes the phrases of a list begin with: most lines are told apart by their first byte alone.
template <std::size_t N>
constexpr std::array<bool, 256> first_bytes_of(const std::string_view (&phrases)[N]) {
    std::array<bool, 256> bytes{};
    for (const auto phrase : phrases) bytes[static_cast<unsigned char>(phrase.front())] = true;
    return bytes;
}
constexpr std::size_t shortest_marker = std::ranges::min(original_markers, {}, &std::string_view::size).size();
constexpr bool is_rule_mark(char c) { return std::string_view{"-_=*#~+"}.find(c) != std::string_view::npos; }
constexpr auto attribution_first_bytes = first_bytes_of(attribution_openings);
constexpr auto device_first_bytes = first_bytes_of(device_openings);

bool may_begin_with(std::string_view line, const std::array<bool, 256>& first_bytes) {
    return first_bytes[static_cast<unsigned char>(ascii_lower(line.front()))];
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
    if (!may_begin_with(line, device_first_bytes) && !ends_like_one) return false;
    const std::string low = lower(line);
    if (std::ranges::any_of(device_openings,
                            [&](auto opening) { return opening.front() == low.front() && low.starts_with(opening); }))
        return true;
    return low.size() < 40 &&
           (low.ends_with(" from mobile") || low.ends_with("から送信") || low.ends_with("에서 보냄"));
}

bool is_original_message_marker(std::string_view line) {
    line = trim(line);
    if (line.size() > 120) return false;
    auto bare = line;
    while (!bare.empty() && (is_rule_mark(bare.front()) || is_blank(bare.front()))) bare.remove_prefix(1);
    if (bare.size() < shortest_marker) return false;
    const bool framed =
        holds(line, "--") || holds(line, "__") || holds(line, "==") || line.ends_with(':') || line.ends_with("：");
    if (!framed) return false;
    const std::string low = lower(line);
    const auto found = std::ranges::any_of(original_markers, [&](auto marker) { return holds(low, marker); });
    if (!found) return false;
    // "I read the original message:" is a sentence. A marker has rules around it, or begins with the words.
    if (holds(line, "--") || holds(line, "__") || holds(line, "==")) {
        const auto first = without_emphasis(line).front();
        return first == '-' || first == '_' || first == '=' || trim(line).front() == '*';
    }
    const std::string words_alone{without_emphasis(low)};
    return std::ranges::any_of(original_markers, [&](auto marker) { return words_alone.starts_with(marker); }) &&
           words_alone.size() < 60;
}

PastedField pasted_field(std::string_view line) {
    line = trim(line);
    while (!line.empty() && (line.front() == '*' || line.front() == '_')) line.remove_prefix(1);
    auto colon = line.substr(0, 40).find(':');
    if (const auto wide = line.substr(0, 40).find("："); wide != std::string_view::npos) colon = std::min(colon, wide);
    if (colon == std::string_view::npos || colon == 0) return PastedField::None;
    const std::string label = lower(without_emphasis(line.substr(0, colon)));
    static const auto fields = [] {
        std::unordered_map<std::string_view, PastedField> map;
        for (const auto& known : field_labels) map.emplace(known.label, known.field);
        return map;
    }();
    const auto found = fields.find(label);
    return found == fields.end() ? PastedField::None : found->second;
}

bool may_begin_attribution(std::string_view line) {
    line = trim(line);
    if (line.empty() || line.size() > 400) return false;
    if (is_digit(line.front()) || holds(line, "@")) return true;
    if (!may_begin_with(line, attribution_first_bytes)) return false;
    const std::string low = lower(line.substr(0, 40));
    return std::ranges::any_of(
        attribution_openings, [&](auto opening) { return opening.front() == low.front() && low.starts_with(opening); });
}

bool is_attribution(std::string_view joined) {
    joined = trim(joined);
    const std::string low = lower(joined);
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
    return std::ranges::any_of(wrote_words, [&](auto word) { return holds(low, word); });
}

}  // namespace tocsin::mail
