// The way into a submission server: greeting, EHLO, TLS and login.
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "peer_scripts.hpp"

namespace tocsin::transport::testing {
namespace {

using namespace std::chrono_literals;

Result<void> enter(const Script& script, std::vector<std::string>* heard = nullptr,
                   const Login& login = {"rae", Secret{"pw"}}, std::chrono::seconds patience = 10s) {
    ScriptedPeer peer{script};
    Client client{patience};
    Result<void> result;
    {
        auto sink = client.submit_to(peer.submission(), login);
        if (!sink) result = tl::unexpected<Error>{sink.error()};
    }
    if (heard) *heard = peer.heard();
    EXPECT_EQ("", peer.complaint());
    return result;
}

TEST(SmtpLogin, ANoAtAnyStepIsAnErrorWithItsPermanence) {
    const Script greeted{start_tls(), say("220 ready"), expect("EHLO")};
    const Script said{say("250-mail.test\r\n250 AUTH PLAIN"), expect("AUTH PLAIN AHJhZQBwdw==")};
    const std::pair<const char*, Script> moments[] = {
        {"greeting", {start_tls()}}, {"EHLO", greeted}, {"AUTH", greeted + said}};
    std::vector<std::function<void()>> cases;
    for (const auto& [name, before] : moments) {
        for (const auto& [reply, permanence] : {std::pair{"421 4.3.2 later", Permanence::Temporary},
                                                {"454 4.7.0 later", Permanence::Temporary},
                                                {"535 5.7.8 <rae@lab.test> never", Permanence::Permanent}}) {
            const auto done = enter(before + Script{say(reply), stall()});
            ASSERT_FALSE(done) << name;
            // What is refused before the login says nothing of the password.
            EXPECT_EQ(std::string_view{"AUTH"} == name ? Code::Refused : Code::Unavailable, done.error().code)
                << name << ": " << done.error().what;
            EXPECT_EQ(permanence, done.error().permanence) << name;
            EXPECT_EQ(std::string::npos, done.error().what.find("rae@"));
        }
        for (const auto& end : {cut(), stall(), say("garbage"), flood("250-x\r\n"), drip(std::string(40, '2'), 200ms)})
            cases.emplace_back([name = std::string{name}, script = before + Script{end}] {
                const auto begin = std::chrono::steady_clock::now();
                EXPECT_FALSE(enter(script, nullptr, {"rae", Secret{"pw"}}, 1s)) << name;
                EXPECT_LT(std::chrono::steady_clock::now() - begin, 8s) << name;
            });
    }
    all_at_once(cases);
}

TEST(SmtpLogin, ReadsTheAnswerToEhloHoweverItIsWritten) {
    for (const auto* extensions : {"250 AUTH PLAIN LOGIN", "250-auth plain\r\n250 8bitmime", "250 AUTH=PLAIN",
                                   "250-AUTH\tLOGIN\tPLAIN\r\n250 X", "250-\r\n250-PIPELINING\r\n250 AUTH  PLAIN "})
        EXPECT_TRUE(enter({start_tls(), say("220-two\r\n220 lines"), expect("EHLO tocsin.test"),
                           say("250-mail.test\r\n" + std::string{extensions}), expect("AUTH PLAIN AHJhZQBwdw=="),
                           say("235 ok")}))
            << extensions;
}

TEST(SmtpLogin, LoginWhereThereIsNoPlain) {
    EXPECT_TRUE(enter({start_tls(), say("220 ready"), expect("EHLO"), say("250-mail.test\r\n250 AUTH LOGIN"),
                       expect("AUTH LOGIN"), say("334 VXNlcm5hbWU6"), expect("cmFl"), say("334 UGFzc3dvcmQ6"),
                       expect("cHc="), say("235 ok")}));
}

TEST(SmtpLogin, NothingIsSaidWhereThereIsNoWay) {
    std::vector<std::string> heard;
    const auto none = enter({start_tls(), say("220 ready"), expect("EHLO"), say("250 mail.test"), stall()}, &heard);
    ASSERT_FALSE(none);
    EXPECT_EQ(Code::Refused, none.error().code);
    EXPECT_EQ(1u, heard.size());
}

TEST(SmtpLogin, ATokenGoesByXoauth2AndItsRefusalIsHeard) {
    const Login token{"rae@acme.test", Secret{"ya29"}, LoginMethod::BearerToken};
    const auto first = to_base64("user=rae@acme.test\1auth=Bearer ya29\1\1");
    const Script greeted{start_tls(), say("220 ready"), expect("EHLO"), say("250-mail.test\r\n250 AUTH PLAIN XOAUTH2")};
    EXPECT_TRUE(enter(greeted + Script{expect("AUTH XOAUTH2 " + first), say("235 ok")}, nullptr, token));
    const auto refused = enter(greeted + Script{expect("AUTH XOAUTH2"), say("334 eyJzdGF0dXMiOiI0MDEifQ=="), expect(""),
                                                say("535 5.7.8 no"), stall()},
                               nullptr, token);
    ASSERT_FALSE(refused);
    EXPECT_EQ(Code::Refused, refused.error().code) << refused.error().what;
}

TEST(SmtpLogin, ScramThatIsRefusedGivesWayToPlainButOnlyForGood) {
    const Script greeted{start_tls(), say("220 ready"), expect("EHLO"),
                         say("250-mail.test\r\n250 AUTH PLAIN SCRAM-SHA-256"), expect("AUTH SCRAM-SHA-256 ")};
    EXPECT_TRUE(enter(greeted + Script{say("535 5.7.8 no such hash"), expect("AUTH PLAIN"), say("235 ok")}));
    std::vector<std::string> heard;
    EXPECT_EQ(Permanence::Temporary,
              enter(greeted + Script{say("454 4.7.0 later"), stall()}, &heard).error().permanence);
    EXPECT_TRUE(heard.back().starts_with("AUTH SCRAM"));
    EXPECT_EQ(Code::Untrusted, enter(greeted + Script{say("235 ok"), stall()}).error().code);
}

TEST(SmtpLogin, OurNameIsPresentableWhateverTheMachineIsCalled) {
    for (const std::string name : {"two words", "line\r\nMAIL FROM:<x>", "", "m\xc3\xbcll"}) {
        ScriptedPeer peer{
            Script{start_tls(), say("220 ready"), expect("EHLO [127.0.0.1]"), say("250 AUTH PLAIN"), stall()}};
        Client client;
        EXPECT_FALSE(SmtpSink::connect(peer.submission(), {"rae", Secret{"pw"}}, test_trust(), client.interrupt, name,
                                       client.deadlines));
        EXPECT_EQ("", peer.complaint()) << name;
    }
}

}  // namespace
}  // namespace tocsin::transport::testing
