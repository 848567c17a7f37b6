// Whose mail is it, and what may it do: each attack a mail, each without effect (INTERFACES section 6).
#include "intake/team/team_mail.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "desk.hpp"
#include "intake/examine/relayed_words.hpp"
#include "intake/examine/shared_words.hpp"
#include "intake/outgoing/reporter_mail.hpp"
#include "intake/team/roster.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;
using cvd::TicketState;

constexpr const char* alices_key = "A11CEA11CEA11CEA11CEA11CEA11CEA11CEA11CE";

class TeamDesk : public DeskTest {
protected:
    void SetUp() override {
        organisation_.team[0].key = alices_key;
        report_ = take_in({});
        letters_.insert_or_assign(report_.entry.value(), Letter{});
        ticket_ = *report_.admitted.ticket;
    }

    std::string id_of(const std::string& template_name, const std::string& recipient) const {
        std::string found;
        for (const store::OutboxRow& row : store_.outbox.of_ticket(ticket_))
            if (row.template_name == template_name && row.recipient == recipient) found = row.message_id;
        EXPECT_NE("", found) << template_name << " to " << recipient;
        return found;
    }
    std::string notice_to(const std::string& member) const { return id_of("notice", member); }

    static Letter from_alice(std::string text, const std::string& answers = {}) {
        static int serial = 0;
        Letter letter{.from = "Alice <alice@acme.test>",
                      .subject = "Re: XSS in login",
                      .text = std::move(text),
                      .message_id = "m" + std::to_string(++serial) + "@acme.test"};
        if (!answers.empty()) letter.fields = {"In-Reply-To: <" + answers + ">"};
        return letter;
    }

    // As `take_in`, with a change to what the examiner says; then all that a yes has reopened.
    Decision take(const Letter& letter, Instant at = friday + 1h,
                  const std::function<void(Examination&)>& change = {}) {
        const auto entry = in_transaction([&] {
            return store_.journal.append({.place = {"security", "INBOX", 1, next_uid_++}, .internal_date = at},
                                         letter.bytes(), at);
        });
        if (!entry) throw std::logic_error{"not journaled"};
        letters_.insert_or_assign(entry->value(), letter);
        Decision first = work(*entry, at, change);
        for (const store::JournalEntry& waiting : store_.journal.pending(10)) last_ = work(waiting.id, at, {});
        return first;
    }

    Decision work(JournalId entry, Instant at, const std::function<void(Examination&)>& change) {
        Examination examination = examined(letters_.at(entry.value()));
        if (change) change(examination);
        const TicketView view = look_up(store_, examination, organisation_, acme_ids(), small_rules(), entry, at);
        Decision decision =
            decide(examination, view, small_rules(), organisation_, security_mailbox(), arrived(entry.value(), at), at);
        in_transaction([&] {
            return admit(store_, decision, entry, store::EntryState::Done, organisation_, acme_ids(), at,
                         &small_rules());
        });
        return decision;
    }

    static std::function<void(Examination&)> signed_by_alice(Instant made = friday + 30min, std::string text = "t1") {
        return [made, text](Examination& examination) {
            examination.crypto.protocol = "openpgp";
            examination.crypto.covers = "all";
            examination.crypto.signatures = {{.status = "good",
                                              .fingerprint = alices_key,
                                              .address = "alice@acme.test",
                                              .covers = "all",
                                              .made = made,
                                              .signed_text = text}};
        };
    }

    std::vector<std::string> templates_to(const std::string& address) const {
        std::vector<std::string> names;
        for (const store::OutboxRow& row : store_.outbox.of_ticket(ticket_))
            if (row.recipient == address && row.state != store::OutboxState::Dropped)
                names.push_back(row.template_name);
        return names;
    }
    std::size_t count(const std::string& template_name, const std::string& address) const {
        const auto names = templates_to(address);
        return static_cast<std::size_t>(std::ranges::count(names, template_name));
    }
    cvd::Ticket now() const { return ticket(ticket_); }

