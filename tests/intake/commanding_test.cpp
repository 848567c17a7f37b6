// What commands do to a ticket under the policy that it was promised.
#include "intake/team/commanding.hpp"

#include <gtest/gtest.h>

#include "desk.hpp"

namespace tocsin::intake {
namespace {

// A report under one of the shipped policies, and Alice's commands about it.
class UnderAPolicy : public testing::Test {
protected:
    void open(const std::string& policy) {
        MailboxRules mailbox = security_mailbox();
        mailbox.policy = policy;
        const Decision decision =
            decide(examined({}, shipped_rules()), {}, shipped_rules(), organisation_, mailbox, arrived(), friday);
        open_.ticket = decision.after;
        open_.policy = *shipped_rules().policy(policy);
    }

    CarriedOut say(const std::string& line) const {
        Examination examination;
        examination.team.commands.lines = {line};
        const TicketView view;
        const Arrival arrival = arrived(2, friday + 1h);
        return carry_out_commands(
            {examination, view, organisation_, organisation_.team.front(), &open_, arrival, friday + 1h});
    }

    Organisation organisation_ = acme();
    OpenTicket open_;
};

TEST_F(UnderAPolicy, ALevelThatItDoesNotKnowIsRefused) {
    open("truvera");
    for (const char* line : {"/severity critical", "/triage critical"}) {
        const CarriedOut done = say(line);
        EXPECT_TRUE(done.refused) << line;
        EXPECT_EQ("the policy truvera has no level critical; it has low, medium, high", done.outcomes.at(0).result);
        EXPECT_TRUE(done.events.empty());
    }
    EXPECT_FALSE(say("/severity high").refused);
    open("default");
    EXPECT_FALSE(say("/severity critical").refused);
}

}  // namespace
}  // namespace tocsin::intake
