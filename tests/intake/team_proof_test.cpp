// Whose mail is it, and what may it do: each attack a mail, each without effect (INTERFACES section 6).
#include "intake/team/team_mail.hpp"

#include <gtest/gtest.h>

#include "intake/team/roster.hpp"
#include "team_desk.hpp"

namespace tocsin::intake {
namespace {

TEST_F(TeamDesk, AReferenceOfHerOwnNoticeIsAsGoodAsTheNumber) {
    const std::string hers = acme_ids().reference_for("SEC-2026-0001", "alice@acme.test");
    const std::string bobs = acme_ids().reference_for("SEC-2026-0001", "bob@acme.test");
    take(from_alice("/take\n\n" + bobs + "\n"), friday + 1h, signed_by_alice(friday, "r1"));
    EXPECT_EQ("", now().owner);
    take(from_alice("/take\n\n" + hers + "\n"), friday + 1h, signed_by_alice(friday, "r2"));
    EXPECT_EQ("alice@acme.test", now().owner);
}

// Rae answers a mail that Alice wrote to her past us, and whoever has hers knows the notice.
TEST_F(TeamDesk, ANoticeThatSomebodyOutsideKnowsProvesNothing) {
    Letter hers;
    hers.message_id = "a7@lab.test";
    hers.text = "Thank you, Alice.";
    hers.fields = {"In-Reply-To: <" + id_of("acknowledgement", "rae@lab.test") + ">",
                   "References: <" + notice_to("alice@acme.test") + "> <direct1@acme.test>"};
    const std::string known = notice_to("alice@acme.test");
    take(hers, friday + 30min);
    take(from_alice("/fixed 9.9\n\nPublish it.", known), friday + 1h);
    EXPECT_EQ(TicketState::New, now().state);
    EXPECT_EQ(0u, count("fixed", "rae@lab.test"));
    EXPECT_EQ(1u, count("question", "alice@acme.test"));
}

// Three forged mails in the morning do not make the fourth, which may be hers, disappear.
TEST_F(TeamDesk, WhoIsNotAskedAnyMoreOpensATicket) {
    for (int i = 0; i < 3; ++i) take(from_alice("/help\n"));
    const Decision fourth =
        take(from_alice("/open\n\n---------- Forwarded message ---------\nFrom: Kim <kim@lab.test>\n"
                        "Date: Fri, 6 Mar 2026\nSubject: x\nTo: <alice@acme.test>\n\nAn XSS.\n"));
    EXPECT_EQ(Action::Open, fourth.action);
}

TEST_F(TeamDesk, WhoForgesHerAddressKeepsNoQuestionFromHer) {
    for (int i = 0; i < 4; ++i) take(from_alice("/help\n", id_of("acknowledgement", "rae@lab.test")));
    EXPECT_EQ(3u, count("question", "alice@acme.test"));
    take(from_alice("/close fixed\n", notice_to("alice@acme.test")), friday + 2h);
    EXPECT_EQ(4u, count("question", "alice@acme.test"));
}

TEST_F(TeamDesk, ANumberAloneMakesNoMailToTheReporterTheMembers) {
    in_transaction([&] { return store_.absences.mark("alice@acme.test", friday, friday + 48h), 0; });
    Letter forged = from_alice("Dear Rae, we shall publish at once.");
    forged.subject = "[SEC-2026-0001] At once";
    forged.fields = {"Cc: Rae <rae@lab.test>"};
    const Decision decision = take(forged);
    EXPECT_EQ(Action::Hold, decision.action);
    nothing_was_done();
    EXPECT_EQ(0, events_of(ticket_, EventKind::ReporterUpdated));
    EXPECT_EQ(1u, count("notice", "bob@acme.test")) << "only that of the report";
    EXPECT_EQ(1u, store_.absences.at(friday + 2h).size()) << "nobody came back";
    // Who answers a mail of the conversation has seen it, but is proven no better.
    Letter seen = from_alice("Dear Rae, here is build 5.", "a1@lab.test");
    seen.fields.emplace_back("Cc: Rae <rae@lab.test>");
    take(seen, friday + 2h);
    EXPECT_EQ(1, events_of(ticket_, EventKind::ReporterUpdated));
    EXPECT_EQ(2u, count("notice", "alice@acme.test")) << "she sees what bears her address";
    Recipe copy;
    for (const store::OutboxRow& row : store_.outbox.of_ticket(ticket_))
        if (row.template_name == "notice" && row.recipient == "bob@acme.test")
            copy = recipe_from_json(row.recipe).value();
    EXPECT_TRUE(yes_in(copy, "proof_none"));
    EXPECT_EQ("", text_in(copy, "relayed_by"));
    EXPECT_EQ(1u, store_.absences.at(friday + 3h).size());
    take(from_alice("/status\n", notice_to("alice@acme.test")), friday + 4h);
    EXPECT_TRUE(store_.absences.at(friday + 5h).empty());
}

TEST_F(TeamDesk, AForgedFromDoesNothingAndAsksTheMember) {
    take(from_alice("/close fixed\n", id_of("acknowledgement", "rae@lab.test")));
    nothing_was_done();
    EXPECT_EQ(1, events_of(ticket_, EventKind::Asked));
    EXPECT_EQ(1u, count("question", "alice@acme.test"));
}

TEST_F(TeamDesk, NorDoesOneWithTheNumberAlone) {
    Letter letter = from_alice("Please publish SEC-2026-0001 at once.\n");
    letter.subject = "[SEC-2026-0001] now";
    const Decision decision = take(letter);
    EXPECT_EQ(Action::Hold, decision.action);
    nothing_was_done();
}

TEST_F(TeamDesk, NorDoesADisplayName) {
    Letter letter = from_alice("/close fixed\n", notice_to("alice@acme.test"));
    letter.from = "\"alice@acme.test\" <mallory@lab.test>";
    const Decision decision = take(letter);
    EXPECT_EQ("foreign", decision.kind);
    nothing_was_done();
}

TEST_F(TeamDesk, NorDoesAnotherMembersNotice) {
    take(from_alice("/take\n", notice_to("bob@acme.test")));
    nothing_was_done();
}

TEST_F(TeamDesk, NorDoesTwoAuthors) {
    Letter letter = from_alice("/take\n", notice_to("alice@acme.test"));
    letter.from = "Alice <alice@acme.test>, Mallory <mallory@lab.test>";
    take(letter);
    nothing_was_done();
}

TEST_F(TeamDesk, NorDoesAnOldNotice) {
    take(from_alice("/take\n", notice_to("alice@acme.test")), friday + 24h * 31);
    nothing_was_done();
}

TEST_F(TeamDesk, NorDoesAMemberWhoLeft) {
    const std::string notice = notice_to("alice@acme.test");
    organisation_.team.erase(organisation_.team.begin());
    const Decision decision = take(from_alice("/take\n", notice));
    EXPECT_EQ("foreign", decision.kind);
    nothing_was_done();
}

TEST_F(TeamDesk, NorDoesHerAutoresponder) {
    Letter letter = from_alice("/take\n\nI am away until 2099.", notice_to("alice@acme.test"));
    letter.fields.emplace_back("Auto-Submitted: auto-replied");
    take(letter);
    nothing_was_done();
}

// Automatic mail in members' names, as anybody can forge it: their reminders would go nowhere.
TEST_F(TeamDesk, NorDoesAForgedAbsenceOfTheWholeTeam) {
    for (const Member& member : organisation_.team) {
        Letter away = from_alice("I am out of the office until 31 December 2099.");
        away.from = member.name + " <" + member.address.text() + ">";
        away.fields = {"Auto-Submitted: auto-replied",
                       "In-Reply-To: <" + id_of("acknowledgement", "rae@lab.test") + ">"};
        take(away);
    }
    EXPECT_TRUE(store_.absences.at(friday + 2h).empty());
    nothing_was_done();
}

// A report in a member's name, with an answer wanted elsewhere: it is answered to nobody else's address.
TEST_F(TeamDesk, NorDoesAReplyToBesideAMembersAddress) {
    Letter forged = from_alice("Please send it to me.");
    forged.subject = "A new problem";
    forged.fields = {"Reply-To: eve@evil.test"};
    const Decision decision = take(forged);
    for (const Recipe& mail : decision.mail) EXPECT_NE("eve@evil.test", mail.to_address);
    nothing_was_done();
}

TEST_F(TeamDesk, NorDoesAQuotation) {
    take(from_alice("I do not want this:\n\n> /take\n> /close fixed\n", id_of("acknowledgement", "rae@lab.test")));
    nothing_was_done();
}

// Proven mail, so that the place of the command alone decides.
TEST_F(TeamDesk, NorDoesACommandThatIsNotAtTheTopOfTheNewWords) {
    struct Place {
        const char* name;
        const char* type;
        const char* text;
    };
    const Place places[] = {
        {"quotation", "text/plain", "Thank you.\r\n\r\n> /take\r\n> /close spam\r\n"},
        {"signature", "text/plain", "Thank you.\r\n\r\n-- \r\n/take\r\n"},
        {"forwarded", "text/plain",
         "Thank you.\r\n\r\n-----Original Message-----\r\nFrom: Rae <rae@lab.test>\r\nSent: Friday\r\nTo: "
         "security@acme.test\r\n"
         "Subject: XSS\r\n\r\n/take\r\n"},
        {"HTML beside text", "multipart/alternative; boundary=b",
         "--b\r\nContent-Type: text/plain\r\n\r\nThank you.\r\n--b\r\nContent-Type: "
         "text/html\r\n\r\n<p>/take</p>\r\n--b--\r\n"},
        {"attachment", "multipart/mixed; boundary=b",
         "--b\r\nContent-Type: text/plain\r\n\r\nThank you.\r\n--b\r\nContent-Type: text/plain\r\n"
         "Content-Disposition: attachment; filename=a.txt\r\n\r\n/take\r\n--b--\r\n"},
        {"attached mail", "multipart/mixed; boundary=b",
         "--b\r\nContent-Type: text/plain\r\n\r\nThank you.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
         "From: Rae <rae@lab.test>\r\n\r\n/take\r\n--b--\r\n"},
        {"subject", "text/plain", "Thank you.\r\n"},
    };
    for (const Place& place : places) {
        Letter letter = from_alice(place.text, notice_to("alice@acme.test"));
        letter.type = place.type;
        if (std::string_view{place.name} == "subject") letter.subject = "/take";
        take(letter);
        EXPECT_EQ("", now().owner) << place.name;
        EXPECT_EQ(0, events_of(ticket_, EventKind::Commanded)) << place.name;
    }
    EXPECT_EQ(6u, count("relay", "rae@lab.test"));
    EXPECT_EQ(1u, count("transcript", "alice@acme.test")) << "a mail that is attached goes nowhere";
}

TEST_F(TeamDesk, ACertificateOfTheRosterProvesAsAKeyDoes) {
    const auto by_certificate = [](Examination& examination) {
        signed_by_alice()(examination);
        examination.crypto.protocol = "smime";
        examination.crypto.signatures[0].fingerprint = std::string(64, 'C');
    };
    take(from_alice("/take\n\nSEC-2026-0001\n"), friday + 1h, by_certificate);
    EXPECT_EQ("", now().owner) << "the roster names no certificate";
    organisation_.team[0].smime = std::string(64, 'c');
    take(from_alice("/take\n\nSEC-2026-0001\n\n"), friday + 1h, by_certificate);
    EXPECT_EQ("alice@acme.test", now().owner);
    organisation_.team_mail.accept_smime = false;
    take(from_alice("/assign bob\n\nSEC-2026-0001\n"), friday + 1h, [&](Examination& examination) {
        by_certificate(examination);
        examination.crypto.signatures[0].signed_text = "t9";
    });
    EXPECT_EQ("alice@acme.test", now().owner) << "such a signature is not accepted";
}

TEST_F(TeamDesk, NorDoesASignatureThatIsNotAll) {
    const auto sign = [](const std::function<void(SignatureVerdict&)>& spoil) {
        return [spoil](Examination& examination) {
            signed_by_alice()(examination);
            spoil(examination.crypto.signatures.front());
        };
    };
    const std::string text = "/take\n\nSEC-2026-0001\n";
    for (const char* status : {"good-other", "unknown-key", "expired-key", "revoked-key", "expired", "weak", "bad"})
        take(from_alice(text), friday + 1h, sign([&](SignatureVerdict& one) { one.status = status; }));
    take(from_alice(text), friday + 1h, sign([](SignatureVerdict& one) { one.covers = "part"; }));
    take(from_alice(text), friday + 1h, sign([](SignatureVerdict& one) { one.fingerprint = std::string(40, 'B'); }));
    take(from_alice(text), friday + 1h, sign([](SignatureVerdict& one) { one.made = friday - 24h * 8; }));
    take(from_alice(text), friday + 1h, sign([](SignatureVerdict& one) { one.made.reset(); }));
    take(from_alice(text), friday + 1h, [](Examination& examination) {
        signed_by_alice()(examination);
        examination.crypto.signatures.push_back(examination.crypto.signatures.front());
    });
    nothing_was_done();
}

TEST_F(TeamDesk, NorDoesASignedMailToSomebodyElse) {
    take(from_alice("/close fixed\n\nSee you at lunch.\n", id_of("acknowledgement", "rae@lab.test")), friday + 1h,
         signed_by_alice());
    nothing_was_done();
    organisation_.team_mail.accept_openpgp = false;
    take(from_alice("/close fixed\n\nSEC-2026-0001\n"), friday + 1h, signed_by_alice());
    nothing_was_done();
}

TEST_F(TeamDesk, ASignedTextCountsOnce) {
    take(from_alice("/take\n\nSEC-2026-0001\n"), friday + 1h, signed_by_alice());
    EXPECT_EQ("alice@acme.test", now().owner);
    take(from_alice("/assign bob\n\nSEC-2026-0001\n"), friday + 2h, signed_by_alice(friday + 90min, "t2"));
    EXPECT_EQ("bob@acme.test", now().owner);
    take(from_alice("/take\n\nSEC-2026-0001\n", notice_to("alice@acme.test")), friday + 3h, signed_by_alice());
    EXPECT_EQ("bob@acme.test", now().owner);
}

TEST_F(TeamDesk, ANoticeWhoseIdOutsidersSawProvesNothing) {
    Letter letter = from_alice("We are on it.", notice_to("alice@acme.test"));
    letter.fields.emplace_back("Cc: Rae <rae@lab.test>");
    take(letter);
    EXPECT_EQ(1, events_of(ticket_, EventKind::ReporterUpdated));
    take(from_alice("/take\n", notice_to("alice@acme.test")), friday + 2h);
    EXPECT_EQ("", now().owner);
    EXPECT_EQ(1u, count("question", "alice@acme.test"));
}

TEST_F(TeamDesk, MoreThanThreeQuestionsADayAreNotAsked) {
    for (int i = 0; i < 5; ++i) take(from_alice("/close fixed\n", id_of("acknowledgement", "rae@lab.test")));
    EXPECT_EQ(3u, count("question", "alice@acme.test"));
    EXPECT_EQ(5, events_of(ticket_, EventKind::Asked));
}

TEST_F(TeamDesk, AuthenticationResultsAreAskedForBesidesTheAnswer) {
    organisation_.team_mail = {.accept_openpgp = true,
                               .accept_smime = true,
                               .accept_notice = false,
                               .accept_authentication_results = true,
                               .relay_delay = Micros{0},
                               .sign_with_name = false};
    organisation_.authserv_id = "mail.acme.test";
    const std::string pass = "Authentication-Results: mail.acme.test; dmarc=pass header.from=acme.test";
    const std::string received = "Received: from x by mail.acme.test; Fri, 06 Mar 2026 14:29:00 +0000";
    const auto tried = [&](const std::vector<std::string>& fields, const std::string& answers) {
        const Letter letter = from_alice("/take\n", answers);
        std::string top;  // what servers write stands there
        for (const std::string& field : fields) top += field + "\r\n";
        const std::string bytes = top + letter.bytes();
        const Instant at = friday + 1h;
        const auto entry = in_transaction([&] {
            return store_.journal.append({.place = {"security", "INBOX", 1, next_uid_++}, .internal_date = at}, bytes,
                                         at);
        });
        const Examination examination =
            examine(bytes, small_rules(), {}, {.recipient = "security@acme.test", .via_list = ""});
        const TicketView view = look_up(store_, examination, organisation_, acme_ids(), small_rules(), entry, at);
        return authority_of(examination, view, organisation_, at).proof;
    };
    const std::string notice = notice_to("alice@acme.test");
    EXPECT_EQ(Proof::Answer, tried({pass, received}, notice));
    EXPECT_EQ(Proof::None, tried({}, notice));
    EXPECT_EQ(Proof::None, tried({received}, notice));
    EXPECT_EQ(Proof::None, tried({received, pass}, notice)) << "below our own Received";
    EXPECT_EQ(Proof::None, tried({pass, pass, received}, notice)) << "two of them";
    EXPECT_EQ(Proof::None, tried({"Authentication-Results: other.test; none", pass, received}, notice))
        << "not the topmost";
    EXPECT_EQ(
        Proof::None,
        tried({"Authentication-Results: mail.acme.test.evil; dmarc=pass header.from=acme.test", received}, notice));
    EXPECT_EQ(Proof::None,
              tried({"Authentication-Results: mail.acme.test; dmarc=fail header.from=acme.test", received}, notice));
    EXPECT_EQ(Proof::None,
              tried({"Authentication-Results: mail.acme.test; dmarc=pass header.from=evil.test", received}, notice));
    EXPECT_EQ(Proof::None,
              tried({"Authentication-Results: mail.acme.test; spf=pass smtp.mailfrom=acme.test", received}, notice));
    EXPECT_EQ(Proof::None,
              tried({pass, received, "DKIM-Signature: v=1; d=acme.test; l=20; h=from:content-type; b=x"}, notice));
    const std::string dkim = "Authentication-Results: mail.acme.test; dkim=pass header.d=acme.test";
    EXPECT_EQ(Proof::Answer,
              tried({dkim, received, "DKIM-Signature: v=1; d=acme.test; h=from:subject:content-type; b=x"}, notice));
    EXPECT_EQ(Proof::None, tried({dkim, received, "DKIM-Signature: v=1; d=acme.test; h=from:subject; b=x"}, notice));
    EXPECT_EQ(Proof::None, tried({pass, received, "DKIM-Signature: v=1; d=acme.test; h=from:subject; b=x"}, notice))
        << "what DMARC rests on leaves Content-Type open";
    // A company's web form mails as a member, with an aligned signature and an attacker's text.
    EXPECT_EQ(Proof::None, tried({pass, received}, id_of("acknowledgement", "rae@lab.test")));
    EXPECT_EQ(Proof::None, tried({pass, received}, ""));
}

TEST_F(TeamDesk, AReportFromARosterAddressIsAReportAndAsks) {
    Letter letter = from_alice("There is an XSS in the shop, a customer says.");
    letter.subject = "From a customer";
    const Decision decision = take(letter);
    EXPECT_EQ("report", decision.kind);
    EXPECT_EQ(Action::Open, decision.action);
    EXPECT_TRUE(std::ranges::any_of(decision.mail, [](const Recipe& one) { return one.template_name == "question"; }));
}

TEST_F(TeamDesk, TheRosterIsInTheHistoryWheneverItChanges) {
    const auto note = [&](Instant at) {
        store::Transaction transaction{store_.database};
        note_roster(store_, organisation_, at);
        transaction.commit();
    };
    note(friday);
    note(friday + 1h);
    EXPECT_EQ(friday, store_.tickets.last_of_house(EventKind::Roster)->at);
    organisation_.team.pop_back();
    note(friday + 2h);
    const auto last = store_.tickets.last_of_house(EventKind::Roster);
    EXPECT_EQ(friday + 2h, last->at);
    EXPECT_EQ(std::string{"Alice; key "} + alices_key + "; lead", last->detail.at("alice@acme.test"));
    EXPECT_FALSE(last->detail.contains("bob@acme.test"));
    EXPECT_FALSE(store_.tickets.first_broken_line());
}

}  // namespace
}  // namespace tocsin::intake
