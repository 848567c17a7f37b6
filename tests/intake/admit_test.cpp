#include "intake/admit/admit.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "desk.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

const Letter reply_of_rae{.subject = "Re: Your report", .text = "More.", .message_id = "a2@lab.test"};

class Admission : public DeskTest {
protected:
    // The answer that Rae gives to the acknowledgement which she got.
    Letter reply_to(const store::OutboxRow& mail) const {
        Letter letter = reply_of_rae;
        letter.fields = {"In-Reply-To: <" + mail.message_id + ">"};
        return letter;
    }
};

TEST_F(Admission, OfAReportKeepsTicketHistoryClocksMailAndEntry) {
    const Taken taken = take_in({});
    ASSERT_TRUE(taken.admitted.ticket);
    const TicketId id = *taken.admitted.ticket;
    EXPECT_EQ("SEC-2026-0001", taken.admitted.number);
    EXPECT_EQ(3u, taken.admitted.queued);
    EXPECT_EQ("SEC-2026-0001", ticket(id).number);
    EXPECT_EQ(6u, ticket(id).clocks.size());
    EXPECT_EQ(store_.tickets.rebuild(id), ticket(id));
    EXPECT_EQ(3, events_of(id, EventKind::Queued));
    EXPECT_EQ(instant("2026-03-09T10:30:00Z"), store_.tickets.next_reminder(id, "acknowledge"));
    EXPECT_EQ(small_rules().policy("default")->source,
              store_.conversations.policy_source(small_rules().policy("default")->hash));
    EXPECT_EQ(store::Part::Reporter, store_.conversations.part_of(id, "rae@lab.test"));
    EXPECT_EQ(store::EntryState::Done, store_.journal.find(taken.entry)->state);
    EXPECT_TRUE(store_.journal.pending(10).empty());
}

TEST_F(Admission, GivesEachMailItsNumberAndAMessageIdOfItsOwn) {
    const Taken taken = take_in({});
    std::vector<std::string> ids;
    for (const store::OutboxRow& row : outbox()) {
        const Recipe recipe = recipe_from_json(row.recipe).value();
        EXPECT_EQ("SEC-2026-0001", recipe.ticket_number);
        EXPECT_EQ("SEC-2026-0001", text_in(recipe, "ticket"));
        EXPECT_EQ(row.message_id, recipe.message_id);
        EXPECT_EQ(friday, recipe.date);
        EXPECT_EQ("SEC-2026-0001", acme_ids().subject_of(row.message_id));
        EXPECT_EQ(std::vector{*taken.admitted.ticket}, store_.conversations.tickets_with(row.message_id));
        ids.push_back(row.message_id);
    }
    std::ranges::sort(ids);
    EXPECT_EQ(3u, ids.size());
    EXPECT_TRUE(std::ranges::adjacent_find(ids) == ids.end());
}

TEST_F(Admission, DoneTwiceDoesNothingTheSecondTime) {
    const Taken taken = take_in({});
    const auto before = history(*taken.admitted.ticket);
    const Admitted again = in_transaction([&] {
        return admit(store_, taken.decision, taken.entry, store::EntryState::Done, organisation_, acme_ids(),
                     friday + 1h);
    });
    EXPECT_EQ(taken.admitted.ticket, again.ticket);
    EXPECT_EQ(0u, again.queued);
    EXPECT_EQ(1u, store_.tickets.list({}, friday).size());
    EXPECT_EQ(before, history(*taken.admitted.ticket));
    EXPECT_EQ(3u, outbox().size());
}

TEST_F(Admission, OfAFollowUpTwiceJoinsItOnce) {
    (void)take_in({});
    const Taken reply = take_in(reply_to(mail_of("acknowledgement", "rae@lab.test").value()), friday + 1h);
    EXPECT_EQ("reporter-reply", reply.decision.kind);
    const auto before = history(*reply.admitted.ticket);
    (void)in_transaction([&] {
        return admit(store_, reply.decision, reply.entry, store::EntryState::Done, organisation_, acme_ids(),
                     friday + 2h);
    });
    EXPECT_EQ(before, history(*reply.admitted.ticket));
    EXPECT_EQ(5u, outbox().size());
}