    void nothing_was_done() {
        EXPECT_EQ(TicketState::New, now().state);
        EXPECT_EQ("", now().owner);
        EXPECT_EQ("rae@lab.test", now().reporter);
        EXPECT_EQ(0, events_of(ticket_, EventKind::Commanded));
        EXPECT_EQ(0, events_of(ticket_, EventKind::Relayed));
        EXPECT_EQ(std::vector<std::string>{"acknowledgement"}, templates_to("rae@lab.test"));
    }

    Taken report_;
    TicketId ticket_{0};
    std::map<std::int64_t, Letter> letters_;
    Decision last_;
};

// ---- what a member's mail does

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

TEST_F(TeamDesk, CommandsAreCarriedOutAllOrNone) {
    take(from_alice("/take\n/triage high\n", notice_to("alice@acme.test")));
    EXPECT_EQ("alice@acme.test", now().owner);
    EXPECT_EQ(TicketState::Triaged, now().state);
    EXPECT_EQ(1u, count("triaged", "rae@lab.test"));
    EXPECT_EQ(1u, count("transcript", "alice@acme.test"));
    EXPECT_EQ(store_.tickets.rebuild(ticket_), now());
    take(from_alice("/eta friday\n/resume\n", notice_to("alice@acme.test")));
    EXPECT_EQ(TicketState::Triaged, now().state);
    EXPECT_FALSE(now().eta);
    EXPECT_EQ(2u, count("transcript", "alice@acme.test"));
}

TEST_F(TeamDesk, WhatIsDestructiveNeedsAYesWithinADay) {
    take(from_alice("/close fixed\n", notice_to("alice@acme.test")));
    nothing_was_done();
    ASSERT_EQ(1u, count("question", "alice@acme.test"));
    take(from_alice("Sure, why not.", id_of("question", "alice@acme.test")), friday + 2h);
    EXPECT_EQ(TicketState::New, now().state);
    take(from_alice("Yes.", id_of("question", "alice@acme.test")), friday + 26h);
    EXPECT_EQ(TicketState::New, now().state) << "too late";
    take(from_alice("/close fixed\n", notice_to("alice@acme.test")), friday + 27h);
    take(from_alice("yes please", id_of("question", "alice@acme.test")), friday + 28h);
    EXPECT_EQ(TicketState::Closed, now().state);
    EXPECT_EQ(1u, count("closed", "rae@lab.test"));
    take(from_alice("yes again", id_of("question", "alice@acme.test")), friday + 29h);
    EXPECT_EQ(1, events_of(ticket_, EventKind::Closed));
}

TEST_F(TeamDesk, ASignatureNeedsNoYes) {
    take(from_alice("/close fixed\n\nSEC-2026-0001\n"), friday + 1h, signed_by_alice());
    EXPECT_EQ(TicketState::Closed, now().state);
    EXPECT_EQ(0u, count("question", "alice@acme.test"));
}

