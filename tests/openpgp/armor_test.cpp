// Text with a signature below it.
#include "openpgp/armor.hpp"

#include <gtest/gtest.h>

#include "openpgp/engine.hpp"

namespace tocsin::openpgp {
namespace {

const std::string signed_text =
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello,\n\n- -----BEGIN of a line with dashes\nRae\n"
    "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n";

TEST(ClearSigned, IsTheWholeTextOrNothing) {
    EXPECT_TRUE(only_clear_signed("\n" + signed_text + "\r\n"));
    EXPECT_FALSE(only_clear_signed("Not signed.\n" + signed_text));
    EXPECT_FALSE(only_clear_signed(signed_text + "Not signed.\n"));
    EXPECT_FALSE(only_clear_signed(signed_text + signed_text));
    EXPECT_FALSE(only_clear_signed("-----BEGIN PGP SIGNED MESSAGE-----\n\nHello\n"));
    EXPECT_FALSE(only_clear_signed(""));
}

TEST(ClearSigned, IsFoundBetweenOtherWords) {
    const std::string_view bare{signed_text.data(), signed_text.size() - 1};
    const std::string two = "Before.\n" + signed_text + "Between.\n" + signed_text + "After.\n";
    const auto first = find_clear_signed(two);
    ASSERT_TRUE(first);
    EXPECT_EQ(bare, *first);
    const auto second = find_clear_signed(two, 9 + first->size());
    ASSERT_TRUE(second);
    EXPECT_EQ(bare, *second);
    EXPECT_FALSE(find_clear_signed(two, two.size() - 8));
    EXPECT_FALSE(find_clear_signed("> " + signed_text)) << "a quotation";
    // One that was never finished takes no other's signature.
    EXPECT_EQ(bare, find_clear_signed("-----BEGIN PGP SIGNED MESSAGE-----\n\nForged.\n" + signed_text).value_or(""));
}

TEST(ClearSigned, IsReadWithoutItsEscapes) {
    EXPECT_EQ("Hello,\n\n-----BEGIN of a line with dashes\nRae\n", clear_signed_text(signed_text));
    NoEngine none;
    EXPECT_EQ("Hello,\n\n-----BEGIN of a line with dashes\nRae\n", none.open_signed(signed_text, 1000)->content);
    EXPECT_FALSE(none.open_signed(signed_text, 10));
}

}  // namespace
}  // namespace tocsin::openpgp