TEST_F(Admission, ThatIsRolledBackLeavesNothing) {
    const auto entry = in_transaction([&] {
        return store_.journal.append({.place = {"security", "INBOX", 1, 9}, .internal_date = friday}, "x", friday);
    });
    {
        store::Transaction transaction{store_.database};
        (void)admit(store_, decided({}), *entry, store::EntryState::Done, organisation_, acme_ids(), friday);
    }
    EXPECT_TRUE(store_.tickets.list({}, friday).empty());
    EXPECT_TRUE(outbox().empty());
    EXPECT_EQ(1u, store_.journal.pending(10).size());
}

TEST_F(Admission, ATicketIsNumberedInTheYearOfItsReport) {
    EXPECT_EQ("SEC-2026-0001", take_in({}).admitted.number);
    EXPECT_EQ("SEC-2026-0002", take_in({.message_id = "a2@lab.test"}, friday + 1h).admitted.number);
    EXPECT_EQ("SEC-2027-0001", take_in({.message_id = "a3@lab.test"}, instant("2027-01-01T00:00:00Z")).admitted.number);
}

TEST_F(Admission, WhoAnswersAMailOfOursIsInItsThread) {
    const Taken first = take_in({});
    const auto answer = mail_of("acknowledgement", "rae@lab.test").value();
    const Taken reply = take_in(reply_to(answer), friday + 1h);
    EXPECT_EQ("reporter-reply", reply.decision.kind);
    EXPECT_EQ(first.admitted.ticket, reply.admitted.ticket);
    EXPECT_EQ(1u, store_.tickets.list({}, friday).size());
    // Each member's second notice stands below her first one.
    const auto notice = mail_of("notice", "alice@acme.test").value();
    for (const store::OutboxRow& row : outbox()) {
        if (row.recipient != "alice@acme.test" || row.id == notice.id) continue;
        EXPECT_EQ(notice.message_id, recipe_from_json(row.recipe)->in_reply_to);
    }
}

TEST_F(Admission, WhoAnswersHerOwnMailIsInItsThread) {
    const Taken first = take_in({});
    Letter letter = reply_of_rae;
    letter.fields = {"References: <unknown@x.test> <a1@lab.test>"};
    EXPECT_EQ(first.admitted.ticket, take_in(letter, friday + 1h).admitted.ticket);
}

TEST_F(Admission, AStrangerWhoAnswersIsHeldAndDoesNotJoin) {
    const Taken first = take_in({});
    Letter letter = reply_to(mail_of("acknowledgement", "rae@lab.test").value());
    letter.from = "mallory@evil.test";
    const Taken held = take_in(letter, friday + 1h);
    EXPECT_EQ("foreign", held.decision.kind);
    EXPECT_EQ(1, events_of(*first.admitted.ticket, EventKind::Held));
    EXPECT_FALSE(store_.conversations.part_of(*first.admitted.ticket, "mallory@evil.test"));
    letter.message_id = "m2@evil.test";
    EXPECT_EQ("foreign", take_in(letter, friday + 2h).decision.kind);  // nor the second time
}

TEST_F(Admission, ANumberInTheSubjectOpensNoDoor) {
    (void)take_in({});
    const Taken claiming =
        take_in({.from = "mallory@evil.test", .subject = "[SEC-2026-0001]", .message_id = "m@evil.test"});
    EXPECT_EQ(Action::Open, claiming.decision.action);
    EXPECT_EQ("SEC-2026-0001", claiming.decision.claims);
    EXPECT_EQ("SEC-2026-0002", claiming.admitted.number);
}

