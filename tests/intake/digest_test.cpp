#include "intake/promises/digest.hpp"

#include <gtest/gtest.h>

#include "desk.hpp"
#include "intake/promises/clock_jump.hpp"
#include "intake/team/away.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

class TheDigest : public DeskTest {
protected:
    std::size_t send(Instant now) {
        return in_transaction(
            [&] { return send_digest(store_, *small_rules().policy("default"), organisation_, acme_ids(), now); });
    }
};

TEST_F(TheDigest, ComesOnBusinessMorningsFromTheSecondDayOn) {
    (void)take_in({});
    EXPECT_EQ(0u, send(friday));
    EXPECT_EQ(instant("2026-03-09T07:30:00Z"), next_digest(store_));  // Monday, 8:30 in Berlin
    EXPECT_EQ(0u, send(friday + 24h));
    EXPECT_EQ(2u, send(instant("2026-03-09T07:30:00Z")));
    EXPECT_EQ(0u, send(instant("2026-03-09T07:31:00Z")));
    EXPECT_EQ(instant("2026-03-10T07:30:00Z"), next_digest(store_));
    const auto mail = mail_of("digest", "alice@acme.test");
    ASSERT_TRUE(mail);
    EXPECT_FALSE(mail->ticket);
    const Recipe recipe = *recipe_from_json(mail->recipe);
    EXPECT_TRUE(yes_in(recipe, "has_due"));
    EXPECT_TRUE(yes_in(recipe, "has_unassigned"));
    EXPECT_FALSE(yes_in(recipe, "has_waiting"));
    EXPECT_EQ(std::vector<std::string>{"SEC-2026-0001"}, texts_in(recipe, "unassigned", "ticket"));
}

TEST_F(TheDigest, IsMadeUpForOnTheSameDayAlone) {
    (void)take_in({});
    (void)send(friday);
    EXPECT_EQ(0u, send(instant("2026-03-14T12:00:00Z")));  // Saturday, after a week of silence
    EXPECT_EQ(2u, send(instant("2026-03-16T12:00:00Z")));
}

TEST_F(TheDigest, CountsWhatTheBudgetsPutOff) {
    (void)take_in({});
    (void)send(friday);
    in_transaction([&] {
        store_.collected.add(store_.tickets.by_number("SEC-2026-0001").value(), "rae@lab.test", "rae@lab.test", "en",
                             friday);
        return 0;
    });
    EXPECT_EQ(2u, send(instant("2026-03-09T07:30:00Z")));
    const Recipe recipe = *recipe_from_json(mail_of("digest", "alice@acme.test")->recipe);
    EXPECT_EQ("1", recipe.fields.text("collected"));
    EXPECT_EQ("", recipe.fields.text("put_off"));
}

TEST_F(TheDigest, SaysNothingWhenThereIsNothing) {
    (void)send(friday);
    EXPECT_EQ(0u, send(instant("2026-03-09T08:00:00Z")));
}

TEST_F(TheDigest, IsNoneWhereItIsSwitchedOff) {
    organisation_.digest.reset();
    (void)take_in({});
    (void)send(friday);
    EXPECT_EQ(0u, send(instant("2026-03-09T08:00:00Z")));
    EXPECT_FALSE(next_digest(store_));
}

TEST(AwayUntil, IsTheNamedDayAndThirtyDaysAtMost) {
    const sla::Zone berlin = sla::Zone::load("Europe/Berlin").value();
    EXPECT_EQ(instant("2026-03-13T23:00:00Z"), away_until(mail::NamedDay{2026, 3, 13, false}, friday, berlin));
    EXPECT_EQ(instant("2026-03-12T23:00:00Z"), away_until(mail::NamedDay{0, 3, 13, true}, friday, berlin));
    EXPECT_EQ(friday + longest_absence, away_until(mail::NamedDay{2026, 9, 1, false}, friday, berlin));
    EXPECT_EQ(friday + longest_absence, away_until(mail::NamedDay{0, 1, 10, false}, friday, berlin));  // next January
    EXPECT_EQ(friday + absence_without_date, away_until(mail::NamedDay{2025, 3, 13, false}, friday, berlin));
    EXPECT_EQ(friday + absence_without_date, away_until(std::nullopt, friday, berlin));
}

