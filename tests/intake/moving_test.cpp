// Two tickets become one and two again; a mail becomes a ticket of its own.
#include "intake/admit/moving.hpp"

#include <algorithm>

#include "desk.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

class MovingTest : public DeskTest {
protected:
    TicketId reported(const std::string& id, Instant at = friday) {
        return take_in({.subject = "XSS in " + id,
                        .text = "There is an XSS in " + id + ".",
                        .message_id = id + "@lab.test"},
                       at)
            .admitted.ticket.value();
    }
    template <class Work>
    auto done(Work work) {
        return in_transaction([&] { return work(); });
    }
    Result<void> merged(TicketId from, TicketId into) {
        return done([&] { return merge_tickets(store_, from, into, "alice@acme.test", small_rules(), friday + 1h); });
    }
    Result<void> unmerged(TicketId from) {
        return done([&] { return undo_merge(store_, from, "alice@acme.test", small_rules(), friday + 2h); });
    }
    void happens(TicketId id, EventKind kind, cvd::Detail detail = {}) {
        done([&] {
            store_.tickets.record(id, {{kind, friday + 30min, "alice@acme.test", std::move(detail)}});
            return 0;
        });
    }
    void expect_rebuilt(TicketId id) {
        EXPECT_EQ(store_.tickets.rebuild(id), ticket(id));
        EXPECT_EQ(std::nullopt, store_.tickets.first_broken_line());
    }
    std::optional<Instant> due(TicketId id, const char* clock) const {
        const cvd::Ticket found = ticket(id);
        const auto* open = found.open_clock(clock);
        return open == nullptr ? std::nullopt : std::optional{open->due};
    }
};

TEST_F(MovingTest, MergingTakesMailsAndKeepsTheEarlierPromise) {
    const TicketId first = reported("upload", friday);
    const TicketId second = reported("login", friday - std::chrono::days{1});
    const cvd::Ticket before = ticket(first);
    const Instant early = due(second, "triage").value();
    ASSERT_LT(early, due(first, "triage").value());

    ASSERT_TRUE(merged(second, first));
    EXPECT_EQ("merged", ticket(second).closed_for);
    EXPECT_EQ(cvd::TicketState::Closed, ticket(second).state);
    EXPECT_TRUE(std::ranges::none_of(ticket(second).clocks, &cvd::TicketClock::open));
    EXPECT_EQ(early, due(first, "triage"));
    EXPECT_TRUE(store_.conversations.messages(second).empty());
    EXPECT_EQ(store_.conversations.tickets_with("login@lab.test"), std::vector<TicketId>{first});
    EXPECT_TRUE(store_.tickets.next_reminder(first, "triage"));
    expect_rebuilt(first);
    expect_rebuilt(second);

    // What answers the merged report's mail comes into the other ticket.
    const auto answer =
        take_in({.message_id = "b2@lab.test", .fields = {"In-Reply-To: <login@lab.test>"}}, friday + 90min);
    EXPECT_EQ(first, answer.admitted.ticket);
    EXPECT_EQ("reporter-reply", answer.decision.kind);
}

TEST_F(MovingTest, UndoingGivesBackWhatItTook) {
    const TicketId first = reported("upload", friday);
    const TicketId second = reported("login", friday - std::chrono::days{1});
    const cvd::Ticket one = ticket(first);
    const cvd::Ticket other = ticket(second);
    const auto mails = store_.conversations.messages(second).size();
    ASSERT_TRUE(merged(second, first));
    ASSERT_TRUE(unmerged(second));
    EXPECT_EQ(other.state, ticket(second).state);
    EXPECT_EQ("", ticket(second).closed_for);
    EXPECT_EQ(mails, store_.conversations.messages(second).size());
    for (const cvd::TicketClock& clock : other.clocks) {
        EXPECT_EQ(clock.due, due(second, clock.name.c_str())) << clock.name;
        EXPECT_EQ(one.open_clock(clock.name)->due, due(first, clock.name.c_str())) << clock.name;
    }
    expect_rebuilt(first);
    expect_rebuilt(second);
    EXPECT_FALSE(unmerged(second));
    EXPECT_TRUE(merged(second, first));
}

TEST_F(MovingTest, AClockThatOnlyOneHadGoesAndComesBack) {
    const TicketId first = reported("upload");
    const TicketId second = reported("login");
    happens(first, EventKind::ClockStopped, {{"clock", "resolve"}});
    ASSERT_FALSE(due(first, "resolve"));
    ASSERT_TRUE(merged(second, first));
    EXPECT_TRUE(due(first, "resolve"));
    ASSERT_TRUE(unmerged(second));
    EXPECT_FALSE(due(first, "resolve"));
    EXPECT_TRUE(due(second, "resolve"));
    expect_rebuilt(first);
    expect_rebuilt(second);
}

