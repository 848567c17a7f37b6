// The life of one mail that goes out.
#include "store/outbox.hpp"

#include "fixture.hpp"

namespace tocsin::store {
namespace {

constexpr AttemptResult accepted{OutboxState::Sent, 250, {}};

class OutboxTest : public StoreTest {
protected:
    std::optional<OutboxId> add(const std::string& occasion, bool to_team = false, Instant now = morning) {
        return in_transaction([&] {
            return outbox().add({.occasion = occasion,
                                 .template_name = "acknowledgement",
                                 .recipient = "rae@lab.test",
                                 .message_id = occasion + "@acme.test",
                                 .recipe = "{}",
                                 .to_team = to_team},
                                now);
        });
    }
    OutboxId add_sealed(const std::string& occasion, bool to_team = false, Instant now = morning) {
        const OutboxId id = add(occasion, to_team, now).value();
        outbox().seal(id, "bytes of " + occasion);
        return id;
    }
    OutboxState attempt(OutboxId id, const AttemptResult& result, Instant now) {
        outbox().attempting(id, now);
        if (result.state == OutboxState::Sent || result.state == OutboxState::Unknown) outbox().at_final_dot(id);
        return outbox().finish_attempt(id, result, now, 0);
    }
    std::vector<OutboxId> die_and_recover(Instant now) {
        reopen();
        return outbox().recover(now);
    }
    std::vector<OutboxId> due(Instant now, std::size_t most = 10) {
        std::vector<OutboxId> ids;
        for (const OutboxRow& row : outbox().due(now, most)) ids.push_back(row.id);
        return ids;
    }
    OutboxState state(OutboxId id) { return outbox().find(id).value().state; }
    Outbox& outbox() { return store_->outbox; }
};

using OutboxIds = std::vector<OutboxId>;

TEST_F(OutboxTest, ARecipeIsSealedThenSentWithTheVeryBytes) {
    const OutboxId id = add("report 1").value();
    EXPECT_TRUE(due(morning).empty()) << "not sealed yet";
    ASSERT_EQ(1u, outbox().to_seal(10).size());
    EXPECT_EQ("{}", outbox().to_seal(10)[0].recipe);
    outbox().seal(id, std::string{"sealed\0bytes", 12});
    EXPECT_TRUE(outbox().to_seal(10).empty());
    EXPECT_EQ((OutboxIds{id}), due(morning));
    EXPECT_EQ(morning, outbox().next_attempt());

    outbox().attempting(id, morning);
    EXPECT_EQ(OutboxState::Attempting, state(id));
    EXPECT_TRUE(due(morning).empty()) << "one attempt at a time";
    outbox().at_final_dot(id);
    EXPECT_EQ(OutboxState::AtFinalDot, state(id));
    EXPECT_EQ(OutboxState::Sent,
              outbox().finish_attempt(id, {OutboxState::Sent, 250, "2.0.0 Ok:\r\n queued"}, morning, 0));
    const OutboxRow row = outbox().find(id).value();
    EXPECT_EQ("250 2.0.0 Ok: queued", row.last_status);
    EXPECT_EQ(1, row.tries);
    EXPECT_EQ(std::nullopt, row.next_attempt);
    EXPECT_EQ((std::string{"sealed\0bytes", 12}), outbox().bytes(id));
    EXPECT_TRUE(due(morning + 1000h).empty());
    EXPECT_EQ(1, count("attempt WHERE phase = 'at-final-dot' AND code = 250 AND finished = started"));
}

TEST_F(OutboxTest, AnOccasionBringsOneMailOfATemplateToARecipient) {
    ASSERT_TRUE(add("report 1"));
    EXPECT_FALSE(add("report 1"));
    ASSERT_TRUE(add("report 2"));
    in_transaction([&] {
        EXPECT_TRUE(outbox().add({.occasion = "report 1",
                                  .template_name = "acknowledgement",
                                  .recipient = "roy@lab.test",
                                  .message_id = "x@acme.test",
                                  .recipe = "{}"},
                                 morning));
        EXPECT_TRUE(outbox().add({.occasion = "report 1",
                                  .template_name = "triaged",
                                  .recipient = "rae@lab.test",
                                  .message_id = "y@acme.test",
                                  .recipe = "{}"},
                                 morning));
    });
    EXPECT_EQ(4, count("outbox"));
    EXPECT_EQ("triaged", outbox().by_message_id("y@acme.test")->template_name);
    EXPECT_FALSE(outbox().by_message_id("z@acme.test"));
}

TEST_F(OutboxTest, SealedBytesNeverChange) {
    const OutboxId id = add_sealed("report 1");
    EXPECT_THROW(outbox().seal(id, "other bytes"), std::logic_error);
    EXPECT_THROW(store_->database.execute("UPDATE sealed SET bytes = x'00'"), Failure);
    EXPECT_EQ("bytes of report 1", outbox().bytes(id));
    EXPECT_THROW(outbox().bytes(add("report 2").value()), std::logic_error);
}

TEST_F(OutboxTest, WhatCannotBeSealedHasFailed) {
    const OutboxId id = add("report 1").value();
    outbox().fail_to_seal(id, "no key for\nthe recipient");
    EXPECT_EQ(OutboxState::Failed, state(id));
    EXPECT_EQ("no key for the recipient", outbox().find(id)->last_status);
    EXPECT_TRUE(outbox().to_seal(10).empty());
    EXPECT_EQ(1, outbox().counts().failed);
}

TEST_F(OutboxTest, TheTeamsMailGoesFirstThenTheOldest) {
    const OutboxId first = add_sealed("report 1", false, morning);
    const OutboxId second = add_sealed("report 2", false, morning + 1s);
    const OutboxId notice = add_sealed("notice", true, morning + 2s);
    EXPECT_EQ((OutboxIds{notice, first, second}), due(morning + 1h));
    EXPECT_EQ((OutboxIds{notice, first}), due(morning + 1h, 2));
    EXPECT_EQ((OutboxIds{first}), due(morning)) << "the others are not due yet";
}

TEST_F(OutboxTest, ADelayedMailWaits) {
    const auto id = in_transaction([&] {
        return outbox().add({.occasion = "relay",
                             .template_name = "relay",
                             .recipient = "rae@lab.test",
                             .message_id = "r@acme.test",
                             .recipe = "{}",
                             .not_before = morning + 10min},
                            morning);
    });
    outbox().seal(*id, "bytes");
    EXPECT_TRUE(due(morning + 9min).empty());
    EXPECT_EQ(morning + 10min, outbox().next_attempt());
    die_and_recover(morning + 1min);
    EXPECT_TRUE(due(morning + 9min).empty()) << "nor does a restart send it early";
    EXPECT_EQ((OutboxIds{*id}), due(morning + 10min));
}

TEST_F(OutboxTest, AModeThatSendsNothingKeepsItToBeLookedAt) {
    const auto id = in_transaction([&] {
        return outbox().add({.occasion = "report 1",
                             .template_name = "acknowledgement",
                             .recipient = "rae@lab.test",
                             .message_id = "a@acme.test",
                             .recipe = "{}",
                             .suppressed = true},
                            morning);
    });
    EXPECT_EQ(OutboxState::Suppressed, state(*id));
    EXPECT_TRUE(outbox().to_seal(10).empty());
    EXPECT_TRUE(outbox().waiting(10).empty());
}

TEST(BackOff, GrowsToFourHoursAndAFifthByChance) {
    const Micros waits[] = {1min, 5min, 15min, 30min, 60min, 120min, 240min, 240min};
    int tries = 0;
    for (const Micros wait : waits) {
        ++tries;
        EXPECT_EQ(wait, back_off(tries, 0)) << tries;
        EXPECT_EQ(wait + wait / 10, back_off(tries, 0.5)) << tries;
        EXPECT_LT(back_off(tries, 0.999), wait + wait / 5) << tries;
    }
    EXPECT_EQ(Micros{240min}, back_off(1'000'000, 0));
}

TEST_F(OutboxTest, DeferredMailComesBackLaterAndLater) {
    const OutboxId id = add_sealed("report 1");
    Instant now = morning;
    for (const Micros wait : {Micros{1min}, Micros{5min}, Micros{15min}}) {
        EXPECT_EQ(OutboxState::Deferred, attempt(id, {OutboxState::Deferred, 451, "4.7.1 greylisted"}, now));
        EXPECT_TRUE(due(now + wait - 1us).empty());
        now += wait;
        EXPECT_EQ((OutboxIds{id}), due(now));
        EXPECT_EQ(now, outbox().next_attempt());
    }
    EXPECT_EQ("451 4.7.1 greylisted", outbox().find(id)->last_status);
    EXPECT_EQ(1, outbox().counts().deferred);
    EXPECT_EQ(OutboxState::Sent, attempt(id, accepted, now));
    EXPECT_EQ(4, outbox().find(id)->tries);
    EXPECT_EQ(4, count("attempt WHERE finished IS NOT NULL"));
}

TEST_F(OutboxTest, WithoutAServerItIsTriedAgainSoon) {
    const OutboxId id = add_sealed("report 1");
    Instant now = morning;
    for (const Micros wait : {Micros{1min}, Micros{5min}, Micros{10min}, Micros{10min}, Micros{10min}}) {
        attempt(id, {OutboxState::Deferred, 0, "connection refused"}, now);
        EXPECT_TRUE(due(now + wait - 1us).empty());
        EXPECT_EQ((OutboxIds{id}), due(now + wait));
        now += wait;
    }
}

TEST_F(OutboxTest, WhatIsHeldBackIsNotStuck) {
    EXPECT_EQ(std::nullopt, outbox().stuck_since(morning));
    const auto held_back = in_transaction([&] {
        return *outbox().add({.occasion = "held back",
                              .template_name = "acknowledgement",
                              .recipient = "lea@lab.test",
                              .message_id = "held@acme.test",
                              .recipe = "{}",
                              .not_before = morning + 5h},
                             morning);
    });
    outbox().seal(held_back, "bytes");
    EXPECT_EQ(std::nullopt, outbox().stuck_since(morning + 4h));
    EXPECT_EQ(morning + 5h, outbox().stuck_since(morning + 6h));
    attempt(held_back, {OutboxState::Deferred, 451, "later"}, morning + 6h);
    EXPECT_EQ(morning + 6h, outbox().stuck_since(morning + 6h));
    add("report 1", false, morning + 1h);
    EXPECT_EQ(morning + 1h, outbox().stuck_since(morning + 7h));
}

TEST_F(OutboxTest, IsGivenUpFiveDaysAfterItsFirstAttempt) {
    const OutboxId id = add_sealed("report 1", false, morning - 24h * 30);
    const AttemptResult greylisted{OutboxState::Deferred, 451, "later"};
    EXPECT_EQ(OutboxState::Deferred, attempt(id, greylisted, morning)) << "it was held for a month, but never tried";
    EXPECT_EQ(OutboxState::Deferred, attempt(id, greylisted, morning + 24h * 5 - 1us));
    EXPECT_EQ(OutboxState::Failed, attempt(id, greylisted, morning + 24h * 5));
    EXPECT_TRUE(due(morning + 24h * 99).empty());
    EXPECT_EQ("451 later", outbox().find(id)->last_status);
}

TEST_F(OutboxTest, ARefusalIsFinal) {
    const OutboxId id = add_sealed("report 1");
    EXPECT_EQ(OutboxState::Failed, attempt(id, {OutboxState::Failed, 550, "5.1.1 no such user"}, morning));
    EXPECT_TRUE(due(morning + 1000h).empty());
    EXPECT_EQ(1, outbox().counts().failed);
    EXPECT_EQ(0, outbox().counts().queued);
    EXPECT_EQ(std::nullopt, outbox().counts().oldest);
}

TEST_F(OutboxTest, UnknownIsSentOnceMoreAndNotAgain) {
    const OutboxId id = add_sealed("report 1");
    const AttemptResult silence{OutboxState::Unknown, 0, "the connection was lost"};
    EXPECT_EQ(OutboxState::Unknown, attempt(id, silence, morning));
    EXPECT_EQ((OutboxIds{id}), due(morning + 1min));
    EXPECT_EQ(OutboxState::Sent, attempt(id, silence, morning + 1min));
    EXPECT_TRUE(due(morning + 1000h).empty());
    EXPECT_NE(std::string::npos, outbox().find(id)->last_status.find("taken as sent"));
}

TEST_F(OutboxTest, ADeferralInBetweenDoesNotBringAThirdCopy) {
    const OutboxId id = add_sealed("report 1");
    const AttemptResult silence{OutboxState::Unknown, 0, {}};
    attempt(id, silence, morning);
    EXPECT_EQ(OutboxState::Deferred, attempt(id, {OutboxState::Deferred, 421, "busy"}, morning + 1min));
    EXPECT_EQ(OutboxState::Sent, attempt(id, silence, morning + 10min));
}

TEST_F(OutboxTest, ACrashBeforeTheDotCostsNothing) {
    const OutboxId id = add_sealed("report 1");
    outbox().attempting(id, morning);
    die_and_recover(morning + 1s);
    EXPECT_EQ(OutboxState::Queued, state(id));
    EXPECT_EQ((OutboxIds{id}), due(morning + 1s));
    EXPECT_EQ(0, count("attempt WHERE finished IS NULL"));
}

TEST_F(OutboxTest, ACrashAtTheDotIsUnknownAndSentOnceMoreWithTheSameBytes) {
    const OutboxId id = add_sealed("report 1");
    outbox().attempting(id, morning);
    outbox().at_final_dot(id);
    EXPECT_EQ(OutboxIds{}, die_and_recover(morning + 1s));
    EXPECT_EQ(OutboxState::Unknown, state(id));
    EXPECT_EQ((OutboxIds{id}), due(morning + 1s));
    EXPECT_EQ("bytes of report 1", outbox().bytes(id));
    outbox().attempting(id, morning + 1s);
    outbox().at_final_dot(id);
    EXPECT_EQ(OutboxIds{id}, die_and_recover(morning + 2s)) << "so that its ticket hears of it";
    EXPECT_EQ(OutboxState::Sent, state(id)) << "not a third time";
    EXPECT_TRUE(due(morning + 1000h).empty());
}

TEST_F(OutboxTest, ANewProcessTriesWhatWasDeferredAtOnce) {
    const OutboxId id = add_sealed("report 1");
    attempt(id, {OutboxState::Deferred, 451, "later"}, morning);
    die_and_recover(morning + 2s);
    EXPECT_EQ(OutboxState::Deferred, state(id));
    EXPECT_EQ((OutboxIds{id}), due(morning + 2s));
    EXPECT_EQ("451 later", outbox().find(id)->last_status);
}

TEST_F(OutboxTest, StepsOutOfOrderAreBugs) {
    const OutboxId id = add_sealed("report 1");
    EXPECT_THROW(outbox().at_final_dot(id), std::logic_error);
    EXPECT_THROW(outbox().finish_attempt(id, accepted, morning, 0), std::logic_error);
    EXPECT_THROW(outbox().attempting(add("not sealed").value(), morning), std::logic_error);
    outbox().attempting(id, morning);
    EXPECT_THROW(outbox().attempting(id, morning), std::logic_error);
    EXPECT_THROW(outbox().finish_attempt(id, {OutboxState::Held, 0, {}}, morning, 0), std::logic_error);
    EXPECT_EQ(OutboxState::Attempting, state(id));
}

TEST_F(OutboxTest, AnAdministratorHoldsReleasesAndDrops) {
    const OutboxId id = add_sealed("report 1");
    const OutboxId other = add_sealed("report 2");
    EXPECT_TRUE(outbox().hold(id));
    EXPECT_FALSE(outbox().hold(id));
    EXPECT_EQ((OutboxIds{other}), due(morning + 1h));
    EXPECT_EQ(1, outbox().counts().held);
    EXPECT_EQ(2u, outbox().waiting(10).size());
    EXPECT_TRUE(outbox().release(id, morning + 2h));
    EXPECT_FALSE(outbox().release(id, morning + 2h));
    EXPECT_EQ((OutboxIds{other, id}), due(morning + 2h));
    EXPECT_TRUE(outbox().drop(other));
    EXPECT_EQ(OutboxState::Dropped, state(other));
    outbox().attempting(id, morning + 2h);
    EXPECT_FALSE(outbox().drop(id)) << "it is on the wire";
    EXPECT_FALSE(outbox().hold(id));
}

TEST_F(OutboxTest, CountsWhatWaitsAndSinceWhen) {
    add_sealed("report 1", false, morning + 1h);
    add("report 2", false, morning + 2h);
    const OutboxId trying = add_sealed("report 3", false, morning);
    outbox().attempting(trying, morning + 3h);
    EXPECT_EQ(3, outbox().counts().queued);
    EXPECT_EQ(morning, outbox().counts().oldest);
    EXPECT_EQ("at-final-dot", to_text(OutboxState::AtFinalDot));
}

}  // namespace
}  // namespace tocsin::store