class Absence : public DeskTest {
protected:
    Letter auto_reply(const std::string& from, const std::string& to_id) {
        return {.from = from,
                .subject = "Out of office",
                .text = "I am away until 13 March 2026.",
                .message_id = "ooo" + std::to_string(++count_) + "@acme.test",
                .fields = {"Auto-Submitted: auto-replied", "In-Reply-To: <" + to_id + ">"}};
    }
    std::string reminder_to(const std::string& address) {
        in_transaction([&] {
            return remind(store_, small_rules(), organisation_, acme_ids(), instant("2026-03-09T10:30:00Z")).mails;
        });
        return mail_of("overdue", address).value().message_id;
    }
    int count_ = 0;
};

TEST_F(Absence, IsNotedWhenAMembersMachineAnswersAReminder) {
    (void)take_in({});
    const std::string id = reminder_to("bob@acme.test");
    const Instant now = instant("2026-03-09T10:31:00Z");
    (void)take_in(auto_reply("Bob <bob@acme.test>", id), now);
    EXPECT_EQ(std::vector<std::string>{"bob@acme.test"}, store_.absences.at(now + 1h));
    EXPECT_TRUE(store_.absences.at(instant("2026-03-13T23:00:00Z")).empty());
}

TEST_F(Absence, IsNotNotedForSomebodyElse) {
    (void)take_in({});
    const std::string id = reminder_to("bob@acme.test");
    (void)take_in(auto_reply("Alice <alice@acme.test>", id), friday + 72h);  // it did not go to her
    (void)take_in(auto_reply("Rae <rae@lab.test>", id), friday + 72h);
    EXPECT_TRUE(store_.absences.at(friday + 73h).empty());
}

TEST_F(Absence, IsNotNotedForAnAnswerToANotice) {
    (void)take_in({});
    (void)take_in(auto_reply("Bob <bob@acme.test>", mail_of("notice", "bob@acme.test").value().message_id),
                  friday + 1h);
    EXPECT_TRUE(store_.absences.at(friday + 2h).empty());
}

class SetClock final : public Clock {
public:
    Instant now() const override { return wall; }
    std::optional<Uptime> uptime() const override { return Uptime{boot, up}; }
    Instant wall = friday;
    std::string boot = "first";
    Micros up = 1h;
    void pass(Micros time) { wall += time, up += time; }
};

class AJumpOfTheClock : public DeskTest {
protected:
    ClockCheck check() { return check_clock(store_.notes, clock_); }
    SetClock clock_;
};

TEST_F(AJumpOfTheClock, HoldsUntilItIsRightAgain) {
    EXPECT_TRUE(check().believed);
    clock_.pass(1h);
    clock_.wall += 25h;
    ClockCheck seen = check();
    EXPECT_FALSE(seen.believed);
    EXPECT_TRUE(seen.changed);
    EXPECT_EQ(25h, seen.jump);
    EXPECT_EQ(Micros{25h}, held_by_clock(store_.notes));
    clock_.pass(1h);
    seen = check();
    EXPECT_FALSE(seen.believed);
    EXPECT_FALSE(seen.changed);  // told once
    clock_.wall -= 25h;
    seen = check();
    EXPECT_TRUE(seen.believed);
    EXPECT_TRUE(seen.changed);
    EXPECT_FALSE(held_by_clock(store_.notes));
}

TEST_F(AJumpOfTheClock, IsSmallerBackThanForward) {
    (void)check();
    clock_.wall -= 6min;
    EXPECT_FALSE(check().believed);
    clock_.wall += 6min;
    EXPECT_TRUE(check().believed);
    clock_.wall -= 4min;
    EXPECT_TRUE(check().believed);
    clock_.wall += 23h;
    EXPECT_TRUE(check().believed);
}

TEST_F(AJumpOfTheClock, IsNeitherSleepNorADowntimeNorAnotherBoot) {
    (void)check();
    clock_.pass(24h * 7);  // asleep, or nobody looked: the time since boot went on
    EXPECT_TRUE(check().believed);
    clock_.boot = "second";
    clock_.up = 1min;
    clock_.wall += 24h * 30;
    EXPECT_TRUE(check().believed);
}

TEST_F(AJumpOfTheClock, IsBelievedWhenSomebodySaysSo) {
    (void)check();
    clock_.wall += 48h;
    EXPECT_FALSE(check().believed);
    believe_clock(store_.notes);
    EXPECT_TRUE(check().believed);
    clock_.pass(1h);
    EXPECT_TRUE(check().believed);
}

TEST_F(AJumpOfTheClock, IsNoneForAClockThatWasToldTheTime) {
    const StandingClock standing{friday};
    EXPECT_TRUE(check_clock(store_.notes, standing).believed);
    EXPECT_TRUE(check_clock(store_.notes, StandingClock{friday - 24h}).believed);
}

}  // namespace
}  // namespace tocsin::intake
