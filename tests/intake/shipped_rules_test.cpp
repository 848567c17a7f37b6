// The whole way of a report under the rules that are shipped, up to the bytes of its answer.
#include <gtest/gtest.h>

#include "desk.hpp"
#include "intake/examine/examination_json.hpp"

namespace tocsin::intake {
namespace {

TEST(UnderTheShippedRules, AFridaysReportIsTriagedByWednesday) {
    const Decision decision = decided(
        {.subject = "Stored XSS in the comment field", .text = "A stored XSS in comments lets an attacker run script."},
        {}, shipped_rules());
    EXPECT_EQ("report", decision.kind);
    EXPECT_EQ(Action::Open, decision.action);
    EXPECT_EQ(instant("2026-03-09T14:30:00Z"), decision.after.open_clock("acknowledge")->due);
    EXPECT_EQ(instant("2026-03-11T14:30:00Z"), decision.after.open_clock("triage")->due);
    EXPECT_EQ(1u, to_outside(decision).size());
    EXPECT_EQ(2u, to_team(decision).size());
}

TEST(UnderTheShippedRules, WarmingUpChangesNoAnswer) {
    const std::string mail = Letter{.subject = "XSS", .text = "A stored XSS in comments."}.bytes();
    const std::string cold = to_json(examine(mail, shipped_rules(), {}, {}));
    warm_up(shipped_rules(), {});
    EXPECT_EQ(cold, to_json(examine(mail, shipped_rules(), {}, {})));
}

TEST(UnderTheShippedRules, RemoteCodeExecutionIsUrgent) {
    const Decision decision = decided(
        {.subject = "RCE in the upload form",
         .text = "Remote code execution: any unauthenticated attacker gets a shell as root. Steps to reproduce:\r\n"
                 "1. upload a.php\r\n2. open it"},
        {}, shipped_rules());
    EXPECT_EQ(cvd::Severity::Critical, decision.after.severity);
    ASSERT_NE(nullptr, decision.after.open_clock("triage-urgent"));
    EXPECT_EQ(instant("2026-03-09T14:30:00Z"), decision.after.open_clock("triage-urgent")->due);
}

TEST(UnderTheShippedRules, AValidCvssVectorRaisesTheSeverityAndAnInvalidOneDoesNot) {
    const auto rated = [](const std::string& vector) {
        return decided({.subject = "A problem", .text = "There is a problem. " + vector}, {}, shipped_rules())
            .after.severity;
    };
    EXPECT_EQ(cvd::Severity::Low, rated(""));
    EXPECT_EQ(cvd::Severity::Critical, rated("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"));
    EXPECT_EQ(cvd::Severity::Low, rated("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H"));
}

TEST(UnderTheShippedRules, ANewsletterIsBulk) {
    const Decision decision = decided({.from = "news@shop.test",
                                       .subject = "Our spring offers",
                                       .text = "Twenty per cent off all lawn mowers until Sunday.",
                                       .fields = {"List-Unsubscribe: <https://shop.test/u>", "Precedence: bulk"}},
                                      {}, shipped_rules());
    EXPECT_EQ("bulk", decision.kind);
    EXPECT_TRUE(decision.mail.empty());
}

TEST(UnderTheShippedRules, EveryMailOfADecisionCanBeComposed) {
    const Letter letter{.text = "A vulnerability: SQL injection in /search."};
    for (const std::string& policy : shipped_rules().policy_names()) {
        MailboxRules mailbox = security_mailbox();
        mailbox.policy = policy;
        const Decision decision =
            decide(examined(letter, shipped_rules()), {}, shipped_rules(), acme(), mailbox, arrived(), friday);
        ASSERT_EQ(3u, decision.mail.size()) << policy;
        for (Recipe recipe : decision.mail) {
            recipe.ticket_number = "SEC-2026-0001";
            recipe.fields.set("ticket", "SEC-2026-0001");
            recipe.message_id = "SEC-2026-0001.x.y@acme.test";
            recipe.date = friday;
            const auto bytes = compose(recipe, letter.bytes(), shipped_rules(), {});
            ASSERT_TRUE(bytes) << policy << ": " << bytes.error().what;
            EXPECT_NE(std::string::npos, bytes->find("SEC-2026-0001"));
        }
    }
}

TEST(UnderTheShippedRules, APolicyWithWordsOfItsOwnAnswersInThem) {
    MailboxRules mailbox = security_mailbox();
    mailbox.policy = "truvera";
    const Decision decision =
        decide(examined({}, shipped_rules()), {}, shipped_rules(), acme(), mailbox, arrived(), friday);
    EXPECT_EQ("acknowledgement-truvera", to_outside(decision).at(0).template_name);
}

}  // namespace
}  // namespace tocsin::intake
