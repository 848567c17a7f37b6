// An answer that a member wrote out of the shared mailbox.
#include "intake/decide/sent_mail.hpp"

#include <algorithm>

#include "desk.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

class SentMail : public DeskTest {
protected:
    Decision found_in_sent(const std::string& to, const std::string& subject = "Re: XSS in login") {
        std::string bytes = Letter{.from = "ACME Security <security@acme.test>",
                                   .subject = subject,
                                   .text = "/close spam\r\n\r\nThank you, we see it.",
                                   .message_id = "h1@acme.test",
                                   .fields = {"In-Reply-To: <a1@lab.test>"}}
                                .bytes();
        bytes.replace(bytes.find("To: security@acme.test"), 22, "To: " + to);
        const Examination examination =
            examine(bytes, small_rules(), {}, {.recipient = "security@acme.test", .via_list = "", .with_text = false});
        Arrival arrival = arrived(2, friday + 1h);
        arrival.sent = true;
        arrival.acknowledge = false;
        const TicketView view = look_up(store_, examination, organisation_, acme_ids(), small_rules());
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

}  // namespace
}  // namespace tocsin::intake
