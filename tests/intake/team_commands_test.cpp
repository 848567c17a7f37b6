// What a member's commands do, and how they are taken back (INTERFACES section 6).
#include "intake/team/team_mail.hpp"

#include <gtest/gtest.h>

#include "intake/outgoing/reporter_mail.hpp"
#include "team_desk.hpp"

namespace tocsin::intake {
namespace {

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

TEST_F(TeamDesk, ATranscriptTellsWhatIsOverFromWhatIsDue) {
    const Instant tuesday = friday + 24h * 4;
    const Decision decision = take(from_alice("/take\n", notice_to("alice@acme.test")), tuesday);
    const auto transcript = std::ranges::find(decision.mail, "transcript", &Recipe::template_name);
    ASSERT_NE(decision.mail.end(), transcript);
    std::vector<bool> over;
    for (const cvd::TicketClock& clock : now().clocks)
        if (clock.open()) over.push_back(clock.due <= tuesday);
    EXPECT_EQ(over, yeses_in(*transcript, "clocks", "overdue"));
    EXPECT_TRUE(std::ranges::count(over, true) > 0 && std::ranges::count(over, false) > 0);
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

TEST_F(TeamDesk, APathAtTheTopIsNoCommandOfAReport) {
    EXPECT_EQ(Action::Open, take(from_alice("/etc/passwd can be read with an XSS.\n")).action);
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
    const cvd::Ticket after = now();
    for (const cvd::TicketClock& clock : before.clocks) {
        const cvd::TicketClock* again = after.open_clock(clock.name);
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
