#include "intake/decide/decide.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "desk.hpp"
#include "intake/promises/marks.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;
using Words = std::vector<std::string>;

Letter plain_report() {
    return {.subject = "Re: XSS  in login",
            .text = "There is an XSS in the login.\r\nSteps: open it.",
            .fields = {"References: <r1@lab.test> <r2@lab.test>"}};
}

TicketView answering(const OpenTicket& ticket, std::optional<store::Part> part) {
    TicketView view;
    view.thread = ticket;
    view.part = part;
    return view;
}

TEST(APlainReport, OpensATicketAndStartsTheClocksOfItsSeverity) {
    const Decision decision = decided(plain_report());
    EXPECT_EQ("report", decision.kind);
    EXPECT_EQ(Action::Open, decision.action);
    EXPECT_EQ((std::vector{EventKind::Opened, EventKind::Received, EventKind::ClockStarted, EventKind::ClockStarted,
                           EventKind::ClockStarted, EventKind::ClockStarted, EventKind::ClockStarted,
                           EventKind::ClockStarted}),
              kinds(decision.events));
    const cvd::Ticket& ticket = decision.after;
    EXPECT_EQ("XSS in login", ticket.title);
    EXPECT_EQ("rae@lab.test", ticket.reporter);
    EXPECT_EQ(cvd::Severity::Medium, ticket.severity);
    EXPECT_EQ(30, ticket.score);
    EXPECT_EQ("security", ticket.mailbox);
    EXPECT_EQ("default", ticket.policy);
    EXPECT_EQ(small_rules().policy("default")->hash, ticket.policy_hash);
    EXPECT_EQ(friday, ticket.opened);
    EXPECT_FALSE(ticket.encrypted);
    EXPECT_EQ("", ticket.number);
    EXPECT_EQ(cvd::fold(decision.events), ticket);
    EXPECT_EQ(nullptr, ticket.open_clock("triage-urgent"));
    EXPECT_EQ(instant("2026-03-09T14:30:00Z"), ticket.open_clock("acknowledge")->due);
    EXPECT_EQ(instant("2026-03-11T14:30:00Z"), ticket.open_clock("triage")->due);
    EXPECT_EQ(friday + 24h * 90, ticket.open_clock("resolve")->due);
    EXPECT_TRUE(ticket.open_clock("resolve")->goal);
}

TEST(APlainReport, IsAcknowledgedToItsAuthor) {
    const auto mail = to_outside(decided(plain_report()));
    ASSERT_EQ(1u, mail.size());
    const Recipe& recipe = mail[0];
    EXPECT_EQ("acknowledgement", recipe.template_name);
    EXPECT_EQ("rae@lab.test", recipe.to_address);
    EXPECT_EQ("security@acme.test", recipe.from_address);
    EXPECT_EQ("acknowledged", recipe.accepted_means);
    EXPECT_TRUE(recipe.answers_mail);
    EXPECT_FALSE(recipe.shows_report);
    EXPECT_EQ("a1@lab.test", recipe.in_reply_to);
    EXPECT_EQ((Words{"r1@lab.test", "r2@lab.test", "a1@lab.test"}), recipe.references);
    EXPECT_EQ("journal 1", recipe.occasion);
    EXPECT_EQ("ACME", text_in(recipe, "organisation"));
    EXPECT_EQ("Friday, 6 March 2026, 15:30 CET", text_in(recipe, "received"));
    // Without the acknowledgement itself, which the mail keeps, and the clocks that nobody was promised.
    EXPECT_EQ((Words{"tell you how we rate it", "evaluate it and name a date"}),
              texts_in(recipe, "promises", "promise"));
    EXPECT_EQ("Wednesday, 11 March 2026, 15:30 CET", texts_in(recipe, "promises", "due").at(0));
    EXPECT_EQ(Words{"fix it"}, texts_in(recipe, "goals", "promise"));
    EXPECT_EQ(Words{"the impact"}, texts_in(recipe, "missing", "ask"));  // steps are there, a fix is never asked for
    EXPECT_FALSE(yes_in(recipe, "asks_all"));
}

