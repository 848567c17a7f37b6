#include "transport/sasl.hpp"

#include <gtest/gtest.h>

namespace tocsin::transport {
namespace {

const Endpoint server{Protocol::Imap, TlsStart::Implicit, "imap.acme.test", 993};

std::string mechanisms(const Login& login, const std::vector<std::string>& offered) {
    const auto exchanges = choose_exchanges(login, server, offered);
    if (!exchanges) return "!" + exchanges.error().what;
    std::string names;
    for (const auto& exchange : *exchanges) names += (names.empty() ? "" : " ") + std::string{exchange->mechanism()};
    return names;
}

TEST(Sasl, PrefersWhatTellsTheServerLeast) {
    const Login login{"rae", Secret{"pw"}};
    EXPECT_EQ("SCRAM-SHA-256 PLAIN", mechanisms(login, {"LOGIN", "PLAIN", "SCRAM-SHA-256", "CRAM-MD5"}));
    EXPECT_EQ("PLAIN", mechanisms(login, {"login", "plain"}));
    EXPECT_EQ("LOGIN", mechanisms(login, {"LOGIN"}));
    EXPECT_EQ("!no way to log in: the server offers GSSAPI, known here: SCRAM-SHA-256, PLAIN, LOGIN",
              mechanisms(login, {"GSSAPI"}));
}

TEST(Sasl, ATokenIsNeverSentAsAPassword) {
    const Login login{"rae", Secret{"token"}, LoginMethod::BearerToken};
    EXPECT_EQ("XOAUTH2", mechanisms(login, {"PLAIN", "OAUTHBEARER", "XOAUTH2"}));
    EXPECT_EQ("OAUTHBEARER", mechanisms(login, {"PLAIN", "OAUTHBEARER"}));
    EXPECT_EQ('!', mechanisms(login, {"PLAIN", "LOGIN", "SCRAM-SHA-256"})[0]);
}

TEST(Sasl, SaysItInTheFormOfEachMechanism) {
    const Login login{"rae", Secret{"pw"}};
    EXPECT_EQ((std::string{"\0rae\0pw", 7}), (*choose_exchanges(login, server, {"PLAIN"}))[0]->opening());
    const auto old = std::move((*choose_exchanges(login, server, {"LOGIN"}))[0]);
    EXPECT_EQ(std::nullopt, old->opening());
    EXPECT_EQ("rae", *old->answer("User Name"));
    EXPECT_EQ("pw", *old->answer("Password"));
    EXPECT_FALSE(old->answer("And your mother's name?"));

    const Login bearer{"a,b=c", Secret{"t"}, LoginMethod::BearerToken};
    const auto google = std::move((*choose_exchanges(bearer, server, {"XOAUTH2"}))[0]);
    EXPECT_EQ("user=a,b=c\1auth=Bearer t\1\1", google->opening());
    EXPECT_EQ("", *google->answer("{\"status\":\"401\"}"));
    EXPECT_FALSE(google->answer("more"));
    const auto standard = std::move((*choose_exchanges(bearer, server, {"OAUTHBEARER"}))[0]);
    EXPECT_EQ(
        "n,a=a=2Cb=3Dc,\1host=imap.acme.test\1port=993\1"
        "auth=Bearer t\1\1",
        standard->opening());
    EXPECT_EQ("\1", *standard->answer("{}"));
}

TEST(Sasl, NothingThatCouldSplitAMessageIsTaken) {
    for (const auto& bad :
         {std::string{"r\0e", 3}, std::string{"r\re"}, std::string{"r\ne"}, std::string{"\xff"}, std::string{}}) {
        EXPECT_FALSE(choose_exchanges({bad, Secret{"pw"}}, server, {"PLAIN"}));
        EXPECT_FALSE(choose_exchanges({"rae", Secret{bad}}, server, {"PLAIN"}));
    }
    EXPECT_TRUE(choose_exchanges({"räe", Secret{"pässwort"}}, server, {"PLAIN"}));
}

// RFC 7677 section 3.
const Login romeo{"user", Secret{"pencil"}};
constexpr auto romeos_nonce = "rOprNGfwEbeRWgbNEkqO";
constexpr auto server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr auto server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

TEST(Scram, FollowsTheStandardsExample) {
    const auto scram = scram_sha_256(romeo, romeos_nonce);
    EXPECT_EQ("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", scram->opening());
    EXPECT_EQ(
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        *scram->answer(server_first));
    EXPECT_FALSE(scram->satisfied());
    EXPECT_EQ("", *scram->answer(server_final));
    EXPECT_TRUE(scram->satisfied());
}

TEST(Scram, AServerThatDoesNotKnowThePasswordIsFound) {
    const auto scram = scram_sha_256(romeo, romeos_nonce);
    scram->opening();
    ASSERT_TRUE(scram->answer(server_first));
    const auto judged = scram->answer("v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    ASSERT_FALSE(judged);
    EXPECT_EQ(Code::Untrusted, judged.error().code);
    EXPECT_FALSE(scram->satisfied());
    EXPECT_FALSE(scram->may_give_way()) << "the password must not be offered to it in the clear next";
}

TEST(Scram, AServerThatBendsTheExchangeIsFound) {
    for (const auto* first : {
             "r=other%hvY,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",                            // another exchange
             "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",                 // adds nothing of its own
             "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",                   // a weak count
             "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2000000000",          // an endless one
             "r=rOprNGfwEbeRWgbNEkqOx,s=!!,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,i=4096",    // no salt
             "m=x,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "", ",,,"  // unknown and must be known
         }) {
        const auto scram = scram_sha_256(romeo, romeos_nonce);
        scram->opening();
        const auto answer = scram->answer(first);
        ASSERT_FALSE(answer) << first;
        EXPECT_EQ(Code::Untrusted, answer.error().code);
    }
}

TEST(Base64, IsReadStrictly) {
    EXPECT_EQ("", from_base64(""));
    EXPECT_EQ("User Name", from_base64("VXNlciBOYW1l"));
    EXPECT_EQ("ab", from_base64("YWI="));
    for (const auto* bad : {"=", "Y", "!!!!"}) EXPECT_EQ(std::nullopt, from_base64(bad)) << bad;
}

}  // namespace
}  // namespace tocsin::transport
