// SmtpSink against a real Postfix, read back from a real Dovecot.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "rig.hpp"

namespace tocsin::transport::testing {
namespace {

using namespace std::chrono_literals;

mail::Address mailbox_address(const std::string& text) { return mail::Address::from(text).value(); }

class RealSubmission : public ::testing::Test {
protected:
    void SetUp() override {
        const auto found = find_rig();
        if (!found) GTEST_SKIP() << "TOCSIN_RIG names no folder of a running mail host (tests/rig/mailhost)";
        rig_ = *found;
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        user_ = std::string{test->name()} + "." + std::to_string(::getpid()) + "@acme.test";
        trust_ = Trust::load(rig_.ca).value();
    }

    Result<SmtpSink> try_connect(TlsStart tls = TlsStart::Implicit) {
        return SmtpSink::connect(rig_.submission_endpoint(tls), rig_.login(user_), *trust_, interrupt_,
                                 "tocsin.acme.test");
    }
    SmtpSink connect() {
        auto sink = try_connect();
        if (!sink) throw std::runtime_error{sink.error().what};
        return std::move(*sink);
    }

    std::vector<std::string> arrived(std::size_t count) {
        auto source =
            ImapSource::connect(rig_.imap_endpoint(TlsStart::Implicit), rig_.login(user_), *trust_, interrupt_, {});
        if (!source) throw std::runtime_error{source.error().what};
        for (int tries = 0; tries < 100; ++tries) {
            if (!source->select("INBOX")) break;
            const auto listings = source->list_from(1);
            if (listings && listings->size() >= count) {
                std::vector<std::string> mails;
                auto wanted = *listings;
                while (!wanted.empty()) {
                    const auto fetched = source->fetch(wanted);
                    if (!fetched || fetched->empty()) return mails;
                    for (const auto& message : *fetched) mails.push_back(message.bytes);
                    std::erase_if(wanted, [&](const Listing& l) { return l.uid <= fetched->back().uid; });
                }
                return mails;
            }
            std::this_thread::sleep_for(100ms);
        }
        return {};
    }

    Envelope to_self() const { return {mailbox_address(user_), {mailbox_address(user_)}}; }

