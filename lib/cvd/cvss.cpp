#include "cvd/cvss.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "cvd/cvss_metrics.hpp"

namespace tocsin::cvd {

namespace {

struct CvssMetric {
    std::string_view name;
    std::string_view values;  // each a letter; empty: a metric that is no base metric
};

// CVSS v3.1 section 6, v4.0 section 7: names in the order of the specification.
constexpr std::array metrics_of_v3{CvssMetric{"AV", "NALP"}, CvssMetric{"AC", "LH"}, CvssMetric{"PR", "NLH"},
                                   CvssMetric{"UI", "NR"},   CvssMetric{"S", "UC"},  CvssMetric{"C", "NLH"},
                                   CvssMetric{"I", "NLH"},   CvssMetric{"A", "NLH"}};
constexpr std::array metrics_of_v4{CvssMetric{"AV", "NALP"}, CvssMetric{"AC", "LH"},  CvssMetric{"AT", "NP"},
                                   CvssMetric{"PR", "NLH"},  CvssMetric{"UI", "NPA"}, CvssMetric{"VC", "HLN"},
                                   CvssMetric{"VI", "HLN"},  CvssMetric{"VA", "HLN"}, CvssMetric{"SC", "HLN"},
                                   CvssMetric{"SI", "HLN"},  CvssMetric{"SA", "HLN"}};
constexpr std::array<std::string_view, 14> others_of_v3{"E",   "RL",  "RC",  "CR", "IR", "AR", "MAV",
                                                        "MAC", "MPR", "MUI", "MS", "MC", "MI", "MA"};
constexpr std::array<std::string_view, 21> others_of_v4{"E",   "CR",  "IR",  "AR",  "MAV", "MAC", "MAT",
                                                        "MPR", "MUI", "MVC", "MVI", "MVA", "MSC", "MSI",
                                                        "MSA", "S",   "AU",  "R",   "V",   "RE",  "U"};

constexpr std::size_t most_vectors = 20;
constexpr std::size_t longest_vector = 300;

template <std::size_t N, std::size_t M>
bool take_metric(CvssMetrics& metrics, std::string_view name, std::string_view value,
                 const std::array<CvssMetric, N>& base, const std::array<std::string_view, M>& others) {
    const auto known = std::ranges::find(base, name, &CvssMetric::name);
    if (known == base.end()) return std::ranges::find(others, name) != others.end() && !value.empty();
    if (value.size() != 1 || known->values.find(value[0]) == std::string_view::npos) return false;
    metrics.base.emplace(known->name, value[0]);
    return true;
}

bool is_vector_byte(char c) { return (c >= 'A' && c <= 'Z') || is_digit(c) || c == ':' || c == '/' || c == '.'; }

// "CVSS 3.1", "CVSS v4.0", "version 3.1": no score, where none of the words between says so.
bool is_version(std::string_view before, int tenths) {
    if (tenths != 20 && tenths != 30 && tenths != 31 && tenths != 40) return false;
    const auto take = [&before](std::string_view word) {
        const bool there =
            before.size() >= word.size() && equal_ignoring_case(before.substr(before.size() - word.size()), word);
        if (there) before.remove_suffix(word.size());
        return there;
    };
    const auto take_blanks = [&before] {
        while (before.ends_with(' ') || before.ends_with('-') || before.ends_with('.')) before.remove_suffix(1);
    };
    take_blanks();
    if (take("version") || take("ver")) return true;
    take("v");
    take_blanks();
    return take("CVSS");
}

// "9.8" or "10.0": a score by itself, at most 10.
std::optional<double> score_in(std::string_view text, bool last) {
    std::optional<double> found;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!is_digit(text[at]) ||
            (at > 0 && (is_digit(text[at - 1]) || text[at - 1] == '.' || is_letter(text[at - 1]))))
            continue;
        std::size_t end = at;
        while (end < text.size() && is_digit(text[end])) ++end;
        const std::string_view whole = text.substr(at, end - at);
        const bool has_tenth = end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1]);
        const bool goes_on = has_tenth && end + 2 < text.size() && (is_digit(text[end + 2]) || text[end + 2] == '.');
        if (!has_tenth || goes_on || whole.size() > 2) continue;
        const int tenths =
            (whole.size() == 2 ? (whole[0] - '0') * 10 + whole[1] - '0' : whole[0] - '0') * 10 + text[end + 1] - '0';
        if (tenths > 100 || is_version(text.substr(0, at), tenths)) continue;
        found = tenths / 10.0;
        if (!last) return found;
    }
    return found;
}

// A score stands right after its vector, or before it: "9.8 (CVSS:3.1/…)", "CVSS:3.1/… – 9.8 Critical". Beside another
// vector it is that one's: nobody is told that her score is wrong because of a guess.
std::optional<double> claimed_beside(std::string_view text, std::size_t begin, std::size_t end) {
    constexpr std::size_t as_far_as = 40;
    const std::size_t from = begin > as_far_as ? begin - as_far_as : 0;
    const std::size_t line = from == 0 ? std::string_view::npos : text.rfind('\n', from - 1);
    std::size_t look = line == std::string_view::npos ? 0 : line + 1;
    if (begin - look > longest_vector) look = begin - longest_vector;
    std::optional<double> before;
    if (text.substr(look, begin - look).find("AV:") == std::string_view::npos)
        before = score_in(text.substr(from, begin - from), true);

    std::string_view after = text.substr(end, as_far_as);
    after = after.substr(0, after.find('\n'));
    const std::size_t another = std::min(after.find("CVSS:"), after.find("AV:"));
    const auto behind = score_in(after.substr(0, another), false);
    const bool is_of_another = before && another != std::string_view::npos;
    return behind && !is_of_another ? behind : before;
}

