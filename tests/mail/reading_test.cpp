#include "mail/reading.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/utf8.hpp"
#include "mail/html/html_text.hpp"
#include "mail/text/clean_text.hpp"
#include "mail/text/flowed.hpp"

namespace tocsin::mail {
namespace {

Reading read_mail(std::string_view mail, const ParseLimits& limits = {}) { return read(parse(mail, limits), limits); }

std::string text_of(std::string_view mail) { return read_mail(mail).text; }

bool has_defect(const Reading& reading, std::string_view name) {
    return std::ranges::find(reading.defects, name) != reading.defects.end();
}

std::string part(std::string_view header, std::string_view body) {
    return "--b\n" + std::string{header} + (header.empty() ? "\n" : "\n\n") + std::string{body} + "\n";
}
std::string multipart(std::string_view subtype, std::string_view parts) {
    return "From: a@b.example\nContent-Type: multipart/" + std::string{subtype} + "; boundary=b\n\n" +
           std::string{parts} + "--b--\n";
}

TEST(Text, ComesOutOfEveryTransferEncoding) {
    EXPECT_EQ(
        "grün\n",
        text_of(
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\ngr=C3=\n=BCn\n"));
    EXPECT_EQ("grün",
              text_of("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: BASE64\n\nZ3LDvG4=\n"));
    // Each line padded: six bytes, not two (notes on GMime).
    EXPECT_EQ("abcdef", text_of("Content-Transfer-Encoding: base64\n\nYWI=\nY2Q=\nZWY=\n"));
    EXPECT_EQ("hello", text_of("Content-Transfer-Encoding: base64\n\na*G!V\ns b\tG8\n"));
    EXPECT_EQ("hello",
              text_of("Content-Transfer-Encoding: base64\n\naGVsbG8=\n\n_________________\nA list's footer\n"));
    EXPECT_EQ("100% = x=zz =4\n", text_of("Content-Transfer-Encoding: quoted-printable\n\n100% =3D x=zz =4\n"));
    EXPECT_EQ("x\n", text_of("Content-Transfer-Encoding: x-unknown\n\nx\n"));
}

TEST(Text, ComesOutOfEveryCharacterSet) {
    const auto in = [](std::string_view charset, std::string_view bytes) {
        return text_of("Content-Type: text/plain; charset=" + std::string{charset} + "\n\n" + std::string{bytes});
    };
    EXPECT_EQ("“x” €", in("iso-8859-1", "\x93x\x94 \x80"));
    EXPECT_EQ("Привет", in("koi8-r", "\xF0\xD2\xC9\xD7\xC5\xD4"));
    EXPECT_EQ("日本", in("iso-2022-jp", "\x1B$BF|K\\\x1B(B"));
    EXPECT_EQ("日本", in("Shift_JIS", "\x93\xFA\x96\x7B"));
    EXPECT_EQ("中文", in("gb2312", "\xD6\xD0\xCE\xC4"));
    EXPECT_EQ("한", in("ks_c_5601-1987", "\xC7\xD1"));
    EXPECT_EQ("grün", in("utf-8", "gr\xFCn"));           // said to be UTF-8, is not
    EXPECT_EQ("grün", in("iso-8859-1", "gr\xC3\xBCn"));  // said to be Latin-1, is UTF-8
    EXPECT_EQ("grün", in("us-ascii", "gr\xC3\xBCn"));
    EXPECT_EQ("grün", in("no-such-set", "gr\xC3\xBCn"));
    EXPECT_EQ("αβγδ αβγδ αβγδ αβγδ\xEF\xBF\xBD",
              in("windows-1253", "\xE1\xE2\xE3\xE4 \xE1\xE2\xE3\xE4 \xE1\xE2\xE3\xE4 \xE1\xE2\xE3\xE4\xD2"));
}

TEST(Text, IsThePlainAlternativeWhereThereIsOne) {
    const auto plain = part("Content-Type: text/plain", "plain words");
    const auto html = part("Content-Type: text/html", "<p>html <b>words</b></p>");
    EXPECT_EQ("plain words", text_of(multipart("alternative", plain + html)));
    EXPECT_EQ("plain words", text_of(multipart("alternative", html + plain)));
    EXPECT_EQ("html words", text_of(multipart("alternative", html)));
    EXPECT_EQ("html words", text_of(multipart("alternative", part("Content-Type: text/plain", "  ") + html)));
    EXPECT_EQ("plain words\nhtml words", text_of(multipart("mixed", plain + html)));
}

TEST(Text, OfAForwardWithoutAWordIsTheMailInside) {
    EXPECT_EQ("inner words",
              text_of(multipart("mixed", part("Content-Type: message/rfc822", "Subject: x\n\ninner words"))));
    EXPECT_EQ("see below", text_of(multipart("mixed", part("", "see below") + part("Content-Type: message/rfc822",
                                                                                   "Subject: x\n\ninner words"))));
}

TEST(Text, HasNoControlOrBidirectionalCharacters) {
    EXPECT_EQ("a[31mb\nc", text_of("Content-Type: text/plain; charset=utf-8\n\na\x1B[31m\xE2\x80\xAE"
                                   "b\rc\a"));
}

TEST(Text, IsCleanedAsForPeople) {
    for (const std::string text : {"", "plain\n\ttext", "a\r\nb\rc\n\rd\r\r\ne\r", "\xC3\xBC\r\n\x1B[0m\xE2\x80\xAE\n",
                                   "\xFF\xC3", "\x7F\x01", "a\x01\r\r\nb\r\r\rc", "\xFF\r\r\n\r"})
        EXPECT_EQ(for_people(text), clean_text(text)) << text;
}

TEST(Html, ReadsAsAPersonWouldReadIt) {
    std::vector<std::string> defects;
    EXPECT_EQ("Title\n\none two\n\n* a\n* b",
              html_to_text("<html><head><title>no</title><style>p{}</style></head><body><h1>Title</h1>"
                           "<p>one\n  <i>two</i></p><ul><li>a<li>b</ul><script>x()</script>",
                           defects));
    EXPECT_EQ("a & b < c © é", html_to_text("a &amp; b &lt; c&nbsp;&copy; &#233;", defects));
    EXPECT_EQ("see the page <https://x.example/a> now",
              html_to_text("see <a href=\"https://x.example/a\">the page</a> now", defects));
    EXPECT_EQ("https://x.example/", html_to_text("<a href='https://x.example'>https://x.example/</a>", defects));
    EXPECT_EQ("one\n\n> two\n> three", html_to_text("one<blockquote>two<br>three</blockquote>", defects));
    EXPECT_EQ("a\n  b", html_to_text("<pre>a\n  b</pre>", defects));
    EXPECT_TRUE(defects.empty());
}

TEST(Html, LeavesOutWhatCannotBeSeenAndSaysSo) {
    for (const auto* hidden : {"<div style='display:none'>secret</div>", "<span style=\"font-size: 0px\">secret</span>",
                               "<p hidden>secret</p>", "<div style='visibility : hidden'><b>secret</b></div>"}) {
        std::vector<std::string> defects;
        EXPECT_EQ("seen", html_to_text("seen" + std::string{hidden}, defects)) << hidden;
        EXPECT_EQ(std::vector<std::string>{"hidden-text"}, defects);
    }
}

TEST(Html, LosesNothingInTheDeep) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "<div>";
    std::vector<std::string> defects;
    EXPECT_NE(std::string::npos, html_to_text(deep + "the point", defects).find("the point"));
}

TEST(Flowed, ComesBackAsParagraphs) {
    EXPECT_EQ("one two\nthree\n", from_flowed("one \ntwo\nthree\n", false));
    EXPECT_EQ("onetwo\n", from_flowed("one \ntwo\n", true));
    EXPECT_EQ("> one two\nthree\n", from_flowed("> one \n> two\nthree\n", false));
    EXPECT_EQ(">> deep\n> less\n", from_flowed(">> deep \n> less\n", false).replace(7, 1, ""));
    EXPECT_EQ("one\n-- \nsig\n", from_flowed("one\n-- \nsig\n", false));
    EXPECT_EQ(" indented\n>not quoted\n", from_flowed("  indented\n >not quoted\n", false));
}

TEST(Attachments, AreKnownByLabelTypeSizeAndDigest) {
    const auto reading = read_mail(multipart(
        "mixed",
        part("", "text") +
            part("Content-Type: text/x-python; name=\"../../etc/poc.py\"\nContent-Transfer-Encoding: base64",
                 "cHJpbnQoMSkK") +
            part("Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"\xE2\x80\xAE"
                 "fdp.exe\"",
                 "x") +
            part("Content-Type: text/plain\nContent-Disposition: attachment", "note")));
    ASSERT_EQ(3u, reading.attachments.size());
    EXPECT_EQ("poc.py", reading.attachments[0].name);
    EXPECT_EQ("text/x-python", reading.attachments[0].type);
    EXPECT_EQ(9u, reading.attachments[0].size);
    EXPECT_EQ(to_hex(view(sha256("print(1)\n"))), to_hex(view(reading.attachments[0].sha256)));
    EXPECT_EQ("fdp.exe", reading.attachments[1].name);
    EXPECT_EQ("", reading.attachments[2].name);
    EXPECT_EQ("text", reading.text);
}

TEST(Attachments, AreTakenOutOfTheMiddleOfPlainText) {
    const auto reading = read_mail("\n\nbefore\nbegin 644 ../poc.py\n)<')I;G0H,2D*\n`\nend\nafter\n");
    ASSERT_EQ(1u, reading.attachments.size());
    EXPECT_EQ("poc.py", reading.attachments[0].name);
    EXPECT_EQ(9u, reading.attachments[0].size);
    EXPECT_EQ(to_hex(view(sha256("print(1)\n"))), to_hex(view(reading.attachments[0].sha256)));
    EXPECT_EQ("before\nafter\n", reading.text.substr(1));
    EXPECT_EQ("begin 644 words that are none\nof it\n",
              read_mail("\n\nbegin 644 words that are none\nof it\n").text.substr(1));
}

std::string tnef_attribute(std::uint32_t id, std::string_view data) {
    const auto bytes = [](std::size_t value, int count) {
        std::string out;
        for (int i = 0; i < count; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
        return out;
    };
    std::size_t sum = 0;
    for (const char c : data) sum += static_cast<unsigned char>(c);
    return "\x02" + bytes(id, 4) + bytes(data.size(), 4) + std::string{data} + bytes(sum, 2);
}

std::string tnef(std::string_view name, std::string_view content) {
    return std::string{"\x78\x9F\x3E\x22\x01\x00", 6} + tnef_attribute(0x00069002, std::string(14, '\x01')) +
           tnef_attribute(0x00018010, std::string{name} + '\0') + tnef_attribute(0x0006800F, content);
}

TEST(Attachments, AreFoundInWinmailDat) {
    const auto mail = [](std::string_view winmail) {
        return multipart(
            "mixed", part("", "text") +
                         part("Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64",
                              to_base64(winmail)));
    };
    const auto reading = read_mail(mail(tnef("C:\\poc.py", "print(1)\n")));
    ASSERT_EQ(1u, reading.attachments.size());
    EXPECT_EQ("poc.py", reading.attachments[0].name);
    EXPECT_EQ(9u, reading.attachments[0].size);
    EXPECT_EQ(to_hex(view(sha256("print(1)\n"))), to_hex(view(reading.attachments[0].sha256)));
    // What is no TNEF, or is cut before any file, stays what it is.
    for (const auto& bad : {std::string{"junk"}, tnef("a", "b").substr(0, 40)}) {
        const auto plain = read_mail(mail(bad));
        ASSERT_EQ(1u, plain.attachments.size());
        EXPECT_EQ("winmail.dat", plain.attachments[0].name);
    }
}

TEST(Attachments, AreNotTheSignatureOfASignedMail) {
    const auto reading = read_mail(multipart(
        "signed", part("", "text") + part("Content-Type: application/pgp-signature; name=signature.asc", "sig")));
    EXPECT_TRUE(reading.attachments.empty());
    EXPECT_EQ("text", reading.text);
}

TEST(Reading, KeepsEveryFromAndSaysThatThereAreTwo) {
    const auto reading = read_mail("From: a@x.example\nFrom: b@y.example\nSubject: one\nSubject: two\n\n");
    ASSERT_EQ(2u, reading.from.size());
    EXPECT_EQ("one", reading.subject);
    EXPECT_TRUE(has_defect(reading, "duplicate-from"));
    EXPECT_TRUE(has_defect(reading, "duplicate-subject"));
}

TEST(Reading, ReadsRawEightBitHeaders) {
    EXPECT_EQ("Prüfung", read_mail("Subject: Pr\xC3\xBC"
                                   "fung\n\n")
                             .subject);
    EXPECT_EQ("Prüfung", read_mail("Subject: Pr\xFC"
                                   "fung\n\n")
                             .subject);
}

TEST(Reading, SplitsAReplyIntoNewAndQuotedWords) {
    const auto reading = read_mail(
        "Subject: Re: x\n\nYes, I can reproduce it.\n\nAm 3. Feb. 2026 um 10:00 schrieb ACME <s@acme.test>:\n> Can "
        "you?\n> Please tell.\n\n-- \nRae\n");
    EXPECT_EQ("Yes, I can reproduce it.", reading.reply_text);
    EXPECT_EQ("Can you?\nPlease tell.", reading.quoted);
    EXPECT_EQ(
        "en",
        read_mail("\n\nI have found a problem in the upload form of your portal and would like to report it to you.")
            .language);
    EXPECT_EQ("de",
              read_mail("\n\nIch habe eine Schwachstelle in Ihrem Portal gefunden und möchte sie Ihnen gerne melden.")
                  .language);
    EXPECT_EQ("", read_mail("\n\n0x41414141 0x42424242").language);
}

TEST(Reading, StopsAtTheLimitOfText) {
    const auto reading = read_mail("\n\n" + std::string(5000, 'x'), {.max_part_text_bytes = 1000});
    EXPECT_EQ(1000u, reading.text.size());
    EXPECT_TRUE(has_defect(reading, "limit-part-text-bytes"));
}

}  // namespace
}  // namespace tocsin::mail
