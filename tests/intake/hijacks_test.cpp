// Which mail belongs to which ticket: who knows a number, a token or a Message-ID gets no word of it.
#include <gtest/gtest.h>

#include "intake/admit/moving.hpp"
#include "intake/promises/waiting.hpp"
#include "people.hpp"

namespace tocsin::intake {
namespace {

class Hijacks : public PeopleTest {};

struct Hijack {
    std::string name;
    std::string from;
    std::vector<std::string> fields;
    std::string subject = "Re: [SEC-2026-0001] Your report to ACME";
    std::string kind = "foreign";
    Action action = Action::Hold;
};

TEST_F(Hijacks, AStrangerNeverGetsIntoATicketNorAWordOfIt) {
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

TEST_F(Hijacks, WhatIsHeldIsAskedForAgainAfterABusinessDay) {
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

TEST_F(Hijacks, ATokenLeadsAReporterToHerTicket) {
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

TEST_F(Hijacks, AnExistingAClosedAndAnInventedNumberAreAnsweredAlike) {
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

TEST_F(Hijacks, WhoeverFloodsOneTicketFromOutsideBombsNoTeam) {
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

TEST_F(Hijacks, ANumberInTheWordsIsAClaimAsWell) {
    acknowledged(report(1));
    Letter letter = report(2, "Eve <eve@evil.test>");
    letter.text = "This is about SEC-2026-0001: an XSS is left in it.";
    const Taken taken = take_in(letter, friday + 1h);
    EXPECT_EQ("SEC-2026-0001", taken.decision.claims);
    EXPECT_EQ(Action::Open, taken.decision.action);
    EXPECT_EQ(1u, to_outside(taken.decision).size());
}

TEST_F(Hijacks, WhatAnswersAMergedTicketJoinsTheOneThatStandsForIt) {
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

}  // namespace
}  // namespace tocsin::intake
