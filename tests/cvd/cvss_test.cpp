// CVSS vectors: recomputed, held against scores that other implementations of the specifications give.
#include "cvd/cvss.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <utility>
#include <vector>

#include "base/digest.hpp"
#include "base/encoding.hpp"

namespace tocsin::cvd {
namespace {

struct Scored {
    const char* vector;
    double base;
};

class CvssScore : public testing::TestWithParam<Scored> {};

TEST_P(CvssScore, IsThatOfTheSpecification) {
    const auto score = cvss_base_score(GetParam().vector);
    ASSERT_TRUE(score) << GetParam().vector;
    EXPECT_DOUBLE_EQ(GetParam().base, *score) << GetParam().vector;
}

INSTANTIATE_TEST_SUITE_P(Version3, CvssScore,
                         testing::Values(Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:L/A:L", 9.9},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:L/A:N", 7.2},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8},
                                         Scored{"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 7.5},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", 9.6},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:H/I:H/A:H", 9.0},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:U/C:L/I:N/A:N", 3.5},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:C/C:L/I:L/A:L", 6.6},
                                         Scored{"CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:N/A:N", 4.9}));

INSTANTIATE_TEST_SUITE_P(
    Version4, CvssScore,
    testing::Values(Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:H/VA:L/SC:N/SI:H/SA:L", 9.2},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:L/SC:H/SI:N/SA:L", 7.8},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:L/SA:N", 6.9},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:H/SI:L/SA:H", 7.9},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:N/VA:L/SC:N/SI:H/SA:N", 8.3},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 8.6},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N", 5.1},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:L/SC:L/SI:N/SA:H", 8.4},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:N/VI:H/VA:H/SC:N/SI:N/SA:L", 7.2},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:A/VC:H/VI:H/VA:H/SC:H/SI:N/SA:H", 9.3},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:L/SC:L/SI:L/SA:N", 5.1},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:P/VC:L/VI:L/VA:N/SC:L/SI:N/SA:N", 4.8},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:N/SA:H", 9.5},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:N/VI:L/VA:L/SC:H/SI:L/SA:L", 7.0},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:N/SA:N", 2.1},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:P/PR:L/UI:A/VC:H/VI:H/VA:L/SC:L/SI:L/SA:L", 7.3},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:P/PR:H/UI:A/VC:N/VI:L/VA:N/SC:N/SI:L/SA:N", 1.8},
                    Scored{"CVSS:4.0/AV:N/AC:H/AT:N/PR:N/UI:N/VC:H/VI:H/VA:N/SC:L/SI:H/SA:L", 9.4},
                    Scored{"CVSS:4.0/AV:N/AC:H/AT:N/PR:H/UI:A/VC:N/VI:N/VA:N/SC:N/SI:H/SA:N", 4.0},
                    Scored{"CVSS:4.0/AV:N/AC:H/AT:P/PR:N/UI:N/VC:L/VI:L/VA:H/SC:L/SI:N/SA:N", 8.3},
                    Scored{"CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A", 7.3},
                    Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0}));

using MetricValues = std::vector<std::pair<const char*, const char*>>;

// The scores of all vectors that these metrics can form, the last metric changing first: "9.8 9.4 …".
std::string all_scores(const std::string& prefix, const MetricValues& metrics) {
    std::string scores;
    std::vector<std::size_t> at(metrics.size(), 0);
    for (;;) {
        std::string vector = prefix;
        for (std::size_t metric = 0; metric < metrics.size(); ++metric)
            vector += fmt::format("/{}:{}", metrics[metric].first, metrics[metric].second[at[metric]]);
        scores += fmt::format("{:.1f} ", cvss_base_score(vector).value_or(-1));
        std::size_t metric = metrics.size();
        while (metric > 0 && metrics[metric - 1].second[++at[metric - 1]] == '\0') at[--metric] = 0;
        if (metric == 0) return scores;
    }
}

// Digests of the same lists as another implementation of the specifications (ae-cvss-calculator 1.0.13) gives them:
// each of the 2,592 base vectors of 3.0 and 3.1 and of the 104,976 of 4.0 has the same score there and here.
TEST(CvssScore, OfEveryBaseVectorIsThatOfAnIndependentImplementation) {
    const MetricValues version_3{{"AV", "NALP"}, {"AC", "LH"}, {"PR", "NLH"}, {"UI", "NR"},
                                 {"S", "UC"},    {"C", "HLN"}, {"I", "HLN"},  {"A", "HLN"}};
    const MetricValues version_4{{"AV", "NALP"}, {"AC", "LH"},  {"AT", "NP"},  {"PR", "NLH"},
                                 {"UI", "NPA"},  {"VC", "HLN"}, {"VI", "HLN"}, {"VA", "HLN"},
                                 {"SC", "HLN"},  {"SI", "HLN"}, {"SA", "HLN"}};
    constexpr auto digest_3 = "8677560b45eafda3e5b1398ba3e46e49239e3c001e40e004f5ce5358ecc0a2ce";
    EXPECT_EQ(digest_3, to_hex(view(sha256(all_scores("CVSS:3.0", version_3)))));
    EXPECT_EQ(digest_3, to_hex(view(sha256(all_scores("CVSS:3.1", version_3)))));
    EXPECT_EQ("d70158036aff0942928c92f7e1bf30e7a5b6f0bc197b88d668e965c34f7ce8f3",
              to_hex(view(sha256(all_scores("CVSS:4.0", version_4)))));
}

