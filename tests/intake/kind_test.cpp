#include "intake/decide/kind.hpp"

#include <gtest/gtest.h>

#include "desk.hpp"
#include "intake/decide/automatic_mail.hpp"

namespace tocsin::intake {
namespace {

// One mail, changed a little by each case.
struct KindCase {
    Examination examination;
    TicketView view;
    rules::Evaluation evaluation;
    Arrival arrival = arrived();

    KindCase() { by("rae@lab.test"); }
    KindCase& by(const std::string& address) {
        examination.reading.from = {{"Rae", address}};
        examination.outer.from = examination.reading.from;
        return *this;
    }
    KindCase& signal(AutomaticKind kind) {
        static constexpr const char* names[] = {"bounce", "auto-reply", "bulk", "machine", "unattended"};
        evaluation.signals.push_back({names[static_cast<int>(kind)], "some-rule", "Some-Header: yes", "", true});
        return *this;
    }
    KindCase& sounds_away() {
        evaluation.signals.push_back({"auto-reply", "away", "Is away.", "", false});
        return *this;
    }
    KindCase& answering(std::optional<store::Part> part) {
        view.thread = OpenTicket{};
        view.thread->ticket.number = "SEC-2026-0007";
        view.part = part;
        return *this;
    }
    KindCase& score(int score) {
        evaluation.score = score;
        evaluation.severity = score >= 25 ? cvd::Severity::Medium : cvd::Severity::Low;
        return *this;
    }
    KindCase& rule_says(const std::string& kind) {
        evaluation.kind = kind;
        return *this;
    }
    KindCase& baseline() {
        arrival.baseline = true;
        return *this;
    }
    Kind kind() const { return kind_of(examination, view, evaluation, acme(), arrival); }
};

void expect_kind(const std::string& name, Action action, bool is_answered, const KindCase& mail) {
    const Kind kind = mail.kind();
    EXPECT_EQ(name, kind.name);
    EXPECT_EQ(to_text(action), to_text(kind.action));
    EXPECT_EQ(is_answered, kind.answered);
    EXPECT_FALSE(kind.reasons.empty());
}

bool gives_reason(const KindCase& mail, std::string_view part) {
    for (const std::string& reason : mail.kind().reasons)
        if (reason.find(part) != std::string::npos) return true;
    return false;
}

TEST(KindOfMail, APersonWhoWritesToUsReports) { expect_kind("report", Action::Open, true, KindCase{}); }

TEST(KindOfMail, WhatWeSentOurselvesIsNothingNew) {
    KindCase mail;
    mail.answering(store::Part::Reporter).view.sent_by_us = true;
    expect_kind("own", Action::None, false, mail);
}

TEST(KindOfMail, TheSameMailOnceMoreIsADuplicate) {
    KindCase mail;
    mail.answering(store::Part::Reporter).view.delivered_before = TicketId{3};
    expect_kind("duplicate", Action::None, false, mail);
}

TEST(KindOfMail, InAThreadItsPartDecides) {
    expect_kind("reporter-reply", Action::Append, false, KindCase{}.answering(store::Part::Reporter));
    expect_kind("team-reply", Action::Append, false, KindCase{}.answering(store::Part::Team));
    expect_kind("foreign", Action::Hold, false, KindCase{}.answering(std::nullopt));
    EXPECT_TRUE(gives_reason(KindCase{}.answering(std::nullopt), "SEC-2026-0007"));
}

TEST(KindOfMail, InAThreadAProgramsAnswerIsKeptAndNoMore) {
    for (const auto part : {std::optional{store::Part::Reporter}, std::optional{store::Part::Team}}) {
        expect_kind("bounce", Action::Append, false, KindCase{}.signal(AutomaticKind::Bounce).answering(part));
        expect_kind("auto-reply", Action::Append, false, KindCase{}.signal(AutomaticKind::AutoReply).answering(part));
    }
    // A stranger takes no part by calling himself a program; what tells of a mail of ours does.
    for (const AutomaticKind kind : {AutomaticKind::Bounce, AutomaticKind::AutoReply}) {
        KindCase stranger = KindCase{}.signal(kind).answering(std::nullopt);
        expect_kind("foreign", Action::Hold, false, stranger);
        stranger.view.returned = store::OutboxRow{};
        stranger.examination.delivery = mail::DeliveryStatus{};
        expect_kind(kind == AutomaticKind::Bounce ? "bounce" : "auto-reply", Action::Append, false, stranger);
    }
}

TEST(KindOfMail, InAThreadListMailIsStillItsAuthors) {
    expect_kind("reporter-reply", Action::Append, false,
                KindCase{}.signal(AutomaticKind::Bulk).answering(store::Part::Reporter));
    expect_kind("foreign", Action::Hold, false, KindCase{}.signal(AutomaticKind::Machine).answering(std::nullopt));
}

TEST(KindOfMail, OutsideOfAThreadABounceOrAutoReplyIsNoReport) {
    expect_kind("bounce", Action::None, false, KindCase{}.signal(AutomaticKind::Bounce));
    for (const char* sign : {"delivery-report", "null-sender"}) {
        KindCase report = KindCase{}.signal(AutomaticKind::Bounce).score(60);
        report.examination.signs = {sign};
        expect_kind("bounce", Action::None, false, report);
    }
    // A postmaster is a person, too.
    expect_kind("report", Action::Open, false, KindCase{}.signal(AutomaticKind::Bounce).score(60));
    KindCase answer = KindCase{}.sounds_away();
    answer.examination.outer.in_reply_to = {"x@lab.test"};
    expect_kind("auto-reply", Action::None, false, answer);
    for (const char* subject : {"Automatic reply: your mail", "Abwesenheitsnotiz", "Out of office: back on Monday"}) {
        KindCase notice = KindCase{}.sounds_away();
        notice.examination.outer.subject = subject;
        expect_kind("auto-reply", Action::None, false, notice);
    }
    // A letter that answers nothing is never lost for its words.
    KindCase letter = KindCase{}.sounds_away();
    letter.examination.outer.subject = "Problem with the page on which holidays are booked";
    expect_kind("report", Action::Open, false, letter);
    expect_kind("auto-reply", Action::None, false, KindCase{}.sounds_away().signal(AutomaticKind::AutoReply).score(60));
    // A program that passes on what it was told of.
    expect_kind("report", Action::Open, false, KindCase{}.signal(AutomaticKind::AutoReply).score(60));
}

TEST(KindOfMail, WhoReportsAWeaknessAndSpeaksOfHerVacationHasATicketThoughNoAnswer) {
    expect_kind("report", Action::Open, false, KindCase{}.sounds_away().score(60));
    KindCase names_a_ticket;
    names_a_ticket.sounds_away().score(60).view.claims = "SEC-2026-0001";
    names_a_ticket.examination.outer.in_reply_to = {"x@lab.test"};
    expect_kind("auto-reply", Action::None, false, names_a_ticket);
    KindCase null_sender;
    null_sender.sounds_away().score(60).examination.signs = {"null-sender"};
    expect_kind("auto-reply", Action::None, false, null_sender);
}

TEST(KindOfMail, InAThreadWhatOnlySoundsAutomaticIsReadByAHumanAndLetsNobodyIn) {
    const KindCase hers = KindCase{}.sounds_away().answering(store::Part::Reporter);
    expect_kind("auto-reply", Action::Append, false, hers);
    EXPECT_TRUE(hers.kind().told);
    EXPECT_FALSE(KindCase{}.signal(AutomaticKind::AutoReply).answering(store::Part::Reporter).kind().told);
    expect_kind("foreign", Action::Hold, false, KindCase{}.sounds_away().answering(std::nullopt));
    KindCase worse = hers;
    worse.view.proof_at_opening = 1;
    expect_kind("foreign", Action::Hold, false, worse);
}

// RFC 3834 section 3.1.5: how little one sign proves.
TEST(KindOfMail, OneSignAloneKeepsTheAnswerBackAndNotTheMail) {
    expect_kind("bulk", Action::Open, false, KindCase{}.signal(AutomaticKind::Bulk));
    expect_kind("auto-reply", Action::Open, false, KindCase{}.signal(AutomaticKind::Machine));
    expect_kind("auto-reply", Action::Open, false, KindCase{}.signal(AutomaticKind::AutoReply));
    EXPECT_TRUE(KindCase{}.signal(AutomaticKind::Bulk).kind().told) << "a human looks at it";
    // Where anything else agrees, there is none.
    expect_kind("bulk", Action::None, false, KindCase{}.signal(AutomaticKind::Bulk).signal(AutomaticKind::Machine));
    expect_kind("bulk", Action::None, false, KindCase{}.signal(AutomaticKind::Bulk).signal(AutomaticKind::Unattended));
    for (const char* sign : {"not-to-us", "reaction", "calendar-answer"}) {
        KindCase mail = KindCase{}.signal(AutomaticKind::AutoReply);
        mail.examination.signs = {sign};
        expect_kind("auto-reply", Action::None, false, mail);
    }
    KindCase answer = KindCase{}.signal(AutomaticKind::AutoReply);
    answer.examination.outer.in_reply_to = {"x@lab.test"};
    expect_kind("auto-reply", Action::None, false, answer);
    KindCase about_a_ticket = KindCase{}.signal(AutomaticKind::AutoReply);
    about_a_ticket.view.claims = "SEC-2026-0001";
    expect_kind("auto-reply", Action::None, false, about_a_ticket);
    KindCase junk = KindCase{}.signal(AutomaticKind::Bulk);
    junk.arrival.acknowledge = false;
    expect_kind("bulk", Action::None, false, junk);
}

TEST(KindOfMail, BulkThatSpeaksOfNoWeaknessIsBulk) {
    const KindCase bulk = KindCase{}.signal(AutomaticKind::Bulk).signal(AutomaticKind::Bulk);
    expect_kind("bulk", Action::None, false, bulk);
    expect_kind("bulk", Action::None, false, KindCase{bulk}.score(-10));
    expect_kind("auto-reply", Action::None, false,
                KindCase{}.signal(AutomaticKind::Machine).signal(AutomaticKind::Unattended));
}

TEST(KindOfMail, BulkThatSpeaksOfAWeaknessIsAReportThatNobodyAnswers) {
    for (const AutomaticKind kind : {AutomaticKind::Bulk, AutomaticKind::Machine}) {
        expect_kind("report", Action::Open, false, KindCase{}.signal(kind).score(25));
        expect_kind(kind == AutomaticKind::Bulk ? "bulk" : "auto-reply", Action::None, false,
                    KindCase{}.signal(kind).signal(kind).score(24));
        KindCase named;
        named.evaluation.tags.insert("weakness");
        expect_kind("report", Action::Open, false, named.signal(kind));
        KindCase mail;
        mail.signal(kind).signal(kind).examination.facts.cve = {"CVE-2026-1234"};
        expect_kind("report", Action::Open, false, mail);
        mail.examination.facts = {};
        mail.examination.facts.cwe = {"CWE-79"};
        expect_kind("report", Action::Open, false, mail);
        mail.examination.facts = {};
        mail.examination.facts.urls = {"https://acme.test"};
        expect_kind(kind == AutomaticKind::Bulk ? "bulk" : "auto-reply", Action::None, false, mail);
        mail.examination.unreadable = true;
        expect_kind("report", Action::Open, false, mail);
    }
}

TEST(KindOfMail, AnUnattendedSenderReportsAndIsNotAnswered) {
    expect_kind("report", Action::Open, false, KindCase{}.signal(AutomaticKind::Unattended));
    EXPECT_TRUE(gives_reason(KindCase{}.signal(AutomaticKind::Unattended), "Some-Header: yes"));
}

TEST(KindOfMail, ANumberAloneIsAClaim) {
    KindCase mail;
    mail.view.claims = "SEC-2026-0009";
    expect_kind("report", Action::Open, true, mail);
    EXPECT_TRUE(gives_reason(mail, "names SEC-2026-0009 but answers no mail of ours"));
}

TEST(KindOfMail, WhoCannotBeAnsweredIsHeardAllTheSame) {
    KindCase several;
    several.examination.reading.from.push_back({"Sam", "sam@lab.test"});
    expect_kind("report", Action::Open, false, several);
    EXPECT_TRUE(gives_reason(several, "several authors"));

    KindCase nobody;
    nobody.examination.reading.from.clear();
    expect_kind("report", Action::Open, false, nobody);
    expect_kind("report", Action::Open, false, KindCase{}.by("no address at all"));

    for (const char* own : {"security@acme.test", "Security@ACME.test", "psirt@acme.test"}) {
        expect_kind("report", Action::Open, false, KindCase{}.by(own));
        EXPECT_TRUE(gives_reason(KindCase{}.by(own), "our own address"));
    }

    KindCase junk;
    junk.arrival.acknowledge = false;
    expect_kind("report", Action::Open, false, junk);

    KindCase silent;
    silent.evaluation.acknowledge = false;
    expect_kind("report", Action::Open, false, silent);
}

TEST(KindOfMail, ARuleMayCallItSomethingElse) {
    for (const char* name : {"bulk", "auto-reply", "bounce"})
        expect_kind(name, Action::None, false, KindCase{}.rule_says(name));
    EXPECT_TRUE(gives_reason(KindCase{}.rule_says("bulk"), "a rule calls it bulk instead of report"));
}

TEST(KindOfMail, ARuleThatCallsItAReportOpensATicket) {
    expect_kind("report", Action::Open, false, KindCase{}.signal(AutomaticKind::Bulk).rule_says("report"));
    expect_kind("report", Action::Open, false, KindCase{}.signal(AutomaticKind::AutoReply).rule_says("report"));
}

TEST(KindOfMail, NoRuleReleasesWhatIsHeld) {
    expect_kind("foreign", Action::Hold, false, KindCase{}.answering(std::nullopt).rule_says("report"));
    expect_kind("foreign", Action::Hold, false, KindCase{}.answering(std::nullopt).rule_says("bulk"));
}

TEST(KindOfMail, FromBeforeTheStartItIsThreadedAndNoMore) {
    expect_kind("report", Action::None, false, KindCase{}.baseline());
    expect_kind("reporter-reply", Action::Append, false, KindCase{}.answering(store::Part::Reporter).baseline());
    expect_kind("foreign", Action::None, false, KindCase{}.answering(std::nullopt).baseline());
    EXPECT_TRUE(gives_reason(KindCase{}.baseline(), "before the start"));
}

}  // namespace
}  // namespace tocsin::intake
