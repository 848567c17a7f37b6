#include "intake/examine/relayed_words.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cvd/command.hpp"
#include "intake/outgoing/shown_report.hpp"
#include "mail/body_parts.hpp"
#include "mail/file_name.hpp"

namespace tocsin::intake {

namespace {

// "Alice", "Alice Example", "alice@acme.test", "Alice <alice@acme.test>".
bool is_own_name(std::string_view line, const std::vector<std::string>& names) {
    while (!line.empty() && std::string_view{"-–,. \t"}.find(line.front()) != std::string_view::npos)
        line.remove_prefix(1);
    for (const std::string& name : names) {
        if (name.empty()) continue;
        if (equal_ignoring_case(line, name)) return true;
        const auto parts = words(name);
        if (!parts.empty() && parts.front().size() > 1 && equal_ignoring_case(line, parts.front())) return true;
        if (name.find('@') != std::string::npos && line.size() < name.size() + 80 && contains_ignoring_case(line, name))
            return true;
    }
    return false;
}

bool stays_behind(const mail::Entity& entity) {
    const std::string type = entity.media_type.full();
    if (type == "application/pgp-keys" || type == "text/vcard" || type == "text/x-vcard" || type == "text/directory")
        return true;
    return entity.media_type.type == "image" && entity.fields.first("Content-ID").has_value() &&
           entity.disposition != "attachment";
}

}  // namespace

std::string relayed_words(const mail::Reading& reading, const std::vector<std::string>& member_names) {
    const cvd::CommandLines commands = cvd::find_commands(reading.reply_text);
    if (commands.note) return {};
    std::string_view text = trim(std::string_view{reading.reply_text}.substr(commands.words_begin));
    for (int lines = 0; lines < 3; ++lines) {
        const auto last = text.rfind('\n');
        const std::string_view line = trim(last == std::string_view::npos ? text : text.substr(last + 1));
        if (!is_own_name(line, member_names)) break;
        text = last == std::string_view::npos ? std::string_view{} : trim(text.substr(0, last));
    }
    return std::string{text};
}

std::string noted_words(const mail::Reading& reading) {
    const cvd::CommandLines commands = cvd::find_commands(reading.reply_text);
    std::string text;
    for (const std::string& line : commands.lines)
        if (starts_ignoring_case(line, "/note ")) text.append(trim(std::string_view{line}.substr(6))).append("\n");
    text.append(trim(std::string_view{reading.reply_text}.substr(commands.words_begin)));
    return text;
}

std::vector<mail::Enclosure> relayed_files(const mail::Message& message, std::size_t most_bytes) {
    std::vector<mail::Enclosure> files;
    for (const std::size_t at : mail::body_parts(message).files) {
        const mail::Entity& entity = message.entities[at];
        if (stays_behind(entity)) continue;
        mail::Enclosure file;
        file.name = mail::clean_file_name(entity.file_name, 150);
        file.media_type = entity.media_type.full();
        file.bytes = mail::decode_body(message, entity, most_bytes).bytes;
        files.push_back(std::move(file));
    }
    return files;
}

Result<std::vector<mail::Enclosure>> show_words(const Recipe& recipe, rules::TemplateFields& fields,
                                                const mail::Message& message, mail::Reading reading) {
    std::string shown = recipe.brings == "note" ? noted_words(reading) : relayed_words(reading, recipe.member_names);
    if (recipe.brings != "words") {
        reading.text = std::move(shown);
        return show_report(fields, message, reading, recipe.ticket_number);
    }
    std::vector<mail::Enclosure> files = relayed_files(message, most_enclosed_bytes);
    if (shown.empty() && files.empty()) return permanent(Code::BadInput, "there are no words to send");
    fields.set("words", std::move(shown));
    return files;
}

}  // namespace tocsin::intake
