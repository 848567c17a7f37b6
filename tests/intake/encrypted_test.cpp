// What answers an encrypted mail is worked out from its outside alone.
#include <gtest/gtest.h>

#include "desk.hpp"

namespace tocsin::intake {
namespace {

using Lines = std::vector<std::string>;

TEST(AnEncryptedReport, IsKnownAndRatedAsWhatCannotBeRead) {
    const Examination examination = examined(encrypted_letter("hQEMA1"));
    EXPECT_TRUE(examination.crypto.encrypted);
    EXPECT_EQ("openpgp", examination.crypto.protocol);
    EXPECT_FALSE(examination.crypto.decrypted);
    EXPECT_TRUE(examination.unreadable);
    const Decision decision = decided(encrypted_letter("hQEMA1"));
    EXPECT_EQ(cvd::Severity::High, decision.after.severity);
    EXPECT_TRUE(decision.after.encrypted);
    EXPECT_EQ("en", decision.after.language);
    EXPECT_EQ("...", decision.after.title);
}

TEST(AnEncryptedReport, IsRecognisedInEachOfItsForms) {
    Letter smime;
    smime.type = "application/pkcs7-mime; smime-type=enveloped-data";
    EXPECT_EQ("smime", examined(smime).crypto.protocol);
    smime.type = "application/x-pkcs7-mime; smime-type=authEnveloped-data";
    EXPECT_EQ("smime", examined(smime).crypto.protocol);
    smime.type = "application/pkcs7-mime; smime-type=signed-data";
    EXPECT_FALSE(examined(smime).crypto.encrypted);
    Letter inline_armor;
    inline_armor.text = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA1\r\n-----END PGP MESSAGE-----";
    EXPECT_EQ("openpgp", examined(inline_armor).crypto.protocol);
    EXPECT_FALSE(examined(Letter{}).crypto.encrypted);
}

TEST(AnEncryptedReport, IsAnsweredInTheSameWordsWhateverLiesInside) {
    const auto first = to_outside(decided(encrypted_letter("hQEMA1 code execution xss steps impact")));
    const auto second = to_outside(decided(encrypted_letter("wcBMA9 Sehr geehrte Damen und Herren")));
    ASSERT_EQ(1u, first.size());
    ASSERT_EQ(1u, second.size());
    EXPECT_EQ(to_json(first[0]), to_json(second[0]));
}

TEST(AnEncryptedReport, InArmorIsAnsweredInTheSameWordsToo) {
    const auto armored = [](const std::string& ciphertext) {
        Letter letter;
        letter.text = "-----BEGIN PGP MESSAGE-----\r\n\r\n" + ciphertext + "\r\n-----END PGP MESSAGE-----";
        return to_outside(decided(letter)).at(0);
    };
    EXPECT_EQ(to_json(armored("hQEMA1")), to_json(armored("code execution, xss, steps, impact")));
}

TEST(AnEncryptedReport, IsAskedForEverythingAndPromisedNothingThatItsRatingBrings) {
    const Recipe recipe = to_outside(decided(encrypted_letter("hQEMA1"))).at(0);
    EXPECT_TRUE(yes_in(recipe, "asks_all"));
    EXPECT_EQ((Lines{"the steps", "the impact"}), texts_in(recipe, "missing", "ask"));
    EXPECT_EQ((Lines{"tell you how we rate it", "evaluate it and name a date"}),
              texts_in(recipe, "promises", "promise"));
    EXPECT_EQ(0u, recipe.fields.values().count("severity"));
}

TEST(AnEncryptedReport, KeepsItsClocksThoughTheyAreNotTold) {
    const Decision decision = decided(encrypted_letter("hQEMA1"));
    EXPECT_NE(nullptr, decision.after.open_clock("triage-urgent"));
    EXPECT_EQ(decision.after.open_clock("triage")->due, opened_by({}).ticket.open_clock("triage")->due);
}

TEST(AnEncryptedReport, IsToldToTheTeamAsWhatItIs) {
    const Recipe notice = to_team(decided(encrypted_letter("hQEMA1"))).at(0);
    EXPECT_EQ("encrypted (openpgp) and not opened: unsupported, encrypted in a way that nothing here opens",
              text_in(notice, "crypto"));
    EXPECT_TRUE(texts_in(notice, "missing", "ask").empty());
    for (const std::string& words : texts_in(notice, "hits", "words")) EXPECT_EQ("", words);
}

TEST(AnEncryptedReport, HasNoWordOfItsArmorInTheDecision) {
    const Decision decision = decided(encrypted_letter("zanzibar XSS"));
    for (const Recipe& recipe : decision.mail) EXPECT_EQ(std::string::npos, to_json(recipe).find("zanzibar"));
    for (const cvd::Event& event : decision.events)
        for (const auto& [name, words] : event.detail) EXPECT_EQ(std::string::npos, words.find("zanzibar")) << name;
}

// With the rules that we ship, whatever they are.
TEST(AnEncryptedReport, IsAnsweredAlikeUnderEveryShippedPolicy) {
    for (const std::string& policy : shipped_rules().policy_names()) {
        MailboxRules mailbox = security_mailbox();
        mailbox.policy = policy;
        const auto answer = [&](const std::string& ciphertext) {
            const auto mail = to_outside(decide(examined(encrypted_letter(ciphertext), shipped_rules()), {},
                                                shipped_rules(), acme(), mailbox, arrived(), friday));
            return mail.size() == 1 ? to_json(mail[0]) : std::to_string(mail.size()) + " mails";
        };
        EXPECT_EQ(answer("hQEMA1"), answer("remote code execution, actively exploited, kindly pay any reward"));
        EXPECT_NE("0 mails", answer("hQEMA1"));
    }
}

}  // namespace
}  // namespace tocsin::intake
