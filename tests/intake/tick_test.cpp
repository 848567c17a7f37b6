#include "intake/tick.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "desk.hpp"
#include "intake/promises.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;
using Hearers = std::vector<std::string>;

const Instant first_mark = instant("2026-03-09T10:30:00Z");  // of the clock "acknowledge"; it is due at 14:30

Hearers hearers(const Decision& decision) {
    Hearers addresses;
    for (const Recipe& recipe : decision.mail) addresses.push_back(recipe.to_address);
    return addresses;
}

TEST(AMark, IsToldBeforeTheDeadlineAsAReminder) {
    const OpenTicket open = opened_by({});
    const Decision decision = tick(open, "acknowledge", acme(), first_mark);
    EXPECT_EQ((Hearers{"alice@acme.test", "bob@acme.test"}), hearers(decision));
    for (const Recipe& recipe : decision.mail) {
        EXPECT_EQ("reminder", recipe.template_name);
        EXPECT_TRUE(recipe.to_team);
        EXPECT_FALSE(recipe.shows_report);
        EXPECT_EQ("acknowledge", text_in(recipe, "clock"));
        EXPECT_EQ("Monday, 9 March 2026, 15:30 CET", text_in(recipe, "due"));
        EXPECT_EQ("confirm it", text_in(recipe, "promise"));
        EXPECT_FALSE(yes_in(recipe, "overdue"));
    }
    EXPECT_EQ(std::vector{EventKind::Reminded}, kinds(decision.events));
    EXPECT_EQ(instant("2026-03-09T14:30:00Z"), decision.reminders.at("acknowledge"));
}

TEST(AMark, IsToldFromTheDeadlineOnAsOverdue) {
    const OpenTicket open = opened_by({});
    const Decision decision = tick(open, "acknowledge", acme(), instant("2026-03-09T14:30:00Z"));
    ASSERT_EQ(2u, decision.mail.size());
    EXPECT_EQ("overdue", decision.mail[0].template_name);
    EXPECT_TRUE(yes_in(decision.mail[0], "overdue"));
    EXPECT_EQ(instant("2026-03-10T14:30:00Z"), decision.reminders.at("acknowledge"));
}

TEST(AMark, ThatPassedWithOthersMakesOneMail) {
    const OpenTicket open = opened_by({});
    // Nobody was there for a week: five marks have passed.
    const Instant now = instant("2026-03-13T09:00:00Z");
    const Decision decision = tick(open, "acknowledge", acme(), now);
    EXPECT_EQ(2u, decision.mail.size());
    EXPECT_EQ(1u, decision.events.size());
    EXPECT_EQ(instant("2026-03-13T14:30:00Z"), decision.reminders.at("acknowledge"));
}

TEST(AMark, ThatADowntimeBroughtIntoTheNightWaitsForTheOffice) {
    const OpenTicket open = opened_by({});
    const Decision at_night = tick(open, "acknowledge", acme(), instant("2026-03-10T01:00:00Z"));
    EXPECT_TRUE(at_night.mail.empty());
    EXPECT_TRUE(at_night.events.empty());
    EXPECT_EQ(instant("2026-03-10T08:00:00Z"), at_night.reminders.at("acknowledge"));
}

TEST(AMark, OfAClockWithoutACalendarSpeaksAtAnyHour) {
    const OpenTicket open = opened_by({});
    const Decision decision = tick(open, "resolve", acme(), instant("2026-04-20T23:00:00Z"));
    EXPECT_EQ(2u, decision.mail.size());
}

TEST(AMark, OfAClockThatStoppedStandsStillOrNeverWasIsSilent) {
    OpenTicket open = opened_by({});
    (void)happen(open, {EventKind::Waiting, friday + 1h, "alice@acme.test", {}});
    (void)happen(open, {EventKind::Acknowledged, friday + 1h, "tocsin", {}});
    for (const char* clock : {"acknowledge", "resolve", "nonsense"}) {
        const Decision decision = tick(open, clock, acme(), first_mark);
        EXPECT_TRUE(decision.mail.empty()) << clock;
        EXPECT_TRUE(decision.events.empty()) << clock;
        EXPECT_EQ(std::nullopt, decision.reminders.at(clock)) << clock;
    }
}

TEST(AMark, IsToldToTheOwnerAndToEverybodyWithoutOne) {
    OpenTicket open = opened_by({});
    const Instant due = open.ticket.open_clock("triage")->due;
    EXPECT_EQ((Hearers{"alice@acme.test", "bob@acme.test"}), hearers(tick(open, "triage", acme(), due)));
    (void)happen(open, {EventKind::Assigned, friday + 1h, "alice@acme.test", {{"owner", "bob@acme.test"}}});
    EXPECT_EQ(Hearers{"bob@acme.test"}, hearers(tick(open, "triage", acme(), due)));
}

