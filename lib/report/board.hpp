// The deadline strip: one row a ticket by its next deadline, for a wall or a terminal.
//
// Numbers, severities, owners and clocks; titles only where they were asked for, since others look at walls too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cvd/ticket.hpp"
#include "sla/calendar.hpp"

namespace tocsin::report {

struct BoardRow {
    std::string number;
    cvd::Severity severity = cvd::Severity::Low;
    std::string owner;  // the part before the @, as teams call one another
    std::string title;  // empty: not asked for
    std::string clock;
    Instant started;
    Instant due;
    bool late = false;
    bool paused = false;
};

struct Board {
    std::vector<BoardRow> rows;  // the most urgent first; what stands still comes last
    std::size_t open = 0;        // tickets, also those without a running clock
    std::size_t late = 0;
    Instant now;
    Instant from;  // of the strip
    Instant to;
    sla::Zone zone = sla::Zone::utc();
};

// Of the open tickets.
Board board_of(const std::vector<cvd::Ticket>& tickets, const sla::Zone& zone, bool with_titles, Instant now);

std::string headline(const Board& board);                          // "5 open · 1 late · next due in 2 h 10 min"
std::string what_is_due(const BoardRow& row, const Board& board);  // "triage late 1 h 55 min"
std::string short_distance(Micros length);                         // "2 h 10 min", "3 d 4 h"
std::string board_html(const Board& board, const sla::Calendar* calendar);  // one file, no scripts, light and dark

// The row's strip in `cells` characters: ' ' open, '.' closed, '#' gone by, '-' to come, '!' late, '|' deadline, ':'
// now.
std::string strip_of(const BoardRow& row, const Board& board, const sla::Calendar* calendar, std::size_t cells);

// What stands above the strips: the days, each where it begins, as "Mon 23" or, where there is less room, "Mon" or "M".
std::string strip_heading(const Board& board, std::size_t cells);

}  // namespace tocsin::report
