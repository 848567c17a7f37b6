// Mails of tests/golden: what is read in each stands beside it. A new one is two files and no code;
// UPDATE_GOLDEN=1 writes the second.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "mail/automatic/delivery_status.hpp"
#include "mail/reading.hpp"

namespace tocsin::mail {
namespace {

namespace fs = std::filesystem;

void line(std::string& out, std::string_view name, std::string_view value) {
    if (!value.empty()) out.append(name).append(": ").append(value).append("\n");
}

void mailboxes(std::string& out, std::string_view name, const std::vector<Mailbox>& list) {
    for (const auto& mailbox : list) line(out, name, "\"" + mailbox.name + "\" <" + mailbox.address + ">");
}

void block(std::string& out, std::string_view name, std::string_view text) {
    if (text.empty()) return;
    out.append(name).append(":\n");
    for (const auto piece : split(text, '\n')) out.append("  |").append(piece).append("\n");
}

std::string_view report_name(DeliveryReport report) {
    switch (report) {
        case DeliveryReport::Failed:
            return "failed";
        case DeliveryReport::Delayed:
            return "delayed";
        case DeliveryReport::Delivered:
            return "delivered";
        case DeliveryReport::Displayed:
            return "displayed";
        case DeliveryReport::Abuse:
            return "abuse";
        case DeliveryReport::Away:
            return "away";
    }
    return "";
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) out.append(out.empty() ? "" : " ").append(word);
    return out;
}

std::string span(const Span& span) { return "[" + std::to_string(span.begin) + "," + std::to_string(span.end) + ")"; }

std::string describe(std::string_view bytes) {
    const auto message = parse(bytes);
    const auto reading = read(message);
    std::string out;
    mailboxes(out, "from", reading.from);
    if (reading.sender) mailboxes(out, "sender", {*reading.sender});
    mailboxes(out, "reply-to", reading.reply_to);
    mailboxes(out, "to", reading.to);
    mailboxes(out, "cc", reading.cc);
    line(out, "subject", reading.subject);
    line(out, "date", reading.date ? to_rfc3339(*reading.date) : "");
    line(out, "message-id", reading.message_id);
    line(out, "in-reply-to", joined(reading.in_reply_to));
    line(out, "references", joined(reading.references));
    line(out, "language", reading.language);
    for (const auto& entity : message.entities)
        line(out, "entity",
             std::string(2 * entity.depth, ' ') + entity.media_type.full() + " " + span(entity.header) +
                 span(entity.body) + (entity.opaque ? " opaque" : ""));
    for (const auto& file : reading.attachments)
        line(out, "file",
             "\"" + file.name + "\" " + file.type + " " + std::to_string(file.size) + " " +
                 to_hex(view(file.sha256)).substr(0, 16));
    if (const auto status = read_delivery_status(message, reading)) {
        line(out, "report", report_name(status->report));
        for (const auto& recipient : status->recipients)
            line(out, "affected",
                 "<" + recipient.address + "> " + recipient.status + (recipient.hard ? " hard " : " soft ") +
                     std::string{report_name(recipient.report)} + " " + recipient.diagnostic);
        line(out, "about", status->original_message_id);
        line(out, "disposition", status->disposition);
    }
    line(out, "defects", joined(reading.defects));
    block(out, "text", reading.text);
    if (reading.reply_text != trim(reading.text)) block(out, "written", reading.reply_text);
    block(out, "quoted", reading.quoted);
    return out;
}

std::vector<fs::path> golden_mails() {
    std::vector<fs::path> mails;
    for (const auto& entry : fs::recursive_directory_iterator{fs::path{TOCSIN_SOURCE_DIR} / "tests" / "golden"})
        if (entry.path().extension() == ".eml") mails.push_back(entry.path());
    std::ranges::sort(mails);
    return mails;
}

class GoldenMail : public testing::TestWithParam<fs::path> {};

TEST_P(GoldenMail, IsReadAsRecorded) {
    const auto actual = describe(read_file(GetParam()).value());
    const auto expected = fs::path{GetParam()}.replace_extension(".expected");
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream{expected, std::ios::binary} << actual;
    EXPECT_EQ(read_file(expected).value_or("(no .expected file)"), actual);
}

INSTANTIATE_TEST_SUITE_P(Mail, GoldenMail, testing::ValuesIn(golden_mails()), [](const auto& mail) {
    std::string name = mail.param.parent_path().filename().string() + "_" + mail.param.stem().string();
    std::ranges::replace_if(
        name, [](char c) { return !is_letter(c) && !is_digit(c); }, '_');
    return name;
});

}  // namespace
}  // namespace tocsin::mail
