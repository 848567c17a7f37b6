#include "rules/learning.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tocsin::rules {

namespace {

constexpr int largest_learned = 200;

// A lesson with its rules by number.
struct NumberedLesson {
    std::vector<std::size_t> rules;
    const Lesson* lesson;
};

double logistic(double x) { return 1 / (1 + std::exp(-std::clamp(x, -40.0, 40.0))); }

class Fit {
public:
    Fit(const std::vector<double>& present, const SeverityLevels& levels, const LearningOptions& options)
        : present_{present}, options_{options}, scores_{present} {
        // A level that the policy does not know has no border to learn.
        for (const int level : {levels.medium, levels.high, levels.critical})
            borders_.push_back(level == SeverityLevels::never ? 1e9 : level);
    }

    // Gradient descent on the likelihood of a proportional odds model (McCullagh 1980) whose borders stand still.
    const std::vector<double>& learn(const std::vector<NumberedLesson>& lessons) {
        std::vector<double> slope(scores_.size()), speed(scores_.size());
        for (int round = 0; round < options_.rounds; ++round) {
            std::ranges::fill(slope, 0.0);
            for (const NumberedLesson& one : lessons) {
                const double pull = slope_of(one);
                for (const std::size_t rule : one.rules) slope[rule] += pull;
            }
            for (std::size_t rule = 0; rule < scores_.size(); ++rule) {
                slope[rule] += options_.pull * (scores_[rule] - present_[rule]) / (options_.spread * options_.spread);
                speed[rule] = 0.9 * speed[rule] + 0.1 * slope[rule] * slope[rule];
                const double step = 3.0 / (1 + 0.02 * round);
                scores_[rule] -= step * slope[rule] / (std::sqrt(speed[rule]) + 1e-3);
                keep_direction(rule);
            }
        }
        return scores_;
    }

private:
    // Of minus the logarithm of the chance that the team's level comes out.
    double slope_of(const NumberedLesson& one) const {
        double sum = 0;
        for (const std::size_t rule : one.rules) sum += scores_[rule];
        const auto level = static_cast<std::size_t>(one.lesson->team);
        const double above = level == 3 ? 1 : logistic((borders_[level] - sum) / options_.spread);
        const double below = level == 0 ? 0 : logistic((borders_[level - 1] - sum) / options_.spread);
        const double chance = std::max(1e-6, above - below);
        const double change = (level == 3 ? 0 : -above * (1 - above)) + (level == 0 ? 0 : below * (1 - below));
        return -change / chance / options_.spread;
    }

    // What its author says makes a report worse does not become an excuse because of a few reports.
    void keep_direction(std::size_t rule) {
        double& score = scores_[rule];
        if (present_[rule] > 0) score = std::max(score, 0.0);
        if (present_[rule] < 0) score = std::min(score, 0.0);
        score = std::clamp<double>(score, -largest_learned, largest_learned);
    }

    const std::vector<double>& present_;
    const LearningOptions& options_;
    std::vector<double> scores_;
    std::vector<double> borders_;
};

std::vector<double> rounded(std::vector<double> scores, int to) {
    for (double& score : scores) score = std::round(score / to) * to;
    return scores;
}

cvd::Severity rated(const NumberedLesson& one, const std::vector<double>& scores, const SeverityLevels& levels) {
    double sum = 0;
    for (const std::size_t rule : one.rules) sum += scores[rule];
    const cvd::Severity severity = std::max(levels.of(static_cast<int>(sum)), one.lesson->floor);
    return levels.known(std::min(severity, one.lesson->cap));
}

}  // namespace

Learned learn(const std::vector<Lesson>& lessons, const std::map<std::string, int>& scores,
              const SeverityLevels& levels, const LearningOptions& options) {
    Learned learned;
    std::map<std::string, std::size_t> number;
    std::vector<double> present;
    std::vector<NumberedLesson> numbered;
    for (const Lesson& lesson : lessons) {
        NumberedLesson one{{}, &lesson};
        for (const std::string& rule : lesson.rules) {
            const auto known = scores.find(rule);
            if (known == scores.end()) continue;
            const auto [at, is_new] = number.emplace(rule, present.size());
            if (is_new) present.push_back(known->second);
            one.rules.push_back(at->second);
            ++learned.hits[rule];
        }
        numbered.push_back(std::move(one));
    }
    const std::vector<double> best = rounded(Fit{present, levels, options}.learn(numbered), options.round_to);
    for (const auto& [rule, at] : number) learned.scores[rule] = static_cast<int>(best[at]);
    for (const NumberedLesson& one : numbered) {
        learned.before.add(one.lesson->team, rated(one, present, levels));
        learned.after.add(one.lesson->team, rated(one, best, levels));
    }
    for (std::size_t fold = 0; fold < options.folds && numbered.size() >= options.folds; ++fold) {
        std::vector<NumberedLesson> rest;
        for (std::size_t at = 0; at < numbered.size(); ++at)
            if (at % options.folds != fold) rest.push_back(numbered[at]);
        const std::vector<double> fitted = rounded(Fit{present, levels, options}.learn(rest), options.round_to);
        for (std::size_t at = fold; at < numbered.size(); at += options.folds)
            learned.unseen.add(numbered[at].lesson->team, rated(numbered[at], fitted, levels));
    }
    return learned;
}

}  // namespace tocsin::rules
