// A policy as canonical text: the same policy gives the same bytes, and nothing outside of them is needed to read it.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/result.hpp"
#include "rules/policies/policy.hpp"

namespace tocsin::rules {

// What a calendar is made of, with every closed day written out: a holiday file may have changed when it is needed
// again.
struct CalendarPlan {
    std::string zone;
    sla::Calendar::Week week;
    std::set<std::chrono::sys_days> closed;
    std::set<sla::YearlyDate> closed_every_year;

    Result<sla::Calendar> make() const;
};

// Sets `source` and `hash`; `plans` are those of the policy's calendars.
void write_source(Policy& policy, const std::map<std::string, CalendarPlan>& plans);

}  // namespace tocsin::rules
