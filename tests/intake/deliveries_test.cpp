// One mail, however often and on whatever way it came: copies, junk that a human moved, our own list.
#include <gtest/gtest.h>

#include <algorithm>

#include "people.hpp"

namespace tocsin::intake {
namespace {

class Deliveries : public PeopleTest {};

TEST_F(Deliveries, ASecondDeliveryIsKnownWhateverWasDoneToItOnTheWay) {
    const Letter direct = report(1);
    const Taken first = take_in(direct);
    Letter encoded = direct;
    encoded.subject = "[security] " + direct.subject;
    encoded.fields = {"Received: by other.test; Fri, 06 Mar 2026 14:29:01 +0000"};
    encoded.text = direct.text + "\r\n\r\n";
    const Taken second = take_in(encoded, friday + 1min);
    EXPECT_EQ("duplicate", second.decision.kind);
    EXPECT_TRUE(to_outside(second.decision).empty());
    Letter other = direct;
    other.text = "Something else.";
    EXPECT_EQ("report", take_in(other, friday + 2min).decision.kind);
}

TEST_F(Deliveries, WhatAListPutBelowAMailMakesNoSecondOneOfIt) {
    const std::string list = "List-Id: Full talk <talk.lists.test>";
    const std::string mailman =
        "\r\n_______________________________________________\r\ntalk mailing list\r\n"
        "talk@lists.test\r\nhttps://lists.test/listinfo/talk\r\n";
    Letter direct = report(1);
    direct.text += "\r\n\r\n-- \r\nRae, Lab\r\n";
    const Taken first = take_in(direct);
    ASSERT_EQ(Action::Open, first.decision.action);
    Letter listed = direct;
    listed.fields = {list, "Precedence: list"};
    listed.text += mailman;
    EXPECT_EQ("duplicate", take_in(listed, friday + 1min).decision.kind);
    Letter google = direct;
    google.fields = {"List-Id: <talk.lists.test>"};
    google.text +=
        "-- \r\nYou received this message because you are subscribed to \"talk\".\r\n"
        "To leave it send a mail to talk+unsubscribe@lists.test.\r\n";
    EXPECT_EQ("duplicate", take_in(google, friday + 2min).decision.kind);
    // What names no list, comes through none, or is long, its author wrote.
    Letter added = direct;
    added.fields = {list};
    added.text += "\r\n-----\r\nThe password is in the second file, too.\r\n";
    EXPECT_EQ("report", take_in(added, friday + 3min).decision.kind);
    Letter unlisted = direct;
    unlisted.text += mailman;
    EXPECT_EQ("report", take_in(unlisted, friday + 4min).decision.kind);
    Letter much = direct;
    much.fields = {list};
    much.text += "\r\n-----\r\n" + std::string(1200, 'x') + "\r\ntalk@lists.test\r\n";
    EXPECT_EQ("report", take_in(much, friday + 5min).decision.kind);
}

TEST_F(Deliveries, JunkThatAHumanMovesIntoTheInboxIsAcknowledgedThen) {
    const Letter letter = report(1);
    const auto place = [&](const char* folder, std::uint32_t uid, bool acknowledge) {
        return in_transaction([&] {
            return store_.journal.append(
                {.place = {"security", folder, 1, uid}, .internal_date = friday, .acknowledge = acknowledge},
                letter.bytes(), friday);
        });
    };
    const auto junk = place("Junk", 1, false);
    const auto first = take_entry(*junk, letter, friday, false);
    EXPECT_EQ(Action::Open, first.decision.action);
    EXPECT_TRUE(to_outside(first.decision).empty());

    const auto moved = place("INBOX", 1, true);
    ASSERT_EQ(store::EntryState::Pending, store_.journal.find(*moved)->state);
    EXPECT_EQ(letter.bytes(), store_.journal.bytes(*moved));
    const auto second = take_entry(*moved, letter, friday + 1h, true);
    EXPECT_EQ("duplicate", second.decision.kind);
    EXPECT_EQ(first.admitted.ticket, second.admitted.ticket);
    EXPECT_EQ(1u, queued("acknowledgement"));

    const auto again = place("INBOX", 2, true);
    EXPECT_EQ(store::EntryState::Duplicate, store_.journal.find(*again)->state);
}

TEST_F(Deliveries, ACopyThatForbadeAnAnswerDoesNotKeepOneFromTheMailItself) {
    Letter copy = report(1);
    copy.fields = {"Auto-Submitted: auto-generated"};
    EXPECT_TRUE(to_outside(take_in(copy).decision).empty());
    const Taken real = take_in(report(1), friday + 1min);
    EXPECT_EQ("duplicate", real.decision.kind);
    EXPECT_EQ(1u, to_outside(real.decision).size());
    EXPECT_TRUE(to_outside(take_in(
                               [&] {
                                   Letter third = report(1);
                                   third.fields = {"Received: by other.test; Fri, 06 Mar 2026 14:29:01 +0000"};
                                   return third;
                               }(),
                               friday + 2min)
                               .decision)
                    .empty());
}

TEST_F(Deliveries, AMessageIdThatSomebodyTookFirstHidesNoReport) {
    Letter first = report(1, "Eve <eve@evil.test>");
    first.message_id = "known@lab.test";
    take_in(first);
    Letter real = report(2);
    real.message_id = "known@lab.test";
    const Taken taken = take_in(real, friday + 1min);
    EXPECT_EQ("report", taken.decision.kind);
    EXPECT_EQ(1u, to_outside(taken.decision).size());
    EXPECT_TRUE(std::ranges::any_of(taken.decision.reasons, [](const std::string& reason) {
        return reason.find("Message-ID") != std::string::npos;
    }));
}

TEST_F(Deliveries, MailThroughOurOwnListIsReadAsItsAuthorSentIt) {
    Letter letter = report(1, "'Rae Doe' via ACME Security <psirt@acme.test>");
    letter.fields = {"List-Id: <security.acme.test>", "Precedence: list", "X-Original-From: Rae Doe <rae@lab.test>",
                     "Sender: psirt@acme.test", "Reply-To: Rae Doe <rae@lab.test>"};
    const auto authors = [&](const std::string& via_list) {
        return examine(letter.bytes(), small_rules(), {},
                       {.recipient = "security@acme.test",
                        .via_list = via_list,
                        .addresses = {"security@acme.test", "psirt@acme.test"},
                        .with_text = false})
            .outer.from;
    };
    EXPECT_EQ((std::vector<mail::Mailbox>{{"Rae Doe", "rae@lab.test"}}), authors("security.acme.test"));
    EXPECT_EQ("psirt@acme.test", authors("").front().address);
    letter.fields = {"List-Id: <security.acme.test>", "Reply-To: psirt@acme.test, Rae Doe <rae@lab.test>"};
    EXPECT_EQ((std::vector<mail::Mailbox>{{"Rae Doe", "rae@lab.test"}}), authors("security.acme.test"));
    // Mailman, where answers go to the list: the author is among those who get a copy.
    letter.fields = {"List-Id: <security.acme.test>", "Reply-To: security@acme.test",
                     "Cc: Jo <jo@lab.test>, Rae Doe <rae@lab.test>"};
    EXPECT_EQ((std::vector<mail::Mailbox>{{"Rae Doe", "rae@lab.test"}}), authors("security.acme.test"));
    // A From that the list left alone is the author, whatever else stands there.
    letter.from = "Rae <rae@lab.test>";
    letter.fields = {"List-Id: <security.acme.test>", "X-Original-From: eve@evil.test"};
    EXPECT_EQ("rae@lab.test", authors("security.acme.test").front().address);
}

}  // namespace
}  // namespace tocsin::intake