TEST(APlainReport, IsToldToEachMemberAlone) {
    const Decision decision = decided(plain_report());
    const auto mail = to_team(decision);
    ASSERT_EQ(2u, mail.size());
    EXPECT_EQ("alice@acme.test", mail[0].to_address);
    EXPECT_EQ("bob@acme.test", mail[1].to_address);
    for (const Recipe& recipe : mail) {
        EXPECT_EQ("notice", recipe.template_name);
        EXPECT_TRUE(recipe.shows_report);
        EXPECT_FALSE(recipe.answers_mail);
        EXPECT_EQ("", recipe.accepted_means);
        EXPECT_EQ("Rae (outside) via ACME Security", recipe.from_name);
        EXPECT_EQ("security@acme.test", recipe.from_address);
        EXPECT_EQ("medium", text_in(recipe, "severity"));
        EXPECT_EQ(Words{"script"}, texts_in(recipe, "hits", "rule"));
        EXPECT_EQ(Words{"XSS"}, texts_in(recipe, "hits", "words"));
        EXPECT_FALSE(yes_in(recipe, "unanswered"));
    }
    EXPECT_EQ(std::string::npos, to_json(mail[0]).find("bob@acme.test"));
    EXPECT_EQ(std::string::npos, to_json(mail[1]).find("alice@acme.test"));
}

TEST(APlainReport, MakesItsAuthorTheReporterAndIsRecorded) {
    const Decision decision = decided({.from = "Rae <Rae@LAB.test>"});
    EXPECT_EQ((std::map<std::string, store::Part>{{"rae@lab.test", store::Part::Reporter}}), decision.joining);
    ASSERT_TRUE(decision.message);
    EXPECT_EQ("a1@lab.test", decision.message->message_id);
    EXPECT_EQ("report", decision.message->kind);
    EXPECT_EQ(friday, decision.message->at);
    EXPECT_TRUE(decision.message->content);
}

TEST(APlainReport, RemindsNobodyBeforeItsFirstMark) {
    const Decision decision = decided(plain_report());
    EXPECT_EQ(instant("2026-03-09T10:30:00Z"), decision.reminders.at("acknowledge"));  // four open hours before
    EXPECT_EQ(instant("2026-03-11T14:30:00Z"), decision.reminders.at("triage"));
}

TEST(ASevereReport, HurriesUsAndSaysSo) {
    const Decision decision = decided({.text = "Code execution by XSS. Steps. Impact."});
    EXPECT_EQ(cvd::Severity::Critical, decision.after.severity);
    ASSERT_NE(nullptr, decision.after.open_clock("triage-urgent"));
    const Recipe recipe = to_outside(decision).at(0);
    EXPECT_EQ((Words{"tell you how we rate it", "hurry", "evaluate it and name a date"}),
              texts_in(recipe, "promises", "promise"));
    EXPECT_FALSE(yes_in(recipe, "has_missing"));
}

TEST(AGermanReport, IsAnsweredInGerman) {
    const Decision decision =
        decided({.text = "Sehr geehrte Damen und Herren, auf Ihrer Anmeldeseite habe ich eine Lücke "
                         "gefunden, mit der sich fremde Rechnungen lesen lassen. Die Schritte folgen."});
    EXPECT_EQ("de", decision.after.language);
    const Recipe recipe = to_outside(decision).at(0);
    EXPECT_EQ("de", recipe.language);
    EXPECT_EQ("en", recipe.fallback_language);
    EXPECT_EQ((Words{"die Schritte", "die Auswirkung"}), texts_in(recipe, "missing", "ask"));
    EXPECT_EQ("en", to_team(decision).at(0).language);  // the team's own stays
}

TEST(AReport, WithoutASubjectHasATitle) {
    EXPECT_EQ("(no subject)", decided({.subject = ""}).after.title);
    EXPECT_EQ("(no subject)", decided({.subject = "Re: "}).after.title);
    EXPECT_LT(decided({.subject = std::string(900, 'x')}).after.title.size(), 210u);
}

