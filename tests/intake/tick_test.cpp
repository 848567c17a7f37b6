#include "intake/promises/tick.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <set>

#include "desk.hpp"
#include "intake/promises/named_dates.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;
using Hearers = std::vector<std::string>;

const Instant first_mark = instant("2026-03-09T10:30:00Z");  // of the clock "acknowledge"; it is due at 14:30

struct Spoken {
    Tick tick;
    std::vector<Recipe> mail;
};
Spoken speak(const OpenTicket& open, Instant now, const Organisation& organisation = acme(),
             const std::set<std::string>& away = {}) {
    Spoken spoken{tick(open, now), {}};
    for (const ReminderMail& mail : reminder_mails({spoken.tick}, organisation, away, now))
        spoken.mail.push_back(mail.recipe);
    return spoken;
}

// With only this clock left.
OpenTicket with_clock(const std::string& name, const Letter& letter = {}) {
    OpenTicket open = opened_by(letter);
    std::erase_if(open.ticket.clocks, [&](const cvd::TicketClock& clock) { return clock.name != name; });
    return open;
}

Hearers hearers(const Spoken& spoken) {
    Hearers addresses;
    for (const Recipe& recipe : spoken.mail) addresses.push_back(recipe.to_address);
    return addresses;
}

TEST(AMark, IsToldBeforeTheDeadlineAsAReminder) {
    const OpenTicket open = with_clock("acknowledge");
    const Spoken spoken = speak(open, first_mark);
    EXPECT_EQ((Hearers{"alice@acme.test", "bob@acme.test"}), hearers(spoken));
    for (const Recipe& recipe : spoken.mail) {
        EXPECT_EQ("reminder", recipe.template_name);
        EXPECT_TRUE(recipe.to_team);
        EXPECT_FALSE(recipe.shows_report);
        EXPECT_EQ("acknowledge", text_in(recipe, "clock"));
        EXPECT_EQ("Monday, 9 March 2026, 15:30 CET", text_in(recipe, "due"));
        EXPECT_EQ("confirm it", text_in(recipe, "promise"));
        EXPECT_FALSE(yes_in(recipe, "goal"));
        EXPECT_FALSE(yes_in(recipe, "overdue"));
        EXPECT_FALSE(yes_in(recipe, "late"));
    }
    EXPECT_EQ(std::vector{EventKind::Reminded}, kinds(spoken.tick.events));
    EXPECT_EQ(instant("2026-03-09T14:30:00Z"), spoken.tick.reminders.at("acknowledge"));
}

TEST(AMark, IsToldFromTheDeadlineOnAsOverdue) {
    OpenTicket open = with_clock("acknowledge");
    open = tick(open, first_mark).after;
    const Spoken spoken = speak(open, instant("2026-03-09T14:30:00Z"));
    ASSERT_EQ(2u, spoken.mail.size());
    EXPECT_EQ("overdue", spoken.mail[0].template_name);
    EXPECT_TRUE(yes_in(spoken.mail[0], "overdue"));
    EXPECT_EQ(instant("2026-03-10T14:30:00Z"), spoken.tick.reminders.at("acknowledge"));
}

TEST(AMark, ThatPassedWithOthersMakesOneMailThatSaysSo) {
    const OpenTicket open = with_clock("acknowledge");
    // Nobody was there for a week: five marks have passed.
    const Instant now = instant("2026-03-13T09:00:00Z");
    const Spoken spoken = speak(open, now);
    ASSERT_EQ(2u, spoken.mail.size());
    EXPECT_EQ(1u, spoken.tick.events.size());
    EXPECT_EQ("4 business hours before 1, due 1, every 1 business day after 3",
              spoken.tick.events[0].detail.at("marks"));
    EXPECT_TRUE(yes_in(spoken.mail[0], "late"));
    EXPECT_EQ("5", text_in(spoken.mail[0], "merged"));
    EXPECT_EQ(instant("2026-03-13T14:30:00Z"), spoken.tick.reminders.at("acknowledge"));
}

