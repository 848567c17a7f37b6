// What becomes of a session when the server stops, stalls, drips or lies, at every moment of it.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <random>

#include "peer_scripts.hpp"

namespace tocsin::transport::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto mail_of_ten = "0123456789";
constexpr auto listing_of_ten =
    "* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE \"22-Nov-2026 02:00:00 +0000\" RFC822.SIZE 10)\r\n% OK done\r\n";
constexpr auto body_of_ten = "* 1 FETCH (UID 1 BODY[] {10}\r\n0123456789)\r\n% OK done\r\n";

// A whole visit: connect, select, list, fetch. The bytes of the one mail, "" when it is not there.
Result<std::string> visit(Client& client, const Endpoint& endpoint) {
    auto source = client.connect(endpoint);
    if (!source) return tl::unexpected<Error>{source.error()};
    if (auto selected = source->select("INBOX"); !selected) return tl::unexpected<Error>{selected.error()};
    auto listings = source->list_from(1);
    if (!listings) return tl::unexpected<Error>{listings.error()};
    auto fetched = source->fetch(*listings);
    if (!fetched) return tl::unexpected<Error>{fetched.error()};
    return fetched->empty() ? std::string{} : fetched->front().bytes;
}

// A moment of the visit: what came before it went well, and what a good server says now.
struct Moment {
    std::string name;
    Script before;
    std::string answer;
};

Script until_search() { return imap_selected(1) + Script{expect("UID SEARCH UID 1:*")}; }
Script until_listing() {
    return until_search() +
           Script{say("* SEARCH 1\r\n% OK done"), expect("UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)")};
}
Script until_body() { return until_listing() + Script{say(listing_of_ten), expect("UID FETCH 1 (UID BODY.PEEK[])")}; }
Script good_visit() { return until_body() + Script{say_raw(body_of_ten), stall()}; }

std::vector<Moment> moments() {
    const std::string capability = std::string{"* CAPABILITY "} + usual_imap + "\r\n% OK done\r\n";
    return {
        {"greeting", {start_tls()}, "* OK ready\r\n"},
        {"capability", {start_tls(), say("* OK ready"), expect("CAPABILITY")}, capability},
        {"login",
         {start_tls(), say("* OK ready"), expect("CAPABILITY"), say(capability), expect("AUTHENTICATE PLAIN")},
         std::string{"% OK [CAPABILITY "} + usual_imap + "] welcome\r\n"},
        {"select", imap_login() + Script{expect("SELECT INBOX")},
         "* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n% OK "
         "done\r\n"},
        {"search", until_search(), "* SEARCH 1\r\n% OK done\r\n"},
        {"listing", until_listing(), listing_of_ten},
        {"body", until_body(), body_of_ten},
    };
}

// A liar is found out by what it said, or where it says nothing more at a deadline, which is a second here.
enum class Found { ByItsWords, AtTheDeadline };

void breaks_off(const std::string& name, Script lie, Found found) {
    ScriptedPeer peer{{std::move(lie), good_visit()}};
    const bool late = found == Found::AtTheDeadline;
    {
        Client client{late ? 1s : 10s};
        const auto told = visit(client, peer.imap());
        ASSERT_FALSE(told) << name << ": took '" << *told << "' for the mail";
        EXPECT_EQ(late, told.error().code == Code::Deadline) << name << ": " << told.error().what;
    }
    Client client;
    const auto next = visit(client, peer.imap());
    EXPECT_TRUE(next) << name << ": the next connection: " << next.error().what;
    EXPECT_EQ(mail_of_ten, next.value_or("")) << name;
}

TEST(ImapLies, TheGoodVisitIsGood) {
    ScriptedPeer peer{good_visit()};
    Client client;
    const auto mail = visit(client, peer.imap());
    ASSERT_TRUE(mail) << mail.error().what;
    EXPECT_EQ(mail_of_ten, *mail);
    EXPECT_EQ("", peer.complaint());
}