TEST(AReport, OfSeveralAuthorsIsAnsweredToNone) {
    const Decision decision = decided({.from = "Rae <rae@lab.test>, Sam <sam@lab.test>"});
    EXPECT_EQ(Action::Open, decision.action);
    EXPECT_EQ("", decision.after.reporter);
    EXPECT_TRUE(decision.joining.empty());
    EXPECT_TRUE(to_outside(decision).empty());
    ASSERT_EQ(2u, to_team(decision).size());
    EXPECT_TRUE(yes_in(to_team(decision)[0], "unanswered"));
}

TEST(AReport, FromOurOwnAddressIsNotAnswered) {
    const Decision decision = decided({.from = "security@acme.test"});
    EXPECT_EQ(Action::Open, decision.action);
    EXPECT_TRUE(to_outside(decision).empty());
    EXPECT_EQ(2u, to_team(decision).size());
}

TEST(AReport, ThatARuleWantsUnansweredIsNotAnswered) {
    const Decision decision = decided({.subject = "do not answer: XSS"});
    EXPECT_TRUE(to_outside(decision).empty());
    EXPECT_EQ(Action::Open, decision.action);
}

TEST(AReport, IsAcknowledgedInTheWordsThatARuleNames) {
    EXPECT_EQ("acknowledgement-short", to_outside(decided({.subject = "in short"})).at(0).template_name);
}

TEST(AReport, IsAcknowledgedInTheWordsOfItsPolicy) {
    MailboxRules mailbox = security_mailbox();
    mailbox.policy = "terse";
    for (const Letter& letter : {Letter{}, encrypted_letter("x")}) {
        const Decision decision = decide(examined(letter), {}, small_rules(), acme(), mailbox, arrived(), friday);
        EXPECT_EQ("terse", decision.after.policy);
        EXPECT_EQ("acknowledgement-short", to_outside(decision).at(0).template_name);
    }
}

TEST(AReport, AnsweredElsewhereIsShownToTheTeamAndNotUsed) {
    const Decision decision = decided({.fields = {"Reply-To: mallory@evil.test"}});
    EXPECT_EQ("rae@lab.test", to_outside(decision).at(0).to_address);
    EXPECT_EQ("mallory@evil.test", text_in(to_team(decision).at(0), "reply_to"));
    EXPECT_EQ("", text_in(to_team(decided({.fields = {"Reply-To: RAE@lab.test"}})).at(0), "reply_to"));
}

TEST(AReport, ThatClaimsATicketOpensItsOwn) {
    TicketView view;
    view.claims = "SEC-2026-0009";
    const Decision decision = decided({.subject = "[SEC-2026-0009] more"}, view);
    EXPECT_EQ(Action::Open, decision.action);
    EXPECT_FALSE(decision.ticket);
    EXPECT_EQ("SEC-2026-0009", decision.claims);
    ASSERT_EQ(1u, to_outside(decision).size());
    EXPECT_EQ("SEC-2026-0009", text_in(to_team(decision).at(0), "claims"));
    // Whether the number exists must not show.
    EXPECT_EQ(std::string::npos, to_json(to_outside(decision).at(0)).find("0009"));
}

TEST(AReport, FromAFolderThatIsNeverAnsweredIsToldToTheTeamAlone) {
    Arrival arrival = arrived();
    arrival.acknowledge = false;
    const Decision decision = decide(examined({}), {}, small_rules(), acme(), security_mailbox(), arrival, friday);
    EXPECT_EQ(Action::Open, decision.action);
    EXPECT_TRUE(to_outside(decision).empty());
    EXPECT_EQ(2u, to_team(decision).size());
}

