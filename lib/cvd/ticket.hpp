// A ticket: one report and what became of it, as folding its events gives it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "cvd/event.hpp"
#include "cvd/severity.hpp"

namespace tocsin::cvd {

enum class TicketState { New, Acknowledged, Triaged, Waiting, Fixing, Fixed, Disclosed, Closed };
std::string_view to_text(TicketState state);
std::optional<TicketState> ticket_state_from(std::string_view text);

enum class ClockState { Running, Paused, Met, Missed };
std::string_view to_text(ClockState state);

// One promise of the policy on one ticket. While it is paused its time stands still.
struct TicketClock {
    std::string name;
    Instant started;
    Instant due;
    std::optional<Instant> paused;  // since when
    std::optional<Instant> stopped;
    std::string how;    // how the deadline came about, in words
    bool goal = false;  // told to the reporter without a date
    Instant promised;   // when the promise was made; before `started` is counted from an earlier time
    std::map<std::string, std::int64_t> told{};  // mark → how often it was told
    friend bool operator==(const TicketClock&, const TicketClock&) = default;

    // Missed from the very instant at which it is due and still runs; stopped after it was due it stays Missed.
    ClockState state(Instant now) const;
    bool open() const { return !stopped; }
};

// Until when nobody publishes. Each side proposes; where both did, the earlier date holds. Publication ends it.
struct Embargo {
    std::optional<Instant> by_us;
    std::optional<Instant> by_reporter;
    std::optional<Instant> ended;
    friend bool operator==(const Embargo&, const Embargo&) = default;

    bool agreed() const { return by_us && by_reporter; }
    std::optional<Instant> until() const;  // what was agreed, else what was proposed
    std::string_view state() const;        // "none", "proposed", "agreed", "ended"
};

struct Ticket {
    std::string number;
    TicketState state = TicketState::New;
    TicketState before_waiting = TicketState::New;  // what Resumed leads back to
    Severity severity = Severity::Low;
    int score = 0;
    std::string title;
    std::string reporter;  // the address that opened it
    std::string owner;     // a team member's address, or empty
    std::string language;
    std::string mailbox;
    std::string policy;  // name
    std::string policy_hash;
    bool encrypted = false;
    Instant opened;
    std::optional<Instant> eta;       // when the fix is planned
    std::optional<Instant> embargo;   // until when nobody publishes: agreed, else proposed
    std::string version;              // that brings the fix
    std::string credit;               // confirmed by the team: a name, "anonymous" or "none"; empty: not yet
    std::string closed_for;           // the reason of `/close`; empty while it is open
    std::vector<std::string> cc;      // addresses that get what the reporter gets
    Embargo embargo_dates;            // how that came about
    std::optional<Instant> snoozed;   // no reminders before
    std::vector<std::string> muted;   // members that hear no reminders of it
    std::vector<TicketClock> clocks;  // in the order they were started; a name may come again

    friend bool operator==(const Ticket&, const Ticket&) = default;
    const TicketClock* open_clock(std::string_view name) const;
    const TicketClock* last_clock(std::string_view name) const;  // the open one, else the one that ended last
    std::optional<TicketClock> next_due() const;                 // of the open, unpaused ones
    bool overdue(Instant now) const;
};

// The ticket after the event. It goes forward only, but for Waiting, AcknowledgementLost and Reopened; a name has
// one open clock at most. An event whose words were forgotten changes what it can.
void apply(Ticket& ticket, const Event& event);

// What Opened says of a ticket, all but the number, which it is given when it is opened; `apply` reads it back.
Detail description_of(const Ticket& ticket);
Ticket fold(const std::vector<Event>& events);

// "SEC-2026-0001": the serial has four digits or more. Random: six symbols of Crockford's base 32 with a letter
// among them, "SEC-2026-7K3QX2"; whether it is taken the caller has to ask. In a subject: "[SEC-2026-0001]".
struct NumberFormat {
    std::string prefix = "SEC";
    bool random = false;
};
std::string make_number(const NumberFormat& format, int year, std::int64_t serial);
// The first ticket number with this prefix that stands in the text as a word of its own, in any case; in its
// canonical form. Numbers of either format are found.
std::optional<std::string> find_number(std::string_view text, std::string_view prefix);

}  // namespace tocsin::cvd
