// Who would be answered, on mail that nobody here wrote: `intake_tests --gtest_filter='CorporaKinds.*'` with
// TOCSIN_CORPORA set prints both figures.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/file.hpp"
#include "desk.hpp"

namespace tocsin::intake {
namespace {

struct Answers {
    std::size_t mails = 0;
    std::vector<std::string> acknowledged, not_acknowledged, automatic;
};

std::optional<Answers> answers_in(const std::string& folder) {
    const char* corpora = std::getenv("TOCSIN_CORPORA");
    if (corpora == nullptr) return std::nullopt;
    Answers answers;
    for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{corpora} / folder}) {
        if (entry.path().extension() != ".eml") continue;
        ++answers.mails;
        const Examination examination = examine(read_file(entry.path()).value(), shipped_rules(), {},
                                                {.recipient = "security@acme.test",
                                                 .via_list = "",
                                                 .addresses = {"security@acme.test"},
                                                 .with_text = false});
        const Decision decision =
            decide(examination, {}, shipped_rules(), acme(), security_mailbox(), arrived(), friday);
        const std::string name = entry.path().filename().string();
        std::string why = name;
        for (const std::string& reason : decision.reasons) why += "\n      " + reason;
        (to_outside(decision).empty() ? answers.not_acknowledged : answers.acknowledged).push_back(why);
        if (decision.kind != "report") answers.automatic.push_back(why);
    }
    return answers;
}

void print(const std::vector<std::string>& names) {
    for (const std::string& name : names) std::cout << "    " << name << '\n';
}

TEST(CorporaKinds, MailThatReportsOnDeliveryIsNotAcknowledged) {
    const auto answers = answers_in("bounces");
    if (!answers) GTEST_SKIP() << "TOCSIN_CORPORA is not set";
    std::cout << "bounces: " << answers->acknowledged.size() << " of " << answers->mails << " would be acknowledged\n";
    print(answers->acknowledged);
    EXPECT_GT(answers->mails, 100u);
    EXPECT_LE(answers->acknowledged.size() * 100, answers->mails);
}

TEST(CorporaKinds, EveryReportIsAcknowledged) {
    const auto answers = answers_in("reports");
    if (!answers) GTEST_SKIP() << "TOCSIN_CORPORA is not set";
    std::cout << "reports: " << answers->acknowledged.size() << " of " << answers->mails << " would be acknowledged, "
              << answers->automatic.size() << " taken for automatic\n";
    print(answers->not_acknowledged);
    EXPECT_GT(answers->mails, 100u);
    EXPECT_EQ(answers->mails, answers->acknowledged.size());
    EXPECT_TRUE(answers->automatic.empty());
}

}  // namespace
}  // namespace tocsin::intake
