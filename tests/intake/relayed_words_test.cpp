// What of a member's mail leaves the house, and what of it stays: her words, her files, how she signs.
#include "intake/examine/relayed_words.hpp"

#include <gtest/gtest.h>

#include "desk.hpp"
#include "intake/examine/attached_report.hpp"
#include "intake/examine/shared_words.hpp"
#include "intake/examine/sign_off.hpp"

namespace tocsin::intake {
namespace {

const std::vector<std::string> alice{"Alice Example", "alice@acme.test"};

TEST(SignOff, HerNameAndWhatStandsBelowItStayBehind) {
    const std::string words = "Thank you. Which version do you use?";
    for (const std::string_view block :
         {"Alice", "Alice Example", "/Alice", "-- Alice", "alice@acme.test",
          "Alice Example\nSenior Security Engineer | PSIRT\nACME GmbH, Example Street 1, 12345 Berlin\n"
          "T +49 30 1234567 | M +49 170 1234567\nalice@acme.test | www.acme.test",
          "i. A. Alice Example\nIT-Sicherheit", "Alice Example / IT-Sicherheit", "Example, Alice (PSIRT)",
          "*Alice Example*\nACME\n\nThis mail is confidential. Whoever got it by mistake deletes it."})
        EXPECT_EQ(words, without_sign_off(words + "\n\n" + std::string{block} + "\n", alice)) << block;
    EXPECT_EQ(words + "\n\nCheers,", without_sign_off(words + "\n\nCheers, Alice", alice));
    EXPECT_EQ(words + "\n\nViele Grüße", without_sign_off(words + "\n\nViele Grüße\nAlice", alice));
}

TEST(SignOff, WordsStay) {
    for (const std::string text :
         {"Alice in Wonderland is the name of the test account.", "Ask Bob.\n\nThe account alice is gone.",
          "We use the file /alice/key.\nIs it yours?", "Reach us at security@acme.test."})
        EXPECT_EQ(text, without_sign_off(text, alice));
    EXPECT_EQ("Thanks,\n\nPS: Please send the log.",
              without_sign_off("Thanks,\nAlice Example\nACME\n\nPS: Please send the log.", alice));
    EXPECT_EQ("It is fixed.\n\nWhich build was it?",
              without_sign_off("It is fixed.\nAlice\n\nWhich build was it?", alice));
    EXPECT_TRUE(names_member("Write to ALICE@acme.test, please.", alice));
    EXPECT_TRUE(names_member("My colleague Alice Example found it.", alice));
    EXPECT_FALSE(names_member("malice@acme.test2 and Alice", alice));
}

mail::Message parsed(const std::string& parts) {
    Letter letter;
    letter.type = "multipart/mixed; boundary=b";
    letter.text = parts;
    static std::vector<std::string> kept;  // a Message looks into its bytes
    kept.push_back(letter.bytes());
    return mail::parse(kept.back());
}
std::vector<std::string> names_of_files(const std::string& parts) {
    std::vector<std::string> names;
    for (const mail::Enclosure& file : relayed_files(parsed(parts), 1u << 20, alice)) names.push_back(file.name);
    return names;
}

TEST(RelayedFiles, APastedPictureGoesAlongAndOneOfASignatureDoesNot) {
    const std::string picture =
        "--b\r\nContent-Type: image/png; name=shot.png\r\nContent-Disposition: inline; filename=shot.png\r\n"
        "Content-ID: <ii_1>\r\n\r\nPNG\r\n";
    const std::vector<std::string> shot{"shot.png"};
    EXPECT_EQ(shot, names_of_files("--b\r\nContent-Type: text/plain\r\n\r\nSee:\r\n" + picture + "--b--\r\n"));
    const auto with_html = [&](const std::string& html) {
        return names_of_files("--b\r\nContent-Type: text/html\r\n\r\n" + html + "\r\n" + picture + "--b--\r\n");
    };
    EXPECT_EQ(shot, with_html("<div>See:<img src=\"cid:ii_1\"></div><div id=\"Signature\">Alice Example</div>"));
    EXPECT_EQ(shot, with_html("<blockquote>old</blockquote><p>See:<img src=\"cid:ii_1\"></p>"));
    for (const std::string html : {"<p>Hi</p><div id=\"Signature\"><img src=\"cid:ii_1\"></div>",
                                   "<p>Hi</p><p>Alice Example</p><img src=\"cid:ii_1\">",
                                   "<p>Hi</p><blockquote><img src=\"cid:ii_1\"></blockquote>",
                                   "<p>Hi</p><div class=\"gmail_signature\"><img src=\"cid:ii_1\"></div>"})
        EXPECT_EQ(std::vector<std::string>{}, with_html(html)) << html;
}

TEST(RelayedFiles, CardsKeysAndInvitationsStayBehindWhateverTheyAreCalled) {
    const auto file = [](const std::string& type, const std::string& name) {
        return "--b\r\nContent-Type: text/plain\r\n\r\nSee:\r\n--b\r\nContent-Type: " + type + "; name=" + name +
               "\r\nContent-Disposition: attachment; filename=" + name + "\r\n\r\nx\r\n--b--\r\n";
    };
    EXPECT_EQ(std::vector<std::string>{"a.txt"}, names_of_files(file("text/plain", "a.txt")));
    EXPECT_TRUE(names_of_files(file("application/octet-stream", "alice.vcf")).empty());
    EXPECT_TRUE(names_of_files(file("text/calendar", "invite.txt")).empty());
    EXPECT_TRUE(names_of_files(file("application/ms-tnef", "winmail.dat")).empty()) << "with nothing in it";
}

TEST(JudgedWords, AQuotationOfAnAnswerMakesNothingKnown) {
    const std::string secret = "The scanner of the other vendor found the same hole in the basement server.";
    Letter words{.text = secret};
    Letter told;
    told.text = secret;
    Letter answer;
    answer.text = "Thank you.\r\n\r\nOn Fri, 6 Mar 2026 at 12:00, ACME <security@acme.test> wrote:\r\n> " + secret;
    openpgp::NoEngine none;
    ComparedMails mails;
    mails.mail = words.bytes();
    mails.secret = {told.bytes()};
    mails.relayed = {answer.bytes()};
    EXPECT_TRUE(judge_words(mails, {}, small_rules(), {}, none)->shares);
    answer.text = secret;
    mails.relayed = {answer.bytes()};
    EXPECT_FALSE(judge_words(mails, {}, small_rules(), {}, none)->shares) << "it went out in these words";
}

TEST(JudgedWords, NothingAndHerNameAndLargeFilesAreSeen) {
    openpgp::NoEngine none;
    ComparedMails mails;
    mails.member_names = alice;
    const auto judged = [&](const Letter& letter) {
        mails.mail = letter.bytes();
        return judge_words(mails, {}, small_rules(), {}, none).value();
    };
    EXPECT_TRUE(judged({.text = "Alice Example\r\nACME"}).nothing);
    EXPECT_FALSE(judged({.text = "Which version?\r\nAlice"}).nothing);
    EXPECT_FALSE(judged({.text = "Which version?\r\nAlice"}).names_member);
    EXPECT_TRUE(judged({.text = "Ask alice@acme.test about the version, she knows."}).names_member);
    Letter large;
    large.type = "multipart/mixed; boundary=b";
    large.text =
        "--b\r\nContent-Type: text/plain\r\n\r\nThe dump.\r\n--b\r\nContent-Type: application/x-dump; name=d.bin"
        "\r\nContent-Disposition: attachment; filename=d.bin\r\n\r\n" +
        std::string(21u << 20, 'x') + "\r\n--b--\r\n";
    EXPECT_TRUE(judged(large).too_large);
}

TEST(AttachedReport, ItsWordsAreTheReport) {
    Letter inner;
    inner.text = "Es gibt eine XSS im Login. Schritte: 1. Einloggen. 2. Den Namen auf <script> setzen.";
    inner.subject = "XSS";
    Letter forwarded;
    forwarded.type = "multipart/mixed; boundary=b";
    forwarded.text =
        "--b\r\nContent-Type: text/plain\r\n\r\n/open\r\n\r\nGot this at the conference.\r\n--b\r\n"
        "Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" +
        inner.bytes() + "\r\n--b--\r\n";
    const auto text_of_mail = [](const Letter& letter) {
        const std::string bytes = letter.bytes();
        const mail::Message message = mail::parse(bytes);
        mail::Reading reading = mail::read(message);
        read_attached_report(reading, message, {});
        return reading.text;
    };
    EXPECT_NE(std::string::npos, text_of_mail(forwarded).find("Den Namen auf"));
    forwarded.text.replace(forwarded.text.find("/open"), 5, "Hello");
    EXPECT_EQ(std::string::npos, text_of_mail(forwarded).find("Den Namen auf"));
}

}  // namespace
}  // namespace tocsin::intake