TEST(ImapLies, ACutAtAnyByteIsAnErrorAtOnce) {
    std::vector<std::function<void()>> cases;
    for (const auto& moment : moments()) {
        const std::size_t step = moment.name == "body" ? 1 : 11;
        for (std::size_t at = 0; at < moment.answer.size() - 1; at += step) {
            const auto end = at % 2 ? cut() : goodbye();
            cases.emplace_back([=] {
                breaks_off(moment.name + " cut at " + std::to_string(at),
                           moment.before + Script{say_raw(moment.answer.substr(0, at)), end}, Found::ByItsWords);
            });
        }
    }
    all_at_once(cases);
}

TEST(ImapLies, AStallEndsAtTheDeadline) {
    std::vector<std::function<void()>> cases;
    for (const auto& moment : moments())
        for (const auto at : {std::size_t{0}, moment.answer.size() / 2, moment.answer.size() - 1})
            cases.emplace_back([=] {
                breaks_off(moment.name + " stalled at " + std::to_string(at),
                           moment.before + Script{say_raw(moment.answer.substr(0, at)), stall()}, Found::AtTheDeadline);
            });
    all_at_once(cases);
}

TEST(ImapLies, AByteNowAndThenEndsAtTheDeadlineToo) {
    std::vector<std::function<void()>> cases;
    for (const auto& moment : moments())
        cases.emplace_back([=] {
            breaks_off(moment.name + " dripped", moment.before + Script{drip(moment.answer, 200ms)},
                       Found::AtTheDeadline);
        });
    all_at_once(cases);
}

