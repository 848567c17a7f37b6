// What single header fields say: addresses, parameters, encoded words, dates, identifiers.
#include <gtest/gtest.h>

#include "mail/composing.hpp"
#include "mail/header/address.hpp"
#include "mail/header/date_time.hpp"
#include "mail/header/encoded_words.hpp"
#include "mail/header/message_ids.hpp"
#include "mail/header/parameters.hpp"
#include "mail/reading.hpp"

namespace tocsin::mail {

void PrintTo(const Mailbox& mailbox, std::ostream* out) {
    *out << '"' << mailbox.name << "\" <" << mailbox.address << '>';
}

namespace {

std::vector<Mailbox> addresses(std::string_view text) {
    std::vector<std::string> defects;
    return read_address_list(text, {}, defects);
}
using List = std::vector<Mailbox>;

TEST(Addresses, OfEveryFormThatTheStandardHas) {
    EXPECT_EQ((List{{"", "a@b.example"}}), addresses("a@b.example"));
    EXPECT_EQ((List{{"John Q. Public", "jqp@example.com"}}), addresses("\"John Q. Public\" <jqp@example.com>"));
    EXPECT_EQ((List{{"Pete", "pete@silly.example"}}), addresses("Pete <pete(his account)@silly(host).example>"));
    EXPECT_EQ((List{{"John X. Doe", "bbb@ddd.com"}}), addresses("bbb@ddd.com (John X. Doe)"));
    EXPECT_EQ((List{{"Ed", "ed@x.example"}, {"", "joe@y.example"}}),
              addresses("A Group:Ed <ed@x.example>,\r\n joe@y.example;"));
    EXPECT_EQ(List{}, addresses("Undisclosed recipients:;"));
    EXPECT_EQ((List{{"", "john.doe@example.com"}}), addresses("john . doe @ example . com"));
    EXPECT_EQ((List{{"Jo", "jo@c.example"}}), addresses("Jo <@a.example,@b.example:jo@c.example>"));
    EXPECT_EQ((List{{"Héloïse", "h@x.example"}}), addresses("=?iso-8859-1?Q?H=E9lo=EFse?= <h@x.example>"));
    EXPECT_EQ((List{{"", "\"john doe\"@x.example"}}), addresses("\"john doe\"@x.example"));
}

TEST(Addresses, OfTheFormsThatItDoesNotHave) {
    EXPECT_EQ((List{{"", "a@b"}, {"", "c@d"}}), addresses("a@b; c@d"));
    EXPECT_EQ((List{{"", "a@b"}, {"", "c@d"}}), addresses("a@b c@d"));
    EXPECT_EQ((List{{"Alice", "alice@x"}}), addresses("\"Alice <alice@x>"));
    EXPECT_EQ((List{{"Alice (open", "alice@x"}}), addresses("Alice (open <alice@x>"));
    EXPECT_EQ((List{{"Doe, John", "john@x.com"}}), addresses("\"Doe, John\" john@x.com"));
    EXPECT_EQ((List{{"Whomever", ""}}), addresses("Whomever"));
    EXPECT_EQ((List{{"Müller", "m@x"}}), addresses("M\xFCller <m@x>"));
    // Of recipients it may be a mailbox of this host; of an author it is half a name (Reading::from).
    EXPECT_EQ((List{{"Doe", ""}, {"John", "john@x.com"}}), addresses("Doe, John <john@x.com>"));
}

// Each of these once lost what stood between two words, and what came out was the address of somebody else.
TEST(Addresses, AreNeverJoinedFromWordsThatStandSideBySide) {
    for (const std::string_view none : {
             "<rae roe@lab.example>",     "Rae <rae\r\n roe@lab.example>", "<rae(x)roe@lab.example>",
             "<rae roe @ lab.example>",   "<rae@lab example.com>",         "<rae@lab.exam<ple>",
             "<rae@lab><.example>",       "<rae,roe@lab.example>",         "<rae;roe@lab.example>",
             "<rae\x01roe@lab.example>",  "<rae\u200Froe@lab.example>",    "rae\x7Froe@lab.example",
             "rae>roe@lab.example",       "rae\"roe\"@lab.example",        "\"rae roe\" @ lab.example",
             "\"rae roe\".x@lab.example", "Rae \"rae roe\"@lab.example",   "rae.\"x roe\"@lab.example",
             "rae(x)roe@lab.example",     "Rae Roe rae . roe@lab.example", "\"rae roe\"(x)@lab.example",
             "Dr. roe@lab.example",
         })
        for (const auto& one : addresses(none)) EXPECT_FALSE(Address::from(one.address)) << none << ": " << one.address;
    EXPECT_EQ((List{{"", "rae.roe@lab.example"}}), addresses("< rae . roe (x) @ (y) lab . example >"));
    EXPECT_EQ((List{{"Rae Rae", "rae@lab.example"}}), addresses("Rae <Rae <rae@lab.example>>"));
    EXPECT_EQ((List{{"", "rae@lab.example"}}), addresses("rae@lab.example>"));
    EXPECT_EQ((List{{"John Q.", "jd@example.com"}}), addresses("John Q. jd@example.com"));
    EXPECT_EQ((List{{"Dr.", "jd@example.com"}}), addresses("\"Dr.\" jd@example.com"));
    EXPECT_EQ((List{{"John Q. Doe", "jd@example.com"}}), addresses("John Q. Doe jd @ example . com"));
}

TEST(Addresses, NeverDecodeEncodedWordsInsideAnAddress) {
    EXPECT_EQ((List{{"", "=?utf-8?Q?alice=40bank.example=00?=@evil.example"}}),
              addresses("=?utf-8?Q?alice=40bank.example=00?=@evil.example"));
}

TEST(Addresses, StopAtTheirLimits) {
    std::string many;
    for (int i = 0; i < 50; ++i) many += "a@b,";
    std::vector<std::string> defects;
    EXPECT_EQ(10u, read_address_list(many, {.max_mailboxes = 10}, defects).size());
    EXPECT_EQ(std::vector<std::string>{"limit-addresses"}, defects);
}

TEST(Address, HasOneWayInAndNothingBadComesThroughIt) {
    for (const auto* good :
         {"a@b.example", "first.last+tag@sub.example.org", "dörte@sörensen.example", "o'x@x-y.example"})
        EXPECT_TRUE(Address::from(good)) << good;
    for (const auto* bad : {"",
                            "a",
                            "a@",
                            "@b",
                            "a@b@c",
                            "a b@c",
                            "a@b c",
                            "a@b\r\nRCPT TO:<x@y>",
                            "\"a b\"@c",
                            "<a@b>",
                            "a@[127.0.0.1]",
                            "a..b@c",
                            ".a@b",
                            "a.@b",
                            "a@-b",
                            "a@b-",
                            "a@b..c",
                            "a@b.",
                            "a\x01@b",
                            "a\xFF@b",
                            "a@b\u202e",
                            "@r:a@b",
                            "a@b,c@d",
                            "a%b@c:25",
                            "a@b\u3002c",
                            "a\u200b@b"})
        EXPECT_FALSE(Address::from(bad)) << bad;
    EXPECT_FALSE(Address::from(std::string(65, 'a') + "@b"));
    EXPECT_EQ(*Address::from("Rae@LAB.test"), *Address::from("rae@lab.test"));
}

std::string decoded(std::string_view text) {
    std::vector<std::string> defects;
    return decode_encoded_words(text, 200, defects);
}

TEST(EncodedWords, AreJoinedAndDecoded) {
    EXPECT_EQ("a b", decoded("=?utf-8?q?a_b?="));
    EXPECT_EQ("ab", decoded("=?utf-8?q?a?= =?utf-8?q?b?="));
    EXPECT_EQ("a b", decoded("=?utf-8?q?a?= b"));
    // Split inside a character, against RFC 2047 section 5 rule 3.
    EXPECT_EQ("ü", decoded("=?utf-8?q?=C3?= =?utf-8?q?=BC?="));
    // Padding inside: each word is base64 of its own.
    EXPECT_EQ("Hello world, how are you?",
              decoded("=?utf-8?B?SGVsbG8gdw==?= =?utf-8?B?b3JsZCwgaG8=?= =?utf-8?B?dyBhcmUgeW91Pw==?="));
    EXPECT_EQ("äö", decoded("=?iso-8859-1?q?=E4?= =?utf-8?q?=C3=B6?="));
    EXPECT_EQ("grüße", decoded("=?utf-8*de?q?gr=C3=BC=C3=9Fe?="));
    EXPECT_EQ("xäy", decoded("x=?utf-8?q?=C3=A4?=y"));
}

TEST(EncodedWords, StayAsTheyAreWhenTheyAreNone) {
    for (const auto* text : {"=?utf-8?q?open", "=?utf-8?x?a?=", "=??q?a?=", "a =? b ?= c", "=?="})
        EXPECT_EQ(text, decoded(text));
}

TEST(EncodedWords, StopAtTheirLimit) {
    std::vector<std::string> defects;
    EXPECT_EQ("a=?utf-8?q?b?=", decode_encoded_words("=?utf-8?q?a?==?utf-8?q?b?=", 1, defects));
    EXPECT_EQ(std::vector<std::string>{"limit-encoded-words"}, defects);
}

std::string file_name(std::string_view field) {
    std::vector<std::string> defects;
    for (const auto& parameter : read_disposition(field, {}, defects).parameters)
        if (parameter.name == "filename") return parameter.value;
    return "(none)";
}

TEST(Parameters, NameFilesInAllTheWaysThatAreInUse) {
    EXPECT_EQ("a.txt", file_name("attachment; filename=a.txt"));
    EXPECT_EQ("a b.txt", file_name("attachment; filename=\"a b.txt\""));
    EXPECT_EQ("This is a test.txt", file_name("attachment; filename=This is a test.txt"));
    EXPECT_EQ("naïve.txt", file_name("attachment; filename*=utf-8''na%C3%AFve.txt"));
    EXPECT_EQ("naïve.txt", file_name("attachment; filename*=utf-8''\"na%C3%AFve.txt\""));
    EXPECT_EQ("naïve.txt", file_name("attachment; filename*=iso-8859-1'fr'na%EFve.txt"));
    EXPECT_EQ("onetwothree", file_name("attachment; filename*1=two; filename*0=one; filename*2=three"));
    EXPECT_EQ("größe 1%",
              file_name("attachment; filename*0*=utf-8''gr%C3%B6; filename*1*=%C3%9Fe; filename*2=\" 1%\""));
    EXPECT_EQ("grün.txt", file_name("attachment; filename=\"=?utf-8?q?gr=C3=BCn.txt?=\""));
    EXPECT_EQ("grün.txt", file_name("attachment; filename=\"gr\xC3\xBCn.txt\""));
    EXPECT_EQ("C:\\temp\\a.txt", file_name("attachment; filename=\"C:\\temp\\a.txt\""));
    EXPECT_EQ("say \"hi\".txt", file_name("attachment; filename=\"say \\\"hi\\\".txt\""));
    EXPECT_EQ("a.txt", file_name("attachment (comment); filename=a.txt (another)"));
    EXPECT_EQ("a.txt", file_name("filename=a.txt"));
}

TEST(Parameters, StopAtTheirLimits) {
    std::string field = "text/plain";
    for (int i = 0; i < 50; ++i) field += "; p" + std::to_string(i) + "=x";
    std::vector<std::string> defects;
    EXPECT_EQ(32u, read_media_type(field, {}, defects).parameters.size());
    EXPECT_EQ(std::vector<std::string>{"limit-parameters"}, defects);
    field = "text/plain";
    for (int i = 0; i < 100; ++i) field += "; p*" + std::to_string(i) + "=x";
    defects.clear();
    EXPECT_EQ(64u, read_media_type(field, {}, defects).parameters.at(0).value.size());
    EXPECT_EQ(std::vector<std::string>{"limit-parameter-segments"}, defects);
}

TEST(MediaTypes, ThatAreNoneArePlainText) {
    for (const auto* field : {"", "text", "/", "a/", "(x)", ";;;"}) {
        std::vector<std::string> defects;
        EXPECT_EQ("text/plain", read_media_type(field, {}, defects).full()) << field;
        EXPECT_EQ(std::vector<std::string>{"content-type-malformed"}, defects);
    }
}

struct DateCase {
    std::string field;
    std::string instant;
};
class Dates : public testing::TestWithParam<DateCase> {};
TEST_P(Dates, AreRead) {
    const auto at = read_date_time(GetParam().field);
    EXPECT_EQ(GetParam().instant, at ? to_rfc3339(*at) : "none");
}
INSTANTIATE_TEST_SUITE_P(
    Fields, Dates,
    testing::Values(DateCase{"Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T15:55:06Z"},
                    DateCase{"21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z"},
                    DateCase{"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T15:55:06Z"},
                    DateCase{"Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)", "1969-02-14T03:02:00Z"},
                    DateCase{"Mon Jan  2 15:04:05 2006", "2006-01-02T15:04:05Z"},
                    DateCase{"Mon Jan  2 15:04:05 EST 2006", "2006-01-02T20:04:05Z"},
                    DateCase{"2026-11-22T01:50:00+01:00", "2026-11-22T00:50:00Z"},
                    DateCase{"2026-11-22 01:50:00 +0100", "2026-11-22T00:50:00Z"},
                    DateCase{"Sun, 22 Nov 2026 01:50:00 +0000", "2026-11-22T01:50:00Z"},
                    DateCase{"Sun, 22-Nov-2026 01:50:00 GMT", "2026-11-22T01:50:00Z"},
                    DateCase{"Mo, 2 Okt 2026 10:00:00 +0200", "2026-10-02T08:00:00Z"},
                    DateCase{"2. Dezember 2026 10:00:00 MEZ", "2026-12-02T09:00:00Z"},
                    DateCase{"Di, 03 Mär 2026 10:00:00 +0100", "2026-03-03T09:00:00Z"},
                    DateCase{"mar. 4 août 2026 10:00:00 +0200", "2026-08-04T08:00:00Z"},
                    DateCase{"mar, 3 mar 2026 10:00:00 +0100", "2026-03-03T09:00:00Z"},
                    DateCase{"martes, 5 de enero de 2027 10:00:00 +0100", "2027-01-05T09:00:00Z"},
                    DateCase{"martedì 5 maggio 2026 10:00:00 +0200", "2026-05-05T08:00:00Z"},
                    DateCase{"Tue Mar  3 10:00:00 2026", "2026-03-03T10:00:00Z"},
                    DateCase{"qua, 16 dez 2026 10:00:00 -0300", "2026-12-16T13:00:00Z"},
                    DateCase{"di, 3 mrt 2026 10:00:00 +0100", "2026-03-03T09:00:00Z"},
                    DateCase{"pon, 5 PAŹ 2026 10:00:00 +0200", "2026-10-05T08:00:00Z"},
                    DateCase{"po, 6. července 2026 10:00:00 +0200", "2026-07-06T08:00:00Z"},
                    DateCase{"вт, 5 мая 2026 10:00:00 +0300", "2026-05-05T07:00:00Z"},
                    DateCase{"середа, 2 вересня 2026 10:00:00 +0300", "2026-09-02T07:00:00Z"},
                    DateCase{"szerda, 2026. szept. 2. 10:00:00 +0200", "2026-09-02T08:00:00Z"},
                    DateCase{"月, 2 11月 2026 10:00:00 +0900", "2026-11-02T01:00:00Z"},
                    DateCase{"2026年11月2日 下午 10:00:00 +0800", "2026-11-02T14:00:00Z"},
                    DateCase{"2026년 11월 2일 10:00:00 +0900", "2026-11-02T01:00:00Z"},
                    DateCase{"02.11.2026 10:00:00 +0100", "2026-11-02T09:00:00Z"},
                    DateCase{"2026/11/02 10:00:00 +0000", "2026-11-02T10:00:00Z"},
                    DateCase{"02/11/2026 10:00:00 +0000", "none"}, DateCase{"2026-01-257 10:00 GMT", "none"},
                    DateCase{"2026-257-01 10:00 GMT", "none"}, DateCase{"32 Nov 2026 01:50:00 GMT", "none"},
                    DateCase{"29 Feb 2025 00:00 GMT", "none"}, DateCase{"1 Jan 2026 25:00:00 GMT", "none"},
                    DateCase{"yesterday", "none"}, DateCase{"", "none"}));

TEST(Dates, AreWrittenAsTheStandardHasThem) {
    EXPECT_EQ("Sun, 22 Nov 2026 01:50:00 +0000", to_date_time(*from_rfc3339("2026-11-22T01:50:00.9Z")));
    EXPECT_EQ("Thu, 01 Jan 1970 00:00:00 +0000", to_date_time(from_micros(0)));
}

TEST(MessageIds, AreTakenOutOfTheirBrackets) {
    std::vector<std::string> defects;
    EXPECT_EQ((std::vector<std::string>{"a@b", "c@d"}), read_message_ids("<a@b>\r\n\t<c@d>", 50, defects));
    EXPECT_EQ((std::vector<std::string>{"a@b"}), read_message_ids("Your message of Monday <a@b>", 50, defects));
    EXPECT_TRUE(defects.empty());
    EXPECT_EQ((std::vector<std::string>{"a@b"}), read_message_ids("a@b", 50, defects));
    std::string many;
    for (int i = 0; i < 60; ++i) many += "<" + std::to_string(i) + "@x>";
    const auto kept = read_message_ids(many, 50, defects);
    ASSERT_EQ(50u, kept.size());
    EXPECT_EQ("0@x", kept.front());
    EXPECT_EQ("59@x", kept.back());
}

TEST(Subjects, LoseWhatMailProgramsPutInFront) {
    EXPECT_EQ("hello", without_reply_prefix("Re: hello"));
    EXPECT_EQ("hello", without_reply_prefix("AW: Re[2]: FWD : hello"));
    EXPECT_EQ("hello", without_reply_prefix("回复：hello"));
    EXPECT_EQ("[SEC-2026-0001] hello", without_reply_prefix("Re: [SEC-2026-0001] hello"));
    EXPECT_EQ("Remote code execution", without_reply_prefix("Remote code execution"));
    EXPECT_EQ("RCE: upload", without_reply_prefix("RCE: upload"));
}

}  // namespace
}  // namespace tocsin::mail