TEST_F(MovingTest, NeitherTwiceNorInCircles) {
    const TicketId first = reported("upload");
    const TicketId second = reported("login");
    EXPECT_FALSE(merged(first, first));
    ASSERT_TRUE(merged(second, first));
    EXPECT_FALSE(merged(second, first));
    EXPECT_FALSE(merged(first, second));
    EXPECT_FALSE(unmerged(first));
}

TEST_F(MovingTest, NotIntoAClosedTicket) {
    const TicketId first = reported("upload"), second = reported("login");
    happens(first, EventKind::Closed, {{"reason", "fixed"}});
    EXPECT_FALSE(merged(second, first));
    EXPECT_TRUE(due(second, "triage"));
}

TEST_F(MovingTest, AClockThatStoodStillGoesOnInATicketThatDoesNotWait) {
    const TicketId first = reported("upload", friday), second = reported("login", friday - std::chrono::days{1});
    done([&] {
        OpenTicket open = load_ticket(store_, second, small_rules());
        store_.tickets.record(second, happen(open, {EventKind::Waiting, friday, "alice@acme.test", {}}));
        return 0;
    });
    const auto stands = [&](TicketId id) {
        return std::ranges::any_of(ticket(id).clocks, [](const auto& clock) { return clock.open() && clock.paused; });
    };
    ASSERT_TRUE(stands(second));
    ASSERT_TRUE(merged(second, first));
    EXPECT_FALSE(stands(first));
    EXPECT_EQ(first, standing_for(store_, second));
    expect_rebuilt(first);
}

TEST_F(MovingTest, AMailIsSetApartAndWaitsToBeReadAgain) {
    const TicketId id = reported("upload");
    const auto stranger = take_in({.from = "Mallory <mallory@evil.test>",
                                   .message_id = "m1@evil.test",
                                   .fields = {"In-Reply-To: <upload@lab.test>"}},
                                  friday + 1h);
    ASSERT_EQ(Action::Hold, stranger.decision.action);
    ASSERT_TRUE(done([&] { return split_off(store_, id, stranger.entry, "alice@acme.test", friday + 2h); }));
    const auto entry = store_.journal.find(stranger.entry).value();
    EXPECT_TRUE(entry.alone);
    EXPECT_EQ(store::EntryState::Pending, entry.state);
    EXPECT_FALSE(entry.ticket);
    EXPECT_TRUE(store_.conversations.tickets_with("m1@evil.test").empty());
    EXPECT_EQ(1, events_of(id, EventKind::SplitOff));
    EXPECT_FALSE(done([&] { return split_off(store_, id, stranger.entry, "alice@acme.test", friday + 2h); }));
    EXPECT_FALSE(
        done([&] { return split_off(store_, id, opening_mail(store_, id).value(), "alice@acme.test", friday + 2h); }));
}

// The stranger whose mail was held becomes the reporter of a ticket of her own, and is acknowledged now.
TEST_F(MovingTest, AMailThatWasSetApartOpensATicketOfItsOwn) {
    const TicketId id = reported("upload");
    const Letter letter{.from = "Mallory <mallory@evil.test>",
                        .message_id = "m1@evil.test",
                        .fields = {"In-Reply-To: <upload@lab.test>"}};
    const auto stranger = take_in(letter, friday + 1h);
    ASSERT_TRUE(done([&] { return split_off(store_, id, stranger.entry, "alice@acme.test", friday + 2h); }));
    const Examination examination = examined(letter);
    Arrival arrival = arrived(stranger.entry.value(), friday + 1h);
    arrival.alone = true;
    const TicketView view = look_up(store_, examination, organisation_, acme_ids(), small_rules(), stranger.entry);
    const Decision decision =
        decide(examination, view, small_rules(), organisation_, security_mailbox(), arrival, friday + 2h);
    EXPECT_EQ(Action::Open, decision.action);
    const Admitted admitted = done([&] {
        return admit(store_, decision, stranger.entry, store::EntryState::Done, organisation_, acme_ids(), friday + 2h);
    });
    ASSERT_TRUE(admitted.ticket);
    EXPECT_NE(id, *admitted.ticket);
    EXPECT_EQ(3u, admitted.queued);  // the acknowledgement and both notices, though one of the mail went out before
    EXPECT_EQ("mallory@evil.test", ticket(*admitted.ticket).reporter);
    EXPECT_EQ(friday + 1h, ticket(*admitted.ticket).clocks.front().started);
}

}  // namespace
}  // namespace tocsin::intake
