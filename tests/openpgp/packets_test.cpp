// Packets are counted before anything else reads them: what may not be opened is known without starting gpg.
#include "openpgp/packets.hpp"

#include <gtest/gtest.h>

#include "openpgp/armor.hpp"
#include "openpgp/engine.hpp"

namespace tocsin::openpgp {
namespace {

using namespace std::string_literals;

// A new-format packet (RFC 9580 section 4.2.1).
std::string packet(int tag, const std::string& body) {
    std::string bytes(1, static_cast<char>(0xC0 | tag));
    if (body.size() < 192) {
        bytes += static_cast<char>(body.size());
    } else {
        bytes += '\xFF';
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(body.size() >> shift);
    }
    return bytes + body;
}

std::string session_key_for(const std::string& key_id) { return packet(1, "\x03"s + key_id + "\x12 session key"); }
const std::string to_us = session_key_for("\x11\x22\x33\x44\x55\x66\x77\x88"s);
const std::string to_nobody_named = session_key_for(std::string(8, '\0'));
const std::string protected_data = packet(18, "\x01 cipher text");
const std::string unprotected_data = packet(9, "cipher text");
const std::string aead_data = packet(20, "\x01\x09\x02\x10 cipher text");  // as GnuPG 2.3 writes it
const std::string literal = packet(11, "b\x00\x00\x00\x00\x00text"s);

Keyring ours() {
    Key key;
    key.fingerprint = "AAAAAAAAAAAAAAAAAAAAAAAA1122334455667788";
    key.subkeys = {{.fingerprint = key.fingerprint, .ours = true, .encrypts = true}};
    return Keyring{{key}};
}

TEST(Packets, AreCountedByWhatTheyAre) {
    const auto counts =
        count_packets(to_us + to_nobody_named + packet(3, "\x04\x09\x03\x08saltsalt\x60"s) + protected_data);
    EXPECT_EQ((std::vector<std::string>{"1122334455667788"}), counts.recipients);
    EXPECT_EQ(1u, counts.anonymous);
    EXPECT_EQ(1u, counts.passphrases);
    EXPECT_EQ(1u, counts.protected_data);
    EXPECT_FALSE(counts.damaged);
}

TEST(Packets, PartialLengthsAreFollowedToTheirEnd) {
    const std::string in_parts = "\xD2\xE1"s + "ab" + "\xE0" + "c" + "\x02" + "de";
    const auto counts = count_packets(to_us + in_parts);
    EXPECT_EQ(1u, counts.protected_data);
    EXPECT_FALSE(counts.damaged);
    EXPECT_TRUE(count_packets(to_us + in_parts.substr(0, in_parts.size() - 1)).damaged);
}

TEST(Packets, WhatIsCutOffAnywhereIsDamaged) {
    const std::string whole = to_us + protected_data;
    for (std::size_t length = 1; length < whole.size(); ++length) {
        if (length == to_us.size()) continue;  // a packet ends there
        EXPECT_TRUE(count_packets(whole.substr(0, length)).damaged) << length;
    }
}

TEST(Packets, DecideWhatIsNotEvenTried) {
    const Keyring keyring = ours();
    EXPECT_EQ(std::nullopt, refused_by_packets(to_us + protected_data, keyring));
    EXPECT_EQ(std::nullopt, refused_by_packets(to_us + aead_data, keyring));
    EXPECT_EQ(OpenError::Damaged, refused_by_packets(to_us + aead_data + protected_data, keyring));
    EXPECT_EQ(OpenError::NoIntegrityProtection, refused_by_packets(to_us + unprotected_data, keyring));
    EXPECT_EQ(OpenError::Damaged, refused_by_packets(to_us + protected_data + literal, keyring));
    EXPECT_EQ(OpenError::Damaged, refused_by_packets(literal + to_us + protected_data, keyring));
    EXPECT_EQ(OpenError::Damaged, refused_by_packets(to_us + protected_data + protected_data, keyring));
    EXPECT_EQ(OpenError::Damaged, refused_by_packets("", keyring));
    EXPECT_EQ(OpenError::Unsupported,
              refused_by_packets(packet(3, "\x04\x09\x03\x08saltsalt\x60"s) + protected_data, keyring));
    EXPECT_EQ(OpenError::NoSecretKey, refused_by_packets(session_key_for("12345678") + protected_data, keyring));
    EXPECT_EQ(std::nullopt,
              refused_by_packets(session_key_for("12345678") + to_nobody_named + protected_data, keyring));
    EXPECT_EQ(std::nullopt, refused_by_packets(session_key_for("12345678") + to_us + protected_data, keyring));
    const std::string newer_data = packet(18, "\x02\x09\x02\x06 cipher text");
    EXPECT_EQ(OpenError::Unsupported, refused_by_packets(to_us + newer_data, keyring));
    EXPECT_EQ(OpenError::NoSecretKey, refused_by_packets(session_key_for("12345678") + newer_data, keyring));
    EXPECT_EQ(OpenError::Unsupported, refused_by_packets(to_us + packet(18, "\x03 cipher text"), keyring));
    // Session keys of a version to come: whom they are for nobody knows, and that none of them is ours neither.
    const std::string to_come = packet(1, "\x07\x15 for somebody");
    EXPECT_EQ(OpenError::Unsupported, refused_by_packets(to_come + protected_data, keyring));
    EXPECT_EQ(OpenError::Unsupported,
              refused_by_packets(session_key_for("12345678") + to_come + protected_data, keyring));
    EXPECT_EQ(std::nullopt, refused_by_packets(to_come + to_us + protected_data, keyring));
    EXPECT_FALSE(count_packets(to_come + protected_data).damaged);
}

// A signature, in which only the version matters here.
std::string signature_of(char version) { return packet(2, version + "\x00\x1B\x0A\x00\x00\x00\x00\x00\x00\x00\x00"s); }

TEST(Packets, SignaturesThatGpgDoesNotReadDoNotSpoilTheOthers) {
    const std::string older = signature_of(4), newer = signature_of(6);
    EXPECT_EQ(older, signatures_for_gpg(older));
    EXPECT_EQ(older, signatures_for_gpg(older + newer));
    EXPECT_EQ(older + older, signatures_for_gpg(newer + older + signature_of(5) + older));
    EXPECT_EQ("", signatures_for_gpg(newer));
    const auto both = signature_packets(newer + older);
    ASSERT_EQ(2u, both.size());
    EXPECT_EQ(6, both[0].version);
    EXPECT_EQ(4, both[1].version);
}

TEST(Packets, TooManyRecipientsAreALimit) {
    const Keyring keyring = ours();
    std::string anonymous;
    for (int i = 0; i < 9; ++i) anonymous += to_nobody_named;
    EXPECT_EQ(OpenError::Limit, refused_by_packets(anonymous + protected_data, keyring));
    std::string named;
    for (int i = 0; i < 33; ++i) named += to_us;
    EXPECT_EQ(OpenError::Limit, refused_by_packets(named + protected_data, keyring));
}

TEST(Armor, MayHaveHeadersThatSayNothing) {
    for (const std::string header :
         {"", "Comment:\n", "Version: \n", "Version: GnuPG v2\nComment: a: b\n", "Hash:\n"}) {
        const auto armor =
            find_armor("-----BEGIN PGP MESSAGE-----\n" + header + "\naGVsbG8=\n-----END PGP MESSAGE-----\n");
        ASSERT_TRUE(armor);
        EXPECT_EQ("hello", armor->bytes) << header;
    }
}

TEST(Armor, IsUndoneWithItsHeadersAndCheckSum) {
    const std::string text =
        "before\r\n-----BEGIN PGP MESSAGE-----\r\nVersion: x\r\nComment: y\r\n\r\naGVs\r\nbG8=\r\n=abcd\r\n-----END "
        "PGP MESSAGE-----\r\nafter";
    const auto armor = find_armor(text);
    ASSERT_TRUE(armor);
    EXPECT_EQ("MESSAGE", armor->kind);
    EXPECT_EQ("hello", armor->bytes);
    EXPECT_TRUE(armor->whole);
    EXPECT_EQ("after", text.substr(armor->end));
    EXPECT_FALSE(only_armor(text, "MESSAGE"));
    EXPECT_TRUE(only_armor(text.substr(8, text.size() - 13), "MESSAGE"));
}

TEST(Armor, MayHaveLostItsLines) {
    const std::string bytes = "an armor that is long enough to fill two lines of base64, as every ciphertext does";
    const std::string lines = to_armor(bytes, "MESSAGE");
    const auto run_together = [&](std::string text) {
        for (char& c : text)
            if (c == '\n') c = ' ';
        return text;
    };
    const std::string headers = "-----BEGIN PGP MESSAGE-----\nVersion: X v2\nComment: https://example.test/a\n";
    for (const std::string& text : {run_together(lines), "Look: " + run_together(lines) + "after",
                                    run_together(headers + lines.substr(lines.find('\n') + 1)),
                                    "-----BEGIN PGP MESSAGE----- " + lines.substr(lines.find("\n\n") + 2)}) {
        const auto armor = find_armor(text);
        ASSERT_TRUE(armor) << text;
        EXPECT_EQ(bytes, armor->bytes) << text;
        EXPECT_TRUE(armor->whole);
    }
    EXPECT_TRUE(only_armor(run_together(lines), "MESSAGE"));
    EXPECT_FALSE(only_armor(run_together(lines) + "after", "MESSAGE"));
    // Words that only speak of it hide none that follows.
    const auto behind = find_armor("-----BEGIN PGP MESSAGE----- begins it, and it ends below.\n" + lines);
    ASSERT_TRUE(behind);
    EXPECT_EQ(bytes, behind->bytes);
    EXPECT_FALSE(find_armor("-----BEGIN PGP MESSAGE----- and then -----END PGP MESSAGE-----"));
}

TEST(Armor, ManyThatNeverEndCostNoMoreThanOne) {
    std::string text;
    while (text.size() < (4u << 20)) text += "-----BEGIN PGP MESSAGE----- x\n";
    EXPECT_FALSE(find_armor(text));
}

TEST(Armor, ThatIsCutOffIsNotWhole) {
    const auto armor = find_armor("-----BEGIN PGP MESSAGE-----\n\naGVsbG8=\n");
    ASSERT_TRUE(armor);
    EXPECT_FALSE(armor->whole);
}

TEST(Armor, ComesBackAsItWasMade) {
    std::string bytes;
    for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i * 7);
    EXPECT_EQ(bytes, without_armor(to_armor(bytes, "PUBLIC KEY BLOCK")));
}

TEST(Packets, AKeyringIsTakenApartIntoItsCertificates) {
    const std::string hers = packet(6, "\x04 key") + packet(13, "Ada <Ada@Lab.test>") + packet(14, "\x04 sub");
    const std::string his = packet(6, "\x04 other") + packet(13, "Bob <bob@lab.test>");
    EXPECT_EQ((std::vector<std::string>{hers, his, hers}), certificates_in(hers + his + hers));
    EXPECT_EQ((std::vector<std::string>{hers}), certificates_in(hers));
    EXPECT_EQ((std::vector<std::string>{hers + his + '\x01'}), certificates_in(hers + his + '\x01'));
    EXPECT_TRUE(certificates_in("").empty());
    EXPECT_TRUE(names_address(hers, "ada@lab.test"));
    EXPECT_FALSE(names_address(his, "ada@lab.test"));
}

TEST(Packets, ACertificateKeepsTheUserIdsOfAnAddressAlone) {
    const std::string key = packet(6, "\x04 key"), signature = packet(2, "\x04 signed"),
                      subkey = packet(14, "\x04 sub");
    const std::string hers = packet(13, "Ada <Ada@Lab.test>"), other = packet(13, "Ada at work <ada@work.test>");
    const std::string photograph = packet(17, std::string(300, 'x'));
    const std::string whole = key + signature + other + signature + signature + hers + signature + photograph +
                              signature + subkey + signature;
    EXPECT_EQ(key + signature + hers + signature + subkey + signature, certificate_for("ada@lab.test", whole));
    EXPECT_EQ(whole, certificate_for("eve@lab.test", whole));
    EXPECT_EQ(whole + '\x01', certificate_for("ada@lab.test", whole + '\x01'));
    EXPECT_EQ(key + packet(13, "ada@lab.test"),
              certificate_for("ada@lab.test", key + packet(13, "ada@lab.test") + other));
}

}  // namespace
}  // namespace tocsin::openpgp
