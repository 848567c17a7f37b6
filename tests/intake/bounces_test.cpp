// What comes back: bounces, complaints and our own mail in a loop, and what only sounds automatic.
#include <gtest/gtest.h>

#include <algorithm>

#include "people.hpp"

namespace tocsin::intake {
namespace {

class Bounces : public PeopleTest {};

TEST_F(Bounces, ABouncedAcknowledgementOpensThePromiseAgainAndTellsTheTeamOnce) {
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

TEST_F(Bounces, ABounceWithoutAMessageIdIsKnownByItsRecipient) {
    const auto row = acknowledged(report(1));
    take_in(delivery_report("", "failed", "RAE@lab.test"), friday + 5min);
    EXPECT_EQ(1, events_of(*row.ticket, cvd::EventKind::AcknowledgementLost));
}

TEST_F(Bounces, ABounceThatAStrangerMakesUpIsNone) {
    const auto row = acknowledged(report(1));
    Letter forged = delivery_report("");
    forged.from = "Mail Delivery System <x@evil.test>";
    forged.fields = {"Return-Path: <x@evil.test>"};
    take_in(forged, friday + 5min);
    EXPECT_EQ(0, events_of(*row.ticket, cvd::EventKind::AcknowledgementLost));
    EXPECT_EQ(cvd::TicketState::Acknowledged, ticket(*row.ticket).state);
    EXPECT_FALSE(store_.unreachable.find("rae@lab.test"));
}

TEST_F(Bounces, ABounceOfAMailWhoseIdAServerReplacedIsKnownByTheTicketInItsSubject) {
    const auto row = acknowledged(report(1));
    Letter bounce = delivery_report("0100018f@mail.provider.test");
    bounce.text.replace(bounce.text.find("Subject: Your report"), 20, "Subject: [SEC-2026-0001] Your report");
    take_in(bounce, friday + 5min);
    EXPECT_EQ(1, events_of(*row.ticket, cvd::EventKind::AcknowledgementLost));
}

TEST_F(Bounces, ADelayIsNoFailureAndABounceOfSomebodyElsesMailIsNone) {
    const auto row = acknowledged(report(1));
    take_in(delivery_report(row.message_id, "delayed"), friday + 5min);
    EXPECT_EQ(0, events_of(*row.ticket, cvd::EventKind::AcknowledgementLost));
    const Taken other = take_in(delivery_report("x@elsewhere.test", "failed", "rae@lab.test", 2), friday + 6min);
    EXPECT_EQ("bounce", other.decision.kind);
    EXPECT_FALSE(other.admitted.ticket);
    EXPECT_EQ(0, events_of(*row.ticket, cvd::EventKind::AcknowledgementLost));
    EXPECT_EQ(0u, queued("bounced"));
}

TEST_F(Bounces, AReporterWhoSpeaksOfHerVacationIsReadAllTheSame) {
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

// RFC 5965: somebody pressed "this is spam" on our acknowledgement.
TEST_F(Bounces, AComplaintAboutAMailOfOursIsAnAlarm) {
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

TEST_F(Bounces, OurOwnMailThatComesBackIsAlarmedOnceAndNeverAnswered) {
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

TEST_F(Bounces, WhoCopiesAMessageIdOfOursDoesNotVanish) {
    const auto row = acknowledged(report(1));
    Letter copied = report(2, "Eve <eve@evil.test>");
    copied.message_id = row.message_id;
    const Taken taken = take_in(copied, friday + 5min);
    EXPECT_EQ("report", taken.decision.kind);
    EXPECT_EQ(Action::Open, taken.decision.action);
    EXPECT_TRUE(to_outside(taken.decision).empty());
}

TEST_F(Bounces, TheTeamIsToldOfAnAddressThatNoMailGoesTo) {
    const Taken taken = take_in(report(1, "Rae <rae..roe@lab.test>"));
    EXPECT_EQ(Action::Open, taken.decision.action);
    EXPECT_TRUE(to_outside(taken.decision).empty());
    EXPECT_FALSE(to_team(taken.decision).empty());
    EXPECT_TRUE(std::ranges::any_of(taken.decision.reasons, [](const std::string& reason) {
        return reason.find("no mail goes to \"rae..roe@lab.test\"") != std::string::npos;
    }));
}

TEST_F(Bounces, AnAcknowledgementThatIsSentBackWithoutItsFieldsIsNotAnsweredAgain) {
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

TEST_F(Bounces, WhatBringsOurOwnMailBackUnderItsSubjectIsNotAnsweredAgain) {
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

}  // namespace
}  // namespace tocsin::intake