TEST_F(Admission, TheSameMailDeliveredTwiceHasOneEffect) {
    const Taken first = take_in({});
    Letter again;
    again.fields = {"Received: from elsewhere", "Delivered-To: psirt@acme.test"};
    const Taken second = take_in(again, friday + 1h);
    EXPECT_EQ("duplicate", second.decision.kind);
    EXPECT_EQ(first.admitted.ticket, second.decision.ticket);
    EXPECT_EQ(0u, second.admitted.queued);
    EXPECT_EQ(1u, store_.tickets.list({}, friday).size());
    EXPECT_TRUE(store_.journal.pending(10).empty());
}

TEST_F(Admission, TheSameMessageIdWithOtherWordsIsAnotherMail) {
    (void)take_in({});
    const Taken other = take_in({.text = "Another XSS."}, friday + 1h);
    EXPECT_EQ("report", other.decision.kind);
    EXPECT_EQ(2u, store_.tickets.list({}, friday).size());
}

TEST_F(Admission, WhatWeSentComesBackAsOurOwn) {
    const Taken first = take_in({});
    const auto answer = mail_of("acknowledgement", "rae@lab.test").value();
    const Taken own = take_in({.from = "security@acme.test", .message_id = answer.message_id}, friday + 1h);
    EXPECT_EQ("own", own.decision.kind);
    EXPECT_EQ(2u, own.admitted.queued) << "an alarm to each member";
    EXPECT_FALSE(own.admitted.ticket);
    EXPECT_EQ(4u, history(*first.admitted.ticket).size() - 7u);  // Opened, Received, six clocks, three Queued
}

TEST_F(Admission, InShadowKeepsEverythingAndSendsNothing) {
    organisation_ = acme(Mode::Shadow);
    const Taken taken = take_in({});
    ASSERT_TRUE(taken.admitted.ticket);
    EXPECT_EQ(3u, taken.admitted.queued);
    EXPECT_TRUE(outbox().empty());
    EXPECT_TRUE(store_.outbox.to_seal(10).empty());
    EXPECT_EQ(0, events_of(*taken.admitted.ticket, EventKind::Queued));
    EXPECT_EQ(6u, ticket(*taken.admitted.ticket).clocks.size());
    for (std::int64_t id = 1; id <= 3; ++id)
        EXPECT_EQ(store::OutboxState::Suppressed, store_.outbox.find(OutboxId{id})->state);
}

TEST_F(Admission, ForTheTeamAloneWritesToNobodyOutside) {
    organisation_ = acme(Mode::Team);
    const Taken taken = take_in({});
    EXPECT_EQ(3u, taken.admitted.queued);
    const auto mail = outbox();
    ASSERT_EQ(2u, mail.size());
    for (const store::OutboxRow& row : mail) EXPECT_TRUE(row.to_team);
    EXPECT_EQ(2, events_of(*taken.admitted.ticket, EventKind::Queued));
}

TEST_F(Admission, OfABulkMailOnlyEndsItsWaiting) {
    const Taken taken =
        take_in({.subject = "Spring", .text = "Offers.", .fields = {"List-Id: <news.other.test>", "X-Loop: news"}});
    EXPECT_FALSE(taken.admitted.ticket);
    EXPECT_EQ("", taken.admitted.number);
    EXPECT_TRUE(store_.tickets.list({}, friday).empty());
    EXPECT_TRUE(store_.journal.pending(10).empty());
}

TEST_F(Admission, ATicketKeepsThePolicyThatItWasPromised) {
    const Taken taken = take_in({});
    // The rules changed since: the ticket's policy is read from the store.
    const OpenTicket open = load_ticket(store_, *taken.admitted.ticket, shipped_rules());
    EXPECT_EQ(small_rules().policy("default")->hash, open.policy.hash);
    EXPECT_NE(nullptr, open.policy.clock("weekend"));
    EXPECT_EQ(friday, open.happened.at(EventKind::Received));
}

}  // namespace
}  // namespace tocsin::intake
