#include "rules/learning.hpp"

#include <gtest/gtest.h>

namespace tocsin::rules {
namespace {

using enum cvd::Severity;

// What a team does that takes one rule seriously and another not at all.
std::vector<Lesson> lessons() {
    std::vector<Lesson> all;
    for (int i = 0; i < 40; ++i) {
        all.push_back({{"base", "grave"}, Low, Critical, High});
        all.push_back({{"base", "harmless"}, Low, Critical, Low});
        all.push_back({{"base"}, Low, Critical, Medium});
    }
    return all;
}

TEST(Learning, FindsTheScoresThatATeamRatesBy) {
    const std::map<std::string, int> scores{{"base", 30}, {"grave", 5}, {"harmless", -5}, {"never", 10}};
    const Learned learned = learn(lessons(), scores, {});
    EXPECT_LT(learned.before.exact(), 0.5);
    EXPECT_GT(learned.after.exact(), 0.95);
    EXPECT_GT(learned.unseen.exact(), 0.95);
    EXPECT_EQ(120, learned.unseen.total());
    EXPECT_GE(learned.scores.at("base") + learned.scores.at("grave"), 60);
    EXPECT_LT(learned.scores.at("base") + learned.scores.at("harmless"), 25);
    EXPECT_EQ(40, learned.hits.at("grave"));
    EXPECT_FALSE(learned.scores.contains("never"));  // nothing was learned of it
}

TEST(Learning, KeepsTheDirectionThatARuleWasGiven) {
    std::vector<Lesson> all;
    for (int i = 0; i < 40; ++i) all.push_back({{"base", "excuse"}, Low, Critical, Critical});
    const Learned learned = learn(all, {{"base", 10}, {"excuse", -20}}, {});
    EXPECT_LE(learned.scores.at("excuse"), 0);
    EXPECT_GE(learned.scores.at("base"), 60);
}

TEST(Learning, AStrongPullLeavesScoresWhereTheyAre) {
    LearningOptions options;
    options.pull = 1e6;
    const Learned learned = learn(lessons(), {{"base", 30}, {"grave", 5}, {"harmless", -5}}, {}, options);
    EXPECT_EQ((std::map<std::string, int>{{"base", 30}, {"grave", 5}, {"harmless", -5}}), learned.scores);
}

TEST(Learning, AFloorAndACapAreNobodysScore) {
    const Learned learned = learn({{{"base"}, High, Critical, High}, {{"base"}, Low, Low, Low}}, {{"base", 30}}, {});
    EXPECT_DOUBLE_EQ(1.0, learned.before.exact());
}

}  // namespace
}  // namespace tocsin::rules
