// Whom the organisation thanks in public: the names that the team confirmed, of reports that were right.
//
// A name stands there as it was agreed, with how many reports and since when, and nothing of what was reported: no
// ticket number, no address. Every output has one encoder, since a name is a stranger's word.
#pragma once

#include <string>
#include <vector>

#include "cvd/ticket.hpp"

namespace tocsin::report {

struct Thanks {
    std::string name;
    int reports = 0;
    friend bool operator==(const Thanks&, const Thanks&) = default;
};

struct YearOfThanks {
    int year = 0;                // in which they reported
    std::vector<Thanks> thanks;  // most reports first, then by name
    int unnamed = 0;             // who want to stay so
};

struct HallOfFame {
    std::string organisation;
    std::vector<YearOfThanks> years;  // newest first
};

// Counted are tickets with a confirmed credit that are fixed, disclosed, or closed as fixed or as a duplicate, once
// nothing of them is under embargo.
HallOfFame hall_of_fame(const std::string& organisation, const std::vector<cvd::Ticket>& tickets, Instant now);

std::string to_markdown(const HallOfFame& hall);
std::string to_html(const HallOfFame& hall);  // a whole page without scripts or links
std::string to_json(const HallOfFame& hall);

}  // namespace tocsin::report
