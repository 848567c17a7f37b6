// How bad a report is, in the levels that policies are written in.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace tocsin::cvd {

enum class Severity { Low, Medium, High, Critical };

inline constexpr std::array all_severities{Severity::Low, Severity::Medium, Severity::High, Severity::Critical};

std::string_view to_text(Severity severity);
std::optional<Severity> severity_from(std::string_view text);

}  // namespace tocsin::cvd
