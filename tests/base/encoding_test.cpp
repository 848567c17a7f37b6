#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace tocsin {
namespace {

struct Vector {
    const char* bytes;
    const char* base32;  // RFC 4648 section 10, lower case and without its padding
    const char* base64;
    const char* hex;
};

class Rfc4648 : public testing::TestWithParam<Vector> {};

TEST_P(Rfc4648, KeepsItsOwnTestVectors) {
    EXPECT_EQ(GetParam().base32, to_base32(GetParam().bytes));
    EXPECT_EQ(GetParam().base64, to_base64(GetParam().bytes));
    EXPECT_EQ(GetParam().hex, to_hex(GetParam().bytes));
    EXPECT_EQ(GetParam().bytes, from_hex(GetParam().hex));
}

INSTANTIATE_TEST_SUITE_P(Section10, Rfc4648,
                         testing::Values(Vector{"", "", "", ""}, Vector{"f", "my", "Zg==", "66"},
                                         Vector{"fo", "mzxq", "Zm8=", "666f"}, Vector{"foo", "mzxw6", "Zm9v", "666f6f"},
                                         Vector{"foob", "mzxw6yq", "Zm9vYg==", "666f6f62"},
                                         Vector{"fooba", "mzxw6ytb", "Zm9vYmE=", "666f6f6261"},
                                         Vector{"foobar", "mzxw6ytboi", "Zm9vYmFy", "666f6f626172"}));

TEST(Encoding, HasNoTroubleWithAnyByte) {
    std::string every;
    for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
    EXPECT_EQ(512u, to_hex(every).size());
    EXPECT_EQ(every, from_hex(to_hex(every)));
    EXPECT_TRUE(to_base64(every).starts_with("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v"));
    EXPECT_TRUE(to_base64(every).ends_with("+fr7/P3+/w=="));
    EXPECT_EQ(std::string(20, '7') + "6", to_base32(std::string(13, '\xFF')));
    EXPECT_EQ(32u, to_base32(std::string(20, '\x00')).size());
}

TEST(Encoding, ReadsHexInEitherCase) {
    EXPECT_EQ("\xAB\xCD\xEF", from_hex("abCDeF"));
    EXPECT_EQ(std::string("\0\xFF", 2), from_hex("00ff"));
}

TEST(Encoding, RefusesWhatIsNoHex) {
    for (const char* text : {"0", "abc", "0g", "g0", "0x00", " 00", "00 ", "-1", "+1", "zz"})
        EXPECT_FALSE(from_hex(text)) << text;
    EXPECT_FALSE(from_hex(std::string_view{"0\0", 2}));
}

}  // namespace
}  // namespace tocsin
