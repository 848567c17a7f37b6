#include "intake/outgoing/compose.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "desk.hpp"
#include "intake/decide/automatic_mail.hpp"
#include "mail/reading.hpp"

namespace tocsin::intake {
namespace {

// What `admit` would fix.
Recipe fixed(Recipe recipe) {
    recipe.ticket_number = "SEC-2026-0001";
    recipe.fields.set("ticket", "SEC-2026-0001");
    recipe.message_id = "SEC-2026-0001.n.h@acme.test";
    recipe.date = friday;
    return recipe;
}

std::string notice_of(const Letter& letter) {
    return compose(fixed(to_team(decided(letter, {}, shipped_rules())).at(0)), letter.bytes(), shipped_rules(), {})
        .value();
}

std::string answer_to(const Letter& letter) {
    return compose(fixed(to_outside(decided(letter, {}, shipped_rules())).at(0)), std::nullopt, shipped_rules(), {})
        .value();
}

// The lines as they stand in the mail, before any client joins those that flow.
std::vector<std::string> lines_of(const std::string& bytes) {
    const mail::Message message = mail::parse(bytes);
    const std::string body = mail::decode_body(message, message.root(), 1 << 20).bytes;
    std::vector<std::string> lines;
    for (std::string_view line : split(body, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.emplace_back(line);
    }
    return lines;
}

std::vector<std::string> field_of(const std::string& bytes, const std::string& name) {
    const mail::Message message = mail::parse(bytes);
    const mail::Reading reading = mail::read(message);
    std::vector<std::string> values;
    for (const std::string_view value : reading.header_values(name)) values.emplace_back(value);
    return values;
}

std::size_t times(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

using Values = std::vector<std::string>;

TEST(EveryMail, SaysThatAProgramWroteIt) {
    const std::string answer = answer_to({});
    EXPECT_EQ(Values{"auto-replied"}, field_of(answer, "auto-submitted"));
    EXPECT_EQ(Values{"auto-generated"}, field_of(notice_of({}), "auto-submitted"));
    EXPECT_EQ(Values{"All"}, field_of(answer, "x-auto-response-suppress"));
    EXPECT_EQ(Values{"SEC-2026-0001"}, field_of(answer, "x-tocsin-ticket"));
    EXPECT_EQ(Values{"acknowledgement"}, field_of(answer, "x-tocsin-mail"));
    EXPECT_EQ(Values{"notice"}, field_of(notice_of({}), "x-tocsin-mail"));
    EXPECT_EQ(Values{"en"}, field_of(answer, "content-language"));
}

TEST(EveryMail, IsTakenByUsForAutomaticItself) {
    for (const std::string& bytes : {answer_to({}), notice_of({})}) {
        const Examination examination = examine(bytes, small_rules(), {}, {});
        EXPECT_FALSE(automatic_mail(examination, {}).answerable());
    }
}

TEST(EveryMail, HasItsNumberInTheSubjectOnce) {
    EXPECT_EQ(Values{"[SEC-2026-0001] Your report to ACME"}, field_of(answer_to({}), "subject"));
    const auto subject = field_of(notice_of({}), "subject");
    ASSERT_EQ(1u, subject.size());
    EXPECT_EQ(1u, times(subject[0], "SEC-2026-0001"));
    EXPECT_NE(std::string::npos, subject[0].find("XSS in login"));
}

TEST(EveryMail, StandsInItsThread) {
    const std::string answer = answer_to({.fields = {"References: <r1@lab.test>"}});
    EXPECT_EQ(Values{"<a1@lab.test>"}, field_of(answer, "in-reply-to"));
    EXPECT_EQ(Values{"<r1@lab.test> <a1@lab.test>"}, field_of(answer, "references"));
    EXPECT_EQ(Values{"<SEC-2026-0001.n.h@acme.test>"}, field_of(answer, "message-id"));
    EXPECT_EQ(Values{"Fri, 06 Mar 2026 14:30:00 +0000"}, field_of(answer, "date"));
}

TEST(EveryMail, GoesToOnePersonAlone) {
    EXPECT_EQ(Values{"rae@lab.test"}, field_of(answer_to({}), "to"));
    const std::string notice = notice_of({});
    EXPECT_EQ(Values{"Alice <alice@acme.test>"}, field_of(notice, "to"));
    EXPECT_TRUE(field_of(notice, "cc").empty() && field_of(notice, "bcc").empty());
    EXPECT_EQ(std::string::npos, notice.find("bob@acme.test"));
}

TEST(EveryMail, IsTheSameBytesEachTimeItIsComposed) {
    EXPECT_EQ(answer_to({}), answer_to({}));
    EXPECT_EQ(notice_of({}), notice_of({}));
    const Recipe recipe = fixed(to_team(decided({}, {}, shipped_rules())).at(0));
    const Recipe kept = recipe_from_json(to_json(recipe)).value();
    EXPECT_EQ(compose(recipe, Letter{}.bytes(), shipped_rules(), {}).value(),
              compose(kept, Letter{}.bytes(), shipped_rules(), {}).value());
}

TEST(AnAcknowledgement, HoldsNoWordThatAStrangerWrote) {
    const Letter letter{.from = "Zanzibar Subjectus <rae@lab.test>",
                        .subject = "Zanzibar SQL injection",
                        .text = "Zanzibar: https://zanzibar.test, CVE-2026-4711, SQL injection {{zanzibar}}.",
                        .fields = {"Reply-To: zanzibar@evil.test", "Comments: zanzibar"}};
    const std::string answer = answer_to(letter);
    EXPECT_FALSE(contains_ignoring_case(answer, "zanzibar")) << answer;
    EXPECT_EQ(std::string::npos, answer.find("4711"));
    EXPECT_FALSE(contains_ignoring_case(answer, "sql"));
    EXPECT_TRUE(contains_ignoring_case(notice_of(letter), "zanzibar"));  // the team reads it
}

TEST(AnAcknowledgement, HoldsNoReportThoughItIsComposedBesideOne) {
    const Letter letter{.text = "Zanzibar vulnerability."};
    const Recipe recipe = fixed(to_outside(decided(letter, {}, shipped_rules())).at(0));
    EXPECT_EQ(compose(recipe, std::nullopt, shipped_rules(), {}).value(),
              compose(recipe, letter.bytes(), shipped_rules(), {}).value());
}

TEST(ANotice, QuotesEachLineOfTheReport) {
    const std::vector<std::string> written{"/close spam",
                                           "  /severity low",
                                           "-- ",
                                           ">quoted already",
                                           "From here on",
                                           ".",
                                           "| pipe",
                                           "",
                                           "soft ",
                                           "break",
                                           std::string(500, 'x') + " /take",
                                           "w\u00F6rter " + std::string(200, '-') + " /close",
                                           "{{ticket}}",
                                           "The mail:"};
    Letter letter;
    letter.text.clear();
    for (const std::string& line : written) letter.text += line + "\r\n";
    const auto lines = lines_of(notice_of(letter));
    const auto begin = std::ranges::find(lines, "The mail:");
    ASSERT_NE(lines.end(), begin);
    std::size_t quoted = 0;
    for (auto line = begin + 1; line != lines.end(); ++line) {
        if (line->empty()) continue;
        if (line->starts_with("A plain reply")) break;  // the foot
        EXPECT_TRUE(line->starts_with(">")) << *line;
        ++quoted;
    }
    EXPECT_GE(quoted, written.size() - 2);
    for (const std::string& line : lines) EXPECT_FALSE(trim(line).starts_with("/")) << line;
    EXPECT_EQ(1, std::ranges::count(lines, "> /close spam"));
    EXPECT_EQ(1, std::ranges::count(lines, "> {{ticket}}"));
}

TEST(ANotice, BringsNothingElseOfAStrangerToTheStartOfALine) {
    const std::string long_words(53, 'w');
    const auto lines =
        lines_of(notice_of({.from = "\"" + long_words + " /take\" <rae@lab.test>",
                            .subject = "XSS " + long_words + " /close spam",
                            .fields = {"X-Loop: " + long_words + " /close", "Reply-To: other@lab.test"}}));
    for (const std::string& line : lines) EXPECT_FALSE(trim(line).starts_with("/")) << line;
}

TEST(ANotice, CarriesTheFilesAsBytesUnderNamesOfOurs) {
    const Letter letter{
        .text =
            "--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: text/x-python\r\n"
            "Content-Disposition: attachment; filename=\"poc.py\"\r\n\r\nprint('zanzibar')\r\n--b--",
        .type = "multipart/mixed; boundary=b"};
    const std::string notice = notice_of(letter);
    const mail::Message message = mail::parse(notice);
    const mail::Reading reading = mail::read(message);
    EXPECT_NE(std::string::npos,
              reading.text.find("SEC-2026-0001-1.bin, by the name of poc.py (text/x-python, 17 bytes)"))
        << reading.text;
    ASSERT_EQ(1u, reading.attachments.size());
    EXPECT_EQ("SEC-2026-0001-1.bin", reading.attachments[0].name);
    EXPECT_EQ("application/octet-stream", reading.attachments[0].type);
    EXPECT_EQ(17u, reading.attachments[0].size);
    EXPECT_EQ(std::string::npos, notice.find("filename=\"poc.py\""));
}

TEST(ANotice, OfAnEncryptedReportShowsNothingOfIt) {
    const std::string notice = notice_of(encrypted_letter("zanzibar"));
    EXPECT_EQ(std::string::npos, notice.find("zanzibar"));
    EXPECT_NE(std::string::npos, notice.find("not opened"));
}

TEST(ANotice, OfALongReportSaysThatItIsCut) {
    Letter letter;
    for (int i = 0; i < 10'000; ++i) letter.text += "forty bytes of a vulnerability report\r\n";
    const std::string notice = notice_of(letter);
    EXPECT_NE(std::string::npos, notice.find("It is longer than this"));
    EXPECT_LT(notice.size(), std::size_t{400} << 10);
    EXPECT_EQ(std::string::npos, notice_of({}).find("It is longer than this"));
}

TEST(ANotice, NamesItsAuthorInTheSenderSoThatAReplyWindowShowsHer) {
    EXPECT_EQ(Values{"\"Rae (outside) via ACME Security\" <security@acme.test>"}, field_of(notice_of({}), "from"));
}

TEST(ARecipeThatCannotBeCooked, IsAnErrorForOperators) {
    Recipe recipe = fixed(to_outside(decided({})).at(0));
    const auto fails = [](const Recipe& made) { return !compose(made, std::nullopt, small_rules(), {}); };
    EXPECT_FALSE(fails(recipe));
    Recipe other = recipe;
    other.template_name = "no-such-template";
    EXPECT_TRUE(fails(other));
    other = recipe;
    other.to_address = "rae@lab.test>\r\nBcc: all@lab.test";
    EXPECT_TRUE(fails(other));
    other = recipe;
    other.from_address = "";
    EXPECT_TRUE(fails(other));
    other = recipe;
    other.message_id = "two words@acme.test";
    EXPECT_TRUE(fails(other));
    other = recipe;
    other.fields.set("ticket", "SEC\r\nBcc: all@lab.test");  // stands in the subject
    EXPECT_TRUE(fails(other));
}

TEST(ARecipeOfStrangersWords, WritesNoHeaderLineOfTheirs) {
    Recipe recipe = fixed(to_team(decided({})).at(0));
    recipe.from_name = "Rae\r\nBcc: all@lab.test";
    recipe.in_reply_to = "x@y>\r\nBcc: all@lab.test";
    recipe.references = {"x@y>\r\nBcc: all@lab.test"};
    const auto bytes = compose(recipe, Letter{}.bytes(), small_rules(), {});
    if (!bytes) return;  // refused is as good
    EXPECT_TRUE(field_of(*bytes, "bcc").empty());
    EXPECT_TRUE(field_of(*bytes, "in-reply-to").empty());
}

}  // namespace
}  // namespace tocsin::intake
