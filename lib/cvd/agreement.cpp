#include "cvd/agreement.hpp"

#include <fmt/format.h>

namespace tocsin::cvd {

namespace {

double share(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void Agreement::add(Severity team, Severity rules) {
    ++counts[static_cast<std::size_t>(team)][static_cast<std::size_t>(rules)];
}

std::int64_t Agreement::apart(std::size_t most) const {
    std::int64_t sum = 0;
    for (std::size_t team = 0; team < counts.size(); ++team)
        for (std::size_t rules = 0; rules < counts.size(); ++rules)
            if ((team > rules ? team - rules : rules - team) <= most) sum += counts[team][rules];
    return sum;
}

std::int64_t Agreement::total() const { return apart(counts.size()); }
double Agreement::exact() const { return share(apart(0), total()); }
double Agreement::within_one() const { return share(apart(1), total()); }

double Agreement::macro_f1() const {
    double sum = 0;
    for (std::size_t level = 0; level < counts.size(); ++level) {
        std::int64_t given = 0;
        for (std::size_t other = 0; other < counts.size(); ++other)
            given += counts[level][other] + counts[other][level];
        sum += share(2 * counts[level][level], given);
    }
    return sum / static_cast<double>(counts.size());
}

double Agreement::critical_seen() const {
    const Row& critical = counts.back();
    return share(critical[2] + critical[3], critical[0] + critical[1] + critical[2] + critical[3]);
}

std::int64_t Agreement::critical_missed() const { return counts.back()[0] + counts.back()[1]; }

std::string Agreement::in_words() const {
    return fmt::format(
        "exact {:.3f}, macro F1 {:.3f}, within one {:.3f}, critical seen as high or critical {:.3f} ({} missed)",
        exact(), macro_f1(), within_one(), critical_seen(), critical_missed());
}

}  // namespace tocsin::cvd