TEST(AMark, ThatADowntimeBroughtIntoTheNightWaitsForTheOffice) {
    const OpenTicket open = with_clock("acknowledge");
    const Spoken at_night = speak(open, instant("2026-03-10T01:00:00Z"));
    EXPECT_TRUE(at_night.mail.empty());
    EXPECT_TRUE(at_night.tick.events.empty());
    EXPECT_EQ(instant("2026-03-10T08:00:00Z"), at_night.tick.reminders.at("acknowledge"));
}

// The promise of 48 hours ends on Sunday: who ticks late says so late, but not when it is too late.
TEST(AMark, WhoseDeadlineDoesNotWaitSpeaksWheneverItIsNoticed) {
    const OpenTicket open = with_clock("weekend");
    const Spoken late = speak(open, instant("2026-03-07T15:30:00Z"));  // an hour after its half
    EXPECT_FALSE(late.mail.empty());
    EXPECT_EQ("reminder", late.mail.at(0).template_name);
}

TEST(AMark, OfAClockWithoutACalendarSpeaksAtAnyHour) {
    EXPECT_EQ(2u, speak(with_clock("resolve"), instant("2026-04-21T23:00:00Z")).mail.size());
}

TEST(AMark, OfAClockThatStoppedStandsStillOrNeverWasIsSilent) {
    OpenTicket open = opened_by({});
    (void)happen(open, {EventKind::Waiting, friday + 1h, "alice@acme.test", {}});
    for (const EventKind kind : {EventKind::Acknowledged, EventKind::Triaged})
        (void)happen(open, {kind, friday + 1h, "tocsin", {}});
    const Spoken spoken = speak(open, friday + 24h * 300);
    EXPECT_TRUE(spoken.mail.empty());
    EXPECT_TRUE(spoken.tick.events.empty());
    EXPECT_EQ(std::nullopt, spoken.tick.reminders.at("resolve"));
}

TEST(AMark, IsToldToTheOwnerAndToEverybodyWithoutOne) {
    OpenTicket open = with_clock("triage");
    const Instant due = open.ticket.open_clock("triage")->due;
    EXPECT_EQ((Hearers{"alice@acme.test", "bob@acme.test"}), hearers(speak(open, due)));
    (void)happen(open, {EventKind::Assigned, friday + 1h, "alice@acme.test", {{"owner", "bob@acme.test"}}});
    EXPECT_EQ(Hearers{"bob@acme.test"}, hearers(speak(open, due)));
}

TEST(AMark, IsToldToARoleOrToOneAddress) {
    const OpenTicket urgent = with_clock("triage-urgent", {.text = "Code execution."});
    EXPECT_EQ(Hearers{"alice@acme.test"}, hearers(speak(urgent, urgent.ticket.open_clock("triage-urgent")->due)));
    const OpenTicket open = with_clock("evaluate");
    EXPECT_EQ(Hearers{"alice@acme.test"}, hearers(speak(open, open.ticket.open_clock("evaluate")->due)));
}

TEST(AMark, IsToldToAnAddressThatIsNoMembers) {
    OpenTicket open = with_clock("acknowledge");
    for (rules::ClockRule& rule : open.policy.clocks) rule.to = {"ops@other.test", "role:lead"};
    EXPECT_EQ((Hearers{"alice@acme.test", "ops@other.test"}), hearers(speak(open, first_mark)));
}

TEST(AMark, IsNeverToldToNobody) {
    const OpenTicket open = with_clock("triage-urgent", {.text = "Code execution."});
    Organisation without_alice = acme();
    without_alice.team.erase(without_alice.team.begin());
    EXPECT_EQ(Hearers{"bob@acme.test"},
              hearers(speak(open, open.ticket.open_clock("triage-urgent")->due, without_alice)));
}

TEST(AMark, OfAMemberWhoIsAwayGoesToTheOthersAndToAllWhenAllAre) {
    OpenTicket open = with_clock("triage");
    (void)happen(open, {EventKind::Assigned, friday + 1h, "alice@acme.test", {{"owner", "bob@acme.test"}}});
    const Instant due = open.ticket.open_clock("triage")->due;
    const Spoken spoken = speak(open, due, acme(), {"bob@acme.test"});
    EXPECT_EQ(Hearers{"alice@acme.test"}, hearers(spoken));
    EXPECT_EQ("Bob", text_in(spoken.mail[0], "instead_of"));
    EXPECT_EQ((Hearers{"bob@acme.test", "alice@acme.test"}),
              hearers(speak(open, due, acme(), {"bob@acme.test", "alice@acme.test"})));
}

