#include "transport/mailbox_name.hpp"

#include <gtest/gtest.h>

namespace tocsin::transport {
namespace {

TEST(MailboxName, IsSpelledAsTheStandardSays) {
    const struct {
        const char* name;
        const char* wire;
    } cases[] = {
        {"INBOX", "INBOX"},
        {"Sent/2026", "Sent/2026"},
        {"R&D", "R&-D"},
        {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},  // RFC 3501 section 5.1.3
        {"Entwürfe", "Entw&APw-rfe"},
        {"ü", "&APw-"},
        {"üö&ä", "&APwA9g-&-&AOQ-"},
        {"Hi 😀!", "Hi &2D3eAA-!"},
        {"", nullptr},
    };
    for (const auto& c : cases) {
        const auto wire = to_modified_utf7(c.name);
        if (!c.wire) {
            EXPECT_FALSE(wire);
            continue;
        }
        ASSERT_TRUE(wire) << c.name;
        EXPECT_EQ(c.wire, *wire);
        EXPECT_EQ(c.name, from_modified_utf7(*wire));
    }
}

TEST(MailboxName, CarriesNoSecondCommand) {
    for (const auto* name : {"INBOX\r\n2 CREATE hax", "a\nb", "a\tb", "\x7f", "\xff\xfe", "\xed\xa0\x80"})
        EXPECT_FALSE(to_modified_utf7(name)) << name;
    EXPECT_FALSE(to_modified_utf7(std::string_view{"a\0b", 3}));
    EXPECT_FALSE(to_modified_utf7(std::string(1001, 'a')));
    EXPECT_FALSE(to_modified_utf7(std::string(400, 'a') + std::string(600, '\xc3')));
}

TEST(MailboxName, OnlyTheOneSpellingIsRead) {
    for (const auto* wire :
         {"&", "&AP", "&APw", "&APx-", "&AGE-", "&2D3-", "&3gA-", "&2D0AYQ-", "a\xc3\xbc", "&AP!-", "&APw-&APY-"})
        EXPECT_EQ(std::nullopt, from_modified_utf7(wire)) << wire;
}

}  // namespace
}  // namespace tocsin::transport
