// Which marks of a ticket's clocks have come, and when the next one will.
//
// A mark speaks once: what was told stands with the clock. One whose clock has a calendar waits for the next
// opening, unless its deadline is before that; a snoozed ticket waits until its date, but for its escalations.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "intake/decide/ticket_view.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

struct MarkOfClock {
    std::string name;  // "50%", "escalate: due"
    sla::Mark mark;
    bool escalates = false;
    std::vector<std::string> to;  // owner, team, role:NAME, an address
};
std::vector<MarkOfClock> marks_of(const rules::ClockRule& rule);

// When somebody is to hear of it the `repetition`th time (from 1); nothing when it never falls so often.
std::optional<Instant> speaks_at(const MarkOfClock& mark, const rules::ClockRule& rule, const rules::Policy& policy,
                                 const cvd::TicketClock& clock, std::int64_t repetition,
                                 const std::optional<Instant>& snoozed = {});

// When somebody is to hear of this clock next; in the past when that is overdue itself.
std::optional<Instant> next_reminder(const OpenTicket& open, const cvd::TicketClock& clock);
// Of every open clock.
std::map<std::string, std::optional<Instant>> reminders_of(const OpenTicket& open);

// What there is to tell of one clock now: all marks that have come since the last time, in one.
struct Telling {
    std::string clock;
    bool escalates = false;
    std::vector<std::string> to;
    std::string marks;      // as the event Reminded keeps them
    std::int64_t fell = 0;  // how many marks it stands for
    Instant since;          // when the first of them should have been told
};

struct DueMarks {
    std::vector<Telling> tellings;  // at most two of a clock: to those it reminds, and to those it escalates to
    bool embargo_over = false;      // its date has come
    bool public_now = false;        // what was planned to be published is public
    bool eta_reached = false;       // the date that the team named has come
    std::map<std::string, std::optional<Instant>> held;  // clocks that wait for an opening that a downtime missed
};
DueMarks due_marks(const OpenTicket& open, Instant now);

}  // namespace tocsin::intake
