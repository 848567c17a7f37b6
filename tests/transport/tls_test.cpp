// Whom the connection believes, on all four ways into TLS, and that nothing secret is said to anyone else.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "peer_scripts.hpp"

namespace tocsin::transport::testing {
namespace {

using namespace std::chrono_literals;

enum class Path { Imaps, ImapStartTls, SubmissionStartTls, Submissions };

const char* name_of(Path path) {
    switch (path) {
        case Path::Imaps:
            return "Imaps";
        case Path::ImapStartTls:
            return "ImapStartTls";
        case Path::SubmissionStartTls:
            return "SubmissionStartTls";
        case Path::Submissions:
            return "Submissions";
    }
    return "";
}

// What the server does up to the login, with this certificate.
Script server(Path path, Flaw flaw, const char* priority = "NORMAL") {
    const Script imap_rest{expect("CAPABILITY"), say("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n% OK done"),
                           expect("AUTHENTICATE PLAIN"), say("% OK [CAPABILITY IMAP4rev1] welcome"), stall()};
    const Script smtp_rest{expect("EHLO"), say("250-mail.test\r\n250 AUTH PLAIN"), expect("AUTH PLAIN"),
                           say("235 welcome"), stall()};
    const Script tls{start_tls(flaw, priority)};
    switch (path) {
        case Path::Imaps:
            return tls + Script{say("* OK ready")} + imap_rest;
        case Path::ImapStartTls:
            return Script{say("* OK ready"), expect("STARTTLS"), say("% OK go on")} + tls + imap_rest;
        case Path::SubmissionStartTls:
            return Script{say("220 ready"), expect("EHLO"), say("250-mail.test\r\n250 STARTTLS"), expect("STARTTLS"),
                          say("220 go on")} +
                   tls + smtp_rest;
        case Path::Submissions:
            return tls + Script{say("220 ready")} + smtp_rest;
    }
    return {};
}

Result<void> log_in(Client& client, const ScriptedPeer& peer, Path path, const std::string& host) {
    const auto tls = path == Path::Imaps || path == Path::Submissions ? TlsStart::Implicit : TlsStart::StartTls;
    if (path == Path::Imaps || path == Path::ImapStartTls) {
        auto source = client.connect(peer.imap(tls, host));
        return source ? Result<void>{} : Result<void>{tl::unexpected<Error>{source.error()}};
    }
    auto sink = client.submit_to(peer.submission(tls, host));
    return sink ? Result<void>{} : Result<void>{tl::unexpected<Error>{sink.error()}};
}

bool heard_a_login(ScriptedPeer& peer) {
    return std::ranges::any_of(peer.heard(),
                               [](const std::string& line) { return line.find("AUTH") != std::string::npos; });
}

struct Case {
    Path path;
    Flaw flaw;
    const char* reason;
};

class Certificates : public ::testing::TestWithParam<Path> {};

TEST_P(Certificates, AGoodOneIsTaken) {
    for (const std::string host : {"localhost", "LOCALHOST", "127.0.0.1"}) {
        ScriptedPeer peer{server(GetParam(), Flaw::None)};
        Client client;
        const auto done = log_in(client, peer, GetParam(), host);
        EXPECT_TRUE(done) << host << ": " << done.error().what;
        EXPECT_TRUE(heard_a_login(peer));
    }
}

TEST_P(Certificates, AFlawedOneIsRefusedBeforeAnythingIsSaid) {
    const Case cases[] = {
        {GetParam(), Flaw::WrongHost, "name"},          {GetParam(), Flaw::Expired, "expired"},
        {GetParam(), Flaw::UnknownAuthority, "issuer"}, {GetParam(), Flaw::NoSubjectAltName, "subjectAltName"},
        {GetParam(), Flaw::NotForServers, "purpose"},   {GetParam(), Flaw::ShortKey, "insecure"},
    };
    for (const auto& c : cases) {
        ScriptedPeer peer{server(c.path, c.flaw)};
        Client client;
        const auto done = log_in(client, peer, c.path, "localhost");
        ASSERT_FALSE(done) << c.reason;
        EXPECT_EQ(Code::Untrusted, done.error().code) << done.error().what;
        EXPECT_EQ(Permanence::Permanent, done.error().permanence);
        EXPECT_NE(std::string::npos, done.error().what.find(c.reason)) << done.error().what;
        EXPECT_FALSE(heard_a_login(peer)) << done.error().what;
    }
}

TEST_P(Certificates, AnOldTlsIsRefused) {
    ScriptedPeer peer{server(GetParam(), Flaw::None, "NORMAL:-VERS-ALL:+VERS-TLS1.1")};
    Client client;
    const auto done = log_in(client, peer, GetParam(), "localhost");
    ASSERT_FALSE(done);
    EXPECT_FALSE(heard_a_login(peer));
}

INSTANTIATE_TEST_SUITE_P(OnAllPaths, Certificates,
                         ::testing::Values(Path::Imaps, Path::ImapStartTls, Path::SubmissionStartTls,
                                           Path::Submissions),
                         [](const auto& path) { return std::string{name_of(path.param)}; });

TEST(StartTls, ImapWordsSlippedInBeforeTlsAreRefused) {
    ScriptedPeer peer{Script{say("* OK ready"), expect("STARTTLS"),
                             say_raw("% OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"), stall()}};
    Client client;
    const auto source = client.connect(peer.imap(TlsStart::StartTls));
    ASSERT_FALSE(source);
    EXPECT_EQ(Code::Untrusted, source.error().code) << source.error().what;
    EXPECT_FALSE(heard_a_login(peer));
}

TEST(StartTls, SmtpWordsSlippedInBeforeTlsAreRefused) {
    ScriptedPeer peer{Script{say("220 ready"), expect("EHLO"), say("250-mail.test\r\n250 STARTTLS"), expect("STARTTLS"),
                             say_raw("220 go on\r\n250 AUTH PLAIN\r\n"), stall()}};
    Client client;
    const auto sink = client.submit_to(peer.submission(TlsStart::StartTls));
    ASSERT_FALSE(sink);
    EXPECT_EQ(Code::Untrusted, sink.error().code) << sink.error().what;
    EXPECT_FALSE(heard_a_login(peer));
}

TEST(StartTls, WordsThatComeALittleLaterBreakTheHandshake) {
    ScriptedPeer peer{Script{say("* OK ready"), expect("STARTTLS"), say("% OK go on"), wait_for(50ms),
                             say("* CAPABILITY IMAP4rev1 AUTH=PLAIN"), stall()}};
    Client client;
    EXPECT_FALSE(client.connect(peer.imap(TlsStart::StartTls)));
    EXPECT_FALSE(heard_a_login(peer));
}

TEST(StartTls, ARefusalNeverMeansPlainText) {
    ScriptedPeer imap{Script{say("* OK ready"), expect("STARTTLS"), say("% NO not today"), stall()}};
    ScriptedPeer smtp{Script{say("220 ready"), expect("EHLO"), say("250-mail.test\r\n250 AUTH PLAIN"),
                             expect("STARTTLS"), say("454 not today"), stall()}};
    Client client;
    EXPECT_EQ(Code::Untrusted, client.connect(imap.imap(TlsStart::StartTls)).error().code);
    EXPECT_EQ(Code::Untrusted, client.submit_to(smtp.submission(TlsStart::StartTls)).error().code);
    EXPECT_FALSE(heard_a_login(imap));
    EXPECT_FALSE(heard_a_login(smtp));
}

TEST(StartTls, PreauthIsRefusedSinceItWouldSkipTls) {
    for (const auto tls : {TlsStart::StartTls, TlsStart::Implicit}) {
        const Script begin = tls == TlsStart::Implicit ? Script{start_tls()} : Script{};
        ScriptedPeer peer{begin + Script{say("* PREAUTH welcome rae"), stall()}};
        Client client;
        const auto source = client.connect(peer.imap(tls));
        ASSERT_FALSE(source);
        EXPECT_EQ(Code::Untrusted, source.error().code);
        EXPECT_TRUE(peer.heard().empty());
    }
}

TEST(Tls, APlainServerOnATlsPortIsNamedAsSuch) {
    ScriptedPeer peer{Script{say("* OK ready"), stall()}};
    Client client;
    const auto source = client.connect(peer.imap());
    ASSERT_FALSE(source);
    EXPECT_NE(std::string::npos, source.error().what.find("no TLS")) << source.error().what;
}

TEST(Tls, AHandshakeThatIsCutStallsOrDripsEndsInTimeAndTheNextOneGoesOn) {
    // The head of a record of 16 KiB, and then its bytes, which never become a handshake.
    const std::string record = std::string{"\x16\x03\x03\x40\x00\x02", 6} + std::string(400, '\0');
    const std::tuple<const char*, Step, std::optional<Code>> ends[] = {
        {"cut", cut(), Code::Unavailable},
        {"goodbye", goodbye(), Code::Unavailable},
        {"stall", stall(), Code::Deadline},
        {"half a record", say_raw(record.substr(0, 100)), std::nullopt},
        {"drip", drip(record, std::chrono::milliseconds{100}), Code::Deadline},
        {"alert without end", flood(std::string{"\x15\x03\x03\x00\x02\x01\x5a", 7}), std::nullopt},
        {"garbage", flood("what is this?"), std::nullopt},
    };
    const std::pair<Path, Script> ways[] = {
        {Path::Imaps, {}},
        {Path::ImapStartTls, {say("* OK ready"), expect("STARTTLS"), say("% OK go on")}},
        {Path::Submissions, {}},
        {Path::SubmissionStartTls,
         {say("220 ready"), expect("EHLO"), say("250-mail.test\r\n250 STARTTLS"), expect("STARTTLS"),
          say("220 go on")}},
    };
    std::vector<std::function<void()>> cases;
    for (const auto& way : ways)
        for (const auto& [name, end, code] : ends)
            cases.emplace_back([&way, name = std::string{name}, end = end, code = code] {
                const auto& [path, until_tls] = way;
                ScriptedPeer peer{{until_tls + Script{end}, server(path, Flaw::None)}};
                Client hasty{std::chrono::seconds{1}};
                const auto begin = std::chrono::steady_clock::now();
                const auto told = log_in(hasty, peer, path, "localhost");
                ASSERT_FALSE(told) << name_of(path) << ": " << name;
                EXPECT_LT(std::chrono::steady_clock::now() - begin, 8s) << name_of(path) << ": " << name;
                EXPECT_EQ(code.value_or(told.error().code), told.error().code)
                    << name_of(path) << ": " << name << ": " << told.error().what;
                Client client;
                const auto next = log_in(client, peer, path, "localhost");
                EXPECT_TRUE(next) << name_of(path) << ": " << name << ": the next one: " << next.error().what;
            });
    all_at_once(cases);
}

TEST(TrustTest, AFileWithoutACertificateIsAMistake) {
    const std::string path = authority_file() + ".empty";
    std::ofstream{path} << "no certificate\n";
    const auto junk = Trust::load(path);
    ASSERT_FALSE(junk);
    EXPECT_EQ(Code::Configuration, junk.error().code);
    EXPECT_NE(std::string::npos, junk.error().what.find(path));
    std::remove(path.c_str());
    EXPECT_FALSE(Trust::load("/nowhere/ca.pem"));
    EXPECT_TRUE(Trust::load(std::nullopt)) << "the system's store";
}

}  // namespace
}  // namespace tocsin::transport::testing
