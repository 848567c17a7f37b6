// What a submission comes to when the server refuses, stalls, forgets or lies, at every step of it.
#include <gtest/gtest.h>

#include <thread>

#include "peer_scripts.hpp"

namespace tocsin::transport::testing {
namespace {

using namespace std::chrono_literals;

mail::Address someone(const std::string& text) { return mail::Address::from(text).value(); }

const Envelope one{someone("security@acme.test"), {someone("rae@lab.test")}};
const Envelope three{someone("security@acme.test"),
                     {someone("rae@lab.test"), someone("kim@lab.test"), someone("bo@lab.test")}};
const std::string report = "Subject: x\r\n\r\n.\r\nbody\r\n";

constexpr auto smtp_usual = "250-SIZE 1000000\r\n250-8BITMIME\r\n250 AUTH PLAIN";

struct Sent {
    Submitted submitted;
    bool asked = false;  // before the final dot
    bool usable = false;
    std::chrono::milliseconds took{};
    std::vector<std::string> heard;
    std::string complaint;
};

Sent sent(const Script& after_login, const Envelope& envelope = one, const std::string& bytes = report,
          const std::string& extensions = smtp_usual, std::chrono::seconds patience = 10s) {
    ScriptedPeer peer{smtp_login(extensions) + after_login};
    Sent out;
    {
        Client client;
        client.deadlines.command = client.deadlines.end_of_data = patience;
        auto sink = client.sink(peer.submission());
        const auto begin = std::chrono::steady_clock::now();
        out.submitted = sink.submit(envelope, bytes, [&] { return out.asked = true; });
        out.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
        out.usable = sink.usable();
    }
    out.heard = peer.heard();
    out.complaint = peer.complaint();
    return out;
}

std::string in_short(const Sent& s) {
    std::string text;
    for (const auto& r : s.submitted.recipients) {
        constexpr const char* names[] = {"accepted", "deferred", "rejected", "unknown"};
        text +=
            (text.empty() ? "" : ", ") + std::string{names[static_cast<int>(r.outcome)]} + " " + std::to_string(r.code);
    }
    return text + (s.submitted.connection_lost ? "; lost" : "");
}

const Script mail_ok{expect("MAIL FROM:<security@acme.test> SIZE=23"), say("250 2.1.0 ok")};
const Script rcpt_ok{expect("RCPT TO:<rae@lab.test>"), say("250 2.1.5 ok")};
const Script data_ok{expect("DATA"), say("354 go on")};
const Script body_ok{expect_body(), say("250 2.0.0 queued as 4711")};
const Script reset_ok{expect("RSET"), say("250 reset")};

TEST(SmtpSubmit, AGoodOneIsAccepted) {
    const auto s = sent(mail_ok + rcpt_ok + data_ok + body_ok + Script{stall()});
    EXPECT_EQ("accepted 250", in_short(s));
    EXPECT_EQ("2.0.0 queued as 4711", s.submitted.recipients[0].text);
    EXPECT_TRUE(s.asked);
    EXPECT_TRUE(s.usable);
    EXPECT_EQ("", s.complaint);
    const std::vector<std::string> body{s.heard.end() - 5, s.heard.end()};
    EXPECT_EQ((std::vector<std::string>{"Subject: x", "", "..", "body", "."}), body);
}

// A step, the script that leads to it, and what must be sent afterwards to go on.
struct SmtpStep {
    std::string name;
    Script before;
    bool after_dot = false;
};

const std::vector<SmtpStep>& steps() {
    static const std::vector<SmtpStep> all{
        {"MAIL", {expect("MAIL FROM")}},
        {"RCPT", mail_ok + Script{expect("RCPT TO")}},
        {"DATA", mail_ok + rcpt_ok + Script{expect("DATA")}},
        {"dot", mail_ok + rcpt_ok + data_ok + Script{expect_body()}, true},
    };
    return all;
}

TEST(SmtpSubmit, ANoAtAnyStepIsTakenByItsCodeAloneAndTheConnectionGoesOn) {
    for (const auto& step : steps()) {
        for (const auto& [reply, outcome] : {std::pair{"451 4.7.1 later", "deferred 451"},
                                             {"550 5.7.1 never", "rejected 550"},
                                             {"450-4.2.1 two\r\n450 lines", "deferred 450"},
                                             {"554", "rejected 554"},
                                             {"552 5.3.4 too large", "rejected 552"}}) {
            const auto s = sent(step.before + Script{say(reply)} + reset_ok + mail_ok + Script{stall()});
            EXPECT_EQ(outcome, in_short(s)) << step.name;
            EXPECT_TRUE(s.usable) << step.name;
            EXPECT_EQ("RSET", s.heard.back()) << step.name;
            EXPECT_EQ(step.after_dot, s.asked) << step.name;
        }
    }
}

TEST(SmtpSubmit, A421AtAnyStepIsDeferredAndTheConnectionIsDropped) {
    for (const auto& step : steps()) {
        const auto s = sent(step.before + Script{say("421 4.3.2 going down"), goodbye()});
        EXPECT_EQ("deferred 421; lost", in_short(s)) << step.name;
        EXPECT_FALSE(s.usable);
    }
}

TEST(SmtpSubmit, SilenceGarbageOrACutIsDeferredBeforeTheDotAndUnknownAfterIt) {
    const std::pair<const char*, Script> ends[] = {
        {"cut", {cut()}},
        {"goodbye", {goodbye()}},
        {"stall", {stall()}},
        {"half a reply", {say_raw("250"), cut()}},
        {"half of two lines", {say_raw("250-ok\r\n"), cut()}},
        {"drip", {drip("250 ok, but slowly, oh so slowly\r\n", 200ms)}},
        {"garbage", {say("what?")}},
        {"binary", {say_raw("\x80\xff\r\n")}},
        {"two codes", {say("250-ok\r\n550 no")}},
        {"another protocol", {say("* OK ready")}},
        {"no line end", {say_raw(std::string(100'000, '2')), stall()}},
        {"lines without end", {flood("250-and\r\n")}},
        {"neither yes nor no", {say("334 what now"), stall()}},
    };
    std::vector<std::function<void()>> cases;
    for (const auto& step : steps())
        for (const auto& [name, end] : ends)
            cases.emplace_back([&step, name = std::string{name}, end = end] {
                const auto s = sent(step.before + end, one, report, smtp_usual, 2s);
                const bool intermediate = name == "neither yes nor no";
                if (intermediate && !step.after_dot) {
                    EXPECT_EQ(Outcome::Deferred, s.submitted.recipients[0].outcome) << step.name;
                    return;
                }
                const std::string code = intermediate ? " 334" : " 0";
                EXPECT_EQ((step.after_dot ? "unknown" : "deferred") + code + "; lost", in_short(s))
                    << step.name << ": " << name;
                EXPECT_LT(s.took, 15s) << step.name << ": " << name;
                EXPECT_FALSE(s.usable);
            });
    all_at_once(cases);
}

TEST(SmtpSubmit, TheReplyToTheDotHasATimeOfItsOwn) {
    ScriptedPeer peer{smtp_login() + mail_ok + rcpt_ok + data_ok +
                      Script{expect_body(), wait_for(1500ms), say("250 at last"), stall()}};
    Client client;
    client.deadlines.end_of_data = 4s;
    auto sink = client.sink(peer.submission());
    EXPECT_EQ(Outcome::Accepted, sink.submit(one, report, [] { return true; }).recipients[0].outcome);
    EXPECT_EQ(600s, SmtpDeadlines{}.end_of_data) << "RFC 5321 section 4.5.3.2.6; less makes doubles";
}

TEST(SmtpSubmit, EachRecipientHasAResultOfItsOwn) {
    const Script rcpts{expect("RCPT TO:<rae@lab.test>"), say("250 ok"),
                       expect("RCPT TO:<kim@lab.test>"), say("550 5.1.1 unknown"),
                       expect("RCPT TO:<bo@lab.test>"),  say("452 4.5.3 too many")};
    const auto mixed = sent(mail_ok + rcpts + data_ok + body_ok + Script{stall()}, three);
    EXPECT_EQ("accepted 250, rejected 550, deferred 452", in_short(mixed));
    EXPECT_EQ("5.1.1 unknown", mixed.submitted.recipients[1].text);
    const auto late_no = sent(mail_ok + rcpts + data_ok + Script{expect_body(), say("451 not now")} + reset_ok, three);
    EXPECT_EQ("deferred 451, rejected 550, deferred 452", in_short(late_no));
    const auto lost = sent(mail_ok + rcpts + data_ok + Script{expect_body(), cut()}, three);
    EXPECT_EQ("unknown 0, rejected 550, deferred 452; lost", in_short(lost));
    const auto none = sent(
        mail_ok + Script{expect("RCPT"), say("550 no"), expect("RCPT"), say("551 no"), expect("RCPT"), say("450 no")} +
            reset_ok + Script{stall()},
        three);
    EXPECT_EQ("rejected 550, rejected 551, deferred 450", in_short(none));
    EXPECT_FALSE(none.asked);
    EXPECT_TRUE(none.usable);
    const auto closing =
        sent(mail_ok + Script{expect("RCPT"), say("250 ok"), expect("RCPT"), say("421 bye"), goodbye()}, three);
    EXPECT_EQ("deferred 421, deferred 421, deferred 421; lost", in_short(closing));
}

TEST(SmtpSubmit, AReplyBeforeItsTimeIsNeverTakenForAnotherOne) {
    // A 250 that lies ready before the dot would make an accepted mail of one that the server never took.
    const auto early_yes = sent(mail_ok + rcpt_ok + Script{expect("DATA"), say("354 go on\r\n250 queued"), stall()});
    EXPECT_EQ("deferred 0; lost", in_short(early_yes));
    EXPECT_FALSE(early_yes.asked);
    const auto early_no = sent(mail_ok + rcpt_ok + Script{expect("DATA"), say("354 go on\r\n552 too large"), stall()});
    EXPECT_EQ("rejected 552; lost", in_short(early_no));
    const auto slipped = sent(Script{expect("MAIL"), say("250 ok\r\n250 ok"), stall()});
    EXPECT_EQ("deferred 0; lost", in_short(slipped));
}

TEST(SmtpSubmit, TheServersFarewellWhileNothingWasSentIsSeen) {
    ScriptedPeer peer{smtp_login() + Script{say("421 4.4.2 idle for too long"), goodbye()}};
    Client client;
    auto sink = client.sink(peer.submission());
    std::this_thread::sleep_for(100ms);
    EXPECT_FALSE(sink.usable());
    ScriptedPeer other{smtp_login() + Script{say("421 4.4.2 idle for too long"), goodbye()}};
    auto second = client.sink(other.submission());
    std::this_thread::sleep_for(100ms);
    const auto submitted = second.submit(one, report, [] { return true; });
    EXPECT_EQ(Outcome::Deferred, submitted.recipients[0].outcome);
    EXPECT_EQ(421, submitted.recipients[0].code);
    EXPECT_TRUE(submitted.connection_lost);
}

TEST(SmtpSubmit, HeldBackBeforeTheDotNothingIsSent) {
    ScriptedPeer peer{smtp_login() + mail_ok + rcpt_ok + data_ok + body_ok};
    bool usable = true;
    {
        Client client;
        auto sink = client.sink(peer.submission());
        const auto submitted = sink.submit(one, report, [] { return false; });
        EXPECT_EQ(Outcome::Deferred, submitted.recipients[0].outcome);
        EXPECT_TRUE(submitted.connection_lost);
        usable = sink.usable();
    }
    EXPECT_FALSE(usable);
    EXPECT_EQ("body", peer.heard().back()) << "the dot was held back";
}

TEST(SmtpSubmit, WhoThrowsBeforeTheDotLeavesNoConnectionBehind) {
    ScriptedPeer peer{smtp_login() + mail_ok + rcpt_ok + data_ok + body_ok};
    Client client;
    auto sink = client.sink(peer.submission());
    EXPECT_THROW(sink.submit(one, report, []() -> bool { throw std::runtime_error{"disk full"}; }), std::runtime_error);
    EXPECT_FALSE(sink.usable());
}

TEST(SmtpSubmit, TheInterruptMakesADotThatWentOutUnknown) {
    ScriptedPeer peer{smtp_login() + mail_ok + rcpt_ok + data_ok + Script{expect_body(), stall()}};
    Client client;
    client.deadlines.end_of_data = 600s;
    auto sink = client.sink(peer.submission());
    std::thread hand;
    const auto begin = std::chrono::steady_clock::now();
    const auto submitted = sink.submit(one, report, [&] {
        hand = std::thread{[&] {
            std::this_thread::sleep_for(100ms);
            client.interrupt.raise();
        }};
        return true;
    });
    hand.join();
    EXPECT_EQ(Outcome::Unknown, submitted.recipients[0].outcome);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST(SmtpSubmit, AServerThatStopsReadingIsGivenUp) {
    std::string large = "Subject: x\r\n\r\n";
    while (large.size() < 30u << 20) large += std::string(76, 'x') + "\r\n";
    ScriptedPeer peer{smtp_login() + Script{expect("MAIL"), say("250 ok"), expect("RCPT"), say("250 ok"),
                                            expect("DATA"), say("354 go on"), wait_for(5s)}};
    Client client;
    auto sink = client.sink(peer.submission());
    std::thread hand{[&] {
        std::this_thread::sleep_for(500ms);
        client.interrupt.raise();
    }};
    const auto begin = std::chrono::steady_clock::now();
    const auto submitted = sink.submit(one, large, [] { return true; });
    hand.join();
    EXPECT_EQ(Outcome::Deferred, submitted.recipients[0].outcome);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST(SmtpSubmit, AServerThatHangsUpInTheMiddleOfTheMailKillsNobody) {
    std::string large = "Subject: x\r\n\r\n";
    while (large.size() < 30u << 20) large += std::string(76, 'x') + "\r\n";
    // Writing on after a reset raises SIGPIPE unless that is switched off.
    for (const auto& end : {Script{cut()}, Script{say("552 5.3.4 enough"), cut()}, Script{goodbye()}}) {
        ScriptedPeer peer{smtp_login() +
                          Script{expect("MAIL"), say("250 ok"), expect("RCPT"), say("250 ok"), expect("DATA"),
                                 say("354 go on"), hear(100'000)} +
                          end};
        Client client;
        auto sink = client.sink(peer.submission());
        const auto submitted = sink.submit(one, large, [] { return true; });
        EXPECT_TRUE(submitted.recipients[0].outcome == Outcome::Deferred || submitted.recipients[0].code == 552);
        EXPECT_NE(Outcome::Unknown, submitted.recipients[0].outcome);
        EXPECT_TRUE(submitted.connection_lost);
    }
}

TEST(SmtpSubmit, ManyMailsGoOverOneConnectionAndARefusalInBetweenChangesNothing) {
    Script script = smtp_login();
    for (int i = 0; i < 10; ++i) {
        script = script + mail_ok;
        script = script + (i == 4 ? Script{expect("RCPT"), say("550 no")} + reset_ok : rcpt_ok + data_ok + body_ok);
    }
    ScriptedPeer peer{script + Script{expect("QUIT"), say("221 bye")}};
    {
        Client client;
        auto sink = client.sink(peer.submission());
        for (int i = 0; i < 10; ++i) {
            ASSERT_TRUE(sink.usable());
            const auto submitted = sink.submit(one, report, [] { return true; });
            EXPECT_EQ(i == 4 ? Outcome::Rejected : Outcome::Accepted, submitted.recipients[0].outcome) << i;
        }
        sink.quit();
    }
    EXPECT_EQ("", peer.complaint());
    EXPECT_EQ("QUIT", peer.heard().back());
}

// --- what MAIL says ---

std::string mail_command(const Envelope& envelope, const std::string& bytes, const std::string& extensions) {
    const auto s = sent({expect("MAIL"), say("250 ok"), expect("RCPT"), say("550 no"), expect("RSET"), say("250 ok")},
                        envelope, bytes, extensions);
    for (const auto& line : s.heard)
        if (line.starts_with("MAIL")) return line;
    return "! " + s.submitted.recipients[0].text;
}

TEST(SmtpMail, SaysWhatTheMailNeedsAndNothingMore) {
    const std::string all = "250-SIZE\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN";
    const std::string plain = "250 AUTH PLAIN";
    const std::string ascii = "Subject: x\r\n\r\nx\r\n";
    const std::string eight_bit = "Subject: x\r\n\r\n\xc3\xbc\r\n";
    const std::string utf8_header = "Subject: \xc3\xbc\r\n\r\nx\r\n";
    const Envelope null{std::nullopt, one.forward_paths};
    const Envelope utf8_sender{someone("j\xc3\xb6rg@acme.test"), one.forward_paths};
    const Envelope utf8_recipient{one.reverse_path, {someone("j\xc3\xb6rg@acme.test")}};
    EXPECT_EQ("MAIL FROM:<security@acme.test> SIZE=17", mail_command(one, ascii, all));
    EXPECT_EQ("MAIL FROM:<security@acme.test>", mail_command(one, ascii, plain));
    EXPECT_EQ("MAIL FROM:<> SIZE=17", mail_command(null, ascii, all));
    EXPECT_EQ("MAIL FROM:<security@acme.test> SIZE=18 BODY=8BITMIME", mail_command(one, eight_bit, all));
    EXPECT_EQ("MAIL FROM:<security@acme.test> SIZE=18 BODY=8BITMIME SMTPUTF8", mail_command(one, utf8_header, all));
    EXPECT_EQ("MAIL FROM:<j\xc3\xb6rg@acme.test> SIZE=17 SMTPUTF8", mail_command(utf8_sender, ascii, all));
    EXPECT_EQ("MAIL FROM:<security@acme.test> SIZE=17 SMTPUTF8", mail_command(utf8_recipient, ascii, all));
    EXPECT_EQ('!', mail_command(one, eight_bit, plain)[0]);
    EXPECT_EQ('!', mail_command(one, utf8_header, plain)[0]);
    EXPECT_EQ('!', mail_command(utf8_sender, ascii, plain)[0]);
    EXPECT_EQ('!', mail_command(utf8_recipient, ascii, plain)[0]);
}

TEST(SmtpMail, WhereOnlySomeNeedSmtputf8TheOthersAreServed) {
    const Envelope mixed{one.reverse_path, {someone("j\xc3\xb6rg@acme.test"), someone("rae@lab.test")}};
    const auto s = sent(mail_ok + rcpt_ok + data_ok + body_ok + Script{stall()}, mixed);
    EXPECT_EQ("rejected 0, accepted 250", in_short(s));
}

TEST(SmtpMail, ALongAddressIsNotCut) {
    std::string domain;
    for (int i = 0; i < 3; ++i) domain += std::string(60, static_cast<char>('a' + i)) + ".";
    const Envelope lengthy{someone(std::string(64, 'l') + "@" + domain + "test"), one.forward_paths};
    const auto line = mail_command(lengthy, "Subject: x\r\n\r\nx\r\n", "250-SIZE\r\n250 AUTH PLAIN");
    EXPECT_EQ("MAIL FROM:<" + lengthy.reverse_path->text() + "> SIZE=17", line);
}

TEST(SmtpMail, BytesThatAreNoMailNeverLeave) {
    for (const std::string bytes : {"a\nb\r\n", "a\r.\r\n", ""}) {
        const auto s = sent(Script{stall()}, one, bytes);
        EXPECT_EQ("rejected 0", in_short(s));
        EXPECT_TRUE(s.usable);
        EXPECT_TRUE(s.heard.back().starts_with("AUTH")) << s.heard.back();
    }
}

}  // namespace
}  // namespace tocsin::transport::testing