TEST(AMark, IsToldToARoleOrToOneAddress) {
    const OpenTicket open = opened_by({.text = "Code execution."});
    const Instant due = open.ticket.open_clock("triage-urgent")->due;
    EXPECT_EQ(Hearers{"alice@acme.test"}, hearers(tick(open, "triage-urgent", acme(), due)));
    EXPECT_EQ(Hearers{"alice@acme.test"},
              hearers(tick(open, "evaluate", acme(), open.ticket.open_clock("evaluate")->due)));
}

TEST(AMark, IsToldToAnAddressThatIsNoMembers) {
    OpenTicket open = opened_by({});
    for (rules::ClockRule& rule : open.policy.clocks) rule.to = {"ops@other.test", "role:lead"};
    EXPECT_EQ((Hearers{"alice@acme.test", "ops@other.test"}), hearers(tick(open, "acknowledge", acme(), first_mark)));
}

TEST(AMark, IsNeverToldToNobody) {
    const OpenTicket open = opened_by({.text = "Code execution."});
    Organisation without_alice = acme();
    without_alice.team.erase(without_alice.team.begin());
    EXPECT_EQ(Hearers{"bob@acme.test"},
              hearers(tick(open, "triage-urgent", without_alice, open.ticket.open_clock("triage-urgent")->due)));
}

class Reminders : public DeskTest {
protected:
    std::size_t remind_all(Instant now) {
        return in_transaction([&] {
            std::size_t queued = 0;
            for (const store::DueReminder& due : store_.tickets.reminders_due(now, 100))
                queued += remind(store_, due, small_rules(), organisation_, acme_ids(), now);
            return queued;
        });
    }
};

TEST_F(Reminders, ComeOnceForEachMark) {
    const TicketId id = *take_in({}).admitted.ticket;
    (void)remind_all(first_mark - 1min);  // other clocks had something to say before
    const auto said_before = events_of(id, EventKind::Reminded);
    EXPECT_EQ(2u, remind_all(first_mark));
    EXPECT_TRUE(mail_of("reminder", "alice@acme.test"));
    EXPECT_EQ(said_before + 1, events_of(id, EventKind::Reminded));
    EXPECT_EQ(0u, remind_all(first_mark));
    EXPECT_EQ(0u, remind_all(first_mark + 1min));
    EXPECT_EQ(said_before + 1, events_of(id, EventKind::Reminded));
    EXPECT_EQ(instant("2026-03-09T14:30:00Z"), store_.tickets.next_reminder(id, "acknowledge"));
    EXPECT_EQ(store_.tickets.rebuild(id), ticket(id));
}

TEST_F(Reminders, AreMergedAfterADowntime) {
    const TicketId id = *take_in({}).admitted.ticket;
    const Instant later = instant("2026-03-20T10:00:00Z");
    (void)remind_all(later);
    EXPECT_EQ(5, events_of(id, EventKind::Reminded));  // each clock but the one without a mark yet
    EXPECT_EQ(0u, remind_all(later + 1min));
}

TEST_F(Reminders, ComeNoMoreOnceTheClockHasStopped) {
    const TicketId id = *take_in({}).admitted.ticket;
    (void)answered(mail_of("acknowledgement", "rae@lab.test")->id, {store::OutboxState::Sent, 250, ""}, friday + 1min);
    for (const store::DueReminder& due : store_.tickets.reminders_due(friday + 24h * 30, 100))
        EXPECT_NE("acknowledge", due.clock);
    (void)remind_all(first_mark);
    EXPECT_EQ(0, std::ranges::count_if(outbox(), [](const store::OutboxRow& row) {
                  return row.template_name == "reminder" &&
                         text_in(*recipe_from_json(row.recipe), "clock") == "acknowledge";
              }));
    EXPECT_EQ(cvd::TicketState::Acknowledged, ticket(id).state);
}

TEST_F(Reminders, AreKeptBackInShadow) {
    organisation_ = acme(Mode::Shadow);
    const TicketId id = *take_in({}).admitted.ticket;
    (void)remind_all(first_mark);
    EXPECT_TRUE(outbox().empty());
    EXPECT_EQ(instant("2026-03-09T14:30:00Z"), store_.tickets.next_reminder(id, "acknowledge"));
}

}  // namespace
}  // namespace tocsin::intake
