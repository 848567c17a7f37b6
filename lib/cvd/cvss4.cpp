// CVSS v4.0 section 8: a MacroVector of six equivalence classes gives a score, and how far the vector lies below the
// worst one of its class takes away from it.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "cvd/cvss_metrics.hpp"

namespace tocsin::cvd {

namespace {

// The specification's table of MacroVectors, in tenths. A row is one of EQ3 (0, 1, 2) within one of EQ1 and EQ2; in it
// EQ4, then EQ5, then EQ6, of which only 1 goes with an EQ3 of 2.
// clang-format off
constexpr std::array<int, 270> macro_vector_scores{
    100, 99, 98, 95, 95, 92, 100, 96, 93, 87, 91, 81, 93, 90, 89, 80, 81, 68,
    98, 95, 95, 92, 90, 84, 93, 92, 89, 81, 81, 65, 88, 80, 78, 70, 69, 48,
    92, 82, 72, 79, 69, 50, 69, 55, 27,
    99, 97, 95, 92, 92, 85, 95, 91, 90, 83, 84, 71, 92, 81, 82, 71, 72, 53,
    95, 93, 92, 85, 85, 73, 92, 82, 80, 72, 70, 59, 84, 70, 71, 52, 50, 30,
    86, 75, 52, 71, 52, 29, 63, 29, 17,
    98, 95, 94, 87, 91, 81, 94, 89, 86, 74, 77, 64, 87, 75, 74, 63, 63, 49,
    94, 89, 88, 77, 76, 67, 86, 76, 74, 58, 59, 50, 72, 57, 57, 52, 52, 25,
    83, 70, 54, 65, 58, 26, 53, 21, 13,
    95, 90, 88, 76, 76, 70, 90, 77, 75, 62, 61, 53, 77, 66, 68, 59, 52, 30,
    89, 78, 76, 67, 62, 58, 74, 59, 57, 57, 47, 23, 61, 52, 57, 29, 24, 16,
    71, 59, 30, 58, 26, 15, 23, 13, 6,
    93, 87, 86, 72, 75, 58, 86, 74, 74, 61, 56, 34, 70, 54, 52, 40, 40, 22,
    85, 75, 74, 55, 62, 51, 72, 57, 55, 41, 46, 19, 53, 36, 34, 19, 19, 8,
    64, 51, 20, 47, 21, 11, 24, 9, 4,
    88, 75, 73, 53, 60, 50, 73, 55, 59, 40, 41, 20, 54, 43, 45, 22, 20, 11,
    75, 55, 58, 45, 40, 21, 61, 51, 48, 18, 20, 9, 46, 18, 17, 7, 8, 2,
    53, 24, 14, 24, 12, 5, 10, 3, 1,
};
// clang-format on

struct MacroVector {
    int eq1 = 0, eq2 = 0, eq3 = 0, eq4 = 0, eq5 = 0, eq6 = 0;
};

std::optional<double> score_of(const MacroVector& macro) {
    const bool exists = macro.eq1 <= 2 && macro.eq2 <= 1 && macro.eq3 <= 2 && macro.eq4 <= 2 && macro.eq5 <= 2 &&
                        macro.eq6 <= 1 && (macro.eq3 < 2 || macro.eq6 == 1);
    if (!exists) return std::nullopt;
    const int row = (macro.eq1 * 2 + macro.eq2) * 45;
    const int place = macro.eq3 < 2 ? row + macro.eq3 * 18 + macro.eq4 * 6 + macro.eq5 * 2 + macro.eq6
                                    : row + 36 + macro.eq4 * 3 + macro.eq5;
    return macro_vector_scores[static_cast<std::size_t>(place)] / 10.0;
}

// How far each value lies below the worst one of its metric.
int level_of(std::string_view values, char value) { return static_cast<int>(values.find(value)); }

struct ImpactLevels {
    int av, pr, ui, ac, at, vc, vi, va, sc, si, sa;
};

ImpactLevels levels_in(const CvssMetrics& m) {
    return {level_of("NALP", m["AV"]), level_of("NLH", m["PR"]), level_of("NPA", m["UI"]), level_of("LH", m["AC"]),
            level_of("NP", m["AT"]), level_of("HLN", m["VC"]), level_of("HLN", m["VI"]), level_of("HLN", m["VA"]),
            // The worst value of SI and SA is Safety, which only environmental metrics can say.
            level_of("SHLN", m["SC"]), level_of("SHLN", m["SI"]), level_of("SHLN", m["SA"])};
}

// Tables 24 to 29, for base metrics alone: exploit maturity is Attacked and all requirements are High.
MacroVector macro_vector_of(const ImpactLevels& l) {
    MacroVector macro;
    const int at_worst = (l.av == 0 ? 1 : 0) + (l.pr == 0 ? 1 : 0) + (l.ui == 0 ? 1 : 0);
    macro.eq1 = at_worst == 3 ? 0 : at_worst > 0 && l.av != 3 ? 1 : 2;
    macro.eq2 = l.ac == 0 && l.at == 0 ? 0 : 1;
    macro.eq3 = l.vc == 0 && l.vi == 0 ? 0 : l.vc == 0 || l.vi == 0 || l.va == 0 ? 1 : 2;
    macro.eq4 = l.sc == 1 || l.si == 1 || l.sa == 1 ? 1 : 2;
    macro.eq5 = 0;
    macro.eq6 = macro.eq3 < 2 ? 0 : 1;
    return macro;
}

using Levels = std::vector<int>;

// The steps from the first of the worst vectors of the class that is nowhere below this one.
int steps_below(const Levels& levels, const std::vector<Levels>& worst) {
    for (const Levels& one : worst) {
        int steps = 0;
        bool is_above = true;
        for (std::size_t at = 0; at < levels.size(); ++at) {
            steps += levels[at] - one[at];
            is_above = is_above && levels[at] >= one[at];
        }
        if (is_above) return steps;
    }
    return 0;
}

// One class: what may be taken away at most, and which part of it is.
struct Reduction {
    std::optional<double> next_lower;  // the score of the class below
    int steps = 0;
    int depth = 1;  // steps that the class is deep
};

std::array<Reduction, 5> reductions(const MacroVector& macro, const ImpactLevels& l) {
    const auto with = [&macro](int MacroVector::*member, int by) {
        MacroVector lower = macro;
        lower.*member += by;
        return lower;
    };
    static const std::vector<std::vector<Levels>> worst_eq1{
        {{0, 0, 0}}, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, {{3, 0, 0}, {1, 1, 1}}};
    static const std::vector<std::vector<Levels>> worst_eq2{{{0, 0}}, {{1, 0}, {0, 1}}};
    static const std::vector<std::vector<Levels>> worst_eq3{{{0, 0, 0}}, {{1, 0, 0}, {0, 1, 0}}, {{1, 1, 1}}};
    static const std::vector<std::vector<Levels>> worst_eq4{{{1, 0, 0}}, {{1, 1, 1}}, {{2, 2, 2}}};
    constexpr std::array depth_eq1{1, 4, 5}, depth_eq3{7, 8, 10}, depth_eq4{6, 5, 4};
    constexpr std::array depth_eq2{1, 2};

    // EQ3 and EQ6 go down together: where both can, the step that takes away less.
    std::optional<double> below_eq3;
    if (macro.eq3 == 0)
        below_eq3 = std::max(*score_of(with(&MacroVector::eq6, 1)), *score_of(with(&MacroVector::eq3, 1)));
    else if (macro.eq3 == 1)
        below_eq3 = score_of(with(&MacroVector::eq6, 1));

    const auto nth = [](const auto& list, int at) { return list[static_cast<std::size_t>(at)]; };
    return {Reduction{score_of(with(&MacroVector::eq1, 1)), steps_below({l.av, l.pr, l.ui}, nth(worst_eq1, macro.eq1)),
                      nth(depth_eq1, macro.eq1)},
            Reduction{score_of(with(&MacroVector::eq2, 1)), steps_below({l.ac, l.at}, nth(worst_eq2, macro.eq2)),
                      nth(depth_eq2, macro.eq2)},
            Reduction{below_eq3, steps_below({l.vc, l.vi, l.va}, nth(worst_eq3, macro.eq3)), nth(depth_eq3, macro.eq3)},
            Reduction{score_of(with(&MacroVector::eq4, 1)), steps_below({l.sc, l.si, l.sa}, nth(worst_eq4, macro.eq4)),
                      nth(depth_eq4, macro.eq4)},
            Reduction{score_of(with(&MacroVector::eq5, 1)), 0, 1}};
}

}  // namespace

double cvss4_base(const CvssMetrics& metrics) {
    const bool harmless = std::ranges::all_of(std::array<std::string_view, 6>{"VC", "VI", "VA", "SC", "SI", "SA"},
                                              [&](std::string_view name) { return metrics[name] == 'N'; });
    if (harmless) return 0;
    const ImpactLevels levels = levels_in(metrics);
    const MacroVector macro = macro_vector_of(levels);
    const double score = *score_of(macro);
    double taken = 0;
    int classes = 0;
    for (const Reduction& one : reductions(macro, levels)) {
        if (!one.next_lower) continue;
        taken += (score - *one.next_lower) * one.steps / one.depth;
        ++classes;
    }
    const double mean = classes > 0 ? taken / classes : 0;
    // The small addend keeps 0.05 that binary fractions hold as 0.0499… from being rounded down.
    return std::floor(std::clamp(score - mean, 0.0, 10.0) * 10 + 0.5 + 1e-6) / 10;
}

}  // namespace tocsin::cvd