TEST(AReport, FromBeforeTheStartDrawsNothing) {
    Arrival arrival = arrived();
    arrival.baseline = true;
    const Decision decision = decide(examined({}), {}, small_rules(), acme(), security_mailbox(), arrival, friday);
    EXPECT_EQ(Action::None, decision.action);
    EXPECT_TRUE(decision.mail.empty());
    EXPECT_TRUE(decision.events.empty());
    EXPECT_TRUE(decision.reminders.empty());
}

TEST(BulkMail, DrawsNothingAtAll) {
    const Decision decision =
        decided({.subject = "Spring", .text = "Offers.", .fields = {"List-Id: <news.other.test>", "X-Loop: news"}});
    EXPECT_EQ("bulk", decision.kind);
    EXPECT_TRUE(decision.mail.empty() && decision.events.empty());
    const Decision one_sign =
        decided({.subject = "Spring", .text = "Offers.", .fields = {"List-Id: <news.other.test>"}});
    EXPECT_EQ("bulk", one_sign.kind);
    EXPECT_EQ(Action::Open, one_sign.action) << "researchers write through lists, too";
    EXPECT_TRUE(to_outside(one_sign).empty());
    EXPECT_FALSE(to_team(one_sign).empty());
    EXPECT_EQ("bulk", decided({.subject = "our newsletter"}).kind);
}

TEST(AFollowUp, JoinsItsTicketAndIsToldToTheTeam) {
    const OpenTicket ticket = opened_by({});
    const Letter reply{
        .subject = "Re: [SEC-2026-0001] Your report to ACME", .text = "More.", .message_id = "a2@lab.test"};
    const Decision decision = decide(examined(reply), answering(ticket, store::Part::Reporter), small_rules(), acme(),
                                     security_mailbox(), arrived(2, friday + 1h), friday + 1h);
    EXPECT_EQ("reporter-reply", decision.kind);
    EXPECT_EQ(ticket.id, decision.ticket);
    EXPECT_EQ(std::vector{EventKind::Joined}, kinds(decision.events));
    EXPECT_TRUE(to_outside(decision).empty());  // one acknowledgement is enough
    const auto notices = to_team(decision);
    ASSERT_EQ(2u, notices.size());
    EXPECT_FALSE(yes_in(notices[0], "opened"));
    EXPECT_EQ("XSS in login", text_in(notices[0], "title"));
    EXPECT_EQ(ticket.ticket, decision.after);
}

TEST(AFollowUp, ContinuesTheNoticesOfEachMember) {
    TicketView view = answering(opened_by({}), store::Part::Reporter);
    view.last_notice_to["bob@acme.test"] = "n1@acme.test";
    const auto notices = to_team(decided({.message_id = "a2@lab.test"}, view));
    EXPECT_EQ("", notices.at(0).in_reply_to);
    EXPECT_TRUE(notices.at(0).references.empty());
    EXPECT_EQ("n1@acme.test", notices.at(1).in_reply_to);
    EXPECT_EQ(Words{"n1@acme.test"}, notices.at(1).references);
}

TEST(AFollowUp, EndsTheWaitingAndMovesWhatStoodStill) {
    OpenTicket ticket = opened_by({});
    const Instant due = ticket.ticket.open_clock("resolve")->due;
    (void)happen(ticket, {EventKind::Waiting, friday + 24h, "alice@acme.test", {}});
    ASSERT_EQ(cvd::TicketState::Waiting, ticket.ticket.state);
    const Decision decision = decide(examined({}), answering(ticket, store::Part::Reporter), small_rules(), acme(),
                                     security_mailbox(), arrived(2, friday + 72h), friday + 72h);
    EXPECT_EQ(cvd::TicketState::New, decision.after.state);
    EXPECT_EQ((std::vector{EventKind::Joined, EventKind::Resumed, EventKind::ClockResumed, EventKind::ClockResumed}),
              kinds(decision.events));
    EXPECT_EQ(due + 48h, decision.after.open_clock("resolve")->due);
    EXPECT_EQ(friday + 24h * (45 + 2), decision.reminders.at("resolve"));  // half of the 90 days that count
}

