#include <gtest/gtest.h>

#include <algorithm>

#include "mail/structure/entity.hpp"

namespace tocsin::mail {
namespace {

bool has_defect(const Message& message, std::string_view name) {
    return std::ranges::find(message.defects, name) != message.defects.end();
}

TEST(Parse, KnowsTheExactSpanOfHeaderAndBodyOfEachEntity) {
    const std::string mail =
        "Content-Type: multipart/signed; boundary=b\r\n\r\n"
        "preamble\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nsigned\r\n"
        "--b\r\nContent-Type: application/pgp-signature\r\n\r\nsig\r\n--b--\r\n";
    const auto message = parse(mail);
    ASSERT_EQ(3u, message.entities.size());
    const auto& part = message.entities[1];
    EXPECT_EQ("Content-Type: text/plain\r\n", message.header_of(part));
    EXPECT_EQ("signed", message.body_of(part));
    // RFC 1847 section 2.1: what is signed is the part from its header to its body's end.
    EXPECT_EQ("Content-Type: text/plain\r\n\r\nsigned",
              std::string_view{mail}.substr(part.header.begin, part.body.end - part.header.begin));
    EXPECT_TRUE(message.defects.empty());
}

TEST(Parse, KeepsFieldsFoldedAndInOrder) {
    const std::string mail = "A: one\r\n two\r\nB : obsolete blank\r\na: three\r\n\r\nbody";
    const auto message = parse(mail);
    ASSERT_EQ(3u, message.root().fields.fields().size());
    EXPECT_EQ(" one\r\n two", *message.root().fields.first("a"));
    EXPECT_EQ(" obsolete blank", *message.root().fields.first("B"));
    EXPECT_EQ(2u, message.root().fields.count("A"));
    EXPECT_EQ("body", message.body_of(message.root()));
}

TEST(Parse, TakesBareLfAndBareCr) {
    for (const std::string end : {"\n", "\r", "\r\n"}) {
        const std::string mail = "Subject: x" + end + "Content-Type: multipart/mixed; boundary=b" + end + end + "--b" +
                                 end + end + "one" + end + "--b" + end + end + "two" + end + "--b--";
        const auto message = parse(mail);
        ASSERT_EQ(3u, message.entities.size());
        EXPECT_EQ("one", message.body_of(message.entities[1]));
        EXPECT_EQ("two", message.body_of(message.entities[2]));
    }
}

TEST(Parse, PassesOverAnMboxLineAndJunkBetweenFields) {
    const auto message =
        parse("From alice@example.org Mon Jan  1 00:00:00 2024\nSubject: x\nthis is junk\nTo: b\n\nbody\n");
    EXPECT_EQ(" x", *message.root().fields.first("subject"));
    EXPECT_EQ(" b", *message.root().fields.first("to"));
    EXPECT_EQ("body\n", message.body_of(message.root()));
    EXPECT_TRUE(has_defect(message, "mbox-line"));
    EXPECT_TRUE(has_defect(message, "junk-in-header"));
}

TEST(Parse, ShowsTextThatFollowsAHeaderWithoutAnEmptyLine) {
    const auto message = parse("Subject: x\nHello there,\nthis is the text.\n");
    EXPECT_EQ("Hello there,\nthis is the text.\n", message.body_of(message.root()));
    EXPECT_TRUE(has_defect(message, "header-not-ended"));
}

TEST(Parse, TakesAMailThatIsAllBody) {
    const auto message = parse("just some words\nand more\n");
    EXPECT_EQ("just some words\nand more\n", message.body_of(message.root()));
    EXPECT_TRUE(has_defect(message, "header-missing"));
}

struct OddBoundary {
    std::string field;
    std::string delimiter;
};

class BoundaryForms : public testing::TestWithParam<OddBoundary> {};

TEST_P(BoundaryForms, AreFound) {
    const auto& [field, delimiter] = GetParam();
    const std::string mail = "Content-Type: multipart/mixed; " + field + "\n\n" + delimiter +
                             "\nContent-Type: text/plain\n\none\n" + delimiter + "\n\ntwo\n" + delimiter + "--\n";
    const auto message = parse(mail);
    ASSERT_EQ(3u, message.entities.size());
    EXPECT_EQ("one", message.body_of(message.entities[1]));
    EXPECT_EQ("two", message.body_of(message.entities[2]));
}

INSTANTIATE_TEST_SUITE_P(
    Parse, BoundaryForms,
    testing::Values(OddBoundary{R"(boundary="\"")", "--\""}, OddBoundary{"boundary=plain", "--plain"},
                    OddBoundary{"boundary=\"a b\"", "--a b"}, OddBoundary{"boundary=with;boundary=other", "--other"},
                    OddBoundary{"boundary*=us-ascii''en%63oded", "--encoded"},
                    OddBoundary{"boundary*0=\"two\"; boundary*1=\"parts\"", "--twoparts"},
                    OddBoundary{"boundary=\"never closed", "--never closed"}, OddBoundary{"charset=x", "--guessed"},
                    OddBoundary{"boundary=\"\"", "--guessed"}, OddBoundary{"boundary=\"blanks  \"", "--blanks"}));

TEST(Parse, KeepsThePartsOfAMultipartThatIsNeverClosed) {
    const auto message = parse("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n");
    ASSERT_EQ(3u, message.entities.size());
    EXPECT_EQ("two\n", message.body_of(message.entities[2]));
    EXPECT_TRUE(has_defect(message, "multipart-not-closed"));
}

TEST(Parse, EndsAnInnerMultipartAtTheDelimiterOfTheOuter) {
    const auto message = parse(
        "Content-Type: multipart/mixed; boundary=outer\n\n--outer\n"
        "Content-Type: multipart/mixed; boundary=inner\n\n--inner\n\none\n--outer\n\ntwo\n--outer--\n");
    ASSERT_EQ(4u, message.entities.size());
    EXPECT_EQ("one", message.body_of(message.entities[2]));
    EXPECT_EQ(0u, *message.entities[3].parent);
}

TEST(Parse, TellsNestedBoundariesApartThatBeginAlike) {
    const auto message = parse(
        "Content-Type: multipart/mixed; boundary=abc\n\n--abc\n"
        "Content-Type: multipart/mixed; boundary=ab\n\n--ab\n\ninner\n--abc\n\nouter\n--abc--\n");
    ASSERT_EQ(4u, message.entities.size());
    EXPECT_EQ("inner", message.body_of(message.entities[2]));
    EXPECT_EQ("outer", message.body_of(message.entities[3]));
}

TEST(Parse, LooksIntoAttachedMessagesAndDigests) {
    const auto message = parse(
        "Content-Type: multipart/digest; boundary=b\n\n"
        "--b\n\nSubject: first\n\none\n"
        "--b\nContent-Type: message/rfc822\n\nSubject: second\n\ntwo\n--b--\n");
    ASSERT_EQ(5u, message.entities.size());
    EXPECT_TRUE(message.entities[1].media_type.is("message/rfc822"));
    EXPECT_EQ(" first", *message.entities[2].fields.first("subject"));
    EXPECT_EQ("two", message.body_of(message.entities[4]));
}

TEST(Parse, LeavesPartialAndExternalBodiesOpaque) {
    for (const std::string type : {"message/partial; id=x; number=1", "message/external-body; access-type=URL"}) {
        const std::string mail = "Content-Type: " + type + "\n\nContent-Type: text/plain\n\nx\n";
        const auto message = parse(mail);
        EXPECT_EQ(1u, message.entities.size());
        EXPECT_TRUE(message.root().opaque);
    }
}

TEST(Parse, NamesTheLimitThatItHitAndGoesOn) {
    std::string fields;
    for (int i = 0; i < 20; ++i) fields += "X-" + std::to_string(i) + ": value\n";
    fields += "\nbody\n";
    const auto message = parse(fields, {.max_fields = 5});
    EXPECT_EQ(5u, message.root().fields.fields().size());
    EXPECT_TRUE(has_defect(message, "limit-fields"));
    EXPECT_EQ("body\n", message.body_of(message.root()));

    std::string parts = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 20; ++i) parts += "--b\n\nx\n";
    const auto many = parse(parts, {.max_parts = 5});
    EXPECT_EQ(5u, many.entities.size());
    EXPECT_TRUE(has_defect(many, "limit-parts"));

    std::string nested;
    for (int i = 0; i < 10; ++i) nested += "Content-Type: message/rfc822\n\n";
    nested += "Subject: x\n\n";
    const auto deep = parse(nested, {.max_message_depth = 2});
    EXPECT_TRUE(has_defect(deep, "limit-message-depth"));
    EXPECT_TRUE(deep.entities.back().opaque);
}

}  // namespace
}  // namespace tocsin::mail
