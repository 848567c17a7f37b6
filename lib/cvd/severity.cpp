#include "cvd/severity.hpp"

#include <algorithm>

namespace tocsin::cvd {

std::string_view to_text(Severity severity) {
    switch (severity) {
        case Severity::Low:
            return "low";
        case Severity::Medium:
            return "medium";
        case Severity::High:
            return "high";
        case Severity::Critical:
            return "critical";
    }
    return {};
}

std::optional<Severity> severity_from(std::string_view text) {
    const auto* found = std::ranges::find_if(all_severities, [text](Severity each) { return to_text(each) == text; });
    if (found == all_severities.end()) return std::nullopt;
    return *found;
}

}  // namespace tocsin::cvd
