// The dead-man's switch: what is wrong, who was told, and the mail to ourselves.
#include "intake/promises/troubles.hpp"

#include "desk.hpp"

namespace tocsin::intake {
namespace {

class TroublesTest : public DeskTest {
protected:
    std::vector<std::string> names(Instant now) {
        std::vector<std::string> all;
        for (const TroubleNow& each : troubles_now(store_, rules_, {"security"}, {now, machine_}))
            all.push_back(each.name);
        return all;
    }
    std::size_t tell(Instant now) {
        return in_transaction([&] {
            return tell_troubles(store_, rules_, {"security"}, organisation_, acme_ids(), {now, machine_});
        });
    }
    bool send(Instant now) {
        return in_transaction([&] { return send_canary(store_, rules_, organisation_, acme_ids(), now); });
    }
    using Names = std::vector<std::string>;

    AlarmRules rules_;
    Instant machine_ = friday;
};

TEST_F(TroublesTest, AServerIsAwayAfterAWhileAndOnlyIfWeUseIt) {
    EXPECT_EQ(Names{}, names(friday));
    store_.peers.in_trouble("mailbox:security", "no route", false, friday);
    store_.peers.in_trouble("mailbox:old", "no route", false, friday);
    EXPECT_EQ(Names{}, names(friday + 14min));
    EXPECT_EQ(Names{"unreachable mailbox:security"}, names(friday + 15min));
    store_.peers.well("mailbox:security", std::nullopt, friday + 16min);
    EXPECT_EQ(Names{}, names(friday + 17min));
}

TEST_F(TroublesTest, ALoginAloneEndsNoTrouble) {
    store_.peers.in_trouble("mailbox:security", "SELECT took too long", false, friday);
    store_.peers.shows_certificate("mailbox:security", friday + 24h * 100, friday + 10min);
    store_.peers.in_trouble("mailbox:security", "SELECT took too long", false, friday + 10min);
    EXPECT_EQ(Names{"unreachable mailbox:security"}, names(friday + 15min));
}

TEST_F(TroublesTest, MailThatIsNamedAndNotGivenIsToldAfterAWhile) {
    store::ImapCursor cursor{
        .mailbox = "security", .folder = "INBOX", .missing = 2, .missing_since = friday, .trouble = {}};
    store_.cursors.keep(cursor);
    EXPECT_EQ(Names{}, names(friday + 14min));
    EXPECT_EQ(Names{"missing mailbox:security INBOX"}, names(friday + 15min));
    cursor.missing_since.reset();
    store_.cursors.keep(cursor);
    EXPECT_EQ(Names{}, names(friday + 16min));
}

TEST_F(TroublesTest, ARefusedLoginIsToldSooner) {
    store_.peers.in_trouble("submission", "535 no", true, friday);
    EXPECT_EQ(Names{}, names(friday + 1min));
    EXPECT_EQ(Names{"refused submission"}, names(friday + 2min));
}

TEST_F(TroublesTest, ACertificateIsJudgedByTheMachinesClock) {
    store_.peers.well("mailbox:security", friday + std::chrono::days{8}, friday);
    EXPECT_EQ(Names{}, names(friday + std::chrono::days{400}));
    machine_ = friday + std::chrono::days{1};
    EXPECT_EQ(Names{"certificate mailbox:security"}, names(friday));
}

TEST_F(TroublesTest, EachIsToldOnceAndItsEndOnce) {
    rules_.outbox = std::chrono::days{3000};  // nobody sends the alarms here
    store_.peers.in_trouble("mailbox:security", "no route", false, friday);
    EXPECT_EQ(1u, tell(friday + 1h));
    EXPECT_EQ(organisation_.team.size(), outbox().size());
    for (const auto& row : outbox()) EXPECT_EQ("alarm", row.template_name);
    EXPECT_EQ(0u, tell(friday + 2h));
    store_.peers.in_trouble("mailbox:security", "still no route", false, friday + 3h);
    EXPECT_EQ(0u, tell(friday + 3h)) << "other words, the same trouble";
    store_.peers.well("mailbox:security", std::nullopt, friday + 4h);
    EXPECT_EQ(1u, tell(friday + 4h));
    EXPECT_EQ(0u, tell(friday + 5h));
    store_.peers.in_trouble("mailbox:security", "no route", false, friday + 6h);
    EXPECT_EQ(1u, tell(friday + 7h)) << "a new one";
    EXPECT_EQ(3 * organisation_.team.size(), outbox().size());
}

TEST_F(TroublesTest, AnOutboxThatStandsStill) {
    take_in({});
    rules_.outbox = 1h;
    EXPECT_EQ(Names{}, names(friday + 59min));
    EXPECT_EQ(Names{"outbox"}, names(friday + 1h));
    // Its own alarms wait with it, and are no new trouble.
    EXPECT_EQ(1u, tell(friday + 1h));
    EXPECT_EQ(0u, tell(friday + 5h));
}

TEST_F(TroublesTest, MailThatNeverReachesTheTeamIsTroubleAndOneDeadAddressIsNot) {
    rules_.outbox = std::chrono::days{3000};
    const auto refuse = [&](const std::string& recipient) {
        in_transaction([&] {
            for (const auto& row : store_.outbox.to_seal(100))
                if (row.to_team && row.recipient == recipient) store_.outbox.fail_to_seal(row.id, "553 not yours");
            return true;
        });
    };
    take_in({});
    refuse("alice@acme.test");
    EXPECT_EQ(Names{}, names(friday)) << "one mail proves nothing";
    refuse("bob@acme.test");
    EXPECT_EQ(Names{"refused-mail"}, names(friday));
    EXPECT_EQ(1u, tell(friday));
    refuse("alice@acme.test");
    refuse("bob@acme.test");
    EXPECT_EQ(0u, tell(friday + 1h)) << "its own alarms are refused with it";
    store_.peers.in_trouble("submission", "no route", false, friday);
    EXPECT_EQ(1u, tell(friday + 2h));
    for (const auto& row : outbox()) {
        if (row.state != store::OutboxState::Queued || row.recipient != "bob@acme.test") continue;
        store_.outbox.seal(row.id, "bytes");
        store_.outbox.attempting(row.id, friday);
        store_.outbox.at_final_dot(row.id);
        store_.outbox.finish_attempt(row.id, {store::OutboxState::Sent, 250, {}}, friday, 0);
    }
    EXPECT_EQ(Names{"unreachable submission"}, names(friday + 2h));
}

TEST_F(TroublesTest, SilenceIsMindedWhereASiteAsksForIt) {
    take_in({});
    rules_.outbox = std::chrono::days{3000};
    EXPECT_EQ(Names{}, names(friday + std::chrono::days{300}));
    rules_.silence = std::chrono::days{7};
    EXPECT_EQ(Names{}, names(friday + std::chrono::days{6}));
    EXPECT_EQ(Names{"silence"}, names(friday + std::chrono::days{7}));
}

TEST_F(TroublesTest, ACanaryGoesOutOnItsBeatAndIsMissed) {
    EXPECT_FALSE(send(friday));
    rules_.canary = 1h;
    rules_.outbox = std::chrono::days{3000};
    EXPECT_TRUE(send(friday));
    EXPECT_FALSE(send(friday + 59min));
    ASSERT_EQ(1u, outbox().size());
    const auto row = outbox().front();
    EXPECT_EQ("canary", row.template_name);
    EXPECT_EQ(organisation_.address.text(), row.recipient);
    EXPECT_EQ(Names{}, names(friday + 59min));
    EXPECT_EQ(Names{"canary"}, names(friday + 1h));
    EXPECT_FALSE(take_canary(store_, acme_ids(), "canary.guess.guess@acme.test", friday + 1h));
    EXPECT_FALSE(take_canary(store_, acme_ids(), acme_ids().mint("SEC-2026-0001").view(), friday + 1h));
    EXPECT_TRUE(take_canary(store_, acme_ids(), row.message_id, friday + 1h));
    EXPECT_EQ(Names{}, names(friday + 1h));
}

TEST_F(TroublesTest, AModeThatSendsNothingSendsNoCanary) {
    rules_.canary = 1h;
    organisation_.mode = Mode::Shadow;
    EXPECT_FALSE(send(friday));
    EXPECT_EQ(Names{}, names(friday + 2h));
}

}  // namespace
}  // namespace tocsin::intake
