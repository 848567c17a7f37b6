#include "transport/smtp_data.hpp"

#include <gtest/gtest.h>

#include "transport/wire_text.hpp"

namespace tocsin::transport {
namespace {

std::string stuffed(std::string_view bytes, std::size_t most) {
    std::string all;
    while (!bytes.empty()) {
        std::string chunk;
        stuff_lines(bytes, chunk, most);
        all += chunk;
    }
    return all;
}

TEST(SmtpData, StuffsTheDotsAtTheBeginningsOfLinesAndNoOthers) {
    const struct {
        const char* bytes;
        const char* wire;
    } cases[] = {
        {"a\r\n", "a\r\n"},
        {"a", "a\r\n"},
        {".\r\n", "..\r\n"},
        {"a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n"},
        {"..a\r\nb.c\r\n.", "...a\r\nb.c\r\n..\r\n"},
        {"\r\n\r\n.x", "\r\n\r\n..x\r\n"},
    };
    for (const auto& c : cases)
        for (const std::size_t most : {1u, 3u, 1000u}) EXPECT_EQ(c.wire, stuffed(c.bytes, most)) << c.bytes;
}

TEST(SmtpData, WhatCouldEndTheMailEarlyIsRefused) {
    EXPECT_EQ(std::nullopt, objection_to("a\r\n.\r\nb\r\n"));
    EXPECT_NE(std::nullopt, objection_to("a\n.\r\nMAIL FROM:<x>\r\n"));
    EXPECT_NE(std::nullopt, objection_to("a\r.\r\n"));
    EXPECT_NE(std::nullopt, objection_to("a\r"));
    EXPECT_NE(std::nullopt, objection_to("a\r\r\n"));
    EXPECT_NE(std::nullopt, objection_to({"a\0b\r\n", 5}));
    EXPECT_NE(std::nullopt, objection_to(""));
}

TEST(SmtpData, SeesWhatNeedsMoreThanAscii) {
    EXPECT_TRUE(
        has_eight_bit("Gr\xc3\xbc\xc3\x9f"
                      "e"));
    EXPECT_FALSE(has_eight_bit("Gruesse"));
    EXPECT_EQ("Subject: x", header_section("Subject: x\r\n\r\nbody\r\n\r\n"));
    EXPECT_EQ("Subject: x\r\n", header_section("Subject: x\r\n"));
}

TEST(WireText, TheGateLetsNoControlAndNoEightBitThrough) {
    EXPECT_EQ("INBOX", *wire_safe("INBOX", "x"));
    for (const auto& bad : {std::string{"a\rb"}, std::string{"a\nb"}, std::string{"a\0b", 3}, std::string{"\xc3\xbc"},
                            std::string{"\x7f"}, std::string{"\t"}, std::string(1001, 'a')}) {
        const auto gate = wire_safe(bad, "the folder");
        ASSERT_FALSE(gate);
        EXPECT_EQ(0u, gate.error().what.find("the folder: "));
        EXPECT_EQ(std::string::npos, gate.error().what.find(bad)) << "what was refused is not repeated";
    }
    EXPECT_TRUE(wire_safe_utf8("p\xc3\xa4ss", "x"));
    EXPECT_FALSE(wire_safe_utf8("p\xe4ss", "x"));
}

TEST(WireText, OperatorsSeeNoAddresses) {
    EXPECT_EQ("5.1.1 <address> User unknown", for_operators("5.1.1 <rae@lab.test>  User\r\nunknown"));
}

}  // namespace
}  // namespace tocsin::transport