// A vector without its version, as many write it: "7.8 (AV:L/AC:L/…)". Its metrics say which version it is of, when all
// base metrics of one are there; what lacks some, as one of version 2 does, is none.
std::string with_its_version(std::string_view metrics) {
    for (const std::string_view version : {"CVSS:3.1/", "CVSS:4.0/"})
        if (std::string vector = std::string{version} + std::string{metrics}; cvss_base_score(vector)) return vector;
    return {};
}

}  // namespace

std::optional<CvssMetrics> read_cvss_metrics(std::string_view vector) {
    CvssMetrics metrics;
    if (vector.starts_with("CVSS:3.0/") || vector.starts_with("CVSS:3.1/"))
        metrics.version = CvssVersion::V3;
    else if (vector.starts_with("CVSS:4.0/"))
        metrics.version = CvssVersion::V4;
    else
        return std::nullopt;
    std::set<std::string_view> seen;
    for (const std::string_view part : split(vector.substr(9), '/')) {
        const std::size_t colon = part.find(':');
        if (colon == std::string_view::npos || !seen.insert(part.substr(0, colon)).second) return std::nullopt;
        const std::string_view name = part.substr(0, colon), value = part.substr(colon + 1);
        const bool known = metrics.version == CvssVersion::V3
                               ? take_metric(metrics, name, value, metrics_of_v3, others_of_v3)
                               : take_metric(metrics, name, value, metrics_of_v4, others_of_v4);
        if (!known) return std::nullopt;
    }
    const std::size_t needed = metrics.version == CvssVersion::V3 ? metrics_of_v3.size() : metrics_of_v4.size();
    return metrics.base.size() == needed ? std::optional{std::move(metrics)} : std::nullopt;
}

std::optional<double> cvss_base_score(std::string_view vector) {
    const auto metrics = read_cvss_metrics(vector);
    if (!metrics) return std::nullopt;
    return metrics->version == CvssVersion::V3 ? cvss3_base(*metrics) : cvss4_base(*metrics);
}

std::vector<FoundCvss> find_cvss(std::string_view text) {
    std::vector<FoundCvss> found;
    std::size_t named = text.find("CVSS:"), bare = text.find("AV:");
    for (std::size_t end = 0; found.size() < most_vectors;) {
        if (named < end) named = text.find("CVSS:", end);  // each byte of a long text is looked at once
        if (bare < end) bare = text.find("AV:", end);
        const std::size_t at = std::min(named, bare);
        if (at == std::string_view::npos) break;
        end = at;
        while (end < text.size() && end - at < longest_vector && is_vector_byte(text[end])) ++end;
        std::string_view metrics = text.substr(at, end - at);
        while (metrics.ends_with('/') || metrics.ends_with('.') || metrics.ends_with(':')) metrics.remove_suffix(1);
        if (metrics.find('/') == std::string_view::npos) continue;  // "CVSS: 9.8" holds no vector
        const bool begins_here = at == 0 || !is_vector_byte(text[at - 1]);
        std::string vector{metrics};
        if (at != named) vector = begins_here ? with_its_version(metrics) : std::string{};
        if (vector.empty() || std::ranges::find(found, vector, &FoundCvss::vector) != found.end()) continue;
        const auto read = read_cvss_metrics(vector);
        const auto parts = static_cast<std::size_t>(std::ranges::count(vector, '/'));
        const auto base = cvss_base_score(vector);
        found.push_back({vector, base, claimed_beside(text, at, end), read && read->base.size() < parts});
    }
    return found;
}

std::vector<std::string_view> cvss_metric_names() {
    std::vector<std::string_view> names;
    for (const CvssMetric& metric : metrics_of_v3) names.push_back(metric.name);
    for (const CvssMetric& metric : metrics_of_v4) names.push_back(metric.name);
    names.insert(names.end(), others_of_v3.begin(), others_of_v3.end());
    names.insert(names.end(), others_of_v4.begin(), others_of_v4.end());
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::optional<std::string_view> values_of_cvss_metric(std::string_view name) {
    if (name == "S") return "";  // Scope of 3.1, Safety of 4.0
    if (name == "UI") return "NRPA";
    for (const CvssMetric& metric : metrics_of_v3)
        if (metric.name == name) return metric.values;
    for (const CvssMetric& metric : metrics_of_v4)
        if (metric.name == name) return metric.values;
    const bool known = std::ranges::find(others_of_v3, name) != others_of_v3.end() ||
                       std::ranges::find(others_of_v4, name) != others_of_v4.end();
    return known ? std::optional<std::string_view>{""} : std::nullopt;
}

std::optional<double> highest_base(const std::vector<FoundCvss>& found) {
    std::optional<double> highest;
    for (const FoundCvss& one : found)
        if (one.base && (!highest || *one.base > *highest)) highest = one.base;
    return highest;
}

}  // namespace tocsin::cvd
