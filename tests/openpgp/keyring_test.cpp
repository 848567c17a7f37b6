#include "openpgp/keyring.hpp"

#include <gtest/gtest.h>

#include "openpgp/autocrypt.hpp"

namespace tocsin::openpgp {
namespace {

const Instant now = from_micros(1'800'000'000'000'000);
const Instant later = now + std::chrono::hours{24 * 90};

Key key_named(const std::string& fingerprint, const std::string& address, bool ours) {
    Key key;
    key.fingerprint = fingerprint;
    key.addresses = {address};
    key.subkeys = {{.fingerprint = fingerprint, .ours = ours, .encrypts = false, .signs = true},
                   {.fingerprint = std::string(24, 'B') + fingerprint.substr(24), .ours = ours, .encrypts = true}};
    return key;
}

const std::string first = "00112233445566778899AABBCCDDEEFF00112233";
const std::string second = "F0112233445566778899AABBCCDDEEFF0011FFFF";

TEST(Keyring, CrossesAsText) {
    Key key = key_named(first, "rae@lab.test", false);
    key.expires = later;
    key.subkeys[1].expires = later;
    const auto read = keyring_from(to_text(Keyring{{key, key_named(second, "security@acme.test", true)}}));
    ASSERT_TRUE(read);
    ASSERT_EQ(2u, read->keys().size());
    EXPECT_EQ(later, read->keys()[0].expires);
    EXPECT_TRUE(read->keys()[0].bears("Rae@lab.test"));
    EXPECT_TRUE(read->keys()[1].ours());
    EXPECT_TRUE(read->opens(second.substr(24)));
    EXPECT_FALSE(read->opens(first.substr(24)));
    EXPECT_FALSE(keyring_from("sub 00112233445566778899AABBCCDDEEFF00112233 - ----\n"));
    EXPECT_FALSE(keyring_from("key nonsense - -u\n"));
}

TEST(Keyring, FindsByTheEndOfAFingerprintAndByNothingShorter) {
    const Keyring keyring{{key_named(first, "rae@lab.test", false)}};
    EXPECT_NE(nullptr, keyring.find(first));
    EXPECT_NE(nullptr, keyring.find(first.substr(24)));
    EXPECT_EQ(nullptr, keyring.find(first.substr(32)));
    EXPECT_EQ(nullptr, keyring.find(""));
}

TEST(Keyring, AKeyWhoseTimeIsOverEncryptsNothing) {
    Key key = key_named(first, "rae@lab.test", false);
    EXPECT_TRUE(key.encrypts_at(now));
    key.subkeys[1].expires = now;
    EXPECT_FALSE(key.encrypts_at(now));
    key.subkeys[1].expires = later;
    EXPECT_TRUE(key.encrypts_at(now));
    EXPECT_EQ(later, key.ends());
    key.revoked = true;
    EXPECT_FALSE(key.encrypts_at(now));
}

TEST(Autocrypt, SpeaksForItsAuthorAlone) {
    const std::string field = autocrypt_field("rae@lab.test", "certificate");
    const std::string other = autocrypt_field("kim@lab.test", "certificate");
    const auto read = read_autocrypt({field}, "Rae@Lab.test");
    ASSERT_TRUE(read);
    EXPECT_EQ("certificate", read->certificate);
    EXPECT_FALSE(read_autocrypt({field}, "kim@lab.test"));
    EXPECT_TRUE(read_autocrypt({field, other}, "kim@lab.test"));
    EXPECT_FALSE(read_autocrypt({field, field}, "rae@lab.test"));
    EXPECT_FALSE(read_autocrypt({"addr=rae@lab.test; future=1; keydata=YQ=="}, "rae@lab.test"));
    EXPECT_TRUE(read_autocrypt({"addr=rae@lab.test; _hint=1; keydata=YQ=="}, "rae@lab.test"));
}

}  // namespace
}  // namespace tocsin::openpgp
