// What deadlines and marks share. Of no use outside of this folder.
#pragma once

#include "sla/calendar.hpp"
#include "sla/span.hpp"

namespace tocsin::sla {

// Of a business day it is the day on the wall, not its open hours.
Micros length_of(const Span& span);

// Throws when there is none: whoever counts business time without a calendar has a bug.
const Calendar& calendar_for(const Span& span, const Calendar* calendar);

}  // namespace tocsin::sla
