// How well severities that were given by rules agree with those that a team gave.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "cvd/severity.hpp"

namespace tocsin::cvd {

struct Agreement {
    using Row = std::array<std::int64_t, all_severities.size()>;
    std::array<Row, all_severities.size()> counts{};  // [as the team has it][as the rules have it]

    void add(Severity team, Severity rules);
    std::int64_t total() const;
    // Shares between 0 and 1; 0 where there is nothing to share.
    double exact() const;
    double within_one() const;     // at most one level apart
    double macro_f1() const;       // the mean of the four levels' F1; a level that nobody gave counts as 0
    double critical_seen() const;  // critical to the team, high or critical to the rules
    std::int64_t critical_missed() const;

    // "exact 0.53, macro F1 0.44, within one 0.90, critical seen as high or critical 0.70 (5 missed)"
    std::string in_words() const;

private:
    std::int64_t apart(std::size_t most) const;
};

}  // namespace tocsin::cvd
