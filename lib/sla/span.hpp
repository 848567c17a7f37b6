// A length of time as a policy says it: "24 hours", "3 business days".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tocsin::sla {

enum class Unit { Minute, Hour, Day, BusinessHour, BusinessDay };

struct Span {
    std::int64_t count = 0;  // never negative
    Unit unit = Unit::Hour;
    bool counts_business_time() const { return unit == Unit::BusinessHour || unit == Unit::BusinessDay; }
    friend bool operator==(const Span&, const Span&) = default;
};

// "90 minutes", "1 hour", "2 business hours", "7 days", "3 business days"; singular and plural, one blank or more.
// At least one of the unit, at most a hundred years.
Result<Span> parse_span(std::string_view text);
std::string to_text(const Span& span);

}  // namespace tocsin::sla
