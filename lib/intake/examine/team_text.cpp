#include "intake/examine/team_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "intake/examine/relayed_words.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "mail/header/encoded_words.hpp"
#include "mail/header/message_ids.hpp"
#include "mail/header/unfold.hpp"
#include "mail/reply/reply_lines.hpp"
#include "mail/structure/body_parts.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t most_searched = 256u << 10;  // of the text, for numbers and codes
constexpr std::size_t most_numbers = 50;

bool is_number_symbol(char c) { return is_letter(c) || is_digit(c) || c == '-'; }

// "SEC-2026-0001", whatever the prefix is.
bool is_like_a_ticket_number(std::string_view word) {
    const auto parts = split(word, '-');
    const auto digits = [](std::string_view text) { return std::ranges::all_of(text, is_digit); };
    return parts.size() == 3 && !parts[0].empty() && parts[0].size() <= 12 && parts[1].size() == 4 &&
           digits(parts[1]) && parts[2].size() >= 4 && parts[2].size() <= 12;
}

std::vector<std::string> ticket_numbers_in(std::string_view text) {
    std::vector<std::string> numbers;
    for (std::size_t at = 0; at < text.size() && numbers.size() < most_numbers;) {
        const std::size_t begin = at;
        while (at < text.size() && is_number_symbol(text[at])) ++at;
        if (const std::string_view word = text.substr(begin, at - begin); is_like_a_ticket_number(word)) {
            std::string number{word};
            std::ranges::transform(number, number.begin(),
                                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
            if (std::ranges::find(numbers, number) == numbers.end()) numbers.push_back(std::move(number));
        }
        if (at == begin) ++at;
    }
    return numbers;
}

// The number or the code that a signature has to cover speaks to nobody.
bool says_more_than_numbers(std::string_view text) {
    return std::ranges::any_of(words(text), [](std::string_view word) {
        while (!word.empty() && std::string_view{"[(#"}.find(word.front()) != std::string_view::npos)
            word.remove_prefix(1);
        while (!word.empty() && std::string_view{"]).,;:"}.find(word.back()) != std::string_view::npos)
            word.remove_suffix(1);
        return !is_like_a_ticket_number(word) && find_references(word).empty();
    });
}

bool begins_with_yes(std::string_view written) {
    const std::string_view text = trim(written);
    return starts_ignoring_case(text, "yes") && (text.size() == 3 || !is_number_symbol(text[3]));
}

std::optional<mail::Mailbox> mailbox_in(std::string_view text) {
    std::vector<std::string> defects;
    for (mail::Mailbox& mailbox : mail::read_address_list(text, {}, defects))
        if (mail::Address::from(mailbox.address)) return std::move(mailbox);
    // Outlook: "Rae Lindqvist [mailto:rae@lab.test]".
    for (std::string_view word : words(text)) {
        while (!word.empty() && std::string_view{"[<(\"'"}.find(word.front()) != std::string_view::npos)
            word.remove_prefix(1);
        if (starts_ignoring_case(word, "mailto:")) word.remove_prefix(7);
        while (!word.empty() && std::string_view{"]>)\"',;"}.find(word.back()) != std::string_view::npos)
            word.remove_suffix(1);
        if (mail::Address::from(word)) return mail::Mailbox{"", std::string{word}};
    }
    return std::nullopt;
}

// A mail that is attached whole.
bool find_attached(TeamText& team, const mail::Message& message) {
    for (const mail::Entity& entity : message.entities) {
        if (!entity.media_type.is("message/rfc822") || entity.children.empty()) continue;
        const mail::Header& header = message.entities[entity.children.front()].fields;
        const auto from = header.first("From");
        if (!from) continue;
        team.forwarded_author = mailbox_in(mail::unfold(*from));
        if (!team.forwarded_author) continue;
        std::vector<std::string> defects;
        if (const auto subject = header.first("Subject"))
            team.forwarded_subject = for_one_line(mail::decode_encoded_words(mail::unfold(*subject), 50, defects), 200);
        if (const auto id = header.first("Message-ID"))
            if (const auto ids = mail::read_message_ids(*id, 1, defects); !ids.empty()) team.forwarded_id = ids.front();
        return true;
    }
    return false;
}

// Whatever it is called: some clients attach a mail as a file of bytes.
bool is_mail_among_files(const mail::Message& message) {
    for (const std::size_t at : mail::body_parts(message).files) {
        const mail::Entity& entity = message.entities[at];
        if (entity.media_type.type == "message" || entity.media_type.is("text/rfc822-headers")) return true;
        for (const std::string_view ending : {".eml", ".msg", ".mht", ".emlx"})
            if (entity.file_name.size() > ending.size() &&
                equal_ignoring_case(std::string_view{entity.file_name}.substr(entity.file_name.size() - ending.size()),
                                    ending))
                return true;
    }
    return false;
}

// A mail that was pasted into the text, with some of its fields above it.
void find_pasted(TeamText& team, std::string_view text) {
    for (std::string_view line : split(cut_utf8(text, most_searched), '\n')) {
        line = trim(line.substr(mail::quotation_mark_length(line)));
        const auto field = mail::pasted_field(line);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        std::string_view value = trim(line.substr(colon + 1));
        while (value.starts_with('*')) value = trim(value.substr(1));  // bold, in Gmail's plain text
        if (field == mail::PastedField::From && !team.forwarded_author) team.forwarded_author = mailbox_in(value);
        if (field == mail::PastedField::Subject && team.forwarded_author && team.forwarded_subject.empty()) {
            team.forwarded_subject = for_one_line(value, 200);
            return;
        }
    }
}

// Of one DKIM-Signature (RFC 6376 section 3.5).
void look_at_dkim(TeamText& team, std::string_view field) {
    bool type_signed = false;
    for (const std::string_view tag : split(field, ';')) {
        const auto mark = tag.find('=');
        if (mark == std::string_view::npos) continue;
        const std::string_view name = trim(tag.substr(0, mark));
        if (name == "l") team.dkim_over_a_part = true;
        if (name != "h") continue;
        for (const std::string_view header : split(tag.substr(mark + 1), ':'))
            if (equal_ignoring_case(trim(header), "Content-Type")) type_signed = true;
    }
    if (!type_signed) team.dkim_without_type = true;
}

}  // namespace

TeamText read_team_text(const mail::Message& message, const mail::Reading& reading) {
    TeamText team;
    team.commands = cvd::find_commands(reading.reply_text);
    if (team.commands.words && !team.commands.lines.empty())
        team.commands.words =
            says_more_than_numbers(std::string_view{reading.reply_text}.substr(team.commands.words_begin));
    team.says_yes = begins_with_yes(reading.reply_text);
    const std::string_view searched = cut_utf8(reading.text, most_searched);
    team.numbers = ticket_numbers_in(searched);
    team.written_numbers = ticket_numbers_in(cut_utf8(reading.reply_text, most_searched));
    team.codes = find_references(searched);
    team.files = std::ranges::any_of(reading.attachments,
                                     [](const mail::Attachment& file) { return !stays_behind(file.type, file.name); });
    if (!find_attached(team, message)) find_pasted(team, reading.text);
    team.embeds_mail = !trim(reading.embedded).empty();
    team.attaches_mail = is_mail_among_files(message);
    for (const std::string_view field : message.root().fields.all("DKIM-Signature"))
        look_at_dkim(team, mail::unfold(field));
    return team;
}

}  // namespace tocsin::intake
