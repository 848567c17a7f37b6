// Answers below the header of the mail that is answered, where no mark tells them from it.
#include "intake/examine/buried_words.hpp"

#include <gtest/gtest.h>

#include <string>

#include "desk.hpp"
#include "intake/examine/shared_words.hpp"
#include "intake/outgoing/compose.hpp"

namespace tocsin::intake {
namespace {

const std::string shown_notice =
    "[SEC-2026-0001] high: XSS in login\nRae Lindqvist has written to ACME Security.\n\nReporter: rae@lab.test\n\n"
    "> There is an XSS in your login, at https://portal.acme.test/login?next=1\n> Which version do you want?\n>\n"
    "> Rae\n\nA reply to this mail goes to the reporter.\n";

const std::string outlook_header =
    "________________________________\nFrom: Rae (outside) via ACME Security <security@acme.test>\n"
    "Sent: Friday, March 6, 2026 3:30 PM\nTo: Alice <alice@acme.test>\nSubject: [SEC-2026-0001] high: XSS in login\n\n";

// As Outlook quotes it: no marks, links twice, other line ends.
const std::string quoted_by_outlook =
    "Rae Lindqvist has written to ACME Security.\n\nReporter: rae@lab.test<mailto:rae@lab.test>\n\n"
    "> There is an XSS in your login, at\nhttps://eur.safelinks.test/?url=portal.acme.test%2Flogin\n"
    "> Which version do you want?\n>\n> Rae\n\nA reply to this mail goes\nto the reporter.\n";

TEST(BuriedWords, AQuotationAddsNothing) {
    EXPECT_FALSE(adds_words(outlook_header + quoted_by_outlook, shown_notice));
    EXPECT_FALSE(adds_words(outlook_header + "CAUTION: this mail comes from outside ACME.\n\n" + quoted_by_outlook,
                            shown_notice));
    EXPECT_FALSE(adds_words(outlook_header + quoted_by_outlook + "\nThis mail is confidential.\n", shown_notice));
    EXPECT_FALSE(adds_words("-----Original Message-----\n\n" + outlook_header + quoted_by_outlook, shown_notice));
    EXPECT_FALSE(adds_words("", shown_notice));
    // Of another mail than the one that was answered.
    EXPECT_FALSE(adds_words(outlook_header + "The minutes of Monday: the budget was approved, the release moves to "
                                             "April.\nRae will present the new plan.\n",
                            shown_notice));
}

TEST(BuriedWords, AnAnswerIsFoundWhereverItStands) {
    EXPECT_TRUE(
        adds_words(outlook_header + quoted_by_outlook + "\nWe use 4.2.1, and can reproduce it.\n", shown_notice));
    EXPECT_TRUE(adds_words(outlook_header + "Yes.\n\n" + quoted_by_outlook, shown_notice));
    std::string between = quoted_by_outlook;
    between.insert(between.find(">\n> Rae"), "4.2.1\n");
    EXPECT_TRUE(adds_words(outlook_header + between, shown_notice));
    between = quoted_by_outlook;
    between.insert(between.find(">\n> Rae"), "The external one, 4.2.1.\n");
    EXPECT_TRUE(adds_words(outlook_header + between, shown_notice)) << "no gateway writes into the midst of a mail";
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
        std::string text = "Thank you.\n\n" + outlook_header + shown + added;
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