TEST(AMark, IsNotToldToWhoMutedTheTicket) {
    OpenTicket open = with_clock("acknowledge");
    (void)happen(open, {EventKind::Muted, friday, "bob@acme.test", {{"member", "bob@acme.test"}}});
    EXPECT_EQ(Hearers{"alice@acme.test"}, hearers(speak(open, first_mark)));
    (void)happen(open, {EventKind::Muted, friday, "bob@acme.test", {{"member", "bob@acme.test"}, {"muted", "no"}}});
    EXPECT_EQ(2u, speak(open, first_mark).mail.size());
}

TEST(AMark, OfASnoozedTicketWaitsButItsEscalationDoesNot) {
    OpenTicket open = with_clock("acknowledge");
    open.policy.clocks.front().escalate = {{sla::parse_mark("due").value(), {"role:lead"}}};
    const Instant until = instant("2026-03-11T12:00:00Z");
    (void)happen(open, {EventKind::Snoozed, friday, "bob@acme.test", {{"until", to_rfc3339(until)}}});
    EXPECT_TRUE(speak(open, first_mark).mail.empty());
    const Spoken due = speak(open, instant("2026-03-09T14:30:00Z"));
    ASSERT_EQ(Hearers{"alice@acme.test"}, hearers(due));
    EXPECT_EQ("escalation", due.mail[0].template_name);
    EXPECT_EQ(until, due.tick.reminders.at("acknowledge"));
    const Spoken later = speak(due.tick.after, until);
    ASSERT_EQ(2u, later.mail.size());
    EXPECT_EQ("overdue", later.mail[0].template_name);
}

TEST(AMark, IsToldOnceThoughTheClockWasMovedByAPause) {
    OpenTicket open = with_clock("resolve");
    const Instant half = next_reminder(open, *open.ticket.open_clock("resolve")).value();
    open = tick(open, half).after;
    (void)happen(open, {EventKind::Waiting, half + 1h, "alice@acme.test", {}});
    (void)happen(open, {EventKind::Resumed, half + 24h * 9, "alice@acme.test", {}});
    EXPECT_FALSE(next_reminder(open, *open.ticket.open_clock("resolve")));
}

TEST(AnEta, ThatComesIsAnEventOnce) {
    OpenTicket open = with_clock("none");
    const Instant saturday = friday + 24h;
    (void)happen(open, {EventKind::EtaSet, friday, "alice@acme.test", {{"eta", to_rfc3339(saturday)}}});
    EXPECT_LE(next_reminder(open, *open.ticket.open_clock("eta")), saturday);
    const Tick reached = tick(open, saturday);
    EXPECT_EQ(1, std::ranges::count(kinds(reached.events), EventKind::Eta));
    EXPECT_EQ(saturday, reached.after.happened.at(EventKind::Eta));
    EXPECT_EQ(0, std::ranges::count(kinds(tick(reached.after, saturday + 72h).events), EventKind::Eta));
}

TEST(AnEmbargo, ThatEndsIsKeptAndToldOnce) {
    OpenTicket open = with_clock("none");
    const Instant until = instant("2026-03-10T16:00:00Z");
    (void)happen(open, {EventKind::EmbargoSet, friday, "alice@acme.test", {{"until", to_rfc3339(until)}}});
    const Spoken ended = speak(open, until + 5min);
    ASSERT_EQ(2u, ended.mail.size());
    EXPECT_EQ("reminder", ended.mail[0].template_name);
    EXPECT_TRUE(yes_in(ended.mail[0], "embargo_over"));
    EXPECT_TRUE(yes_in(ended.mail[0], "come"));
    EXPECT_FALSE(yes_in(ended.mail[0], "overdue"));
    EXPECT_EQ("", text_in(ended.mail[0], "promise"));
    EXPECT_EQ("ended", ended.tick.after.ticket.embargo_dates.state());
    EXPECT_EQ(cvd::ClockState::Met, ended.tick.after.ticket.clocks.back().state(until + 24h));
    EXPECT_FALSE(ended.tick.after.ticket.overdue(until + 24h));
    EXPECT_TRUE(speak(ended.tick.after, until + 24h * 3).mail.empty());
}

