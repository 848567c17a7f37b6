// Whose key is whose: what a key stands for, what is taken of one that is offered, and what waits when none is in
// reach.
#include "intake/decide/known_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "desk.hpp"
#include "intake/examine/frame.hpp"

namespace tocsin::intake {
namespace {

const std::string mallorys = "00112233445566778899AABBCCDDEEFF00112233";
const std::string raes = "F0112233445566778899AABBCCDDEEFF0011FFFF";

openpgp::Key key_of(const std::string& fingerprint, const std::vector<std::string>& addresses) {
    openpgp::Key key;
    key.fingerprint = fingerprint;
    key.addresses = addresses;
    key.subkeys = {{.fingerprint = fingerprint, .encrypts = true, .signs = true}};
    return key;
}

store::KnownKey known(const std::string& fingerprint, const std::string& address,
                      store::KeyState state = store::KeyState::Bound) {
    store::KnownKey key;
    key.fingerprint = fingerprint;
    key.address = address;
    key.state = state;
    return key;
}

TEST(AKeyOfAStranger, StandsForTheAddressThatItIsBoundToAndForNoOther) {
    const openpgp::Keyring all{{key_of(mallorys, {"mallory@lab.test", "rae@lab.test"})}};
    const auto keyring = bound_keyring(all, {}, {known(mallorys, "mallory@lab.test")});
    EXPECT_EQ((std::vector<std::string>{"mallory@lab.test"}), keyring.find(mallorys)->addresses);
    EXPECT_TRUE(keyring.with_address("rae@lab.test").empty());
    // A proposal is nothing yet.
    EXPECT_TRUE(bound_keyring(all, {}, {known(mallorys, "rae@lab.test", store::KeyState::Proposed)})
                    .find(mallorys)
                    ->addresses.empty());
}

TEST(AKeyOfTheHouse, StandsForAllThatItBearsUnlessItWasRetired) {
    const openpgp::Keyring house{{key_of(raes, {"rae@lab.test", "rae@home.test"})}};
    EXPECT_EQ(2u, bound_keyring(house, house, {}).find(raes)->addresses.size());
    const auto keyring = bound_keyring(house, house, {known(raes, "rae@lab.test", store::KeyState::Retired)});
    EXPECT_EQ((std::vector<std::string>{"rae@home.test"}), keyring.find(raes)->addresses);
}

Examination offering(const std::string& fingerprint, bool renews = false, bool encrypts = true) {
    Examination examination = examined(Letter{});
    examination.offers = {{.fingerprint = fingerprint,
                           .addresses = {"rae@lab.test"},
                           .origin = "autocrypt",
                           .outside = true,
                           .encrypts = encrypts,
                           .certificate = "newer",
                           .renews = renews}};
    return examination;
}

TEST(AnOfferedKey, ThatWasRetiredIsNotTakenAgain) {
    TicketView view;
    EXPECT_EQ((std::vector<std::string>{raes}), find_keys(offering(raes), view, false, friday).answer_with);
    view.retired_keys = {raes};
    const KeyFindings findings = find_keys(offering(raes), view, false, friday);
    EXPECT_TRUE(findings.keys.empty());
    EXPECT_TRUE(findings.answer_with.empty());
}

TEST(AnOfferedKey, AfterARetiredOneIsToldAndNotTakenUnseen) {
    TicketView view;
    view.retired_keys = {mallorys};
    const KeyFindings findings = find_keys(offering(raes), view, false, friday);
    ASSERT_EQ(1u, findings.keys.size());
    EXPECT_EQ(store::KeyState::Proposed, findings.keys[0].state);
    EXPECT_TRUE(findings.answer_with.empty());
    ASSERT_EQ(1u, findings.alarms.size());
    EXPECT_NE(std::string::npos, findings.alarms[0].find("Retired: 0011 2233")) << findings.alarms[0];
    EXPECT_NE(std::string::npos, findings.alarms[0].find("/accept-key " + raes));
}

TEST(AnOfferedKey, InAMailThatOurServerRefutesIsNotTaken) {
    const KeyFindings findings = find_keys(offering(raes), {}, true, friday);
    EXPECT_TRUE(findings.keys.empty());
    EXPECT_TRUE(findings.answer_with.empty());
}

Examination offering_file(const std::vector<OfferedKey>& keys) {
    Examination examination = examined(Letter{});
    for (OfferedKey key : keys) {
        key.origin = "attached";
        key.among_others = true;
        examination.offers.push_back(key);
    }
    return examination;
}

const std::string second_of_rae = "A0112233445566778899AABBCCDDEEFF0011FFFF";

OfferedKey offer_of(const std::string& fingerprint, const std::string& address, bool encrypts = true,
                    bool outside = true) {
    return {.fingerprint = fingerprint,
            .addresses = {address},
            .origin = "autocrypt",
            .outside = outside,
            .encrypts = encrypts,
            .certificate = "certificate"};
}

TEST(AnAttachedKeyring, WithTwoKeysOfHersBindsNeitherAndSaysSo) {
    const auto findings = find_keys(
        offering_file({offer_of(raes, "rae@lab.test"), offer_of(second_of_rae, "rae@lab.test")}), {}, false, friday);
    ASSERT_EQ(2u, findings.keys.size());
    for (const store::KnownKey& key : findings.keys) EXPECT_EQ(store::KeyState::Proposed, key.state);
    EXPECT_TRUE(findings.answer_with.empty());
    ASSERT_EQ(1u, findings.alarms.size());
    for (const char* words : {"None was taken", "F011 2233", "A011 2233", "/accept-key F0112233"})
        EXPECT_NE(std::string::npos, findings.alarms[0].find(words)) << findings.alarms[0];
}

TEST(AnAttachedKeyring, BindsTheOneKeyThatCanBeUsedForHer) {
    const auto old_first =
        find_keys(offering_file({offer_of(second_of_rae, "rae@lab.test", false), offer_of(raes, "rae@lab.test")}), {},
                  false, friday);
    EXPECT_EQ((std::vector<std::string>{raes}), old_first.answer_with);
    ASSERT_EQ(1u, old_first.alarms.size());
    EXPECT_NE(std::string::npos, old_first.alarms[0].find("Not taken: A011 2233")) << old_first.alarms[0];

    std::vector<OfferedKey> keys{offer_of(mallorys, "mallory@lab.test"), offer_of(raes, "rae@lab.test")};
    keys.back().left_out = 7;
    const auto colleagues = find_keys(offering_file(keys), {}, false, friday);
    EXPECT_EQ((std::vector<std::string>{raes}), colleagues.answer_with);
    ASSERT_EQ(1u, colleagues.keys.size());
    EXPECT_EQ(store::KeyState::Bound, colleagues.keys[0].state);
    ASSERT_EQ(1u, colleagues.alarms.size());
    for (const char* words : {"0011 2233", "do not bear rae@lab.test", "7 more"})
        EXPECT_NE(std::string::npos, colleagues.alarms[0].find(words)) << colleagues.alarms[0];
}

TEST(AnAttachedKeyring, ThatLayInsideMakesNoDifferenceToTheAnswer) {
    Examination examination = offering_file(
        {offer_of(mallorys, "rae@lab.test", true, false), offer_of(second_of_rae, "rae@lab.test", true, false)});
    examination.offers.push_back(offer_of(raes, "rae@lab.test"));
    const auto findings = find_keys(examination, {}, false, friday);
    EXPECT_EQ((std::vector<std::string>{raes}), findings.answer_with);
    ASSERT_EQ(3u, findings.keys.size());
    EXPECT_EQ(raes, findings.keys[0].fingerprint);
    EXPECT_EQ(store::KeyState::Bound, findings.keys[0].state);
    ASSERT_EQ(1u, findings.alarms.size());
    EXPECT_NE(std::string::npos, findings.alarms[0].find("One was taken")) << findings.alarms[0];
}

TEST(AnAlarm, IsHeardThoughTheMailOnlyAsksHowItStands) {
    Letter letter;
    letter.text = "status";
    letter.fields = {"In-Reply-To: <x@acme.test>"};
    Examination examination = examined(letter);
    ASSERT_TRUE(examination.asks_status);
    examination.offers = offering(raes).offers;
    TicketView view;
    view.thread = opened_by({});
    view.part = store::Part::Reporter;
    const auto notices = [&] {
        return to_team(decide(examination, view, small_rules(), acme(), security_mailbox(), arrived(), friday));
    };
    EXPECT_TRUE(notices().empty());
    view.author_keys = {key_of(mallorys, {"rae@lab.test"})};
    ASSERT_FALSE(notices().empty());
    EXPECT_EQ(1u, texts_in(notices().at(0), "alarms", "alarm").size());
}

TEST(AnEncryptedMail, ThatAsksHowItStandsIsAnsweredWhenSheSignedIt) {
    const auto answers = [](const std::string& signature) {
        Letter letter = encrypted_letter("hQEMA1");
        letter.fields.push_back("In-Reply-To: <x@acme.test>");
        Examination examination = examined(letter);
        EXPECT_FALSE(examination.asks_status);
        examination.asks_status = signature == "good";  // as `examine` finds it inside
        TicketView view;
        view.thread = opened_by({});
        view.part = store::Part::Reporter;
        return to_outside(decide(examination, view, small_rules(), acme(), security_mailbox(), arrived(), friday))
            .size();
    };
    EXPECT_EQ(1u, answers("good"));
    EXPECT_EQ(0u, answers("none"));
}

TEST(AnOfferedKey, ThatIsKnownIsTakenWhereThereIsSomethingNewInIt) {
    TicketView view;
    view.author_keys = {key_of(raes, {"rae@lab.test"})};
    EXPECT_TRUE(find_keys(offering(raes), view, false, friday).keys.empty());
    const KeyFindings findings = find_keys(offering(raes, true), view, false, friday);
    ASSERT_EQ(1u, findings.keys.size());
    EXPECT_EQ("newer", findings.keys[0].certificate);
    EXPECT_EQ((std::vector<std::string>{raes}), findings.answer_with);
    EXPECT_TRUE(findings.alarms.empty());
}

TEST(AnOfferedKey, ThatItsOwnerRevokedIsEncryptedToNoMore) {
    TicketView view;
    view.author_keys = {key_of(raes, {"rae@lab.test"})};
    const KeyFindings findings = find_keys(offering(raes, true, false), view, false, friday);
    EXPECT_EQ(1u, findings.keys.size());
    EXPECT_TRUE(findings.answer_with.empty());
    EXPECT_EQ(1u, findings.alarms.size());
}

TEST(ACiphertextOfSomebodyElse, BlocksRelaysWhateverTheMailIsTakenFor) {
    Examination examination = examined(encrypted_letter("hQEMA1"));
    examination.sessions = {sha256("session")};
    TicketView view;
    view.thread = opened_by({});
    view.same_ciphertext = {{TicketId{77}, "SEC-2026-0077"}};
    const Decision decision = decide(examination, view, small_rules(), acme(), security_mailbox(), arrived(), friday);
    EXPECT_EQ("foreign", decision.kind);
    EXPECT_NE(decision.events.end(),
              std::ranges::find(decision.events, cvd::EventKind::RelaysBlocked, &cvd::Event::kind));
    ASSERT_EQ(1u, decision.elsewhere.size());
    EXPECT_EQ(acme().team.size(), decision.elsewhere[0].mail.size());
}

TEST(ACiphertextOfSomebodyElse, UnderAHundredAddressesDrawsNoThousandsOfAlarms) {
    Examination examination = examined(encrypted_letter("hQEMA1"));
    examination.sessions = {sha256("session")};
    TicketView view;
    for (std::size_t at = 0; at < 100; ++at)
        view.same_ciphertext.push_back(
            {TicketId{static_cast<std::int64_t>(at + 1)}, "SEC-2026-0" + std::to_string(101 + at), 99 - at});
    const Decision decision = decide(examination, view, small_rules(), acme(), security_mailbox(), arrived(), friday);
    ASSERT_EQ(100u, decision.elsewhere.size()) << "all are blocked";
    std::size_t mails = 0;
    for (const AlarmElsewhere& other : decision.elsewhere) mails += other.mail.size();
    EXPECT_EQ(5 * acme().team.size(), mails);
    EXPECT_EQ(6u, texts_in(to_team(decision).at(0), "alarms", "alarm").size());
}

TEST(AnEncryptedMailSentTwice, IsAnsweredInKindToTheKeyThatIsBound) {
    Examination examination = offering(mallorys);
    examination.crypto.encrypted = true;
    examination.outer_answers = examination.answers;
    TicketView view;
    view.joins = opened_by({});
    view.delivered_before = view.joins->id;
    Organisation house = acme();
    house.own_key = std::string(40, 'A');
    const auto answer = [&] {
        const Decision decision =
            decide(examination, view, small_rules(), house, security_mailbox(), arrived(), friday);
        EXPECT_EQ("duplicate", decision.kind);
        return to_outside(decision).at(0);
    };
    EXPECT_TRUE(answer().encrypt_to.empty()) << "what a copy brings along is taken from nobody";
    EXPECT_TRUE(answer().fields.says("no_key"));
    view.author_keys = {key_of(raes, {"rae@lab.test"})};
    EXPECT_EQ((std::vector<std::string>{raes}), answer().encrypt_to);
}

TEST(KeysThatAreOutOfReach, LetWaitWhatNeedsThemAndNothingElse) {
    openpgp::AwayEngine away;
    const auto looked_at = [&](const Letter& letter) {
        return examination_in(carry_out(ask_to_examine({}, letter.bytes()), small_rules(), {}, away));
    };
    EXPECT_TRUE(looked_at(Letter{}));
    Letter inline_armor;
    inline_armor.text = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA1\r\n-----END PGP MESSAGE-----";
    const auto waits = looked_at(inline_armor);
    ASSERT_FALSE(waits);
    EXPECT_TRUE(is_out_of_order(waits.error()));
    Recipe recipe = to_outside(decided(Letter{})).at(0);
    recipe.message_id = "m1@acme.test";
    const auto composed = compose(recipe, std::nullopt, small_rules(), {}, away);
    ASSERT_FALSE(composed) << "nothing goes out unsigned where a key is configured";
    EXPECT_TRUE(is_out_of_order(composed.error()));
    recipe.bare = true;
    EXPECT_TRUE(compose(recipe, std::nullopt, small_rules(), {}, away)) << "the word to the team that it is so";
}

TEST(AnAnswerOfAnExaminer, ThatDoesNotFitTheRulesIsAnError) {
    const auto answered = [](const Letter& letter) {
        return carry_out(ask_to_examine({}, letter.bytes()), small_rules(), {});
    };
    EXPECT_TRUE(examination_in(answered({}), small_rules()));
    EXPECT_TRUE(examination_in(answered(encrypted_letter("hQEMA1")), small_rules()));
    EXPECT_FALSE(examination_in(answered({}), shipped_rules())) << "other rules";
    for (const std::string from : {"\"answers\":{\"tests\":\"", "\"outer_answers\":{\"tests\":\""}) {
        Frame answer = answered(encrypted_letter("hQEMA1"));
        const std::size_t at = answer.json.find(from);
        ASSERT_NE(std::string::npos, at);
        const std::size_t begin = at + from.size();
        answer.json.erase(begin, answer.json.find('"', begin) - begin);
        ASSERT_TRUE(examination_in(answer)) << "well made";
        EXPECT_FALSE(examination_in(answer, small_rules())) << "and answers nothing that was asked";
    }
}

}  // namespace
}  // namespace tocsin::intake
