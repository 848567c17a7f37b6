// CVSS v3.1 section 7.1; version 3.0 has the same weights.
#include <algorithm>
#include <cmath>

#include "cvd/cvss_metrics.hpp"

namespace tocsin::cvd {

namespace {

double attack_vector_weight(char value) {
    switch (value) {
        case 'N':
            return 0.85;
        case 'A':
            return 0.62;
        case 'L':
            return 0.55;
        default:
            return 0.2;
    }
}

double privileges_weight(char value, bool changed_scope) {
    if (value == 'N') return 0.85;
    if (value == 'L') return changed_scope ? 0.68 : 0.62;
    return changed_scope ? 0.5 : 0.27;
}

double impact_weight(char value) { return value == 'H' ? 0.56 : value == 'L' ? 0.22 : 0.0; }

// Appendix A: the smallest tenth that is not below, without the noise of binary fractions.
double round_up(double value) {
    const auto hundred_thousandths = static_cast<long>(std::lround(value * 100'000));
    if (hundred_thousandths % 10'000 == 0) return static_cast<double>(hundred_thousandths) / 100'000;
    return static_cast<double>(hundred_thousandths / 10'000 + 1) / 10;
}

}  // namespace

double cvss3_base(const CvssMetrics& metrics) {
    const bool changed = metrics["S"] == 'C';
    const double spared =
        (1 - impact_weight(metrics["C"])) * (1 - impact_weight(metrics["I"])) * (1 - impact_weight(metrics["A"]));
    const double sub_score = 1 - spared;
    const double impact =
        changed ? 7.52 * (sub_score - 0.029) - 3.25 * std::pow(sub_score - 0.02, 15) : 6.42 * sub_score;
    if (impact <= 0) return 0;
    const double exploitability = 8.22 * attack_vector_weight(metrics["AV"]) * (metrics["AC"] == 'L' ? 0.77 : 0.44) *
                                  privileges_weight(metrics["PR"], changed) * (metrics["UI"] == 'N' ? 0.85 : 0.62);
    return round_up(std::min((changed ? 1.08 : 1.0) * (impact + exploitability), 10.0));
}

}  // namespace tocsin::cvd