TEST(AFollowUp, EndsTheWaitingWhenItCameAndNotWhenItWasRead) {
    OpenTicket ticket = opened_by({});
    const Instant due = ticket.ticket.open_clock("resolve")->due;
    (void)happen(ticket, {EventKind::Waiting, friday + 24h, "alice@acme.test", {}});
    const Instant a_week_later = friday + 24h * 10;
    const auto read = [&](Instant received) {
        return decide(examined({}), answering(ticket, store::Part::Reporter), small_rules(), acme(), security_mailbox(),
                      arrived(2, received), a_week_later);
    };
    EXPECT_EQ(due + 48h, read(friday + 72h).after.open_clock("resolve")->due);
    // What its server says of an earlier time changes no history.
    EXPECT_EQ(friday + 24h, read(friday - 24h).events.front().at);
    EXPECT_EQ(due, read(friday - 24h).after.open_clock("resolve")->due);
}

TEST(AFollowUp, FromBeforeTheStartMovesNoClock) {
    OpenTicket ticket = opened_by({});
    (void)happen(ticket, {EventKind::Waiting, friday + 24h, "alice@acme.test", {}});
    Arrival arrival = arrived(2, friday - 24h);
    arrival.baseline = true;
    const Decision decision = decide(examined({}), answering(ticket, store::Part::Reporter), small_rules(), acme(),
                                     security_mailbox(), arrival, friday + 72h);
    EXPECT_EQ(std::vector{EventKind::Joined}, kinds(decision.events));
    EXPECT_TRUE(decision.mail.empty());
}

TEST(ATeamMembersAnswer, WithoutProofDoesNothingAndAsksTheMember) {
    const Decision decision = decided({.from = "Bob <bob@acme.test>", .text = "I take it."},
                                      answering(opened_by(plain_report()), store::Part::Team));
    EXPECT_EQ("team-reply", decision.kind);
    EXPECT_EQ(Action::Hold, decision.action);
    EXPECT_EQ(std::vector{EventKind::Asked}, kinds(decision.events));
    ASSERT_EQ(1u, decision.mail.size());
    EXPECT_EQ("question", decision.mail[0].template_name);
    EXPECT_EQ("bob@acme.test", decision.mail[0].to_address);
}

TEST(AStrangersAnswer, IsHeldForAHuman) {
    const OpenTicket ticket = opened_by({});
    const Decision decision =
        decided({.from = "mallory@evil.test", .message_id = "m@evil.test"}, answering(ticket, std::nullopt));
    EXPECT_EQ("foreign", decision.kind);
    EXPECT_EQ(Action::Hold, decision.action);
    EXPECT_EQ(std::vector{EventKind::Held}, kinds(decision.events));
    EXPECT_EQ(ticket.ticket, decision.after);
    EXPECT_TRUE(decision.joining.empty());
    EXPECT_TRUE(to_outside(decision).empty());
    ASSERT_EQ(2u, to_team(decision).size());
    EXPECT_TRUE(yes_in(to_team(decision)[0], "held"));
    EXPECT_EQ("mallory@evil.test", text_in(to_team(decision)[0], "reporter"));
}

TEST(AStrangersAnswer, ResumesNothing) {
    OpenTicket ticket = opened_by({});
    (void)happen(ticket, {EventKind::Waiting, friday + 1h, "alice@acme.test", {}});
    const Decision decision = decided({.from = "mallory@evil.test"}, answering(ticket, std::nullopt));
    EXPECT_EQ(cvd::TicketState::Waiting, decision.after.state);
    EXPECT_EQ(std::vector{EventKind::Held}, kinds(decision.events));
    EXPECT_EQ(reminders_of(ticket), decision.reminders) << "the clocks stand as they stood";
}

TEST(AnOutOfOfficeAnswer, IsKeptAndDisturbsNobody) {
    const Decision decision =
        decided({.fields = {"Auto-Submitted: auto-replied"}}, answering(opened_by({}), store::Part::Reporter));
    EXPECT_EQ("auto-reply", decision.kind);
    EXPECT_EQ(std::vector{EventKind::Joined}, kinds(decision.events));
    EXPECT_TRUE(decision.mail.empty());
}

