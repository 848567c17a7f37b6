// Scores fitted to severities that a team gave: ordinal regression over which rules hit.
//
// A sum of scores is held against the policy's levels, as it is when a mail is rated, so that what is learned is what
// a rules file can say. Scores are drawn towards those they have, the more the rarer their rule hits, and a rule keeps
// the direction that its author gave it. Deterministic: the same lessons give the same scores.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cvd/agreement.hpp"
#include "cvd/severity.hpp"
#include "rules/policies/policy.hpp"

namespace tocsin::rules {

// One report: which rules hit, what else bounds its severity, and what the team made of it.
struct Lesson {
    std::vector<std::string> rules;
    cvd::Severity floor = cvd::Severity::Low;
    cvd::Severity cap = cvd::Severity::Critical;
    cvd::Severity team = cvd::Severity::Low;
};

struct LearningOptions {
    double pull = 0.5;   // towards the score that a rule has; the more the less is changed
    double spread = 15;  // points of score over which a level's border is blurred
    int rounds = 400;
    std::size_t folds = 5;  // for the honest figure
    int round_to = 5;
};

struct Learned {
    std::map<std::string, int> scores;  // of every rule that hit in a lesson
    std::map<std::string, int> hits;    // how often it did
    cvd::Agreement before;              // with the scores as they were
    cvd::Agreement after;               // with the new ones, on the very lessons they were fitted to
    cvd::Agreement unseen;              // with scores fitted to four fifths, on the fifth that was left out
};

Learned learn(const std::vector<Lesson>& lessons, const std::map<std::string, int>& scores,
              const SeverityLevels& levels, const LearningOptions& options = {});

}  // namespace tocsin::rules
