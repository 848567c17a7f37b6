// What is to be changed on a mail server; how the servers do.
#include "store/server_actions.hpp"

#include "fixture.hpp"

namespace tocsin::store {
namespace {

class ServerActionsTest : public StoreTest {
protected:
    OutboxId mail() {
        return in_transaction([&] {
            return *store_->outbox.add({.ticket = {},
                                        .cause = {},
                                        .occasion = "o",
                                        .template_name = "acknowledgement",
                                        .recipient = "rae@lab.test",
                                        .message_id = "a@acme.test",
                                        .recipe = "{}",
                                        .not_before = {}},
                                       morning);
        });
    }
    ServerActions& actions() { return store_->server_actions; }
};

TEST_F(ServerActionsTest, AreAskedForOnceAndKeptUntilTheyAreDone) {
    const MailPlace place{"security", "INBOX", 7, 12};
    actions().move(place, "Archive", morning);
    actions().move(place, "Archive", morning + 1s);
    const auto sent = mail();
    actions().file(sent, "security", "Sent", morning);
    actions().file(sent, "security", "Sent", morning);
    reopen();
    EXPECT_TRUE(actions().due("other", morning, 10).empty());
    const auto due = actions().due("security", morning, 10);
    ASSERT_EQ(2u, due.size());
    EXPECT_EQ(OnServer::Move, due[0].what);
    EXPECT_EQ(7u, due[0].place.uid_validity);
    EXPECT_EQ(12u, due[0].place.uid);
    EXPECT_EQ("Archive", due[0].target);
    EXPECT_FALSE(due[0].begun);
    EXPECT_EQ(OnServer::File, due[1].what);
    EXPECT_EQ("Sent", due[1].place.folder);
    EXPECT_EQ(sent, due[1].mail);

    actions().begin(due[1].id);
    actions().try_later(due[1].id, "the server is full", morning + 5min);
    EXPECT_EQ(1u, actions().due("security", morning + 4min, 10).size());
    EXPECT_TRUE(actions().due("security", morning + 5min, 10)[1].begun);
    actions().finish(due[0].id);
    EXPECT_EQ(morning + 5min, actions().next_try("security"));
    actions().give_up(due[1].id, "no such folder");
    EXPECT_EQ(std::nullopt, actions().next_try("security"));
    EXPECT_EQ(1, actions().counts("security").given_up);
    EXPECT_EQ(0, actions().counts("security").waiting);
    actions().move(place, "Archive", morning + 1h);
    EXPECT_TRUE(actions().due("security", morning + 1h, 10).empty()) << "what was done is not asked for again";
}

TEST_F(ServerActionsTest, ATroubleOfAPeerIsRememberedFromItsBeginning) {
    Peers& peers = store_->peers;
    EXPECT_FALSE(peers.find("submission"));
    peers.well("submission", morning + 100h, morning);
    peers.in_trouble("submission", "it said no", true, morning + 1h);
    peers.in_trouble("submission", "it is away", false, morning + 2h);
    auto peer = peers.find("submission").value();
    EXPECT_EQ(morning, peer.last_contact);
    EXPECT_EQ(morning + 1h, peer.trouble_since);
    EXPECT_EQ("it is away", peer.trouble);
    EXPECT_FALSE(peer.refused);
    peers.well("submission", std::nullopt, morning + 3h);
    peer = peers.find("submission").value();
    EXPECT_EQ("", peer.trouble);
    EXPECT_EQ(std::nullopt, peer.trouble_since);
    EXPECT_EQ(morning + 100h, peer.certificate_ends);
}

TEST_F(ServerActionsTest, ATroubleIsOpenOnce) {
    const auto id = store_->troubles.begin("unreadable mailbox:security", "words", morning);
    EXPECT_THROW(store_->troubles.begin("unreadable mailbox:security", "words", morning), Failure);
    ASSERT_EQ(1u, store_->troubles.open().size());
    store_->troubles.end(id, morning + 1h);
    EXPECT_TRUE(store_->troubles.open().empty());
    store_->troubles.begin("unreadable mailbox:security", "again", morning + 2h);
    EXPECT_EQ("again", store_->troubles.open().at(0).words);
}

TEST_F(ServerActionsTest, ACanaryIsMissedUntilOneComes) {
    Canaries& canaries = store_->canaries;
    EXPECT_FALSE(canaries.came("nobody@acme.test", morning));
    canaries.sent("1@acme.test", "security", morning);
    canaries.sent("2@acme.test", "security", morning + 1h);
    EXPECT_EQ(morning, canaries.missing_since("security"));
    EXPECT_EQ(morning + 1h, canaries.last_sent("security"));
    EXPECT_TRUE(canaries.came("2@acme.test", morning + 61min));
    EXPECT_FALSE(canaries.came("2@acme.test", morning + 62min));
    EXPECT_EQ(std::nullopt, canaries.missing_since("security")) << "a later one came: the way is open";
    canaries.sent("3@acme.test", "security", morning + 2h);
    EXPECT_EQ(morning + 2h, canaries.missing_since("security"));
}

}  // namespace
}  // namespace tocsin::store
