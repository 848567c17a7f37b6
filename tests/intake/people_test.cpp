// Who is answered and how often, and which mail belongs to which ticket: stories at the desk.
#include <gtest/gtest.h>

#include <algorithm>

#include "desk.hpp"
#include "intake/admit/moving.hpp"
#include "intake/decide/budget.hpp"
#include "intake/promises/waiting.hpp"

namespace tocsin::intake {
namespace {

class People : public DeskTest {
protected:
    Letter report(int number, const std::string& from = "Rae <rae@lab.test>") const {
        Letter letter;
        letter.from = from;
        letter.subject = "XSS number " + std::to_string(number);
        letter.message_id = "m" + std::to_string(number) + "@" + from.substr(from.find('@') + 1, 8);
        std::erase(letter.message_id, '>');
        return letter;
    }
    store::OutboxRow acknowledgement_to(const std::string& address) const {
        return mail_of("acknowledgement", address).value();
    }
    std::size_t queued(const std::string& template_name) const {
        const auto rows = outbox();
        return static_cast<std::size_t>(std::ranges::count(rows, template_name, &store::OutboxRow::template_name));
    }
    // Accepted by a server a minute after the report.
    store::OutboxRow acknowledged(const Letter& letter) {
        const Taken taken = take_in(letter);
        const auto row = acknowledgement_to("rae@lab.test");
        answered(row.id, {store::OutboxState::Sent, 250, "ok"}, friday + 1min);
        EXPECT_EQ(cvd::TicketState::Acknowledged, ticket(*taken.admitted.ticket).state);
        return row;
    }
    Letter delivery_report(const std::string& of, const std::string& action = "failed",
                           const std::string& recipient = "rae@lab.test", int number = 1) const {
        Letter letter;
        letter.from = "Mail Delivery System <MAILER-DAEMON@mx.lab.test>";
        letter.subject = "Undelivered Mail Returned to Sender";
        letter.message_id = "dsn" + std::to_string(number) + "@mx.lab.test";
        letter.fields = {"Return-Path: <>", "Auto-Submitted: auto-replied"};
        letter.type = "multipart/report; report-type=delivery-status; boundary=b";
        letter.text =
            "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.lab.test\r\n\r\n"
            "Final-Recipient: rfc822; " +
            recipient + "\r\nAction: " + action + "\r\nStatus: " + (action == "failed" ? "5.1.1" : "4.4.1") +
            "\r\n"
            "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: security@acme.test\r\nTo: " +
            recipient + "\r\n" + (of.empty() ? std::string{} : "Message-ID: <" + of + ">\r\n") +
            "Subject: Your report\r\n\r\n--b--";
        return letter;
    }
};

// ---- bounces

TEST_F(People, ABouncedAcknowledgementOpensThePromiseAgainAndTellsTheTeamOnce) {
    const auto row = acknowledged(report(1));
    const TicketId id = *row.ticket;
    const Instant due = instant("2026-03-09T14:30:00Z");
    EXPECT_EQ(nullptr, ticket(id).open_clock("acknowledge"));

    const Taken bounce = take_in(delivery_report(row.message_id), friday + 5min);
    EXPECT_EQ("bounce", bounce.decision.kind);
    EXPECT_EQ(id, bounce.admitted.ticket);
    EXPECT_TRUE(to_outside(bounce.decision).empty());
    EXPECT_EQ(1, events_of(id, cvd::EventKind::AcknowledgementLost));
    EXPECT_EQ(cvd::TicketState::New, ticket(id).state);
    const cvd::Ticket after = ticket(id);
    const cvd::TicketClock* clock = after.open_clock("acknowledge");
    ASSERT_NE(nullptr, clock);
    EXPECT_EQ(due, clock->due) << "she has waited all the while";
    EXPECT_TRUE(store_.tickets.next_reminder(id, "acknowledge"));
    EXPECT_EQ(2u, queued("bounced")) << "one for each member";
    const auto marked = store_.unreachable.find("rae@lab.test");
    ASSERT_TRUE(marked);
    EXPECT_TRUE(marked->hard);

    take_in(delivery_report(row.message_id, "failed", "rae@lab.test", 2), friday + 6min);
    EXPECT_EQ(1, events_of(id, cvd::EventKind::AcknowledgementLost));
    EXPECT_EQ(2u, queued("bounced"));
    EXPECT_EQ(after, ticket(id));
    EXPECT_EQ(ticket(id), store_.tickets.rebuild(id));
}

TEST_F(People, ABounceWithoutAMessageIdIsKnownByItsRecipient) {
    const auto row = acknowledged(report(1));
    take_in(delivery_report("", "failed", "RAE@lab.test"), friday + 5min);
    EXPECT_EQ(1, events_of(*row.ticket, cvd::EventKind::AcknowledgementLost));
}

TEST_F(People, ABounceThatAStrangerMakesUpIsNone) {
    const auto row = acknowledged(report(1));
    Letter forged = delivery_report("");
    forged.from = "Mail Delivery System <x@evil.test>";
    forged.fields = {"Return-Path: <x@evil.test>"};
    take_in(forged, friday + 5min);
    EXPECT_EQ(0, events_of(*row.ticket, cvd::EventKind::AcknowledgementLost));
    EXPECT_EQ(cvd::TicketState::Acknowledged, ticket(*row.ticket).state);
    EXPECT_FALSE(store_.unreachable.find("rae@lab.test"));
}

TEST_F(People, ABounceOfAMailWhoseIdAServerReplacedIsKnownByTheTicketInItsSubject) {
    const auto row = acknowledged(report(1));
    Letter bounce = delivery_report("0100018f@mail.provider.test");
    bounce.text.replace(bounce.text.find("Subject: Your report"), 20, "Subject: [SEC-2026-0001] Your report");
    take_in(bounce, friday + 5min);
    EXPECT_EQ(1, events_of(*row.ticket, cvd::EventKind::AcknowledgementLost));
}

TEST_F(People, ADelayIsNoFailureAndABounceOfSomebodyElsesMailIsNone) {
    const auto row = acknowledged(report(1));
    take_in(delivery_report(row.message_id, "delayed"), friday + 5min);
    EXPECT_EQ(0, events_of(*row.ticket, cvd::EventKind::AcknowledgementLost));
    const Taken other = take_in(delivery_report("x@elsewhere.test", "failed", "rae@lab.test", 2), friday + 6min);
    EXPECT_EQ("bounce", other.decision.kind);
    EXPECT_FALSE(other.admitted.ticket);
    EXPECT_EQ(0, events_of(*row.ticket, cvd::EventKind::AcknowledgementLost));
    EXPECT_EQ(0u, queued("bounced"));
}

// ---- what only sounds automatic

TEST_F(People, AReporterWhoSpeaksOfHerVacationIsReadAllTheSame) {
    const auto row = acknowledged(report(1));
    Letter answer = report(2);
    answer.text = "Hi, I'm on vacation from Monday, but 1.2 is still exploitable.";
    answer.fields = {"In-Reply-To: <" + row.message_id + ">"};
    const Taken taken = take_in(answer, friday + 1h);
    EXPECT_EQ("auto-reply", taken.decision.kind);
    EXPECT_EQ(row.ticket, taken.admitted.ticket);
    EXPECT_TRUE(to_outside(taken.decision).empty());
    ASSERT_EQ(2u, to_team(taken.decision).size());
    EXPECT_EQ("notice", to_team(taken.decision).front().template_name);
    Letter program = answer;
    program.message_id = "m3@lab.test";
    program.text += " Really.";
    program.fields.emplace_back("Auto-Submitted: auto-replied");
    EXPECT_TRUE(take_in(program, friday + 2h).decision.mail.empty());
}

// ---- loops

// RFC 5965: somebody pressed "this is spam" on our acknowledgement.
TEST_F(People, AComplaintAboutAMailOfOursIsAnAlarm) {
    const auto row = acknowledged(report(1));
    const auto complaint = [&](const std::string& id, const std::string& about) {
        Letter letter{.from = "Feedback loop <fbl@lab.test>", .subject = "complaint", .message_id = id};
        letter.type = "multipart/report; report-type=feedback-report; boundary=b";
        letter.text =
            "--b\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n--b\r\n"
            "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: FBL/1\r\n"
            "Version: 1\r\nOriginal-Rcpt-To: <rae@lab.test>\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
            "From: ACME Security <security@acme.test>\r\nTo: rae@lab.test\r\nMessage-ID: <" +
            about + ">\r\nSubject: x\r\n\r\nThank you.\r\n--b--\r\n";
        return letter;
    };
    const auto alarms_of = [](const Decision& decision) {
        return std::ranges::count_if(to_team(decision),
                                     [](const Recipe& recipe) { return recipe.template_name == "alarm"; });
    };
    const Taken told = take_in(complaint("c1@lab.test", row.message_id), friday + 1h);
    EXPECT_EQ("bounce", told.decision.kind);
    EXPECT_TRUE(to_outside(told.decision).empty());
    EXPECT_EQ(2, alarms_of(told.decision));
    EXPECT_NE(std::string::npos, text_in(to_team(told.decision).at(0), "what").find("rae@lab.test"));
    EXPECT_EQ(cvd::TicketState::Acknowledged, ticket(*row.ticket).state) << "it did arrive";
    take_in(complaint("c2@lab.test", row.message_id), friday + 2h);
    EXPECT_EQ(2u, queued("alarm")) << "once to each member";
    EXPECT_EQ(0, alarms_of(take_in(complaint("c3@lab.test", "other@else.test"), friday + 2h).decision));
}

TEST_F(People, OurOwnMailThatComesBackIsAlarmedOnceAndNeverAnswered) {
    const auto row = acknowledged(report(1));
    Letter back = report(1, "ACME Security <security@acme.test>");
    back.subject = "[SEC-2026-0001] Your report to ACME";
    back.message_id = row.message_id;
    back.fields = {"List-Id: <news.lab.test>"};
    for (int times = 0; times < 3; ++times) {
        back.text += " Footer.";
        const Taken taken = take_in(back, friday + 5min);
        EXPECT_EQ("own", taken.decision.kind);
        EXPECT_EQ(Action::None, taken.decision.action);
    }
    EXPECT_EQ(2u, queued("alarm")) << "once to each member";
    EXPECT_EQ(0u, queued("acknowledgement"));
}

TEST_F(People, WhoCopiesAMessageIdOfOursDoesNotVanish) {
    const auto row = acknowledged(report(1));
    Letter copied = report(2, "Eve <eve@evil.test>");
    copied.message_id = row.message_id;
    const Taken taken = take_in(copied, friday + 5min);
    EXPECT_EQ("report", taken.decision.kind);
    EXPECT_EQ(Action::Open, taken.decision.action);
    EXPECT_TRUE(to_outside(taken.decision).empty());
}

// ---- duplicates

TEST_F(People, ASecondDeliveryIsKnownWhateverWasDoneToItOnTheWay) {
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

TEST_F(People, WhatAListPutBelowAMailMakesNoSecondOneOfIt) {
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

TEST_F(People, TheTeamIsToldOfAnAddressThatNoMailGoesTo) {
    const Taken taken = take_in(report(1, "Rae <rae..roe@lab.test>"));
    EXPECT_EQ(Action::Open, taken.decision.action);
    EXPECT_TRUE(to_outside(taken.decision).empty());
    EXPECT_FALSE(to_team(taken.decision).empty());
    EXPECT_TRUE(std::ranges::any_of(taken.decision.reasons, [](const std::string& reason) {
        return reason.find("no mail goes to \"rae..roe@lab.test\"") != std::string::npos;
    }));
}

TEST_F(People, AnAcknowledgementThatIsSentBackWithoutItsFieldsIsNotAnsweredAgain) {
    const auto row = acknowledged(report(1));
    const std::string number = ticket(*row.ticket).number;
    Letter echo = report(2);
    echo.subject = "Re: [" + number + "] Your report to ACME";
    const Taken back = take_in(echo, friday + 1h);
    EXPECT_EQ("report", back.decision.kind);
    EXPECT_TRUE(to_outside(back.decision).empty());
    // A day later, and of anybody else, it is a mail like any other.
    Letter late = report(3);
    late.subject = echo.subject;
    EXPECT_EQ(1u, to_outside(take_in(late, friday + 26h).decision).size());
    Letter stranger = report(4, "Eve <eve@evil.test>");
    stranger.subject = echo.subject;
    EXPECT_EQ(1u, to_outside(take_in(stranger, friday + 1h).decision).size());
}

TEST_F(People, JunkThatAHumanMovesIntoTheInboxIsAcknowledgedThen) {
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

TEST_F(People, ACopyThatForbadeAnAnswerDoesNotKeepOneFromTheMailItself) {
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

TEST_F(People, AMessageIdThatSomebodyTookFirstHidesNoReport) {
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

// ---- hijacks

struct Hijack {
    std::string name;
    std::string from;
    std::vector<std::string> fields;
    std::string subject = "Re: [SEC-2026-0001] Your report to ACME";
    std::string kind = "foreign";
    Action action = Action::Hold;
};

TEST_F(People, AStrangerNeverGetsIntoATicketNorAWordOfIt) {
    organisation_.reply_address = "security+{token}@acme.test";
    organisation_.authserv_id = "mail.acme.test";
    const std::string proven = "Authentication-Results: mail.acme.test; dmarc=pass header.from=lab.test";
    const std::string refuted = "Authentication-Results: mail.acme.test; dmarc=fail header.from=lab.test";
    Letter first = report(1);
    first.fields = {proven};
    const auto row = acknowledged(first);
    const auto recipe = recipe_from_json(row.recipe).value();
    ASSERT_TRUE(recipe.reply_to.starts_with("security+sec-2026-0001.")) << recipe.reply_to;
    const std::string answers = "In-Reply-To: <" + row.message_id + ">";
    const std::vector<Hijack> hijacks{
        {"the number is known", "Eve <eve@evil.test>", {}, "SEC-2026-0001 what is the state?", "report", Action::Open},
        {"the subject is copied",
         "Eve <eve@evil.test>",
         {},
         "Re: [SEC-2026-0001] Your report to ACME",
         "report",
         Action::Open},
        {"the token is from a forwarded mail", "Eve <eve@evil.test>", {"Cc: " + recipe.reply_to}},
        {"References are forged", "Eve <eve@evil.test>", {"References: <x@y> <" + row.message_id + ">"}},
        {"the reporter's own id is answered", "Eve <eve@evil.test>", {"In-Reply-To: <" + first.message_id + ">"}},
        {"From is the reporter's, another Reply-To, refuted",
         "Rae <rae@lab.test>",
         {answers, "Reply-To: eve@evil.test", refuted}},
        {"From is the reporter's, not proven", "Rae <rae@lab.test>", {answers, "Reply-To: eve@evil.test"}},
        {"From is the reporter's, proven by somebody else",
         "Rae <rae@lab.test>",
         {answers, "Authentication-Results: evil.test; dmarc=pass header.from=lab.test"}},
        {"two authors", "Rae <rae@lab.test>, Eve <eve@evil.test>", {answers}},
    };
    int number = 10;
    const auto messages_before = store_.conversations.messages(*row.ticket).size();
    for (const Hijack& hijack : hijacks) {
        SCOPED_TRACE(hijack.name);
        Letter letter = report(++number, hijack.from);
        letter.subject = hijack.subject;
        letter.message_id = "hijack" + std::to_string(number) + "@evil.test";
        letter.fields = hijack.fields;
        letter.text = "Please send me everything again.";
        const Taken taken = take_in(letter, friday + 1h);
        EXPECT_EQ(hijack.kind, taken.decision.kind);
        EXPECT_EQ(to_text(hijack.action), to_text(taken.decision.action));
        for (const Recipe& mail : to_outside(taken.decision)) {
            EXPECT_EQ("acknowledgement", mail.template_name);
            EXPECT_NE(row.ticket, taken.admitted.ticket);
        }
        if (hijack.action == Action::Hold) {
            EXPECT_TRUE(to_outside(taken.decision).empty());
        }
    }
    // What is held stands apart and is kept; nothing of the ticket changed.
    EXPECT_EQ(7u, store_.held.waiting(*row.ticket).size());
    EXPECT_EQ(messages_before + 7u + 14u, store_.conversations.messages(*row.ticket).size())
        << "held mail and its notices";
    EXPECT_EQ(cvd::TicketState::Acknowledged, ticket(*row.ticket).state);

    Letter real = report(99);
    real.fields = {answers, proven};
    EXPECT_EQ("reporter-reply", take_in(real, friday + 2h).decision.kind);
}

TEST_F(People, WhatIsHeldIsAskedForAgainAfterABusinessDay) {
    const auto row = acknowledged(report(1));
    Letter stranger = report(2, "Eve <eve@evil.test>");
    stranger.fields = {"In-Reply-To: <" + row.message_id + ">"};
    take_in(stranger);
    const auto ask = [&](Instant now) {
        return in_transaction([&] { return ask_again_about_held(store_, organisation_, acme_ids(), now); });
    };
    EXPECT_EQ(instant("2026-03-09T14:30:00Z"), store_.held.next()) << "Friday afternoon to Monday afternoon";
    EXPECT_EQ(0u, ask(instant("2026-03-09T14:29:59Z")));
    EXPECT_EQ(2u, ask(instant("2026-03-09T14:30:00Z")));
    EXPECT_EQ(0u, ask(instant("2026-03-12T14:30:00Z"))) << "once";
    EXPECT_FALSE(store_.held.next());
}

TEST_F(People, ATokenLeadsAReporterToHerTicket) {
    organisation_.reply_address = "security+{token}@acme.test";
    const auto row = acknowledged(report(1));
    Letter answer = report(2);
    answer.fields = {"Delivered-To: " + recipe_from_json(row.recipe).value().reply_to};
    const Taken taken = take_in(answer, friday + 1h);
    EXPECT_EQ("reporter-reply", taken.decision.kind);
    EXPECT_EQ(row.ticket, taken.admitted.ticket);
    Letter forged = report(3);
    forged.fields = {"Delivered-To: security+sec-2026-0001.aaaaaaaaaaaaaaaa@acme.test"};
    EXPECT_EQ("report", take_in(forged, friday + 2h).decision.kind);
}

TEST_F(People, AnExistingAClosedAndAnInventedNumberAreAnsweredAlike) {
    acknowledged(report(1));
    const Taken second = take_in(report(2));
    in_transaction([&] {
        store_.tickets.record(*second.admitted.ticket,
                              {{cvd::EventKind::Closed, friday + 1h, "alice@acme.test", {{"reason", "fixed"}}}});
        return 0;
    });
    std::vector<std::string> answers;
    for (const char* number : {"SEC-2026-0001", "SEC-2026-0002", "SEC-2026-7777"}) {
        Letter letter =
            report(static_cast<int>(answers.size()) + 10, "Eve <eve" + std::to_string(answers.size()) + "@evil.test>");
        letter.subject = std::string{"Status of "} + number;
        letter.text = "An XSS.";
        const Taken taken = take_in(letter, friday + 2h);
        EXPECT_EQ(number, taken.decision.claims);
        ASSERT_EQ(1u, to_outside(taken.decision).size());
        Recipe recipe = to_outside(taken.decision).front();
        recipe.occasion.clear();
        recipe.to_address.clear();
        recipe.in_reply_to.clear();
        recipe.references.clear();
        answers.push_back(to_json(recipe));
        EXPECT_EQ(std::string::npos, answers.back().find(number));
    }
    EXPECT_EQ(answers[0], answers[1]);
    EXPECT_EQ(answers[0], answers[2]);
}

TEST_F(People, WhoeverFloodsOneTicketFromOutsideBombsNoTeam) {
    const auto row = acknowledged(report(1));
    const std::size_t before = queued("notice");
    for (int number = 1; number <= 40; ++number) {
        Letter letter = report(100 + number, "Eve <eve@evil.test>");
        letter.fields = {"In-Reply-To: <" + row.message_id + ">"};
        EXPECT_EQ(Action::Hold, take_in(letter, friday + 1h + std::chrono::seconds{number}).decision.action);
    }
    EXPECT_EQ(40u, store_.held.waiting(*row.ticket).size());
    EXPECT_EQ(before + 5 * 2, queued("notice")) << "five to each member";
    EXPECT_EQ(2u, queued("alarm")) << "at the tenth";
    // A day later it is asked once about them all.
    in_transaction([&] { return ask_again_about_held(store_, organisation_, acme_ids(), friday + 24h * 5); });
    EXPECT_EQ(4u, queued("alarm"));
    Letter other = report(200, "Max <max@lab.test>");
    other.fields = {"In-Reply-To: <" + row.message_id + ">"};
    EXPECT_EQ(2u, to_team(take_in(other, friday + 2h).decision).size());
}

TEST_F(People, ANumberInTheWordsIsAClaimAsWell) {
    acknowledged(report(1));
    Letter letter = report(2, "Eve <eve@evil.test>");
    letter.text = "This is about SEC-2026-0001: an XSS is left in it.";
    const Taken taken = take_in(letter, friday + 1h);
    EXPECT_EQ("SEC-2026-0001", taken.decision.claims);
    EXPECT_EQ(Action::Open, taken.decision.action);
    EXPECT_EQ(1u, to_outside(taken.decision).size());
}

TEST_F(People, WhatAnswersAMergedTicketJoinsTheOneThatStandsForIt) {
    organisation_.reply_address = "security+{token}@acme.test";
    const Taken first = take_in(report(1));
    const Taken second = take_in(report(2));
    const std::string token = recipe_from_json(acknowledgement_to("rae@lab.test").recipe).value().reply_to;
    ASSERT_TRUE(in_transaction([&] {
        return merge_tickets(store_, *second.admitted.ticket, *first.admitted.ticket, "alice@acme.test", small_rules(),
                             friday + 1h);
    }));
    for (const auto& id : {"m1@lab.test", "m2@lab.test"}) {
        Letter answer = report(id[1] - '0' + 2);
        answer.fields = {std::string{"In-Reply-To: <"} + id + ">"};
        EXPECT_EQ(first.admitted.ticket, take_in(answer, friday + 2h).admitted.ticket) << id;
    }
    Letter to_the_token = report(9);
    to_the_token.fields = {"Cc: security+" + acme_ids().token_for("SEC-2026-0002") + "@acme.test"};
    EXPECT_EQ(first.admitted.ticket, take_in(to_the_token, friday + 3h).admitted.ticket);
    EXPECT_FALSE(token.empty());
}

// ---- loops

TEST_F(People, WhatBringsOurOwnMailBackUnderItsSubjectIsNotAnsweredAgain) {
    acknowledged(report(1));
    Letter echo = report(2);
    echo.subject = "Re: [SEC-2026-0001] Your report to ACME";
    echo.text = "We read mail on Tuesdays.";
    const Taken taken = take_in(echo, friday + 1h);
    EXPECT_EQ(Action::Open, taken.decision.action) << "a human looks at it";
    EXPECT_TRUE(to_outside(taken.decision).empty());
    // Her own words, the same subject from a stranger, and a number that is another's are answered like any other.
    int number = 10;
    for (const auto& [from, subject] : {std::pair{"Rae <rae@lab.test>", "More on [SEC-2026-0001]"},
                                        std::pair{"Eve <eve@evil.test>", "Re: [SEC-2026-0001] Your report to ACME"},
                                        std::pair{"Rae <rae@lab.test>", "Re: [SEC-2026-7777] Your report to ACME"}}) {
        Letter letter = report(++number, from);
        letter.subject = subject;
        EXPECT_EQ(1u, to_outside(take_in(letter, friday + 1h).decision).size()) << subject;
    }
}

// ---- budgets

TEST_F(People, BeyondHerDailyNumberASendersReportsAreAcknowledgedTogether) {
    for (int number = 1; number <= 9; ++number) take_in(report(number), friday + std::chrono::minutes{number});
    EXPECT_EQ(5u, queued("acknowledgement"));
    EXPECT_EQ(4u, store_.collected.waiting());
    const auto together = [&](Instant now) {
        return in_transaction([&] { return acknowledge_together(store_, organisation_, acme_ids(), now); });
    };
    EXPECT_EQ(0u, together(friday + 30min));
    ASSERT_EQ(friday + 66min, next_acknowledged_together(store_));
    EXPECT_EQ(1u, together(friday + 66min));
    EXPECT_EQ(0u, together(friday + 3h));
    const auto row = mail_of("acknowledgement-several", "rae@lab.test").value();
    EXPECT_EQ((std::vector<std::string>{"SEC-2026-0006", "SEC-2026-0007", "SEC-2026-0008", "SEC-2026-0009"}),
              texts_in(recipe_from_json(row.recipe).value(), "numbers", "number"));
    answered(row.id, {store::OutboxState::Sent, 250, "ok"}, friday + 67min);
    for (const char* number : {"SEC-2026-0006", "SEC-2026-0009"})
        EXPECT_EQ(cvd::TicketState::Acknowledged, ticket(store_.tickets.by_number(number).value()).state);
    // What answers that mail belongs to the newest ticket that it lists.
    Letter answer = report(20);
    answer.fields = {"In-Reply-To: <" + row.message_id + ">"};
    const Taken threaded = take_in(answer, friday + 2h);
    EXPECT_EQ("reporter-reply", threaded.decision.kind);
    EXPECT_EQ("SEC-2026-0009", threaded.admitted.number);
    answer = report(21, "Eve <eve@evil.test>");
    answer.fields = {"In-Reply-To: <" + row.message_id + ">"};
    EXPECT_EQ("foreign", take_in(answer, friday + 2h).decision.kind);
    // The next ones wait for the next day.
    take_in(report(10), friday + 4h);
    EXPECT_EQ(friday + 66min + 24h, next_acknowledged_together(store_));
    // A day later she has her number again.
    take_in(report(11), friday + 25h);
    EXPECT_EQ(6u, queued("acknowledgement"));
}

TEST_F(People, WhatIsAcknowledgedTogetherIsAsProtectedAsTheReports) {
    organisation_.own_key = std::string(40, 'A');
    organisation_.automatic_mail.per_sender_per_day = 1;
    const auto encrypted = [](int number) {
        Letter letter = encrypted_letter("hQEMA1");
        letter.message_id = "e" + std::to_string(number) + "@lab.test";
        return letter;
    };
    const auto told = [&](int number, Instant at) {
        take_in(encrypted(number), at);
        in_transaction([&] { return acknowledge_together(store_, organisation_, acme_ids(), at + 2h); });
        std::optional<Recipe> last;
        for (const store::OutboxRow& row : outbox())
            if (row.template_name == "acknowledgement-several") last = recipe_from_json(row.recipe).value();
        return last.value();
    };
    take_in(encrypted(1), friday);
    const Recipe without = told(2, friday + 1min);
    EXPECT_TRUE(yes_in(without, "no_key"));
    EXPECT_TRUE(without.encrypt_to.empty());
    in_transaction([&] {
        store_.keys.add(
            {.fingerprint = std::string(40, 'B'), .address = "rae@lab.test", .origin = "autocrypt", .certificate = "c"},
            friday);
        return 0;
    });
    take_in(encrypted(3), friday + 49h);
    const Recipe with = told(4, friday + 49h + 1min);
    EXPECT_FALSE(yes_in(with, "no_key"));
    EXPECT_EQ(std::vector<std::string>{std::string(40, 'B')}, with.encrypt_to);
}

TEST_F(People, ADomainGetsItsShareOfAnHourAndTheRestLater) {
    for (int number = 1; number <= 70; ++number)
        take_in(report(number, "Rae <rae" + std::to_string(number) + "@lab.test>"), friday);
    take_in(report(500, "Max <max@other.test>"), friday);
    std::map<Instant, int> at;
    for (const store::OutboxRow& row : outbox())
        if (row.template_name == "acknowledgement" && row.recipient.ends_with("@lab.test"))
            ++at[row.next_attempt.value()];
    EXPECT_EQ((std::map<Instant, int>{{friday, 30}, {friday + 1h, 20}, {friday + 2h, 20}}), at);
    EXPECT_EQ(friday, mail_of("acknowledgement", "max@other.test")->next_attempt) << "another domain waits for nobody";
    EXPECT_EQ(40u, store_.outbox.held_back(friday));
    for (const store::OutboxRow& row : outbox())
        if (row.to_team) {
            EXPECT_EQ(friday, row.next_attempt);
        }
}

TEST_F(People, AFloodOfUnprovenMailLeavesRoomForTheProven) {
    organisation_.authserv_id = "mail.acme.test";
    for (int number = 1; number <= 200; ++number)
        take_in(report(number, "Rae <rae" + std::to_string(number) + "@lab.test>"), friday);
    Letter proven = report(1'000, "Kim <kim@lab.test>");
    proven.fields = {"Authentication-Results: mail.acme.test; dmarc=pass header.from=lab.test"};
    take_in(proven, friday + 1min);
    EXPECT_LE(mail_of("acknowledgement", "kim@lab.test")->next_attempt, friday + 1h + 1min);
}

TEST_F(People, WhoAsksForTheStateAgainAndAgainIsToldOnceAnHour) {
    const auto row = acknowledged(report(1));
    const auto asks = [&](int number, Instant at) {
        Letter letter = report(number);
        letter.text = "status";
        letter.fields = {"In-Reply-To: <" + row.message_id + ">"};
        take_in(letter, at);
    };
    for (int number = 10; number < 30; ++number) asks(number, friday + std::chrono::minutes{number});
    EXPECT_EQ(1u, queued("progress"));
    for (int number = 30; number < 40; ++number) asks(number, friday + std::chrono::hours{number - 28});
    EXPECT_EQ(5u, queued("progress")) << "her number of a day";
}

TEST_F(People, ABlockedAddressGetsNothingThatStillWaited) {
    for (int number = 1; number <= 7; ++number) take_in(report(number), friday + std::chrono::minutes{number});
    ASSERT_EQ(5u, queued("acknowledgement"));
    ASSERT_EQ(2u, store_.collected.waiting());
    Decision blocks;
    blocks.kind = "team-reply";
    blocks.steps = {{StoreStep::What::Block, "rae@lab.test", 0}};
    const auto entry = in_transaction([&] {
        return store_.journal.append({.place = {"security", "INBOX", 1, next_uid_++}, .internal_date = friday},
                                     "From: a", friday);
    });
    in_transaction(
        [&] { return admit(store_, blocks, *entry, store::EntryState::Done, organisation_, acme_ids(), friday + 1h); });
    EXPECT_EQ(0u, queued("acknowledgement"));
    EXPECT_EQ(0u, store_.collected.waiting());
    EXPECT_EQ(14u, queued("notice"));
}

TEST_F(People, ThatAMailCameBackIsToldWithTheNextOneUntilItsAuthorIsProven) {
    organisation_.authserv_id = "mail.acme.test";
    const auto row = acknowledged(report(1));
    take_in(delivery_report(row.message_id), friday + 5min);
    const auto tells = [](const Decision& decision) {
        return std::ranges::any_of(decision.reasons, [](const std::string& reason) {
            return reason.find("came back before: 5.1.1") != std::string::npos;
        });
    };
    EXPECT_TRUE(tells(take_in(report(2), friday + 1h).decision));
    Letter proven = report(3);
    proven.fields = {"Authentication-Results: mail.acme.test; dmarc=pass header.from=lab.test"};
    EXPECT_TRUE(tells(take_in(proven, friday + 2h).decision));
    EXPECT_FALSE(tells(take_in(report(4), friday + 3h).decision));
}

TEST_F(People, ADomainThatHasUsedUpItsShareLeavesRoomForOthers) {
    organisation_.automatic_mail = {.per_sender_per_day = 100, .per_domain_per_hour = 3, .per_hour = 6};
    for (int number = 0; number < 9; ++number)
        take_in(report(number, "Rae <rae" + std::to_string(number) + "@lab.test>"), friday + number * 1s);
    const Taken other = take_in(report(20, "Kim <kim@evil.test>"), friday + 10min);
    const auto row = mail_of("acknowledgement", "kim@evil.test");
    ASSERT_TRUE(row);
    EXPECT_EQ(friday + 10min, row->next_attempt) << "one domain's mail of the next hours takes no place of hers";
}

TEST_F(People, AllTogetherHaveABudgetToo) {
    organisation_.automatic_mail.per_hour = 10;
    for (int number = 1; number <= 25; ++number)
        take_in(report(number, "Rae <rae@lab" + std::to_string(number) + ".test>"), friday);
    EXPECT_EQ(15u, store_.outbox.held_back(friday));
}

TEST_F(People, AFloodSharesATicketAndSwallowsNoProvenMail) {
    organisation_.authserv_id = "mail.acme.test";
    std::set<std::string> numbers;
    for (int number = 1; number <= 60; ++number) {
        const Taken taken = take_in(report(number), friday + std::chrono::seconds{number});
        EXPECT_EQ("report", taken.decision.kind);
        EXPECT_TRUE(taken.admitted.ticket);
        numbers.insert(taken.admitted.number);
    }
    EXPECT_EQ(15u, numbers.size());
    const auto last = store_.tickets.by_number("SEC-2026-0015").value();
    EXPECT_EQ(45, events_of(last, cvd::EventKind::Joined));
    EXPECT_EQ(4u, queued("alarm")) << "each member hears of the first that joined, and of the tenth";
    Letter proven = report(1'000);
    proven.fields = {"Authentication-Results: mail.acme.test; dmarc=pass header.from=lab.test"};
    const Taken taken = take_in(proven, friday + 2min);
    EXPECT_EQ(Action::Open, taken.decision.action);
    EXPECT_EQ("SEC-2026-0016", taken.admitted.number);
    // However long it lasts, it is one flood; when it has been quiet for six hours, it is over.
    for (int round = 1; round <= 4; ++round)
        EXPECT_EQ("SEC-2026-0015", take_in(report(100 + round), friday + 40min * round).admitted.number) << round;
    EXPECT_EQ("SEC-2026-0017", take_in(report(200), friday + 160min + 361min).admitted.number);
    const Taken other = take_in(report(2'000, "Max <max@lab.test>"), friday + 3min);
    EXPECT_EQ(Action::Open, other.decision.action) << "another address of the same domain";
}

// ---- through a list

TEST_F(People, MailThroughOurOwnListIsReadAsItsAuthorSentIt) {
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