TEST(ImapLies, NonsenseAtAnyMomentEndsTheSession) {
    const std::pair<const char*, std::string> nonsense[] = {
        {"another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n"},
        {"8-bit garbage", "\x80\xff\xfe\x01\x02\r\n"},
        {"NUL", std::string{"* OK \0\r\n", 8}},
        {"a bare LF", "* OK hello\n"},
        {"BYE", "* BYE out of here\r\n"},
        {"another tag", "ZZ9 OK done\r\n"},
        {"PERMANENTFLAGS of no flags", "* OK [PERMANENTFLAGS (((((((((] x\r\n"},
        {"nested structure", "* 1 FETCH (BODYSTRUCTURE " + std::string(100'000, '(') + "\r\n"},
        {"a line without end", std::string(3'000'000, 'x')},
        {"a literal of 4 GiB", "* 1 FETCH (UID 1 BODY[] {4294967295}\r\n"},
        {"a literal past all numbers", "* 1 FETCH (UID 1 BODY[] {77777777777777777777}\r\n"},
        {"an open quote", "* 1 FETCH (UID 1 BODY[] \"abc\r\n"},
    };
    std::vector<std::function<void()>> cases;
    for (const auto& moment : moments())
        for (const auto& [name, bytes] : nonsense)
            cases.emplace_back([=, name = std::string{name}, bytes = bytes] {
                breaks_off(moment.name + ": " + name, moment.before + Script{say_raw(bytes), goodbye()},
                           Found::ByItsWords);
            });
    all_at_once(cases);
}

TEST(ImapLies, AnEndlessAnswerIsCutByItsBudgetInLittleMemory) {
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    for (const auto& moment : moments()) {
        for (const auto* endless : {"* 1 EXISTS\r\n", "* 1 FETCH (FLAGS (\\Seen))\r\n", "* LIST () \"/\" x\r\n", "x"}) {
            ScriptedPeer peer{moment.before + Script{flood(endless)}};
            Client client;
            client.limits.max_message_bytes = 1u << 20;
            EXPECT_FALSE(visit(client, peer.imap())) << moment.name << ": " << endless;
        }
    }
    rusage after{};
    ::getrusage(RUSAGE_SELF, &after);
#ifndef __SANITIZE_ADDRESS__
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 << 10) << "kB";
#endif
}

TEST(ImapLies, UnaskedWordsChangeNothing) {
    const std::string aside =
        "* 2 EXISTS\r\n* 1 RECENT\r\n* OK still here\r\n* LIST (\\HasNoChildren) \"/\" {5}\r\nSpam!\r\n"
        "* 1 FETCH (FLAGS (\\Seen $Junk))\r\n* 2 FETCH (UID 2 FLAGS (\\Flagged) MODSEQ (12))\r\n"
        "* STATUS Spam (MESSAGES 3)\r\n* ENABLED CONDSTORE\r\n* NO [ALERT] the disk is nearly full\r\n* SEARCH 1\r\n";
    for (const auto& moment : moments()) {
        if (moment.name == "greeting") continue;
        auto script = moment.before;
        script.push_back(say_raw(aside + moment.answer));
        // The rest of the visit goes on as usual.
        auto rest = good_visit();
        const auto done = moment.before.size() + 1;
        script.insert(script.end(), rest.begin() + static_cast<std::ptrdiff_t>(done), rest.end());
        ScriptedPeer peer{script};
        Client client;
        const auto mail = visit(client, peer.imap());
        ASSERT_TRUE(mail) << moment.name << ": " << mail.error().what;
        EXPECT_EQ(mail_of_ten, *mail) << moment.name;
    }
}

TEST(ImapLies, ADateThatCannotBeReadDelaysNoOtherMail) {
    const char* dates[] = {"\"22-Nov-2026 02:00:00 +0000\"",
                           "\"2-11-2026 2:00\"",
                           "\"22-November-2026 03:00:00 +0100\"",
                           "\"22-M\xC3\xA4r-2026 02:00:00 +0000\"",
                           "NIL",
                           "\"99-Nov-2026 99:99:99 +9999\"",
                           "\"\""};
    std::string listing;
    for (std::size_t at = 0; at < std::size(dates); ++at) {
        const std::string number = std::to_string(at + 1);
        listing += "* " + number + " FETCH (UID " + number + " FLAGS (\\Seen) INTERNALDATE " + dates[at] +
                   " RFC822.SIZE 10)\r\n";
    }
    ScriptedPeer peer{until_search() + Script{say("* SEARCH 1 2 3 4 5 6 7\r\n% OK done"),
                                              expect("UID FETCH 1:7 (UID FLAGS INTERNALDATE RFC822.SIZE)"),
                                              say_raw(listing + "% OK done\r\n"), stall()}};
    Client client;
    auto source = client.connect(peer.imap());
    ASSERT_TRUE(source) << source.error().what;
    ASSERT_TRUE(source->select("INBOX"));
    const auto listed = source->list_from(1);
    ASSERT_TRUE(listed) << listed.error().what;
    ASSERT_EQ(7u, listed->size());
    const Instant at_two = *from_rfc3339("2026-11-22T02:00:00Z");
    EXPECT_EQ(at_two, (*listed)[0].internal_date);
    EXPECT_EQ(*from_rfc3339("2026-11-02T02:00:00Z"), (*listed)[1].internal_date);
    EXPECT_EQ(at_two, (*listed)[2].internal_date);
    for (std::size_t at = 3; at < 7; ++at) EXPECT_EQ(unreadable_date, (*listed)[at].internal_date) << dates[at];
}

TEST(ImapLies, ANoToAnyCommandIsARefusal) {
    for (const auto& moment : moments()) {
        if (moment.name == "greeting" || moment.name == "capability") continue;
        for (const auto* word : {"NO", "BAD"}) {
            ScriptedPeer peer{moment.before +
                              Script{say("% " + std::string{word} + " [CANNOT] never, <rae@lab.test>"), stall()}};
            Client client;
            const auto told = visit(client, peer.imap());
            ASSERT_FALSE(told) << moment.name;
            EXPECT_EQ(Code::Refused, told.error().code) << moment.name << ": " << told.error().what;
            EXPECT_EQ(Permanence::Permanent, told.error().permanence);
            EXPECT_EQ(std::string::npos, told.error().what.find("rae@")) << told.error().what;
        }
        ScriptedPeer peer{moment.before + Script{say("% NO [UNAVAILABLE] later"), stall()}};
        Client client;
        EXPECT_EQ(Permanence::Temporary, visit(client, peer.imap()).error().permanence) << moment.name;
    }
}

// A good answer with a few bytes of it changed, doubled, lost or moved; the same for the same seed.
std::string scrambled(std::string text, std::mt19937& random) {
    constexpr std::string_view bites[] = {
        "(", ")", "\"",   "{3}\r\n", "{0}\r\n", "\r\n",       "* ",          "% OK ", "NIL",  " ",       "BODY[]",
        "[", "]", "UID ", "\\",      "-1",      "4294967296", "* 1 FETCH (", "%",     "\x80", "FLAGS (", "+ "};
    const auto at = [&] { return random() % (text.size() + 1); };
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
        switch (random() % 4) {
            case 0:
                text.insert(at(), bites[random() % std::size(bites)]);
                break;
            case 1:
                text.erase(at(), random() % 6);
                break;
            case 2:
                text.insert(at(), text.substr(at(), random() % 20));
                break;
            default:
                if (!text.empty()) text[random() % text.size()] = static_cast<char>(random());
        }
    }
    return text;
}

TEST(ImapLies, AScrambledAnswerCrashesNothing) {
    const char* wish = std::getenv("TOCSIN_SCRAMBLES");
    const auto rounds = wish ? std::strtoul(wish, nullptr, 10) : 300;
    std::mt19937 random{20261122};
    const auto all = moments();
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto& moment = all[round % all.size()];
        ScriptedPeer peer{moment.before + Script{say_raw(scrambled(moment.answer, random)), goodbye()}};
        Client client;
        const auto told = visit(client, peer.imap()).value_or("");
        EXPECT_TRUE(told.empty() || moment.name == "body") << round << ": took '" << told << "' for the mail";
    }
}

