// The Date field (RFC 5322 section 3.3, with the obsolete forms of section 4.3).
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace tocsin::mail {

// Also reads what is common though wrong: no comma, no seconds, the order of asctime, ISO 8601.
std::optional<Instant> read_date_time(std::string_view field_value);

}  // namespace tocsin::mail
