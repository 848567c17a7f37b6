#include "intake/decide/delivered.hpp"

#include <gtest/gtest.h>

#include "desk.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;
using store::OutboxState;

class Delivery : public DeskTest {
protected:
    TicketId report(const Letter& letter = {}) { return take_in(letter).admitted.ticket.value(); }
    store::OutboxRow answer() const { return mail_of("acknowledgement", "rae@lab.test").value(); }
};

TEST_F(Delivery, AnAcceptedAcknowledgementStopsItsClock) {
    const TicketId id = report();
    EXPECT_EQ(OutboxState::Sent, answered(answer().id, {OutboxState::Sent, 250, "queued"}, friday + 1min));
    const cvd::Ticket after = ticket(id);
    EXPECT_EQ(cvd::TicketState::Acknowledged, after.state);
    EXPECT_EQ(nullptr, after.open_clock("acknowledge"));
    EXPECT_EQ(friday + 1min, after.clocks.at(0).stopped);
    EXPECT_FALSE(store_.tickets.next_reminder(id, "acknowledge"));
    EXPECT_TRUE(store_.tickets.next_reminder(id, "triage"));
    EXPECT_EQ(1, events_of(id, EventKind::Sent));
    EXPECT_EQ(1, events_of(id, EventKind::Acknowledged));
    EXPECT_EQ(store_.tickets.rebuild(id), after);
}

TEST_F(Delivery, WhatIsOnlyQueuedStopsNothing) {
    const TicketId id = report();
    EXPECT_EQ(cvd::TicketState::New, ticket(id).state);
    EXPECT_NE(nullptr, ticket(id).open_clock("acknowledge"));
}

TEST_F(Delivery, AnAcceptedNoticeIsSentAndAcknowledgesNothing) {
    const TicketId id = report();
    (void)answered(mail_of("notice", "alice@acme.test")->id, {OutboxState::Sent, 250, ""}, friday + 1min);
    EXPECT_EQ(1, events_of(id, EventKind::Sent));
    EXPECT_EQ(0, events_of(id, EventKind::Acknowledged));
    EXPECT_NE(nullptr, ticket(id).open_clock("acknowledge"));
}

TEST_F(Delivery, ARefusedAcknowledgementIsToldToTheTeamOnce) {
    const TicketId id = report();
    const auto mail = answer();
    EXPECT_EQ(OutboxState::Failed, answered(mail.id, {OutboxState::Failed, 550, "5.1.1 no such user"}, friday + 1min));
    EXPECT_EQ(1, events_of(id, EventKind::Failed));
    EXPECT_EQ(0, events_of(id, EventKind::Acknowledged));
    EXPECT_NE(nullptr, ticket(id).open_clock("acknowledge"));  // the promise is open
    for (const char* member : {"alice@acme.test", "bob@acme.test"}) {
        const auto alarm = mail_of("bounced", member);
        ASSERT_TRUE(alarm) << member;
        const Recipe recipe = recipe_from_json(alarm->recipe).value();
        EXPECT_EQ("rae@lab.test", text_in(recipe, "recipient"));
        EXPECT_EQ("acknowledgement", text_in(recipe, "template"));
        EXPECT_NE(std::string::npos, text_in(recipe, "status").find("no such user"));
        EXPECT_NE("", text_in(recipe, "what"));
        EXPECT_TRUE(recipe.to_team);
        EXPECT_EQ("SEC-2026-0001", recipe.ticket_number);
    }
    EXPECT_FALSE(mail_of("bounced", "rae@lab.test"));
    EXPECT_EQ(4u, outbox().size());
}

TEST_F(Delivery, AnAcknowledgementInOtherWordsIsMissedJustTheSame) {
    (void)report({.subject = "in short"});
    const auto mail = mail_of("acknowledgement-short", "rae@lab.test").value();
    (void)answered(mail.id, {OutboxState::Failed, 550, "no"}, friday + 1min);
    EXPECT_NE("", text_in(*recipe_from_json(mail_of("bounced", "bob@acme.test")->recipe), "what"));
}

TEST_F(Delivery, ARefusedNoticeBringsNoMailAboutMail) {
    const TicketId id = report();
    (void)answered(mail_of("notice", "alice@acme.test")->id, {OutboxState::Failed, 550, "no"}, friday + 1min);
    EXPECT_EQ(1, events_of(id, EventKind::Failed));
    EXPECT_FALSE(mail_of("bounced", "alice@acme.test"));
    EXPECT_FALSE(mail_of("bounced", "bob@acme.test"));
}

TEST_F(Delivery, ABusyServerChangesNothingYet) {
    const TicketId id = report();
    const auto before = history(id);
    EXPECT_EQ(OutboxState::Deferred, answered(answer().id, {OutboxState::Deferred, 451, "later"}, friday + 1min));
    EXPECT_EQ(before, history(id));
    EXPECT_FALSE(mail_of("bounced", "alice@acme.test"));
    EXPECT_EQ(OutboxState::Sent, answered(answer().id, {OutboxState::Sent, 250, ""}, friday + 10min));
    EXPECT_EQ(1, events_of(id, EventKind::Acknowledged));
}

TEST_F(Delivery, AfterFiveDaysItIsGivenUpAndTold) {
    const TicketId id = report();
    const auto mail = answer();
    EXPECT_EQ(OutboxState::Deferred, answered(mail.id, {OutboxState::Deferred, 451, "later"}, friday));
    EXPECT_EQ(OutboxState::Failed, answered(mail.id, {OutboxState::Deferred, 451, "later"}, friday + 24h * 5));
    EXPECT_EQ(1, events_of(id, EventKind::Failed));
    EXPECT_TRUE(mail_of("bounced", "alice@acme.test"));
}

TEST_F(Delivery, AMailThatCannotBeComposedIsToldToo) {
    const TicketId id = report();
    const auto mail = answer();
    in_transaction([&] {
        settle_uncomposed(store_, mail, "the template is gone", small_rules(), organisation_, acme_ids(),
                          friday + 1min);
        return true;
    });
    EXPECT_EQ(OutboxState::Failed, store_.outbox.find(mail.id)->state);
    EXPECT_EQ(1, events_of(id, EventKind::Failed));
    EXPECT_TRUE(mail_of("bounced", "alice@acme.test"));
}

TEST_F(Delivery, WhatACrashLeftTwiceAfterTheFinalDotIsTakenAsSent) {
    const TicketId id = report();
    const auto mail = answer();
    const auto crash_at_final_dot = [&] {
        in_transaction([&] {
            store_.outbox.attempting(mail.id, friday + 1min);
            store_.outbox.at_final_dot(mail.id);
            return true;
        });
        in_transaction([&] {
            recover(store_, small_rules(), friday + 2min);
            return true;
        });
    };
    in_transaction([&] {
        store_.outbox.seal(mail.id, "a mail");
        return true;
    });
    crash_at_final_dot();
    EXPECT_EQ(OutboxState::Unknown, store_.outbox.find(mail.id)->state);
    EXPECT_EQ(0, events_of(id, EventKind::Acknowledged));
    crash_at_final_dot();
    EXPECT_EQ(OutboxState::Sent, store_.outbox.find(mail.id)->state);
    EXPECT_EQ(1, events_of(id, EventKind::Acknowledged));
    EXPECT_EQ(nullptr, ticket(id).open_clock("acknowledge"));
}

}  // namespace
}  // namespace tocsin::intake
