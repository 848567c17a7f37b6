#include "intake/examine/attached_report.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "cvd/command.hpp"

namespace tocsin::intake {

void read_attached_report(mail::Reading& reading, const mail::Message& message, const mail::ParseLimits& limits) {
    const cvd::CommandLines commands = cvd::find_commands(reading.reply_text);
    const bool opens = std::ranges::any_of(commands.lines, [](const std::string& line) {
        return starts_ignoring_case(line, "/open") || starts_ignoring_case(line, "/ open");
    });
    const auto attached = std::ranges::find_if(message.entities, [](const mail::Entity& entity) {
        return entity.media_type.is("message/rfc822") && !entity.children.empty();
    });
    if (!opens || attached == message.entities.end()) return;
    const mail::Message inner = mail::parse(message.body_of(*attached), limits);
    mail::Reading report = mail::read(inner, limits);
    std::string text{trim(reading.text)};
    // A mail without words of its own is shown with the text of the attached one already.
    if (text.find(trim(report.text)) == std::string::npos) text.append("\n\n").append(report.text);
    reading.text = cut_utf8(text, limits.max_text_bytes);
    if (!report.language.empty()) reading.language = report.language;
    for (mail::Attachment& file : report.attachments)
        if (reading.attachments.size() < limits.max_attachments) reading.attachments.push_back(std::move(file));
}

}  // namespace tocsin::intake
