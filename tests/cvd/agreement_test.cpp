#include "cvd/agreement.hpp"

#include <gtest/gtest.h>

namespace tocsin::cvd {
namespace {

using enum Severity;

TEST(Agreement, CountsWhatARulesAuthorWantsToKnow) {
    Agreement found;
    EXPECT_EQ(0, found.exact());
    found.add(Low, Low);
    found.add(Medium, Medium);
    found.add(Medium, High);
    found.add(Critical, High);
    found.add(Critical, Low);
    EXPECT_EQ(5, found.total());
    EXPECT_DOUBLE_EQ(0.4, found.exact());
    EXPECT_DOUBLE_EQ(0.8, found.within_one());
    EXPECT_DOUBLE_EQ(0.5, found.critical_seen());
    EXPECT_EQ(1, found.critical_missed());
    // Low: 2/3, medium: 2/3, high and critical: none right.
    EXPECT_NEAR((2.0 / 3 + 2.0 / 3) / 4, found.macro_f1(), 1e-9);
}

}  // namespace
}  // namespace tocsin::cvd
