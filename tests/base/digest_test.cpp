#include "base/digest.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "base/encoding.hpp"
#include "base/keyed_hash.hpp"

namespace tocsin {
namespace {

std::string hex(const Digest& digest) { return to_hex(view(digest)); }

TEST(Sha256Digest, KeepsTheVectorsOfFips180) {
    EXPECT_EQ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", hex(sha256("")));
    EXPECT_EQ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", hex(sha256("abc")));
    EXPECT_EQ("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
              hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")));
    EXPECT_EQ("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
              hex(sha256(std::string(1'000'000, 'a'))));
}

TEST(Sha256Digest, IsTheSameInPiecesOfAnySize) {
    const std::string whole(1'000, 'x');
    for (const std::size_t piece : {1u, 7u, 63u, 64u, 65u, 999u}) {
        Sha256 hash;
        for (std::size_t at = 0; at < whole.size(); at += piece) hash.update(std::string_view{whole}.substr(at, piece));
        EXPECT_EQ(hex(sha256(whole)), hex(hash.finish())) << piece;
    }
}

TEST(Sha256Digest, GoesOnAfterAMove) {
    Sha256 first;
    first.update("a");
    Sha256 second{std::move(first)};
    second.update("bc");
    EXPECT_EQ(hex(sha256("abc")), hex(second.finish()));
    EXPECT_EQ(hex(sha256("")), hex(Sha256{}.finish()));
}

TEST(HmacSha256, KeepsTheVectorsOfRfc4231) {
    EXPECT_EQ("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
              hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")));
    EXPECT_EQ("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
              hex(hmac_sha256(std::string(20, '\xaa'), std::string(50, '\xdd'))));
    EXPECT_EQ("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
              hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")));
}

TEST(HmacSha256, TakesNoKeyThatAnybodyCouldGuess) {
    EXPECT_THROW((void)hmac_sha256("", "x"), std::logic_error);
    EXPECT_THROW((void)hmac_sha256(std::string(15, 'k'), "x"), std::logic_error);
    EXPECT_NO_THROW((void)hmac_sha256(std::string(16, 'k'), "x"));
}

TEST(AKeyedHash, IsThatOfEachTextByItself) {
    const std::string key(20, '\x0b');
    KeyedHash hash{key};
    for (const std::string& text : {std::string{"Hi There"}, std::string{}, std::string(1'000, 'x'), std::string{"a"}})
        EXPECT_EQ(hex(hmac_sha256(key, text)), hex(hash.of(text))) << text.size();
    EXPECT_THROW(KeyedHash{std::string(15, 'k')}, std::logic_error);
}

TEST(ConstantTime, ComparesLikeAnyComparison) {
    EXPECT_TRUE(equal_in_constant_time("", ""));
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", "Abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
    EXPECT_FALSE(equal_in_constant_time("", "a"));
    EXPECT_FALSE(equal_in_constant_time(std::string_view{"a\0b", 3}, std::string_view{"a\0c", 3}));
}

TEST(RandomBytes, DoNotRepeat) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) seen.insert(random_bytes(16));
    EXPECT_EQ(100u, seen.size());
    EXPECT_EQ(16u, seen.begin()->size());
    EXPECT_EQ("", random_bytes(0));
}

}  // namespace
}  // namespace tocsin
