// The metrics of a CVSS vector by name, checked against what their version knows.
#pragma once

#include <map>
#include <optional>
#include <string_view>

namespace tocsin::cvd {

enum class CvssVersion { V3, V4 };

struct CvssMetrics {
    CvssVersion version = CvssVersion::V3;
    std::map<std::string_view, char> base;  // "AV" → 'N'; every base metric is there
    char operator[](std::string_view name) const { return base.at(name); }
};

// Views point into the vector.
std::optional<CvssMetrics> read_cvss_metrics(std::string_view vector);

double cvss3_base(const CvssMetrics& metrics);
double cvss4_base(const CvssMetrics& metrics);

}  // namespace tocsin::cvd
