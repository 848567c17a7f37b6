// Which of a member's words go to the reporter, and which stay inside (INTERFACES section 6).
#include "intake/team/team_mail.hpp"

#include <gtest/gtest.h>

#include "intake/examine/relayed_words.hpp"
#include "intake/examine/shared_words.hpp"
#include "team_desk.hpp"

namespace tocsin::intake {
namespace {

TEST_F(TeamDesk, WordsGoToTheReporterAndColleaguesSeeThem) {
    const Decision decision =
        take(from_alice("We can reproduce it.\n\n> There is an XSS in your login.", notice_to("alice@acme.test")));
    EXPECT_EQ("team-reply", decision.kind);
    EXPECT_EQ(1u, count("relay", "rae@lab.test"));
    EXPECT_EQ(2u, count("notice", "bob@acme.test"));
    EXPECT_EQ(1u, count("notice", "alice@acme.test"));
    const auto relay = mail_of("relay", "rae@lab.test");
    const Recipe recipe = recipe_from_json(relay->recipe).value();
    EXPECT_EQ("words", recipe.brings);
    EXPECT_EQ("reporter-updated", recipe.accepted_means);
    EXPECT_EQ(std::string::npos, relay->recipe.find("reproduce")) << "no words of a mail are kept in a recipe";
    const auto letter = compose(recipe, from_alice("We can reproduce it.\n\nBest\nAlice").bytes(), shipped_rules(), {});
    ASSERT_TRUE(letter) << letter.error().what;
    EXPECT_NE(std::string::npos, letter->find("We can reproduce it."));
    EXPECT_EQ(std::string::npos, letter->find("Alice"));
    EXPECT_FALSE(compose(recipe, std::nullopt, shipped_rules(), {})) << "no relay without its words";
}

TEST_F(TeamDesk, ACloseForSpamIsNotTold) {
    take(from_alice("/close spam\n\nSEC-2026-0001"), friday + 1h, signed_by_alice());
    EXPECT_EQ(TicketState::Closed, now().state);
    EXPECT_EQ(std::vector<std::string>{"acknowledgement"}, templates_to("rae@lab.test"));
}

TEST_F(TeamDesk, AnswersToWhatIsNoNoticeStayInside) {
    take(from_alice("/help\n", notice_to("alice@acme.test")));
    take(from_alice("Thank you, program.", id_of("transcript", "alice@acme.test")));
    EXPECT_EQ(std::vector<std::string>{"acknowledgement"}, templates_to("rae@lab.test"));
    EXPECT_EQ(1, events_of(ticket_, EventKind::Noted));
    EXPECT_EQ(2u, count("notice", "bob@acme.test"));
}

TEST_F(TeamDesk, WordsBesideACommandThatStayInsideAreSaidTo) {
    take(from_alice("/help\n", notice_to("alice@acme.test")));
    const auto saying = [&] {
        return std::ranges::count_if(outbox(), [](const store::OutboxRow& row) {
            return row.recipe.find("they stay inside") != std::string::npos;
        });
    };
    EXPECT_EQ(0, saying());
    take(from_alice("/wait\nWhich version was it?", id_of("transcript", "alice@acme.test")), friday + 2h);
    EXPECT_EQ(TicketState::Waiting, now().state);
    EXPECT_EQ(1, saying());
}

TEST_F(TeamDesk, WhatAnswersAColleaguesNoteStaysInsideToo) {
    take(from_alice("/note\nThe customer Zanzibar is hit.", notice_to("alice@acme.test")));
    Letter agrees = from_alice("I agree, poor Zanzibar.", notice_to("bob@acme.test"));
    agrees.from = "Bob <bob@acme.test>";
    take(agrees, friday + 61min);
    EXPECT_EQ(std::vector<std::string>{"acknowledgement"}, templates_to("rae@lab.test"));
    EXPECT_EQ(2, events_of(ticket_, EventKind::Noted));
}

// A report through a remailer: no program answers it, and what a human writes stops the clock.
TEST_F(TeamDesk, AHumansAnswerAcknowledgesWhatNoProgramAnswered) {
    Letter remailed;
    remailed.message_id = "remailed@lab.test";
    remailed.text = "There is an XSS in your search.";
    remailed.fields = {"Return-Path: <>"};
    const auto taken = take_in(remailed, friday + 10min);
    ticket_ = *taken.admitted.ticket;
    EXPECT_TRUE(to_outside(taken.decision).empty());
    ASSERT_NE(nullptr, now().open_clock("acknowledge"));
    take(from_alice("Thank you, we look into it.", notice_to("alice@acme.test")), friday + 1h);
    EXPECT_NE(nullptr, now().open_clock("acknowledge")) << "not before it went out";
    for (const store::OutboxRow& row : store_.outbox.of_ticket(ticket_))
        if (row.template_name == "relay") answered(row.id, {store::OutboxState::Sent, 250, "ok"}, friday + 2h);
    EXPECT_EQ(nullptr, now().open_clock("acknowledge"));
    EXPECT_EQ(TicketState::Acknowledged, now().state);
    EXPECT_EQ(1, events_of(ticket_, EventKind::Acknowledged));
}

TEST_F(TeamDesk, WhatMembersWriteToOneAnotherStaysInside) {
    Letter aside = from_alice("Bob, do you believe her?", notice_to("alice@acme.test"));
    aside.to = "Bob <bob@acme.test>";
    aside.fields.push_back("Cc: security@acme.test");
    EXPECT_EQ("team-reply", take(aside).kind);
    EXPECT_EQ(0u, count("relay", "rae@lab.test"));
    EXPECT_EQ(1, events_of(ticket_, EventKind::Noted));
    // A colleague in copy changes nothing about whom she writes to.
    Letter copied = from_alice("We look into it.", notice_to("alice@acme.test"));
    copied.fields.push_back("Cc: Bob <bob@acme.test>");
    take(copied);
    EXPECT_EQ(1u, count("relay", "rae@lab.test"));
}

// She writes to the developers, to a lawyer: we are merely in copy.
TEST_F(TeamDesk, WhatIsWrittenToOthersStaysInside) {
    for (const char* to : {"dev@acme.test", "Vendor <psirt@vendor.test>"}) {
        Letter aside = from_alice("She is right and we look bad. Do not tell anybody.", notice_to("alice@acme.test"));
        aside.to = to;
        aside.fields.push_back("Cc: security@acme.test");
        take(aside);
        EXPECT_EQ(0u, count("relay", "rae@lab.test")) << to;
        store_.spent.forget("exposed " + notice_to("alice@acme.test"));
    }
    EXPECT_EQ(2, events_of(ticket_, EventKind::Noted));
}

TEST_F(TeamDesk, AColleagueInToBesideUsIsAskedAbout) {
    Letter both = from_alice("Bob, what do you think of her?", notice_to("alice@acme.test"));
    both.to = "bob@acme.test, security@acme.test";
    take(both);
    EXPECT_EQ(0u, count("relay", "rae@lab.test"));
    take(from_alice("yes", id_of("question", "alice@acme.test")), friday + 2h);
    EXPECT_EQ(1u, count("relay", "rae@lab.test"));
}

TEST_F(TeamDesk, ANoteOnOneLineReachesTheOthers) {
    take(from_alice("/note she seems honest, I know her", notice_to("alice@acme.test")));
    EXPECT_EQ(1, events_of(ticket_, EventKind::Noted));
    EXPECT_EQ(2u, count("notice", "bob@acme.test"));
    const Recipe copy = to_team(take(from_alice("/note: and so does Kim", notice_to("alice@acme.test")))).front();
    EXPECT_EQ("note", copy.brings);
    const std::string bytes = from_alice("/note: and so does Kim\n\nmore").bytes();
    EXPECT_EQ("and so does Kim\nmore", noted_words(mail::read(mail::parse(bytes))));
}

TEST_F(TeamDesk, SpamIsClosedWithoutWords) {
    take(from_alice("/close spam\n\nThank you all the same.", notice_to("alice@acme.test")));
    nothing_was_done();
    EXPECT_EQ(0u, count("question", "alice@acme.test"));
    EXPECT_EQ(1u, count("transcript", "alice@acme.test"));
}

TEST_F(TeamDesk, AnAnswerWithoutWordsOfHerOwnIsToldOf) {
    take(from_alice("> There is an XSS in your login.\n", notice_to("alice@acme.test")));
    EXPECT_EQ(1u, count("transcript", "alice@acme.test"));
    nothing_was_done();
}

TEST_F(TeamDesk, WhatAColleagueToldTheReporterByHerselfOrByCommandCountsToo) {
    const std::string bobs = notice_to("bob@acme.test");
    const auto from_bob = [&](const std::string& answers) {
        Letter letter = from_alice("We have not started.", answers);
        letter.from = "Bob <bob@acme.test>";
        return letter;
    };
    Letter direct = from_alice("It is fixed in 4.2.", notice_to("alice@acme.test"));
    direct.to = "rae@lab.test";
    direct.fields.push_back("Cc: security@acme.test");
    take(direct);
    take(from_bob(bobs), friday + 61min);
    EXPECT_EQ(0u, count("relay", "rae@lab.test"));
    EXPECT_EQ(1u, count("question", "bob@acme.test"));
    // The copy that showed it to him at that very moment is no older answer.
    take(from_bob(notice_to("bob@acme.test")), friday + 1h);
    EXPECT_EQ(1u, count("relay", "rae@lab.test"));
}

TEST_F(TeamDesk, AStateThatAColleagueToldCountsToo) {
    const std::string bobs = notice_to("bob@acme.test");
    take(from_alice("/fixed 4.2\n", notice_to("alice@acme.test")));
    ASSERT_EQ(1u, count("fixed", "rae@lab.test"));
    Letter letter = from_alice("We have not started.", bobs);
    letter.from = "Bob <bob@acme.test>";
    take(letter, friday + 61min);
    EXPECT_EQ(0u, count("relay", "rae@lab.test"));
    EXPECT_EQ(1u, count("question", "bob@acme.test"));
}

TEST_F(TeamDesk, WhereNothingGoesOutSheIsToldSo) {
    organisation_.mode = Mode::Team;
    take(from_alice("Which version?\n", notice_to("alice@acme.test")));
    EXPECT_EQ(0, events_of(ticket_, EventKind::Relayed));
    EXPECT_EQ(1, events_of(ticket_, EventKind::Noted));
    EXPECT_EQ(1u, count("transcript", "alice@acme.test"));
}

TEST_F(TeamDesk, TheSecondOfTwoAnswersWaits) {
    const std::string bobs = notice_to("bob@acme.test");
    take(from_alice("We found the cause.", notice_to("alice@acme.test")));
    Letter from_bob = from_alice("Which page?", bobs);
    from_bob.from = "Bob <bob@acme.test>";
    take(from_bob, friday + 61min);
    EXPECT_EQ(1u, count("relay", "rae@lab.test"));
    const auto question = recipe_from_json(mail_of("question", "bob@acme.test")->recipe).value();
    EXPECT_EQ("colleague", question.brings);
    Letter yes = from_alice("yes", id_of("question", "bob@acme.test"));
    yes.from = "Bob <bob@acme.test>";
    take(yes, friday + 62min);
    EXPECT_EQ(2u, count("relay", "rae@lab.test"));
}

TEST_F(TeamDesk, WhatSoundsLikeAnAbsenceIsToldToTheMemberAndGoesOutWhenSheSaysSo) {
    const std::string words = "Hi Rae, I'm on vacation from tomorrow, Bob takes over. Please try build 5.";
    const Decision first = take(from_alice(words, notice_to("alice@acme.test")));
    EXPECT_EQ("auto-reply", first.kind);
    EXPECT_EQ(0u, count("relay", "rae@lab.test"));
    ASSERT_EQ(1u, count("transcript", "alice@acme.test"));
    take(from_alice("I'm on vacation.", id_of("transcript", "alice@acme.test")), friday + 61min);
    EXPECT_EQ(1u, count("transcript", "alice@acme.test")) << "two programs stop here";
    take(from_alice("/status\n\n" + words, notice_to("alice@acme.test")), friday + 62min);
    EXPECT_EQ(1u, count("relay", "rae@lab.test"));
    take(from_alice(words + "\n\nSEC-2026-0001\n", notice_to("alice@acme.test")), friday + 63min, signed_by_alice());
    EXPECT_EQ(2u, count("relay", "rae@lab.test"));
}

TEST_F(TeamDesk, AGatewaysMarkMakesNoProgramOfAMember) {
    Letter letter = from_alice("We can reproduce it.", notice_to("alice@acme.test"));
    letter.fields.emplace_back("X-Loop: gateway.acme.test");
    letter.fields.emplace_back("List-Id: <all.acme.test>");
    take(letter);
    EXPECT_EQ(1u, count("relay", "rae@lab.test"));
}

TEST_F(TeamDesk, AFileAloneIsRelayedToo) {
    Letter letter = from_alice("", notice_to("alice@acme.test"));
    letter.type = "multipart/mixed; boundary=b";
    letter.text =
        "--b\r\nContent-Type: application/pdf; name=fix.pdf\r\nContent-Disposition: attachment; "
        "filename=fix.pdf\r\n\r\nx\r\n--b--\r\n";
    take(letter);
    EXPECT_EQ(1u, count("relay", "rae@lab.test"));
}

TEST_F(TeamDesk, WordsThatOnlyTheTeamHasSeenStayInside) {
    const std::string secret = "The scanner of the other vendor found the same hole in the basement server.";
    EXPECT_TRUE(shares_secret("See: the scanner of the OTHER vendor\n> found the same hole", {secret}, {}));
    EXPECT_FALSE(shares_secret("See: the scanner of the other", {secret}, {})) << "fewer than 40";
    EXPECT_FALSE(shares_secret("See: the scanner of the other vendor found the same hole", {secret}, {secret}))
        << "she knows it";
    EXPECT_FALSE(shares_secret("", {secret}, {}));
}

TEST_F(TeamDesk, WhatOthersReportedIsSecretAndWhatSheReportedIsNot) {
    Letter others;
    others.from = "Mallory <mallory@lab.test>";
    others.message_id = "mallory1@lab.test";
    others.subject = "Another hole";
    const auto second = take_in(others, friday + 10min);
    Letter hers;
    hers.message_id = "a2@lab.test";
    hers.subject = "Yet another hole";
    take_in(hers, friday + 20min);
    const Comparison all = comparison_for(store_, ticket_, {}, "alice@acme.test", friday + 1h);
    EXPECT_EQ(std::vector<JournalId>{second.entry}, all.others);
    EXPECT_TRUE(all.secret.empty());
    EXPECT_EQ(std::vector<JournalId>{report_.entry}, all.known);
    EXPECT_EQ(3u, all.secret_recipes.size()) << "the notice of each ticket once, whoever got it";
    EXPECT_FALSE(all.incomplete);
    const Examination names = examined(from_alice("See " + second.admitted.number + "."));
    const auto spoken_of = tickets_spoken_of(store_, names, acme_ids());
    EXPECT_EQ(std::vector<TicketId>{*second.admitted.ticket}, spoken_of);
    EXPECT_EQ(std::vector<JournalId>{second.entry},
              comparison_for(store_, ticket_, spoken_of, "alice@acme.test", friday + 1h).secret);
}

TEST_F(TeamDesk, SecretWordsInATextFileStayInsideToo) {
    Letter secret;
    secret.text = "The scanner of the other vendor found the same hole in the basement server.";
    Letter answer = from_alice("");
    answer.type = "multipart/mixed; boundary=b";
    answer.text =
        "--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: text/plain; name=a.txt\r\n"
        "Content-Disposition: attachment; filename=a.txt\r\n\r\nFound: " +
        secret.text + "\r\n--b--\r\n";
    openpgp::NoEngine none;
    const auto shares = [&](const Letter& other) {
        return judge_words({answer.bytes(), {other.bytes()}, {}}, {}, small_rules(), {}, none).value().shares;
    };
    EXPECT_TRUE(shares(secret));
    EXPECT_FALSE(shares(Letter{}));
    // However far down it stands.
    std::string log;
    while (log.size() < (1u << 20) - 30) log += "a line of a log, and no secret\r\n";
    answer.text.insert(answer.text.find("Found: "), log);
    EXPECT_TRUE(shares(secret));
    Letter sealed;
    sealed.text = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA1\r\n-----END PGP MESSAGE-----";
    openpgp::AwayEngine away;
    EXPECT_FALSE(judge_words({answer.bytes(), {sealed.bytes()}, {}}, {}, small_rules(), {}, away))
        << "what could not be opened was not compared";
}

TEST_F(TeamDesk, WordsThatWaitAreHeldWhenTheCiphertextComesFromSomebodyElse) {
    organisation_.team_mail.relay_delay = 10min;
    in_transaction([&] {
        store_.ciphertexts.note(acme_ids().keyed(sha256("session")), {report_.entry, ticket_, "rae@lab.test"}, friday);
        return 0;
    });
    const auto relay = [&] {
        for (const store::OutboxRow& row : store_.outbox.of_ticket(ticket_))
            if (row.template_name == "relay") return row;
        throw std::logic_error{"no relay"};
    };
    take(from_alice("Thank you, which version is it?", notice_to("alice@acme.test")));
    ASSERT_EQ(store::OutboxState::Queued, relay().state);
    // Of two authors, which is nobody's own, and so somebody else's.
    Letter stolen;
    stolen.from = "Mallory <mallory@lab.test>, Sam <sam@lab.test>";
    stolen.subject = "Something else";
    stolen.message_id = "stolen@lab.test";
    take(stolen, friday + 1h, [](Examination& examination) { examination.sessions = {sha256("session")}; });
    EXPECT_EQ(1, events_of(ticket_, EventKind::RelaysBlocked));
    EXPECT_EQ(store::OutboxState::Held, relay().state);
    take(from_alice("/confirm\n/note\nSEC-2026-0001", notice_to("alice@acme.test")), friday + 1h, signed_by_alice());
    EXPECT_EQ(1, events_of(ticket_, EventKind::RelaysCleared));
    EXPECT_EQ(store::OutboxState::Queued, relay().state);
    EXPECT_GE(relay().next_attempt.value(), friday + 1h + 10min) << "it can still be taken back";
}

}  // namespace
}  // namespace tocsin::intake
