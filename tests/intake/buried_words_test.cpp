// Answers below the header of the mail that is answered, where no mark tells them from it.
#include "intake/examine/buried_words.hpp"

#include <gtest/gtest.h>

#include <string>

#include "desk.hpp"
#include "intake/examine/shared_words.hpp"
#include "intake/outgoing/compose.hpp"

namespace tocsin::intake {
namespace {

const std::string notice =
    "[SEC-2026-0001] high: XSS in login\nRae Lindqvist has written to ACME Security.\n\nReporter: rae@lab.test\n\n"
    "> There is an XSS in your login, at https://portal.acme.test/login?next=1\n> Which version do you want?\n>\n"
    "> Rae\n\nA reply to this mail goes to the reporter.\n";

const std::string header =
    "________________________________\nFrom: Rae (outside) via ACME Security <security@acme.test>\n"
    "Sent: Friday, March 6, 2026 3:30 PM\nTo: Alice <alice@acme.test>\nSubject: [SEC-2026-0001] high: XSS in login\n\n";

// As Outlook quotes it: no marks, links twice, other line ends.
const std::string quoted =
    "Rae Lindqvist has written to ACME Security.\n\nReporter: rae@lab.test<mailto:rae@lab.test>\n\n"
    "> There is an XSS in your login, at\nhttps://eur.safelinks.test/?url=portal.acme.test%2Flogin\n"
    "> Which version do you want?\n>\n> Rae\n\nA reply to this mail goes\nto the reporter.\n";

TEST(BuriedWords, AQuotationAddsNothing) {
    EXPECT_FALSE(adds_words(header + quoted, notice));
    EXPECT_FALSE(adds_words(header + "CAUTION: this mail comes from outside ACME.\n\n" + quoted, notice));
    EXPECT_FALSE(adds_words(header + quoted + "\nThis mail is confidential.\n", notice));
    EXPECT_FALSE(adds_words("-----Original Message-----\n\n" + header + quoted, notice));
    EXPECT_FALSE(adds_words("", notice));
}

TEST(BuriedWords, AnAnswerIsFoundWhereverItStands) {
    EXPECT_TRUE(adds_words(header + quoted + "\nWe use 4.2.1, and can reproduce it.\n", notice));
    EXPECT_TRUE(adds_words(header + "Yes.\n\n" + quoted, notice));
    std::string between = quoted;
    between.insert(between.find(">\n> Rae"), "4.2.1\n");
    EXPECT_TRUE(adds_words(header + between, notice));
    between = quoted;
    between.insert(between.find(">\n> Rae"), "The external one, 4.2.1.\n");
    EXPECT_TRUE(adds_words(header + between, notice)) << "no gateway writes into the midst of a mail";
}

TEST(BuriedWords, AreComparedWithTheMailThatWasAnswered) {
    Recipe recipe;
    recipe.template_name = "transcript";
    recipe.language = recipe.fallback_language = "en";
    recipe.fields.set("ticket", "SEC-2026-0001");
    openpgp::NoEngine none;
    Comparison comparison;
    comparison.answered_recipe = to_json(recipe);
    const std::string shown = text_of_mail(recipe, std::nullopt, shipped_rules(), {}, none).value();
    const auto judged = [&](const std::string& added) {
        std::string text = "Thank you.\n\n" + header + shown + added;
        for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\r\n");
        ComparedMails mails;
        mails.mail = Letter{.from = "Alice <alice@acme.test>", .text = text}.bytes();
        return judge_words(mails, comparison, shipped_rules(), {}, none).value().buried;
    };
    EXPECT_FALSE(judged(""));
    EXPECT_TRUE(judged("\nAnd this I wrote below it.\n"));
}

}  // namespace
}  // namespace tocsin::intake