TEST(CvssScore, OfWhatIsNoVectorIsNone) {
    for (const char* bad :
         {"", "CVSS:3.1/", "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
          "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
          "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/ZZ:1", "CVSS:3.1/AV:NN/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
          "CVSS:4.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/"})
        EXPECT_EQ(std::nullopt, cvss_base_score(bad)) << bad;
}

TEST(FindCvss, TellsWhatIsClaimedFromWhatIsSo) {
    const auto found = find_cvss(
        "I rate it 9.8 (CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H).\n"
        "Or CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N - 9.1 Critical\n"
        "Again: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H. Broken CVSS:3.1/AV:N/AC:Q.");
    ASSERT_EQ(3u, found.size());
    EXPECT_EQ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", found[0].vector);
    EXPECT_EQ(9.8, found[0].base);
    EXPECT_EQ(9.8, found[0].claimed);
    EXPECT_TRUE(found[0].claim_fits());
    EXPECT_EQ(6.1, found[1].base);
    EXPECT_EQ(9.1, found[1].claimed);
    EXPECT_FALSE(found[1].claim_fits());
    EXPECT_FALSE(found[2].valid());
    EXPECT_EQ(9.8, highest_base(found));
}

TEST(FindCvss, HoldsNoClaimAgainstMetricsThatItDoesNotCount) {
    const auto found = find_cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P 9.3");
    ASSERT_EQ(1u, found.size());
    EXPECT_EQ(9.8, found[0].base);
    EXPECT_TRUE(found[0].claim_fits());
}

TEST(CvssMetrics, AreKnownByNameAndValue) {
    EXPECT_EQ("NALP", values_of_cvss_metric("AV"));
    EXPECT_EQ("", values_of_cvss_metric("MAV"));
    EXPECT_EQ(std::nullopt, values_of_cvss_metric("AX"));
    EXPECT_TRUE(std::ranges::is_sorted(cvss_metric_names()));
}

TEST(FindCvss, FindsNothingInAScoreAlone) {
    EXPECT_TRUE(find_cvss("CVSS: 9.8, CVSS:9.8, CVSS 3.1").empty());
    EXPECT_EQ(std::nullopt, highest_base({}));
}

TEST(FindCvss, TakesNoVersionForAScore) {
    const auto found = find_cvss("version 1.2.3 CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
    ASSERT_EQ(1u, found.size());
    EXPECT_EQ(std::nullopt, found[0].claimed);
}

TEST(FindCvss, TakesTheVersionInWordsForNoScore) {
    const std::string vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    for (const char* before : {"CVSS 3.1 vector: ", "CVSS v3.1: ", "(CVSSv3.1) ", "CVSS version 3.1, ", "CVSS-3.1 "}) {
        const auto found = find_cvss(before + vector);
        ASSERT_EQ(1u, found.size()) << before;
        EXPECT_EQ(std::nullopt, found[0].claimed) << before;
    }
    EXPECT_EQ(3.1, find_cvss("CVSS score: 3.1 (" + vector + ")").at(0).claimed);
    EXPECT_EQ(7.8, find_cvss("CVSS 3.1: 7.8 " + vector).at(0).claimed);
}

TEST(FindCvss, LeavesAClaimToTheVectorThatItStandsBeside) {
    const std::string first = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    const std::string second = "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:C/C:L/I:L/A:L";
    auto found = find_cvss(first + " 9.8\n" + second + "\n");
    ASSERT_EQ(2u, found.size());
    EXPECT_EQ(9.8, found[0].claimed);
    EXPECT_EQ(std::nullopt, found[1].claimed);
    found = find_cvss("9.8 (" + first + ") and 4.3 (" + second + ")");
    ASSERT_EQ(2u, found.size());
    EXPECT_EQ(9.8, found[0].claimed);
    EXPECT_TRUE(found[1].claim_fits());
}

TEST(FindCvss, ReadsAVectorThatDoesNotSayItsVersion) {
    auto found = find_cvss("CVSS 3.1: 7.8 (AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H)");
    ASSERT_EQ(1u, found.size());
    EXPECT_EQ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", found[0].vector);
    EXPECT_EQ(7.8, found[0].base);
    EXPECT_EQ(7.8, found[0].claimed);
    found = find_cvss("AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N");
    ASSERT_EQ(1u, found.size());
    EXPECT_EQ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N", found[0].vector);
    EXPECT_EQ(8.7, found[0].base);
    for (const char* none : {"(AV:N/AC:L/Au:N/C:C/I:C/A:C) 10.0", "AV:N/AC:L", "NAV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"})
        EXPECT_TRUE(find_cvss(none).empty()) << none;
}

TEST(FindCvss, StopsAfterTwenty) {
    std::string text;
    for (char c : std::string{"NALP"})
        for (char p : std::string{"NLH"})
            for (char u : std::string{"NR"})
                text += std::string{"CVSS:3.1/AV:"} + c + "/AC:L/PR:" + p + "/UI:" + u + "/S:U/C:H/I:H/A:H\n";
    EXPECT_EQ(20u, find_cvss(text).size());
}

}  // namespace
}  // namespace tocsin::cvd
