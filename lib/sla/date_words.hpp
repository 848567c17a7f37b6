// A moment as a person writes it: "friday 17:00", "in 3 days", "2026-12-01", "1. Dezember 9 Uhr".
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "sla/zone.hpp"

namespace tocsin::sla {

// English and German words, ISO 8601 and RFC 3339. Wall times are those of `zone` unless the text names UTC or an
// offset; a day without a time ends at 17:00. A weekday or a date without a year is the first one still to come.
// What could be meant in two ways ("01/02/2026", "next friday") is refused, and the error says what is accepted.
// The moment may lie in the past when the text names one.
Result<Instant> parse_moment(std::string_view text, Instant now, const Zone& zone);

}  // namespace tocsin::sla