// What the server answers to the first and to the second question for the mail.
std::string fetched_after(const std::string& first, const std::string& second) {
    ScriptedPeer peer{until_body() +
                      Script{say_raw(first), expect("UID FETCH 1 (UID BODY.PEEK[])"), say_raw(second), stall()}};
    Client client;
    const auto mail = visit(client, peer.imap());
    return mail ? *mail : "!" + mail.error().what;
}

TEST(ImapLies, AnAnswerThatIsNotWhatWasAskedForIsAskedForOnceMore) {
    const std::string good = body_of_ten;
    const std::string none = "% OK done\r\n";
    const std::string nil = "* 1 FETCH (UID 1 BODY[] NIL)\r\n% OK done\r\n";
    const std::string empty = "* 1 FETCH (UID 1 BODY[] {0}\r\n)\r\n% OK done\r\n";
    const std::string stranger = "* 1 FETCH (UID 99 BODY[] {10}\r\nabcdefghij)\r\n% OK done\r\n";
    const std::string nameless = "* 1 FETCH (BODY[] {10}\r\nabcdefghij)\r\n% OK done\r\n";
    const std::string small = "* 1 FETCH (UID 1 BODY[] {5}\r\n01234)\r\n% OK done\r\n";
    const std::string large = "* 1 FETCH (UID 1 BODY[] {12}\r\n0123456789ab)\r\n% OK done\r\n";
    for (const auto& lie : {none, nil, empty, stranger, nameless, small, large}) {
        EXPECT_EQ(mail_of_ten, fetched_after(lie, good)) << lie;
        for (const auto& nothing : {none, nil, empty, stranger, nameless})
            EXPECT_EQ("", fetched_after(lie, nothing)) << lie;
    }
    // Twice the same odd size: the server's sizes are estimates, and the bytes are the mail.
    EXPECT_EQ("01234", fetched_after(small, small));
    EXPECT_EQ("0123456789ab", fetched_after(large, large));
}

TEST(ImapLies, TheFirstOfTwoAnswersForOneMailCounts) {
    ScriptedPeer peer{until_body() + Script{say_raw("* 1 FETCH (UID 1 BODY[] {10}\r\n0123456789)\r\n"
                                                    "* 1 FETCH (UID 1 BODY[] {10}\r\nabcdefghij)\r\n% OK done\r\n"),
                                            stall()}};
    Client client;
    EXPECT_EQ(mail_of_ten, *visit(client, peer.imap()));
}

}  // namespace
}  // namespace tocsin::transport::testing