    Rig rig_;
    std::string user_;
    std::optional<Trust> trust_;
    Interrupt interrupt_;
};

const auto go_on = [] { return true; };

TEST_F(RealSubmission, DeliversOverBothWaysOfTlsEveryByteAsItWas) {
    const std::string body = "first\r\n.\r\n..two dots\r\n.one\r\nlast without a line break after it, and a dot.\r\n.";
    // Postfix adds what is missing to a header that has no Message-ID or Date.
    const std::string mail =
        "Message-ID: <1@acme.test>\r\nDate: Sun, 22 Nov 2026 02:36:32 +0000\r\n"
        "From: a@acme.test\r\nTo: b@acme.test\r\n\r\n" +
        body + "\r\n";
    for (const auto tls : {TlsStart::Implicit, TlsStart::StartTls}) {
        auto sink = try_connect(tls);
        ASSERT_TRUE(sink) << sink.error().what;
        bool asked = false;
        const auto submitted = sink->submit(to_self(), mail, [&] { return asked = true; });
        ASSERT_EQ(1u, submitted.recipients.size());
        EXPECT_EQ(Outcome::Accepted, submitted.recipients[0].outcome) << submitted.recipients[0].text;
        EXPECT_EQ(250, submitted.recipients[0].code);
        EXPECT_TRUE(asked);
        EXPECT_FALSE(submitted.connection_lost);
        EXPECT_TRUE(sink->usable());
        sink->quit();
        EXPECT_FALSE(sink->usable());
    }
    const auto mails = arrived(2);
    ASSERT_EQ(2u, mails.size());
    for (const auto& got : mails) EXPECT_EQ(mail, got.substr(got.find("Message-ID: <1@")));
}

TEST_F(RealSubmission, SendsManyMailsOverOneConnection) {
    auto sink = connect();
    for (int i = 0; i < 20; ++i) {
        const auto submitted = sink.submit(to_self(), "Subject: " + std::to_string(i) + "\r\n\r\nx\r\n", go_on);
        ASSERT_EQ(Outcome::Accepted, submitted.recipients[0].outcome) << submitted.recipients[0].text;
        ASSERT_TRUE(sink.usable());
    }
    EXPECT_EQ(20u, arrived(20).size());
}

TEST_F(RealSubmission, TellsEachRecipientsResultAndGoesOnAfterARefusal) {
    auto sink = connect();
    auto envelope = to_self();
    envelope.forward_paths.push_back(mailbox_address("someone@elsewhere.test"));  // the host relays nothing
    const auto mixed = sink.submit(envelope, "Subject: mixed\r\n\r\nx\r\n", go_on);
    ASSERT_EQ(2u, mixed.recipients.size());
    EXPECT_EQ(Outcome::Accepted, mixed.recipients[0].outcome);
    const auto again = sink.submit(to_self(), "Subject: again\r\n\r\nx\r\n", go_on);
    EXPECT_EQ(Outcome::Accepted, again.recipients[0].outcome) << again.recipients[0].text;
    EXPECT_EQ(2u, arrived(2).size());
}

TEST_F(RealSubmission, SpeaksUtf8AddressesOnlyWhereTheyAreNeeded) {
    auto sink = connect();
    const Envelope envelope{mailbox_address("jörg@acme.test"), {mailbox_address(user_)}};
    const auto submitted = sink.submit(envelope, "From: jörg@acme.test\r\nSubject: x\r\n\r\nGrüße\r\n", go_on);
    EXPECT_EQ(Outcome::Accepted, submitted.recipients[0].outcome) << submitted.recipients[0].text;
    const auto plain = sink.submit(to_self(), "Subject: x\r\n\r\nGrüße\r\n", go_on);
    EXPECT_EQ(Outcome::Accepted, plain.recipients[0].outcome) << plain.recipients[0].text;
    EXPECT_EQ(1u, arrived(1).size()) << "Dovecot's LMTP has no SMTPUTF8: Postfix bounces the first";
}

TEST_F(RealSubmission, TheNullSenderIsTaken) {
    auto sink = connect();
    const auto submitted = sink.submit({std::nullopt, {mailbox_address(user_)}}, "Subject: x\r\n\r\nx\r\n", go_on);
    EXPECT_EQ(Outcome::Accepted, submitted.recipients[0].outcome) << submitted.recipients[0].text;
}

TEST_F(RealSubmission, AMailThatIsHeldBackBeforeTheDotNeverArrives) {
    auto sink = connect();
    const auto submitted = sink.submit(to_self(), "Subject: held\r\n\r\nx\r\n", [] { return false; });
    EXPECT_EQ(Outcome::Deferred, submitted.recipients[0].outcome);
    EXPECT_TRUE(submitted.connection_lost);
    EXPECT_FALSE(sink.usable());
    auto next = connect();
    EXPECT_EQ(Outcome::Accepted, next.submit(to_self(), "Subject: sent\r\n\r\nx\r\n", go_on).recipients[0].outcome);
    const auto mails = arrived(1);
    ASSERT_EQ(1u, mails.size());
    EXPECT_NE(std::string::npos, mails[0].find("Subject: sent"));
}

TEST_F(RealSubmission, ALargeMailArrivesWhole) {
    auto sink = connect();
    std::string mail =
        "Message-ID: <1@acme.test>\r\nDate: Sun, 22 Nov 2026 02:36:32 +0000\r\nFrom: a@acme.test\r\n"
        "To: b@acme.test\r\n\r\n";
    while (mail.size() < 6'000'000) mail += ".a line with a dot at its beginning, and enough after it\r\n";
    const auto submitted = sink.submit(to_self(), mail, go_on);
    ASSERT_EQ(Outcome::Accepted, submitted.recipients[0].outcome) << submitted.recipients[0].text;
    const auto mails = arrived(1);
    ASSERT_EQ(1u, mails.size());
    EXPECT_TRUE(mail == mails[0].substr(mails[0].find("Message-ID: <1@")));  // no diff of megabytes
}

TEST_F(RealSubmission, SaysThatThePasswordIsWrong) {
    const auto sink = SmtpSink::connect(rig_.submission_endpoint(TlsStart::Implicit), {user_, Secret{"no"}}, *trust_,
                                        interrupt_, "tocsin.acme.test");
    ASSERT_FALSE(sink);
    EXPECT_EQ(Code::Refused, sink.error().code);
    EXPECT_EQ(Permanence::Permanent, sink.error().permanence);
}

}  // namespace
}  // namespace tocsin::transport::testing
