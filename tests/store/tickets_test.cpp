// What the rows say is what the history says.
#include "fixture.hpp"

namespace tocsin::store {
namespace {

using cvd::EventKind;

cvd::Event opened_event(const std::string& number, Instant at = morning) {
    return {EventKind::Opened,
            at,
            "tocsin",
            {{"number", number},
             {"title", "XSS in login"},
             {"reporter", "rae@lab.test"},
             {"language", "en"},
             {"mailbox", "security"},
             {"policy", "default"},
             {"policy_hash", "c0ffee"},
             {"severity", "high"},
             {"score", "72"},
             {"encrypted", "yes"}}};
}

cvd::Event clock_event(EventKind kind, const std::string& clock, Instant at, cvd::Detail more = {}) {
    more["clock"] = clock;
    return {kind, at, "tocsin", std::move(more)};
}

cvd::Event started(const std::string& clock, Instant at, Micros within) {
    return clock_event(EventKind::ClockStarted, clock, at, {{"due", to_rfc3339(at + within)}, {"how", "then"}});
}

class TicketsTest : public StoreTest {
protected:
    TicketsTest() { store_->conversations.keep_policy("c0ffee", "default", "the whole text", morning); }
    TicketId open(const std::vector<cvd::Event>& events) {
        return in_transaction([&] { return tickets().open(events); });
    }
    void record(TicketId ticket, const std::vector<cvd::Event>& events) {
        in_transaction([&] { tickets().record(ticket, events); });
    }
    Tickets& tickets() { return store_->tickets; }
};

TEST_F(TicketsTest, RowsAreWhatTheHistoryGives) {
    const TicketId id = open(
        {opened_event("SEC-2026-0001"), started("acknowledge", morning, 24h), started("triage", morning, 72h + 1us)});
    EXPECT_EQ(tickets().rebuild(id), tickets().find(id));
    const std::vector<std::vector<cvd::Event>> days{
        {{EventKind::Received, morning, "reporter", {{"journal", "1"}}}},
        {{EventKind::Acknowledged, morning + 1min, "tocsin", {{"reply", "250 2.0.0 Ok"}}},
         clock_event(EventKind::ClockStopped, "acknowledge", morning + 1min)},
        {{EventKind::AcknowledgementLost, morning + 1h, "tocsin", {}}, started("acknowledge", morning + 1h, 24h)},
        {{EventKind::Assigned, morning + 2h, "alice@acme.test", {{"owner", "alice@acme.test"}}}},
        {{EventKind::Waiting, morning + 3h, "alice@acme.test", {}},
         clock_event(EventKind::ClockPaused, "triage", morning + 3h)},
        {{EventKind::Resumed, morning + 30h, "reporter", {}},
         clock_event(EventKind::ClockResumed, "triage", morning + 30h, {{"due", to_rfc3339(morning + 99h)}})},
        {{EventKind::Triaged, morning + 31h, "alice@acme.test", {{"severity", "critical"}}},
         clock_event(EventKind::ClockStopped, "triage", morning + 31h)},
        {{EventKind::Closed, morning + 90h, "alice@acme.test", {{"reason", "fixed"}}}},
        {{EventKind::Reopened, morning + 91h, "alice@acme.test", {}}}};
    for (const auto& events : days) {
        record(id, events);
        EXPECT_EQ(tickets().rebuild(id), tickets().find(id)) << "after " << to_text(events.front().kind);
    }
    reopen();
    const cvd::Ticket ticket = tickets().find(id).value();
    EXPECT_EQ(tickets().rebuild(id), ticket);
    EXPECT_EQ(cvd::TicketState::Triaged, ticket.state);
    EXPECT_EQ(cvd::Severity::Critical, ticket.severity);
    EXPECT_EQ("alice@acme.test", ticket.owner);
    ASSERT_EQ(3u, ticket.clocks.size());
    EXPECT_EQ(morning + 99h, ticket.clocks[1].due);
    EXPECT_EQ(17u, tickets().history(id).size());
}

TEST_F(TicketsTest, WordsThatAreNoUtf8AreKeptAsTheyAreFolded) {
    cvd::Event event = opened_event("SEC-2026-0001");
    event.detail["title"] = "caf\xe9 \" \\ \x01\n" + std::string(1, '\0') + "end";
    const TicketId id = open({event});
    EXPECT_EQ(tickets().rebuild(id), tickets().find(id));
    EXPECT_EQ("caf\xEF\xBF\xBD \" \\ \x01\n" + std::string(1, '\0') + "end", tickets().find(id)->title);
}

TEST_F(TicketsTest, ATicketBeginsWithItsOpening) {
    EXPECT_THROW(open({}), std::logic_error);
    EXPECT_THROW(open({{EventKind::Triaged, morning, "tocsin", {}}}), std::logic_error);
    EXPECT_THROW(open({{EventKind::Opened, morning, "tocsin", {}}}), Failure) << "without a number";
    EXPECT_THROW(record(TicketId{99}, {{EventKind::Triaged, morning, "tocsin", {}}}), std::logic_error);
    EXPECT_EQ(0, count("event"));
}

TEST_F(TicketsTest, ThePolicyThatWasPromisedIsThereAtTheCommit) {
    cvd::Event event = opened_event("SEC-2026-0001");
    event.detail["policy_hash"] = "f00d";
    EXPECT_THROW(open({event}), Failure);
    in_transaction([&] {
        tickets().open({event});
        store_->conversations.keep_policy("f00d", "strict", "other text", morning);
    });
    EXPECT_EQ("other text", store_->conversations.policy_source("f00d"));
    EXPECT_EQ("the whole text", store_->conversations.policy_source("c0ffee"));
    EXPECT_EQ(std::nullopt, store_->conversations.policy_source("beef"));
}

TEST_F(TicketsTest, SerialsCountUpByYearAndAreNotSpentByAnUndoneMail) {
    const auto next = [&](int year) { return in_transaction([&] { return tickets().next_serial(year); }); };
    EXPECT_EQ(1, next(2026));
    EXPECT_EQ(2, next(2026));
    EXPECT_EQ(1, next(2027));
    {
        Transaction undone{store_->database};
        EXPECT_EQ(3, tickets().next_serial(2026));
    }
    EXPECT_EQ(3, next(2026));
}

TEST_F(TicketsTest, AreFoundByNumber) {
    const TicketId id = open({opened_event("SEC-2026-0001")});
    EXPECT_EQ(id, tickets().by_number("SEC-2026-0001"));
    EXPECT_TRUE(tickets().number_taken("SEC-2026-0001"));
    EXPECT_FALSE(tickets().number_taken("SEC-2026-0002"));
    EXPECT_FALSE(tickets().find(TicketId{99}));
}

TEST_F(TicketsTest, AreListedNewestFirstByWhatIsAsked) {
    const TicketId old = open({opened_event("SEC-2026-0001", morning), started("triage", morning, 24h)});
    const TicketId paused = open({opened_event("SEC-2026-0002", morning + 1h), started("triage", morning + 1h, 24h),
                                  clock_event(EventKind::ClockPaused, "triage", morning + 2h)});
    const TicketId met = open({opened_event("SEC-2026-0003", morning + 2h), started("triage", morning + 2h, 24h),
                               clock_event(EventKind::ClockStopped, "triage", morning + 3h)});
    record(met, {{EventKind::Triaged, morning + 3h, "alice@acme.test", {{"severity", "low"}}},
                 {EventKind::Assigned, morning + 3h, "alice@acme.test", {{"owner", "Alice@acme.test"}}}});
    const auto listed = [&](const TicketFilter& filter, Instant now = morning + 10h) {
        std::vector<TicketId> ids;
        for (const auto& [id, ticket] : tickets().list(filter, now)) {
            EXPECT_EQ(tickets().find(id), ticket) << "with its clocks";
            ids.push_back(id);
        }
        return ids;
    };
    using Ids = std::vector<TicketId>;
    EXPECT_EQ((Ids{met, paused, old}), listed({}));
    EXPECT_EQ((Ids{met, paused}), listed({.most = 2}));
    EXPECT_EQ((Ids{met}), listed({.state = cvd::TicketState::Triaged}));
    EXPECT_EQ((Ids{paused, old}), listed({.severity = cvd::Severity::High}));
    EXPECT_EQ((Ids{met}), listed({.owner = "alice@ACME.test"}));
    EXPECT_EQ((Ids{}), listed({.overdue = true}, morning + 24h - 1us));
    EXPECT_EQ((Ids{old}), listed({.overdue = true}, morning + 24h));
    EXPECT_EQ((Ids{old}), listed({.overdue = true}, morning + 1000h)) << "a paused clock is not missed";
    EXPECT_EQ((std::map<std::string, std::int64_t>{{"new", 2}, {"triaged", 1}}), tickets().counts_by_state());
    ASSERT_TRUE(tickets().next_deadline());
    EXPECT_EQ("SEC-2026-0001", tickets().next_deadline()->first);
    EXPECT_EQ(morning + 24h, tickets().next_deadline()->second.due);
}

TEST_F(TicketsTest, RemindersComeWhenTheyAreDueAndInOrder) {
    EXPECT_FALSE(tickets().next_reminder());
    const TicketId first =
        open({opened_event("SEC-2026-0001"), started("triage", morning, 72h), started("resolve", morning, 900h)});
    const TicketId second = open({opened_event("SEC-2026-0002"), started("triage", morning, 72h)});
    tickets().remind_next(first, "triage", morning + 36h);
    tickets().remind_next(first, "resolve", morning + 450h);
    tickets().remind_next(second, "triage", morning + 30h);
    EXPECT_EQ(morning + 30h, tickets().next_reminder());
    EXPECT_EQ(morning + 36h, tickets().next_reminder(first, "triage"));

    EXPECT_TRUE(tickets().reminders_due(morning + 30h - 1us, 10).empty());
    reopen();
    const auto due = tickets().reminders_due(morning + 36h, 10);
    ASSERT_EQ(2u, due.size());
    EXPECT_EQ(second, due[0].ticket);
    EXPECT_EQ(first, due[1].ticket);
    EXPECT_EQ("triage", due[1].clock);
    EXPECT_EQ(morning + 36h, due[1].at);
    EXPECT_EQ(1u, tickets().reminders_due(morning + 36h, 1).size());

    tickets().remind_next(second, "triage", std::nullopt);
    EXPECT_EQ(std::nullopt, tickets().next_reminder(second, "triage"));
    EXPECT_EQ(morning + 36h, tickets().next_reminder());
}

TEST_F(TicketsTest, AStoppedOrPausedClockRemindsNobody) {
    const TicketId id =
        open({opened_event("SEC-2026-0001"), started("triage", morning, 72h), started("resolve", morning, 900h)});
    tickets().remind_next(id, "triage", morning + 36h);
    tickets().remind_next(id, "resolve", morning + 36h);
    record(id, {{EventKind::Received, morning + 1h, "reporter", {}}});
    EXPECT_EQ(2u, tickets().reminders_due(morning + 1000h, 10).size()) << "what does not touch them moves no reminder";
    record(id, {clock_event(EventKind::ClockStopped, "triage", morning + 1h),
                clock_event(EventKind::ClockPaused, "resolve", morning + 1h)});
    EXPECT_TRUE(tickets().reminders_due(morning + 1000h, 10).empty());
    tickets().remind_next(id, "triage", morning + 36h);
    EXPECT_TRUE(tickets().reminders_due(morning + 1000h, 10).empty()) << "it is not open any more";
}

TEST_F(TicketsTest, AClockOfTheSameNameStartsAgainWithItsOwnReminder) {
    const TicketId id = open({opened_event("SEC-2026-0001"), started("keep-informed", morning, 72h)});
    record(id, {clock_event(EventKind::ClockStopped, "keep-informed", morning + 1h),
                started("keep-informed", morning + 1h, 72h)});
    tickets().remind_next(id, "keep-informed", morning + 36h);
    EXPECT_EQ(1u, tickets().reminders_due(morning + 36h, 10).size());
    EXPECT_EQ(2u, tickets().find(id)->clocks.size());
    EXPECT_EQ(tickets().rebuild(id), tickets().find(id));
}

using ConversationsTest = StoreTest;

TEST_F(ConversationsTest, AMessageIdThatStrangersChoseMayStandInSeveralTickets) {
    const TicketId one = open_ticket("SEC-2026-0001");
    const TicketId two = open_ticket("SEC-2026-0002");
    Conversations& conversations = store_->conversations;
    conversations.record_message(two, {.message_id = "a@lab.test", .kind = "report", .at = morning, .recipient = {}});
    conversations.record_message(
        one, {.message_id = "a@lab.test", .kind = "report", .at = morning, .recipient = {}, .content = sha256("mail")});
    conversations.record_message(one, {.direction = Direction::Out,
                                       .message_id = "b@acme.test",
                                       .kind = "acknowledgement",
                                       .at = morning + 1s,
                                       .recipient = "rae@lab.test"});
    EXPECT_EQ((std::vector<TicketId>{one, two}), conversations.tickets_with("a@lab.test"));
    EXPECT_EQ((std::vector<TicketId>{one}), conversations.tickets_with("b@acme.test"));
    EXPECT_TRUE(conversations.tickets_with("A@lab.test").empty()) << "compared as they are";
    EXPECT_EQ(one, conversations.ticket_with_content(sha256("mail")));
    EXPECT_EQ(std::nullopt, conversations.ticket_with_content(sha256("other")));
    const auto messages = conversations.messages(one);
    ASSERT_EQ(2u, messages.size());
    EXPECT_EQ(Direction::In, messages[0].direction);
    EXPECT_EQ(sha256("mail"), messages[0].content);
    EXPECT_EQ(Direction::Out, messages[1].direction);
    EXPECT_EQ("rae@lab.test", messages[1].recipient);
    EXPECT_EQ("acknowledgement", messages[1].kind);
    EXPECT_EQ(morning + 1s, messages[1].at);
}

TEST_F(ConversationsTest, WhoTakesPartKeepsTheFirstPart) {
    const TicketId one = open_ticket("SEC-2026-0001");
    const TicketId two = open_ticket("SEC-2026-0002");
    Conversations& conversations = store_->conversations;
    conversations.add_participant(one, "rae@lab.test", Part::Reporter, morning);
    conversations.add_participant(one, "rae@lab.test", Part::Team, morning);
    conversations.add_participant(two, "rae@lab.test", Part::Reporter, morning);
    conversations.add_participant(two, "alice@acme.test", Part::Team, morning);
    EXPECT_EQ(Part::Reporter, conversations.part_of(one, "rae@lab.test"));
    EXPECT_EQ(Part::Team, conversations.part_of(two, "alice@acme.test"));
    EXPECT_EQ(std::nullopt, conversations.part_of(one, "alice@acme.test"));
    EXPECT_EQ(2, store_->tickets.count_by_reporter("rae@lab.test"));
    EXPECT_EQ(0, store_->tickets.count_by_reporter("alice@acme.test"));
}

}  // namespace
}  // namespace tocsin::store
