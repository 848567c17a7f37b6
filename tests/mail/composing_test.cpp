#include "mail/composing.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "mail/reading.hpp"

namespace tocsin::mail {
namespace {

Composition simple(std::string text) {
    return {.from = {"ACME Security", *Address::from("security@acme.test")},
            .to = {{"Rae", *Address::from("rae@lab.test")}},
            .reply_to = {},
            .subject = *Unstructured::from("[SEC-2026-0001] Your report to ACME"),
            .date = *from_rfc3339("2026-11-22T01:50:00Z"),
            .message_id = *MessageId::from("t.1@acme.test"),
            .in_reply_to = {},
            .references = {},
            .fields = {},
            .text = std::move(text),
            .enclosures = {}};
}

void expect_canonical(std::string_view mail) {
    for (std::size_t i = 0; i < mail.size(); ++i) {
        ASSERT_LT(static_cast<unsigned char>(mail[i]), 0x80);
        ASSERT_TRUE(mail[i] != '\n' || (i > 0 && mail[i - 1] == '\r'));
        ASSERT_TRUE(mail[i] != '\r' || (i + 1 < mail.size() && mail[i + 1] == '\n'));
    }
    for (const auto line : split(mail, '\n')) EXPECT_LE(line.size(), 999u);
    EXPECT_TRUE(mail.ends_with("\r\n"));
}

TEST(Composing, WritesAPlainMailAsItIs) {
    EXPECT_EQ(
        "From: ACME Security <security@acme.test>\r\n"
        "To: Rae <rae@lab.test>\r\n"
        "Subject: [SEC-2026-0001] Your report to ACME\r\n"
        "Date: Sun, 22 Nov 2026 01:50:00 +0000\r\n"
        "Message-ID: <t.1@acme.test>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "Thank you.\r\n",
        compose(simple("Thank you.\n")));
}

class RoundTrip : public testing::TestWithParam<std::string> {};

TEST_P(RoundTrip, GivesTheSameWordsBack) {
    auto mail = simple(GetParam());
    const auto bytes = compose(mail);
    expect_canonical(bytes);
    EXPECT_EQ(GetParam(), read(parse(bytes)).text);
    mail.enclosures.push_back({"größe.bin", "application/x-thing", std::string{"\0\xFF\r\n--=_", 7}});
    const auto with_file = compose(mail);
    expect_canonical(with_file);
    const auto reading = read(parse(with_file));
    EXPECT_EQ(GetParam(), reading.text);
    ASSERT_EQ(1u, reading.attachments.size());
    EXPECT_EQ("größe.bin", reading.attachments[0].name);
    EXPECT_EQ(7u, reading.attachments[0].size);
    EXPECT_EQ(compose(mail), with_file);
}

INSTANTIATE_TEST_SUITE_P(
    Composing, RoundTrip,
    testing::Values(
        "short\n", "Grüße aus Köln\n", "你好，世界。这是一个测试。\n", "> quoted\n> more\nanswer\n", "-- \nsignature\n",
        "From here on\n.\n..\n  indented\n", std::string(300, 'x') + "\n", std::string(3000, 'y') + "\n",
        "a paragraph that is longer than the seventy-two columns which format=flowed has, and goes on\n\nnext\n",
        "ein Absatz, der länger ist als die zweiundsiebzig Spalten von format=flowed, und noch weiter geht\n",
        "> a quoted line that is longer than sixty-eight columns, and that has /close spam in its second half\n",
        ">> two marks on a line that is longer than sixty-eight columns > and one more mark in its second half, "
        "wrapped\n",
        "--=_x\n--\n=20\n"));

// A mail client that breaks long lines when it sends would bring the rest of a quotation to the start of a line.
TEST(Composing, KeepsEachPieceOfALongQuotationMarked) {
    const std::string flowed =
        to_flowed("> " + std::string(62, 'x') + " /close spam, " + std::string(60, 'y') + " end\n");
    EXPECT_EQ("> " + std::string(62, 'x') + " \n> /close spam, \n> " + std::string(60, 'y') + " end\n", flowed);
}

TEST(Composing, WritesHeadersThatReadBackTheSame) {
    auto mail = simple("x\n");
    mail.from.name = "Sicherheit \"ACME\", Köln";
    mail.to = {{"Doe, Rae", *Address::from("rae@lab.test")},
               {"", *Address::from("b@lab.test")},
               {"李雷", *Address::from("c@lab.test")}};
    mail.subject = *Unstructured::from(
        "Re: [SEC-2026-0001] Größe =?utf-8?q?x?= der  Lücke 漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞 end");
    mail.in_reply_to = *MessageId::from("x@y");
    for (int i = 0; i < 30; ++i)
        mail.references.push_back(*MessageId::from("reference-number-" + std::to_string(i) + "@lab.test"));
    mail.fields.emplace_back(*FieldName::from("Auto-Submitted"), *Unstructured::from("auto-replied"));
    const auto bytes = compose(mail);
    expect_canonical(bytes);
    const auto header = std::string_view{bytes}.substr(0, bytes.find("\r\n\r\n"));
    for (const auto line : split(header, '\n')) EXPECT_LE(line.size(), 78u) << line;
    const auto reading = read(parse(bytes));
    EXPECT_EQ(mail.from.name, reading.from.at(0).name);
    EXPECT_EQ("Doe, Rae", reading.to.at(0).name);
    EXPECT_EQ("b@lab.test", reading.to.at(1).address);
    EXPECT_EQ("李雷", reading.to.at(2).name);
    EXPECT_EQ("Re: [SEC-2026-0001] Größe =?utf-8?q?x?= der Lücke 漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞 end",
              reading.subject);
    EXPECT_EQ(30u, reading.references.size());
    EXPECT_EQ("auto-replied", reading.header_values("auto-submitted").at(0));
    EXPECT_TRUE(reading.defects.empty());
}

TEST(Composing, CannotBeMadeToWriteASecondField) {
    for (const auto* text : {"a\r\nBcc: x@y", "a\nb", "a\rb", "\x7f", "a\xC2\x85", "\xFF", "a\xE2\x80\xA8z"})
        EXPECT_FALSE(Unstructured::from(text)) << text;
    EXPECT_FALSE(Unstructured::from(std::string_view{"a\0b", 3}));
    EXPECT_EQ("a Bcc: x@y", Unstructured::cleaned("a\r\n Bcc:\tx@y").view());
    for (const auto* id : {"", "a", "a@", "@b", "a@b@c", "a b@c", "<a@b>", "a@b\r\n", "ä@b"})
        EXPECT_FALSE(MessageId::from(id)) << id;
    for (const auto* name : {"", "A B", "A:", "A\r\n", "Ä"}) EXPECT_FALSE(FieldName::from(name)) << name;
    auto mail = simple("x\n");
    mail.to = {{"Rae\r\nBcc: x@y", *Address::from("rae@lab.test")}};
    mail.enclosures.push_back({"a\r\nX: y\".txt", "text/plain\r\nX-Evil: 1", "z"});
    const auto bytes = compose(mail);
    EXPECT_EQ(std::string::npos, bytes.find("\nBcc"));
    EXPECT_EQ(std::string::npos, bytes.find("\nX-Evil"));
    EXPECT_EQ(std::string::npos, bytes.find("\nX: y"));
}

TEST(Composing, EncodesNothingInsideAnEnclosedMessage) {
    auto mail = simple("see below\n");
    mail.enclosures.push_back({"report.eml", "message/rfc822", "Subject: theirs\n\nwords\n"});
    const auto bytes = compose(mail);
    const auto message = parse(bytes);
    ASSERT_EQ(4u, message.entities.size());
    EXPECT_EQ(" theirs", *message.entities[3].fields.first("subject"));
    mail.enclosures[0].bytes = "Subject: th\xFFirs\n\nwords\n";
    EXPECT_TRUE(parse(compose(mail)).entities.at(2).media_type.is("application/octet-stream"));
}

}  // namespace
}  // namespace tocsin::mail
