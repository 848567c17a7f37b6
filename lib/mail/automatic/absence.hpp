// Until when somebody is away, as her automatic answer says it (RFC 3834, RFC 5230).
#pragma once

#include <optional>
#include <string_view>

#include "mail/reply/named_day.hpp"

namespace tocsin::mail {

// The day that follows a word such as "until", "back on" or "bis"; else the last day that the text names. English,
// German, French and Spanish months; "2026-12-01", "1.12.2026", "1. Dezember", "December 1st". What could be day or
// month ("1/2/2026") is read as the day first.
std::optional<NamedDay> end_of_absence(std::string_view text);

}  // namespace tocsin::mail
