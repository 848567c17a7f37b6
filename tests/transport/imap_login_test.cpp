#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <thread>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "peer_scripts.hpp"
#include "transport/sasl.hpp"

namespace tocsin::transport::testing {
namespace {

using namespace std::chrono_literals;

Script greeted(const std::string& capabilities) {
    return {start_tls(), say("* OK ready"), expect("CAPABILITY"),
            say("* CAPABILITY " + capabilities + "\r\n% OK done")};
}

struct Visit {
    Result<void> result;
    std::vector<std::string> heard;
    std::string complaint;
};

Visit log_in(const Script& script, const Login& login = {"rae", Secret{"pw"}}) {
    ScriptedPeer peer{script};
    Client client;
    Result<void> result;
    {
        auto source = client.connect(peer.imap(), login);
        if (!source) result = tl::unexpected<Error>{source.error()};
    }
    return {result, peer.heard(), peer.complaint()};
}

const Step welcome = say("% OK [CAPABILITY IMAP4rev1] welcome");

TEST(ImapLogin, PlainIsSaidAtOnceWhereTheServerTakesThat) {
    const auto visit =
        log_in(greeted("IMAP4rev1 SASL-IR AUTH=PLAIN") + Script{expect("AUTHENTICATE PLAIN AHJhZQBwdw=="), welcome});
    EXPECT_TRUE(visit.result) << visit.result.error().what;
    EXPECT_EQ("", visit.complaint);
}

TEST(ImapLogin, PlainWaitsForTheServerWhereItMust) {
    const auto visit = log_in(greeted("IMAP4rev1 AUTH=PLAIN AUTH=LOGIN") +
                              Script{expect("AUTHENTICATE PLAIN"), say("+ "), expect("AHJhZQBwdw=="), welcome});
    EXPECT_TRUE(visit.result) << visit.result.error().what;
    EXPECT_EQ("", visit.complaint);
    EXPECT_TRUE(visit.heard[1].ends_with("AUTHENTICATE PLAIN")) << "not before it was asked";
}

TEST(ImapLogin, CapabilitiesAreAskedForAgainWhereTheLoginDoesNotTellThem) {
    const auto visit = log_in(greeted("IMAP4rev1 SASL-IR AUTH=PLAIN") +
                              Script{expect("AUTHENTICATE PLAIN"), say("% OK welcome"), expect("CAPABILITY"),
                                     say("* CAPABILITY IMAP4rev1 IDLE\r\n% OK done"), stall()});
    EXPECT_TRUE(visit.result) << visit.result.error().what;
    EXPECT_EQ("", visit.complaint);
}

TEST(ImapLogin, TheOldWaysStillWork) {
    const auto sasl = log_in(greeted("IMAP4rev1 AUTH=LOGIN") + Script{expect("AUTHENTICATE LOGIN"),
                                                                      say("+ VXNlcm5hbWU6"), expect("cmFl"),
                                                                      say("+ UGFzc3dvcmQ6"), expect("cHc="), welcome});
    EXPECT_TRUE(sasl.result) << sasl.result.error().what;
    const auto command =
        log_in(greeted("IMAP4rev1") + Script{expect(R"(LOGIN "rae" "p\"w\\")"), welcome}, {"rae", Secret{"p\"w\\"}});
    EXPECT_TRUE(command.result) << command.result.error().what;
    EXPECT_EQ("", command.complaint);
}

TEST(ImapLogin, NothingIsSaidWhereThereIsNoWay) {
    const auto disabled = log_in(greeted("IMAP4rev1 LOGINDISABLED") + Script{stall()});
    EXPECT_EQ(Code::Refused, disabled.result.error().code);
    EXPECT_EQ(1u, disabled.heard.size());
    const auto eight_bit = log_in(greeted("IMAP4rev1") + Script{stall()}, {"rae", Secret{"p\xc3\xa4ss"}});
    EXPECT_EQ(Code::BadInput, eight_bit.result.error().code) << "LOGIN has no form for it";
    EXPECT_EQ(1u, eight_bit.heard.size());
    const auto injected = log_in(greeted("IMAP4rev1 AUTH=PLAIN") + Script{stall()}, {"rae\r\nT9 LOGOUT", Secret{"pw"}});
    EXPECT_EQ(Code::BadInput, injected.result.error().code);
    EXPECT_EQ(1u, injected.heard.size());
}

TEST(ImapLogin, ARefusalSaysSoWithoutTheUsersName) {
    const auto wrong =
        log_in(greeted("IMAP4rev1 SASL-IR AUTH=PLAIN") +
                   Script{expect("AUTHENTICATE"), say("% NO [AUTHENTICATIONFAILED] rae@acme.test: no"), stall()},
               {"rae@acme.test", Secret{"pw"}});
    EXPECT_EQ(Code::Refused, wrong.result.error().code);
    EXPECT_EQ(Permanence::Permanent, wrong.result.error().permanence);
    EXPECT_EQ(std::string::npos, wrong.result.error().what.find("rae@"));
    const auto busy = log_in(greeted("IMAP4rev1 SASL-IR AUTH=PLAIN") +
                             Script{expect("AUTHENTICATE"), say("% NO [UNAVAILABLE] try later"), stall()});
    EXPECT_EQ(Permanence::Temporary, busy.result.error().permanence);
}

const Login with_token{"rae@acme.test", Secret{"ya29.token"}, LoginMethod::BearerToken};

TEST(ImapLogin, ATokenGoesByXoauth2) {
    const auto first = to_base64("user=rae@acme.test\1auth=Bearer ya29.token\1\1");
    const auto taken = log_in(
        greeted("IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2") + Script{expect("AUTHENTICATE XOAUTH2 " + first), welcome},
        with_token);
    EXPECT_TRUE(taken.result) << taken.result.error().what;
    // The reasons come as a challenge that wants an empty answer.
    const auto refused = log_in(greeted("IMAP4rev1 SASL-IR AUTH=XOAUTH2") +
                                    Script{expect("AUTHENTICATE XOAUTH2"), say("+ " + to_base64(R"({"status":"400"})")),
                                           expect(""), say("% NO [AUTHENTICATIONFAILED] expired"), stall()},
                                with_token);
    EXPECT_EQ(Code::Refused, refused.result.error().code) << refused.result.error().what;
    EXPECT_EQ("", refused.heard.back());
    EXPECT_EQ("", refused.complaint);
    EXPECT_EQ(std::string::npos, refused.result.error().what.find("ya29"));
}

TEST(ImapLogin, ScramThatIsRefusedGivesWayToPlain) {
    const auto visit =
        log_in(greeted("IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256") +
               Script{expect("AUTHENTICATE SCRAM-SHA-256"), say("% NO [AUTHENTICATIONFAILED] no such hash"),
                      expect("AUTHENTICATE PLAIN"), welcome});
    EXPECT_TRUE(visit.result) << visit.result.error().what;
    EXPECT_EQ("", visit.complaint);
}

TEST(ImapLogin, AWrongPasswordIsNotSaidAgainInTheClear) {
    // The salt goes to whoever asks, so the nonce has to be read off what the client said.
    const Step salt = [](Line& line) {
        const auto opening = from_base64(last_word_heard(line)).value();
        say("+ " + to_base64(opening.substr(opening.find("r=")) + "more,s=AAAA,i=4096"))(line);
    };
    const auto visit = log_in(greeted("IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256") +
                              Script{expect("AUTHENTICATE SCRAM-SHA-256"), salt, expect(""),
                                     say("% NO [AUTHENTICATIONFAILED] wrong"), stall()});
    EXPECT_EQ(Code::Refused, visit.result.error().code) << visit.result.error().what;
    for (const auto& line : visit.heard) EXPECT_EQ(std::string::npos, line.find("PLAIN")) << line;
}

TEST(ImapLogin, AServerThatClaimsScramWithoutProofHearsNoPassword) {
    const auto visit = log_in(greeted("IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256") +
                              Script{expect("AUTHENTICATE SCRAM-SHA-256"), say("% OK welcome"), stall()});
    EXPECT_EQ(Code::Untrusted, visit.result.error().code) << visit.result.error().what;
    const auto bent =
        log_in(greeted("IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256") +
               Script{expect("AUTHENTICATE SCRAM-SHA-256"), say("+ " + to_base64("r=mine,s=AAAA,i=4096")), stall()});
    EXPECT_EQ(Code::Untrusted, bent.result.error().code) << bent.result.error().what;
    for (const auto& line : bent.heard) EXPECT_EQ(std::string::npos, line.find("PLAIN"));
}

TEST(ImapLogin, AChallengeWithoutEndIsCutShort) {
    Script script = greeted("IMAP4rev1 SASL-IR AUTH=PLAIN") + Script{expect("AUTHENTICATE PLAIN")};
    for (int i = 0; i < 5; ++i) script.push_back(say("+ bW9yZQ=="));
    EXPECT_EQ(Code::BadInput, log_in(script + Script{stall()}).result.error().code);
}

TEST(ImapLogin, TheInterruptEndsItAtAnyStep) {
    const Script steps = greeted("IMAP4rev1 SASL-IR AUTH=PLAIN") + Script{expect("AUTHENTICATE PLAIN")};
    for (std::size_t done = 0; done <= steps.size(); ++done) {
        ScriptedPeer peer{Script{steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(done)} + Script{stall()}};
        Client client;
        client.limits.deadlines = {10s, 10s, 10s, 10s, 10s, 10s, 10s, 10s};
        std::thread hand{[&] {
            std::this_thread::sleep_for(50ms);
            client.interrupt.raise();
        }};
        const auto begin = std::chrono::steady_clock::now();
        const auto source = client.connect(peer.imap());
        hand.join();
        ASSERT_FALSE(source) << done;
        EXPECT_EQ(Code::Interrupted, source.error().code) << done << ": " << source.error().what;
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
    }
}

TEST(ImapLogin, NobodyThereIsSaidAtOnce) {
    std::uint16_t port = 0;
    {
        ScriptedPeer gone{Script{}};
        port = gone.port();
    }
    Client client;
    const auto source = client.connect({Protocol::Imap, TlsStart::Implicit, "localhost", port});
    ASSERT_FALSE(source);
    EXPECT_EQ(Code::Unavailable, source.error().code);
    EXPECT_EQ(Permanence::Temporary, source.error().permanence);
    const auto nameless = client.connect({Protocol::Imap, TlsStart::Implicit, "no-such-host.invalid", 993});
    ASSERT_FALSE(nameless);
    EXPECT_EQ(Permanence::Temporary, nameless.error().permanence);
}

TEST(ImapLogin, ADeadPeerWillBeNoticedByTheKernel) {
    ScriptedPeer peer{imap_login() + Script{stall()}};
    Client client;
    const auto source = client.connect(peer.imap());
    ASSERT_TRUE(source);
    const auto option = [](int socket, int level, int name) {
        int value = 0;
        socklen_t size = sizeof value;
        ::getsockopt(socket, level, name, &value, &size);
        return value;
    };
    int found = 0;
    for (int socket = 3; socket < 1024; ++socket) {
        sockaddr_in other{};
        socklen_t size = sizeof other;
        if (::getpeername(socket, reinterpret_cast<sockaddr*>(&other), &size) != 0 ||
            ntohs(other.sin_port) != peer.port())
            continue;
        ++found;
        EXPECT_EQ(1, option(socket, SOL_SOCKET, SO_KEEPALIVE));
        EXPECT_EQ(60, option(socket, IPPROTO_TCP, TCP_KEEPIDLE));
        EXPECT_EQ(15, option(socket, IPPROTO_TCP, TCP_KEEPINTVL));
        EXPECT_EQ(4, option(socket, IPPROTO_TCP, TCP_KEEPCNT));
        EXPECT_EQ(120'000, option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT));
    }
    EXPECT_EQ(1, found);
}

}  // namespace
}  // namespace tocsin::transport::testing