TEST(AMailThatNobodyCouldRead, StillBecomesATicketForAHuman) {
    const Decision decision = decide_unread("larger than 50 MiB", false, small_rules(), acme(), security_mailbox(),
                                            arrived(4), friday + 1min);
    EXPECT_EQ(Action::Open, decision.action);
    EXPECT_EQ(cvd::Severity::High, decision.after.severity);
    const auto what = kinds(decision.events);
    EXPECT_EQ(EventKind::Opened, what.at(0));
    EXPECT_EQ(EventKind::Quarantined, what.at(1));
    EXPECT_EQ(EventKind::Received, what.at(2));
    EXPECT_NE(nullptr, decision.after.open_clock("triage-urgent"));
    EXPECT_TRUE(to_outside(decision).empty());
    ASSERT_EQ(2u, to_team(decision).size());
    EXPECT_FALSE(to_team(decision)[0].shows_report);
    EXPECT_EQ(Words{"larger than 50 MiB"}, texts_in(to_team(decision)[0], "reasons", "reason"));
}

// ---- until when she keeps quiet

TEST(AStatedEmbargo, IsOfferedToTheTeam) {
    const Decision decision = decided({.text = "There is an XSS. I will publish on 1 May 2026."}, {}, shipped_rules());
    EXPECT_EQ(instant("2026-05-01T15:00:00Z"), decision.after.embargo_dates.by_reporter);
    EXPECT_EQ("proposed", decision.after.embargo_dates.state());
    EXPECT_NE(nullptr, decision.after.open_clock("embargo"));
    EXPECT_TRUE(decision.reminders.contains("embargo"));
    const Recipe notice = to_team(decision).at(0);
    EXPECT_EQ("/embargo 2026-05-01", text_in(notice, "embargo_line"));
    EXPECT_NE(std::string::npos, text_in(notice, "keeps_quiet_until").find("17:00"));
    // Her answer promises nothing that nobody agreed to.
    EXPECT_FALSE(to_outside(decision).at(0).fields.values().contains("embargo"));
}

TEST(AStatedEmbargo, IsNoneWithoutADayOfHers) {
    for (const char* text : {"There is an XSS.", "I found it on 1 March 2026 and publish nothing.",
                             "The certificate expires on 1 May 2026."})
        EXPECT_EQ("none", decided({.text = text}).after.embargo_dates.state()) << text;
}

TEST(AStatedEmbargo, IsNotReadFromWhatWasEncrypted) {
    Examination examination = examined({.text = "I will publish on 1 May 2026."});
    EXPECT_FALSE(examination.embargo.empty());
    examination.crypto.encrypted = examination.crypto.decrypted = true;
    examination.outer_answers = examination.answers;
    const Decision decision = decide(examination, {}, small_rules(), acme(), security_mailbox(), arrived(), friday);
    EXPECT_EQ("none", decision.after.embargo_dates.state());
}

class AProposedEmbargo : public DeskTest {};

TEST_F(AProposedEmbargo, FollowsWhatTheReporterWritesUntilItIsAgreedOn) {
    const Taken report = take_in({.text = "There is an XSS. Embargo: 2026-05-01."});
    const TicketId id = *report.admitted.ticket;
    EXPECT_EQ(instant("2026-05-01T15:00:00Z"), ticket(id).embargo);
    take_in({.subject = "Re: XSS in login",
             .text = "I publish on 1 June 2026 only.",
             .message_id = "a2@lab.test",
             .fields = {"In-Reply-To: <a1@lab.test>"}},
            friday + 24h);
    EXPECT_EQ(instant("2026-06-01T15:00:00Z"), ticket(id).embargo);
    EXPECT_EQ(2, events_of(id, cvd::EventKind::EmbargoProposed));
}

}  // namespace
}  // namespace tocsin::intake
