#include "intake/examine/relayed_words.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "cvd/command.hpp"
#include "intake/examine/sign_off.hpp"
#include "intake/outgoing/shown_report.hpp"
#include "mail/structure/body_parts.hpp"
#include "mail/structure/file_name.hpp"
#include "mail/structure/tnef.hpp"

namespace tocsin::intake {

namespace {

bool ends_in(std::string_view name, std::string_view ending) {
    return name.size() >= ending.size() && equal_ignoring_case(name.substr(name.size() - ending.size()), ending);
}

bool is_tnef(std::string_view type, std::string_view name) {
    return type == "application/ms-tnef" || type == "application/vnd.ms-tnef" ||
           equal_ignoring_case(name, "winmail.dat");
}

// In which of the mail's HTML, and where, a picture is shown; nothing where it stands by itself.
struct ShownIn {
    std::string html;
    std::size_t at = 0;
};
std::optional<ShownIn> shown_in(const mail::Message& message, std::string_view content_id) {
    constexpr std::size_t most_html = 2u << 20;
    content_id = trim(content_id);
    if (content_id.starts_with('<')) content_id.remove_prefix(1);
    const std::string reference = "cid:" + std::string{content_id.substr(0, content_id.find_first_of("> "))};
    for (const mail::Entity& entity : message.entities) {
        if (!entity.media_type.is("text/html")) continue;
        std::string html = mail::decode_body(message, entity, most_html).bytes;
        if (const auto at = html.find(reference); at != std::string::npos) return ShownIn{std::move(html), at};
    }
    return std::nullopt;
}

// A picture of the signature, or of what is quoted: it has stood in mails before. A screenshot that she pasted into
// her words goes along.
bool is_below_her_words(const ShownIn& shown, const std::vector<std::string>& member_names) {
    const std::string before = lower(std::string_view{shown.html}.substr(0, shown.at));
    for (const std::string_view mark :
         {"id=\"signature\"", "id=\"ms-outlook-mobile-signature\"", "gmail_signature", "moz-signature",
          "protonmail_signature_block", "divrplyfwdmsg", "id=\"appendonsend\"", "border-top:solid #e1e1e1"})
        if (before.find(mark) != std::string::npos) return true;
    std::size_t open = 0;
    for (auto at = before.find("blockquote"); at != std::string::npos; at = before.find("blockquote", at + 1)) {
        if (at > 0 && before[at - 1] == '<') ++open;
        if (at > 1 && before[at - 1] == '/' && before[at - 2] == '<' && open > 0) --open;
    }
    if (open > 0) return true;
    return std::ranges::any_of(member_names, [&](const std::string& name) {
        return !name.empty() && before.find(lower(name)) != std::string::npos;
    });
}

bool is_left_out(const mail::Message& message, const mail::Entity& entity,
                 const std::vector<std::string>& member_names) {
    if (stays_behind(entity.media_type.full(), entity.file_name)) return true;
    const auto id = entity.fields.first("Content-ID");
    if (entity.media_type.type != "image" || !id || entity.disposition == "attachment") return false;
    const auto shown = shown_in(message, *id);
    return shown && is_below_her_words(*shown, member_names);
}

// What Outlook packed together with the sender's name and the formatted text.
void unpack_tnef(std::vector<mail::Enclosure>& files, std::string_view bytes) {
    std::vector<std::string> defects;
    auto contents = mail::read_tnef(bytes, {}, defects, true);
    if (!contents) return;
    for (std::size_t i = 0; i < contents->files.size() && i < contents->bytes.size(); ++i) {
        const mail::Attachment& file = contents->files[i];
        if (!stays_behind(file.type, file.name))
            files.push_back({.name = mail::clean_file_name(file.name, 150), .bytes = std::move(contents->bytes[i])});
    }
}

}  // namespace

bool stays_behind(std::string_view type, std::string_view name) {
    return type == "application/pgp-keys" || type == "text/vcard" || type == "text/x-vcard" ||
           type == "text/directory" || type == "text/calendar" || type == "application/ics" || is_tnef(type, name) ||
           ends_in(name, ".vcf") || ends_in(name, ".ics");
}

std::string relayed_words(const mail::Reading& reading, const std::vector<std::string>& member_names) {
    const cvd::CommandLines commands = cvd::find_commands(reading.reply_text);
    if (commands.note) return {};
    return without_sign_off(std::string_view{reading.reply_text}.substr(commands.words_begin), member_names);
}

std::string noted_words(const mail::Reading& reading) {
    const cvd::CommandLines commands = cvd::find_commands(reading.reply_text);
    std::string text;
    for (const std::string& line : commands.lines)
        if (const std::string note = cvd::note_in(line); !note.empty()) text.append(note).append("\n");
    text.append(trim(std::string_view{reading.reply_text}.substr(commands.words_begin)));
    return text;
}

std::vector<mail::Enclosure> relayed_files(const mail::Message& message, std::size_t most_bytes,
                                           const std::vector<std::string>& member_names) {
    std::vector<mail::Enclosure> files;
    for (const std::size_t at : mail::body_parts(message).files) {
        const mail::Entity& entity = message.entities[at];
        if (is_tnef(entity.media_type.full(), entity.file_name)) {
            unpack_tnef(files, mail::decode_body(message, entity, most_bytes).bytes);
            continue;
        }
        if (is_left_out(message, entity, member_names)) continue;
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
    // In a question the words alone are shown: nobody knows yet who sent the files.
    if (recipe.brings == "colleague") {
        fields.set("report", quoted_report(shown));
        return std::vector<mail::Enclosure>{};
    }
    if (recipe.brings != "words") {
        reading.text = std::move(shown);
        return show_report(fields, message, reading, recipe.ticket_number);
    }
    // One byte more shows that a file is too large to go out whole.
    std::vector<mail::Enclosure> files = relayed_files(message, most_enclosed_bytes + 1, recipe.member_names);
    for (const mail::Enclosure& file : files)
        if (file.bytes.size() > most_enclosed_bytes) return permanent(Code::BadInput, "a file is too large to be sent");
    if (shown.empty() && files.empty()) return permanent(Code::BadInput, "there are no words to send");
    fields.set("words", std::move(shown));
    return files;
}

}  // namespace tocsin::intake
