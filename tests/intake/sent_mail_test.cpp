// An answer that a member wrote out of the shared mailbox.
#include "intake/decide/sent_mail.hpp"

#include <algorithm>

#include "desk.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

class SentMail : public DeskTest {
protected:
    Decision found_in_sent(const std::string& to, const std::string& subject = "Re: XSS in login",
                           const std::string& answers = "In-Reply-To: <a1@lab.test>") {
        std::string bytes = Letter{
            .from = "ACME Security <security@acme.test>",
            .subject = subject,
            .text = "/close spam\r\n\r\nThank you, we see it.",
            .message_id = "h1@acme.test",
            .fields = {answers}}.bytes();
        bytes.replace(bytes.find("To: security@acme.test"), 22, "To: " + to);
        const Examination examination =
            examine(bytes, small_rules(), {}, {.recipient = "security@acme.test", .via_list = "", .with_text = false});
        Arrival arrival = arrived(2, friday + 1h);
        arrival.sent = true;
        arrival.acknowledge = false;
        const auto entry = in_transaction([&] {
            return store_.journal.append({.place = {"security", "Sent", 1, next_uid_++},
                                          .internal_date = friday + 1h,
                                          .acknowledge = false,
                                          .sent = true},
                                         bytes, friday + 1h);
        });
        const TicketView view = look_up(store_, examination, organisation_, acme_ids(), small_rules(), entry, friday);
        return decide(examination, view, small_rules(), organisation_, security_mailbox(), arrival, friday + 1h);
    }
    static bool has(const std::vector<EventKind>& kinds, EventKind kind) {
        return std::ranges::find(kinds, kind) != kinds.end();
    }
};

TEST_F(SentMail, ToTheReporterStopsClocksAndIsNotSentAgain) {
    take_in({});
    const Decision decision = found_in_sent("rae@lab.test");
    EXPECT_EQ("team-reply", decision.kind);
    EXPECT_EQ(Action::Append, decision.action);
    EXPECT_TRUE(has(kinds(decision.events), EventKind::ReporterUpdated));
    EXPECT_TRUE(has(kinds(decision.events), EventKind::Acknowledged));
    EXPECT_FALSE(has(kinds(decision.events), EventKind::Closed));
    EXPECT_EQ(cvd::TicketState::Acknowledged, decision.after.state);
    EXPECT_TRUE(to_outside(decision).empty());
    EXPECT_EQ(2u, to_team(decision).size());
    ASSERT_TRUE(decision.message);
    EXPECT_EQ("h1@acme.test", decision.message->message_id);
}

TEST_F(SentMail, ToColleaguesIsANote) {
    take_in({});
    const Decision decision = found_in_sent("legal@acme.test");
    EXPECT_TRUE(has(kinds(decision.events), EventKind::Noted));
    EXPECT_FALSE(has(kinds(decision.events), EventKind::ReporterUpdated));
    EXPECT_EQ(cvd::TicketState::New, decision.after.state);
    EXPECT_TRUE(to_outside(decision).empty());
}

TEST_F(SentMail, WrittenAnewBelongsToTheTicketThatItNamesOrToHerOnlyOne) {
    const std::string anew = "X-Mailer: none";
    const std::string number = take_in({}).admitted.number;
    EXPECT_EQ("team-reply", found_in_sent("rae@lab.test", "About your report", anew).kind);
    EXPECT_EQ("own", found_in_sent("kim@lab.test", "About your report", anew).kind);
    EXPECT_EQ("own", found_in_sent("kim@lab.test", "[" + number + "] XSS", anew).kind) << "she is not its reporter";
    Letter second;
    second.text = "Another one: an open redirect.";
    second.message_id = "a2@lab.test";
    take_in(second);
    EXPECT_EQ("own", found_in_sent("rae@lab.test", "About your report", anew).kind) << "nobody knows which";
    const Decision decision = found_in_sent("rae@lab.test", "[" + number + "] XSS", anew);
    EXPECT_EQ(number, decision.after.number);
    EXPECT_TRUE(has(kinds(decision.events), EventKind::ReporterUpdated));
}

}  // namespace
}  // namespace tocsin::intake