TEST(ADisclosure, ThatWasPlannedComesByItself) {
    OpenTicket open = with_clock("none");
    const Instant at = instant("2026-03-10T16:00:00Z");
    (void)happen(open, {EventKind::EmbargoSet, friday, "alice@acme.test", {{"until", to_rfc3339(at)}}});
    (void)happen(open, {EventKind::DisclosurePlanned, friday, "alice@acme.test", {{"at", to_rfc3339(at)}}});
    EXPECT_EQ(at, publication_of(open.ticket));
    EXPECT_NE(cvd::TicketState::Disclosed, open.ticket.state);
    EXPECT_EQ("agreed", open.ticket.embargo_dates.state());
    const Spoken published = speak(open, at);
    EXPECT_EQ(cvd::TicketState::Disclosed, published.tick.after.ticket.state);
    EXPECT_FALSE(published.tick.after.ticket.open_clock("disclosure"));
    EXPECT_FALSE(published.tick.after.ticket.open_clock("embargo"));
    EXPECT_FALSE(published.mail.empty());
}

TEST(OneMail, TellsAPersonOfAllTicketsThatAreDue) {
    OpenTicket one = with_clock("acknowledge");
    OpenTicket other = with_clock("acknowledge", {.message_id = "b@lab.test"});
    other.id = TicketId{77};
    other.ticket.number = "ACME-2026-0077";
    const std::vector<Tick> ticks{tick(one, first_mark), tick(other, first_mark)};
    const auto mails = reminder_mails(ticks, acme(), {}, first_mark);
    ASSERT_EQ(2u, mails.size());
    for (const ReminderMail& mail : mails) {
        EXPECT_FALSE(mail.ticket);
        EXPECT_TRUE(yes_in(mail.recipe, "several"));
        EXPECT_EQ("2", text_in(mail.recipe, "count"));
        EXPECT_EQ(2u, texts_in(mail.recipe, "items", "ticket").size());
    }
}

TEST(OneMail, NamesWhatIsEscalatedBeforeWhatIsDueSooner) {
    // Of three tickets this one is the last to be due, and the only one that is escalated.
    OpenTicket escalated = with_clock("resolve");
    for (rules::ClockRule& rule : escalated.policy.clocks)
        if (rule.id == "resolve") rule.escalate = {{sla::parse_mark("3 days before").value(), {"team"}}};
    const Instant now = escalated.ticket.open_clock("resolve")->due - 72h;
    OpenTicket overdue = with_clock("acknowledge"), ended = with_clock("none");
    const Instant until = friday + 1h;
    (void)happen(ended, {EventKind::EmbargoSet, friday, "alice@acme.test", {{"until", to_rfc3339(until)}}});
    overdue.id = TicketId{77}, ended.id = TicketId{78};
    const auto clocks_told = [&](const std::vector<Tick>& ticks) {
        const auto mails = reminder_mails(ticks, acme(), {}, now);
        EXPECT_EQ(2u, mails.size());
        EXPECT_EQ(std::to_string(ticks.size() - 1), text_in(mails.at(0).recipe, "others"));
        EXPECT_EQ(text_in(mails.at(0).recipe, "clock"), texts_in(mails.at(0).recipe, "items", "clock").at(0));
        return mails.at(0).recipe.template_name + " " + text_in(mails.at(0).recipe, "clock");
    };
    EXPECT_EQ("escalation resolve", clocks_told({tick(ended, now), tick(overdue, now), tick(escalated, now)}));
    EXPECT_EQ("overdue acknowledge", clocks_told({tick(ended, now), tick(overdue, now)}));
    EXPECT_EQ("reminder embargo", clocks_told({tick(ended, now)}));
}

class Reminders : public DeskTest {
protected:
    std::size_t remind_all(Instant now) {
        return in_transaction([&] { return remind(store_, small_rules(), organisation_, acme_ids(), now).mails; });
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
