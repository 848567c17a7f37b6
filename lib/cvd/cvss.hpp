// CVSS vectors in a report (FIRST, CVSS v3.0, v3.1 and v4.0), recomputed rather than believed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::cvd {

// The base score of a vector: all base metrics, each once; other metrics of that version may follow and do not count
// towards it. Nothing when it is no valid vector.
std::optional<double> cvss_base_score(std::string_view vector);

struct FoundCvss {
    std::string vector;             // as it stands there, "CVSS:3.1/AV:N/…"; one without its version is given it
    std::optional<double> base;     // none: the vector is not valid
    std::optional<double> claimed;  // the score that the text names beside it
    bool beyond_base = false;       // has threat, temporal or environmental metrics, which the claim may count
    bool valid() const { return base.has_value(); }
    bool claim_fits() const { return !base || !claimed || beyond_base || *base == *claimed; }
};

// Each vector in the text once, at most twenty, in their order.
std::vector<FoundCvss> find_cvss(std::string_view text);

// The metrics of 3.1 and 4.0 by name, and the values that a base metric has in either, each a letter; empty for a
// metric that is no base metric, and nothing for a name that is none.
std::vector<std::string_view> cvss_metric_names();
std::optional<std::string_view> values_of_cvss_metric(std::string_view name);

// The highest base score of the valid ones.
std::optional<double> highest_base(const std::vector<FoundCvss>& found);

}  // namespace tocsin::cvd