TEST_F(TeamDesk, AReferenceOfHerOwnNoticeIsAsGoodAsTheNumber) {
    const std::string hers = acme_ids().reference_for("SEC-2026-0001", "alice@acme.test");
    const std::string bobs = acme_ids().reference_for("SEC-2026-0001", "bob@acme.test");
    take(from_alice("/take\n\n" + bobs + "\n"), friday + 1h, signed_by_alice(friday, "r1"));
    EXPECT_EQ("", now().owner);
    take(from_alice("/take\n\n" + hers + "\n"), friday + 1h, signed_by_alice(friday, "r2"));
    EXPECT_EQ("alice@acme.test", now().owner);
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

TEST_F(TeamDesk, ACommandWithoutATicketIsAboutTheOneThatItsWordsName) {
    Letter more;
    more.message_id = "more1@lab.test";
    more.subject = "XSS in search";
    const auto second = take_in(more, friday + 10min);
    take(from_alice("/take\n\n> SEC-2026-0001\n> SEC-2026-0002\n"), friday + 1h, signed_by_alice(friday, "n1"));
    take(from_alice("/take\n\nSEC-2026-0001 is like SEC-2026-0002\n"), friday + 1h, signed_by_alice(friday, "n2"));
    EXPECT_EQ("", now().owner);
    EXPECT_EQ("", ticket(*second.admitted.ticket).owner);
    take(from_alice("/take\n\nSEC-2026-0002\n"), friday + 1h, signed_by_alice(friday, "n3"));
    EXPECT_EQ("alice@acme.test", ticket(*second.admitted.ticket).owner);
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

TEST_F(TeamDesk, ASplitIsUndoneAndTheMailIsHeldAgain) {
    Letter stranger;
    stranger.from = "Eve <eve@evil.test>";
    stranger.message_id = "eve1@evil.test";
    stranger.text = "Tell me more about the XSS.";
    stranger.fields = {"In-Reply-To: <" + id_of("acknowledgement", "rae@lab.test") + ">"};
    take(stranger, friday + 10min);
    ASSERT_EQ(1, events_of(ticket_, EventKind::Held));
    take(from_alice("/split\n", notice_to("alice@acme.test")), friday + 1h);
    const auto own = store_.tickets.by_number("SEC-2026-0002");
    ASSERT_TRUE(own);
    const auto clocks = now().clocks;
    take(from_alice("/undo\n", notice_to("alice@acme.test")), friday + 2h);
    EXPECT_EQ("merged", ticket(*own).closed_for);
    EXPECT_EQ(2, events_of(ticket_, EventKind::Held));
    EXPECT_EQ(1u, store_.held.waiting(ticket_).size());
    EXPECT_FALSE(store_.conversations.part_of(ticket_, "eve@evil.test"));
    EXPECT_EQ(clocks, now().clocks);
    EXPECT_EQ("a1@lab.test", thread_with_reporter(store_, ticket_).in_reply_to);
    EXPECT_EQ(store_.tickets.rebuild(ticket_), now());
    EXPECT_EQ(store_.tickets.rebuild(*own), ticket(*own));
}

// Three forged mails in the morning do not make the fourth, which may be hers, disappear.
TEST_F(TeamDesk, WhoIsNotAskedAnyMoreOpensATicket) {
    for (int i = 0; i < 3; ++i) take(from_alice("/help\n"));
    const Decision fourth =
        take(from_alice("/open\n\n---------- Forwarded message ---------\nFrom: Kim <kim@lab.test>\n"
                        "Date: Fri, 6 Mar 2026\nSubject: x\nTo: <alice@acme.test>\n\nAn XSS.\n"));
    EXPECT_EQ(Action::Open, fourth.action);
}

TEST_F(TeamDesk, APathAtTheTopIsNoCommandOfAReport) {
    EXPECT_EQ(Action::Open, take(from_alice("/etc/passwd can be read with an XSS.\n")).action);
}

TEST_F(TeamDesk, WhereNothingGoesOutSheIsToldSo) {
    organisation_.mode = Mode::Team;
    take(from_alice("Which version?\n", notice_to("alice@acme.test")));
    EXPECT_EQ(0, events_of(ticket_, EventKind::Relayed));
    EXPECT_EQ(1, events_of(ticket_, EventKind::Noted));
    EXPECT_EQ(1u, count("transcript", "alice@acme.test"));
}

TEST_F(TeamDesk, UndoTakesBackTheLast) {
    organisation_.team_mail.relay_delay = 10min;
    const cvd::Ticket before = now();
    take(from_alice("/triage critical\n/take\n\nSorry, wrong ticket.", notice_to("alice@acme.test")));
    EXPECT_EQ(1u, count("triaged", "rae@lab.test"));
    take(from_alice("/undo\n", notice_to("alice@acme.test")), friday + 65min);
    EXPECT_EQ(0u, count("triaged", "rae@lab.test"));
    EXPECT_EQ(before.state, now().state);
    EXPECT_EQ(before.owner, now().owner);
    EXPECT_EQ(before.severity, now().severity);
    for (const cvd::TicketClock& clock : before.clocks) {
        const cvd::TicketClock* again = now().open_clock(clock.name);
        ASSERT_NE(nullptr, again) << clock.name;
        EXPECT_EQ(clock.due, again->due) << clock.name;
    }
    EXPECT_EQ(store_.tickets.rebuild(ticket_), now());
    take(from_alice("/undo\n", notice_to("alice@acme.test")), friday + 70min);
    EXPECT_EQ(1, events_of(ticket_, EventKind::Undone));
}

TEST_F(TeamDesk, WhatWasUndoneHasNotHappened) {
    take(from_alice("/embargo 2026-09-01\n", notice_to("alice@acme.test")));
    const cvd::Embargo agreed = now().embargo_dates;
    take(from_alice("/disclose\n\nSEC-2026-0001\n"), friday + 65min, signed_by_alice());
    ASSERT_TRUE(now().embargo_dates.ended);
    take(from_alice("/undo\n", notice_to("alice@acme.test")), friday + 66min);
    EXPECT_EQ(agreed, now().embargo_dates);
    const OpenTicket open = load_ticket(store_, ticket_, small_rules());
    EXPECT_FALSE(open.happened.contains(EventKind::Disclosed));
    EXPECT_TRUE(open.happened.contains(EventKind::EmbargoSet));
    take(from_alice("/take\n", notice_to("alice@acme.test")), friday + 67min);
    EXPECT_NE(nullptr, now().open_clock("embargo"));
    EXPECT_EQ(store_.tickets.rebuild(ticket_), now());
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

TEST_F(TeamDesk, AReporterIsMendedAndCopiedByCommandAlone) {
    take(from_alice("/reporter kim@lab.test\n/cc lee@lab.test\n\nSEC-2026-0001\n"), friday + 1h, signed_by_alice());
    EXPECT_EQ("kim@lab.test", now().reporter);
    EXPECT_EQ(std::vector<std::string>{"lee@lab.test"}, now().cc);
    EXPECT_EQ(store_.tickets.rebuild(ticket_), now());
}

TEST_F(TeamDesk, ABlockedAddressGetsNoAnswersUntilItIsTakenBack) {
    take(from_alice("/block\n", notice_to("alice@acme.test")));
    Letter again;
    again.message_id = "again1@lab.test";
    again.text = "There is another XSS.";
    const Decision silent = take(again, friday + 2h);
    EXPECT_EQ(Action::Open, silent.action);
    EXPECT_TRUE(to_outside(silent).empty());
    take(from_alice("/undo\n", notice_to("alice@acme.test")), friday + 3h);
    again.message_id = "again2@lab.test";
    again.text = "There is a third XSS.";
    EXPECT_EQ(1u, to_outside(take(again, friday + 4h)).size());
}

TEST_F(TeamDesk, AMergeMovesOneReportersTicketsTogetherAndIsUndone) {
    Letter more;
    more.message_id = "more1@lab.test";
    more.subject = "XSS in search";
    const auto second = take_in(more, friday + 10min);
    const TicketId other = *second.admitted.ticket;
    const std::string hers = notice_to("alice@acme.test");
    take(from_alice("/merge " + second.admitted.number + "\n\nSEC-2026-0001\n"), friday + 1h, signed_by_alice());
    EXPECT_EQ(TicketState::Closed, now().state);
    EXPECT_EQ("merged", now().closed_for);
    EXPECT_EQ(1, events_of(other, EventKind::MergedIn));
    EXPECT_EQ(0u, count("relay", "rae@lab.test")) << "what stands beside the number is for nobody outside";
    // Her notices belong to the other ticket now, and still prove who answers them.
    const Decision undone = take(from_alice("/undo\n", hers), friday + 2h);
    EXPECT_EQ(other, undone.ticket);
    EXPECT_EQ(TicketState::New, now().state);
    EXPECT_EQ(1, events_of(other, EventKind::MergeUndone));
    EXPECT_EQ(store_.tickets.rebuild(ticket_), now());
    EXPECT_EQ(store_.tickets.rebuild(other), ticket(other));
}

TEST_F(TeamDesk, ARetryExaminesTheMailAgain) {
    const Decision asked = take(from_alice("/retry\n", notice_to("alice@acme.test")));
    EXPECT_TRUE(
        std::ranges::any_of(asked.steps, [](const StoreStep& step) { return step.what == StoreStep::What::Reopen; }));
    EXPECT_EQ(2u, count("notice", "alice@acme.test"));
    EXPECT_EQ(1, store_.tickets.count_by_reporter("rae@lab.test"));
}

TEST_F(TeamDesk, AMergeLetsNoOtherReporterIn) {
    Letter other;
    other.from = "Mallory <mallory@lab.test>";
    other.message_id = "mallory1@lab.test";
    other.subject = "The same, quite so";
    const auto second = take_in(other, friday + 10min);
    take(from_alice("/merge " + second.admitted.number + "\n\nSEC-2026-0001\n"), friday + 1h, signed_by_alice());
    nothing_was_done();
    EXPECT_EQ(1u, count("transcript", "alice@acme.test"));
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

TEST_F(TeamDesk, UndoTakesBackWhoWasLetInAndWhatWasPutOff) {
    const std::string notice = notice_to("alice@acme.test");
    take(from_alice("/cc lee@lab.test\n/reporter kim@lab.test\n\nSEC-2026-0001\n"), friday + 1h, signed_by_alice());
    ASSERT_TRUE(store_.conversations.part_of(ticket_, "lee@lab.test"));
    take(from_alice("/undo\n", notice), friday + 2h);
    EXPECT_TRUE(now().cc.empty());
    EXPECT_EQ("rae@lab.test", now().reporter);
    EXPECT_FALSE(store_.conversations.part_of(ticket_, "lee@lab.test"));
    EXPECT_FALSE(store_.conversations.part_of(ticket_, "kim@lab.test"));
    EXPECT_TRUE(store_.conversations.part_of(ticket_, "rae@lab.test"));
    take(from_alice("/snooze 2026-04-01\n/mute\n", notice), friday + 3h);
    EXPECT_TRUE(now().snoozed);
    EXPECT_EQ(1u, now().muted.size());
    take(from_alice("/undo\n", notice), friday + 4h);
    EXPECT_FALSE(now().snoozed);
    EXPECT_TRUE(now().muted.empty());
    EXPECT_EQ(store_.tickets.rebuild(ticket_), now());
}

TEST_F(TeamDesk, UndoSendsAStrangerOutAgainAndUnblocksWhoWasBlocked) {
    Letter stranger{.from = "Eve <eve@evil.test>", .text = "Me too.", .message_id = "eve1@evil.test"};
    stranger.fields = {"In-Reply-To: <a1@lab.test>"};
    ASSERT_EQ("foreign", take(stranger).kind);
    const std::string held = notice_to("alice@acme.test");
    take(from_alice("/confirm\n\nSEC-2026-0001\n", held), friday + 2h, signed_by_alice());
    ASSERT_TRUE(store_.conversations.part_of(ticket_, "eve@evil.test"));
    EXPECT_TRUE(store_.held.waiting(ticket_).empty());
    take(from_alice("/undo\n", held), friday + 3h);
    EXPECT_FALSE(store_.conversations.part_of(ticket_, "eve@evil.test"));
    EXPECT_EQ(1u, store_.held.waiting(ticket_).size());
    take(from_alice("/block\n", held), friday + 4h);
    EXPECT_TRUE(store_.spent.has("blocked eve@evil.test"));
    take(from_alice("/undo\n", notice_to("alice@acme.test")), friday + 5h);
    EXPECT_FALSE(store_.spent.has("blocked eve@evil.test"));
}

TEST_F(TeamDesk, UndoSaysWhatItCannotTakeBack) {
    in_transaction([&] {
        store_.keys.add({.fingerprint = std::string(40, 'B'),
                         .address = "rae@lab.test",
                         .origin = "attached",
                         .state = store::KeyState::Proposed,
                         .certificate = "a key"},
                        friday);
        return 0;
    });
    take(from_alice("/accept-key " + std::string(40, 'B') + "\n\nSEC-2026-0001\n"), friday + 1h, signed_by_alice());
    ASSERT_EQ(1, events_of(ticket_, EventKind::KeyAccepted));
    take(from_alice("/undo\n", notice_to("alice@acme.test")), friday + 2h);
    EXPECT_EQ(0, events_of(ticket_, EventKind::Undone));
    EXPECT_EQ(1, events_of(ticket_, EventKind::Refused));
}

// ---- what nobody else's does

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

TEST_F(TeamDesk, AForwardedReportIsOpenedWithAYes) {
    Letter letter = from_alice(
        "/open\n\n---------- Forwarded message ---------\nFrom: Kim Park <kim@lab.test>\nDate: Fri, 6 Mar 2026\n"
        "Subject: SQL injection in the shop\nTo: <alice@acme.test>\n\nThere is an XSS, too.\n");
    letter.subject = "Fwd: SQL injection in the shop";
    take(letter);
    std::string question;
    for (const store::OutboxRow& row : outbox())
        if (row.template_name == "question") question = row.message_id;
    ASSERT_NE("", question);
    take(from_alice("yes", question), friday + 2h);
    EXPECT_EQ(Action::Open, last_.action);
    EXPECT_EQ("kim@lab.test", last_.after.reporter);
    EXPECT_EQ("SQL injection in the shop", last_.after.title);
    const auto kims = store_.tickets.count_by_reporter("kim@lab.test");
    EXPECT_EQ(1, kims);
}

TEST_F(TeamDesk, AYesToTheQuestionAboutAReportOpensNoSecondTicket) {
    Letter letter = from_alice("There is an XSS in the shop, a customer says.");
    letter.subject = "From a customer";
    const Decision decision = take(letter);
    ASSERT_EQ(Action::Open, decision.action);
    std::string question;
    for (const store::OutboxRow& row : outbox())
        if (row.template_name == "question") question = row.message_id;
    const Decision yes = take(from_alice("yes", question), friday + 2h);
    EXPECT_EQ(Action::Append, yes.action);
    EXPECT_EQ(1, store_.tickets.count_by_reporter("alice@acme.test"));
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

TEST_F(TeamDesk, RetryOfAMailThatWasGivenUpReadsItForTheFirstTime) {
    Letter letter;
    letter.from = "Kim <kim@lab.test>";
    letter.subject = "RCE in upload";
    letter.message_id = "kims@lab.test";
    const JournalId entry = *in_transaction([&] {
        return store_.journal.append({.place = {"security", "INBOX", 1, next_uid_++}, .internal_date = friday},
                                     letter.bytes(), friday);
    });
    letters_.insert_or_assign(entry.value(), letter);
    const Decision unread = decide_unread("it cannot be examined", true, small_rules(), organisation_,
                                          security_mailbox(), arrived(entry.value()), friday);
    EXPECT_TRUE(std::ranges::any_of(unread.reasons, [](const std::string& one) { return one.starts_with("/retry"); }));
    const auto admitted = in_transaction([&] {
        return admit(store_, unread, entry, store::EntryState::Quarantined, organisation_, acme_ids(), friday);
    });
    ticket_ = *admitted.ticket;
    ASSERT_EQ("", now().reporter);
    const std::string notice = notice_to("alice@acme.test");
    // As the daemon does with what is reopened.
    const auto entry_now = [&] { return *store_.journal.find(entry); };
    Letter retry = from_alice("/retry\n/note\n" + admitted.number, notice);
    Examination commands = examined(retry);
    signed_by_alice(friday + 30min, "t2")(commands);
    const auto own = in_transaction([&] {
        return store_.journal.append({.place = {"security", "INBOX", 1, next_uid_++}, .internal_date = friday + 1h},
                                     retry.bytes(), friday + 1h);
    });
    const TicketView view = look_up(store_, commands, organisation_, acme_ids(), small_rules(), own, friday + 1h);
    const Decision decision = decide(commands, view, small_rules(), organisation_, security_mailbox(),
                                     arrived(own->value(), friday + 1h), friday + 1h);
    in_transaction([&] {
        return admit(store_, decision, *own, store::EntryState::Done, organisation_, acme_ids(), friday + 1h,
                     &small_rules());
    });
    ASSERT_EQ(store::EntryState::Pending, entry_now().state);
    const Examination read = examined(letter);
    const TicketView first = look_up(store_, read, organisation_, acme_ids(), small_rules(), entry, friday + 1h);
    EXPECT_FALSE(first.again) << "it was never read: it is a report, and answered";
}

}  // namespace
}  // namespace tocsin::intake
