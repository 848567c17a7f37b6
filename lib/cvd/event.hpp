// What happened to a ticket. The events are the truth: ticket and clocks are what folding them gives.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace tocsin::cvd {

enum class EventKind {
    // Those that start and stop clocks.
    Received,
    Acknowledged,  // a mail server has accepted the acknowledgement
    Assigned,
    Triaged,
    Evaluated,
    Identified,
    Waiting,
    Resumed,
    EtaSet,
    Eta,
    Investigated,
    FixReady,
    Fixed,
    CustomersNotified,
    ReleaseNoted,
    TimelineDiscussed,
    Delayed,
    Disclosed,
    Credited,
    ReporterUpdated,
    Closed,
    Reopened,
    // Those that only the history tells.
    Opened,               // number, title, reporter, language, mailbox, policy, policy_hash, encrypted, severity, score
    Rated,                // severity, score, by
    Joined,               // a mail came into the ticket: journal, kind, encrypted
    Held,                 // a stranger's answer waits for a human: journal
    KeyBound,             // the first key of an address: fingerprint, origin
    KeyProposed,          // another key of an address waits for a human: fingerprint, known
    RelaysBlocked,        // what was sent here was sent by somebody else too: other (a ticket's number)
    RelaysCleared,        // a human has looked at that
    Queued,               // a mail was put into the outbox: template, outbox
    Sent,                 // a mail server has accepted it: template, outbox
    Failed,               // a mail could not be delivered: template, outbox, status
    AcknowledgementLost,  // it bounced: the promise is open again
    ClockStarted,         // clock, due, how, goal
    ClockStopped,         // clock
    ClockPaused,          // clock
    ClockResumed,         // clock, due
    ClockKept,            // clock, due, why: the severity asks for less now, what was promised stays
    Reminded,             // clock, marks (each told with how often so far), mail
    Snoozed,              // until: no reminders of this ticket before; without it: at once again
    Muted,                // member: hears no reminders of this ticket; `muted` is "no" when she wants them again
    EmbargoProposed,      // until, by ("reporter" or "team")
    EmbargoSet,           // until: agreed with the reporter; empty: none any more
    EmbargoEnded,         // its date has come
    DisclosurePlanned,    // at: it is to be published then, and the reporter was told so
    Forgotten,            // the reporter; what Opened said but for her, since its words are erased; state, credit
    Merged,               // into, and what is needed to undo it: state, closed_for, rows, clocks
    MergedIn,             // from
    MergeUndone,          // of the ticket that comes back: from, state, closed_for; of the other one: nothing
    ClockLeft,            // clock, to: it runs in another ticket from now on
    SplitOff,             // journal: a mail that became a ticket of its own
    Commanded,            // lines, journal: what a member asked for, as it was understood
    Relayed,              // journal: a member's words are on their way to the reporter
    Noted,                // journal: a member's words that stay inside
    Asked,                // journal, member, why: a mail that bears a member's address waits for the member's yes
    Refused,              // journal, why: nothing of a member's mail was done
    Confirmed,            // address, journal: a held mail's sender takes part from now on
    ReporterChanged,      // reporter: answers go to this address from now on
    CcAdded,              // address: gets what the reporter gets
    Blocked,              // address: gets no more answers
    KeyAccepted,          // fingerprint: the team says that it is the reporter's
    Undone,               // what the ticket is again: state, before_waiting, severity, score, owner, reporter, ...
    Roster,               // of the house: each member's address with name, key and roles; accept: what proves a mail
    Quarantined,          // journal, why
    Reread,  // a mail that could not be read was read after all: title, reporter, language, severity, score
};

std::string_view to_text(EventKind kind);  // "eta-set"
std::optional<EventKind> event_kind_from(std::string_view text);
bool moves_clocks(EventKind kind);
std::vector<std::string_view> names_of_events_that_move_clocks();

// Words about an event by name, in the order of the names. Values may hold what strangers wrote, never what came
// out of a decryption. Times are RFC 3339; `encrypted` and `goal` are "yes" or not there; ClockStarted may say when it
// `started` and since when it is `paused`; Assigned names the `owner`; Triaged, Evaluated and Identified may bring a
// `severity` and a `score` as Rated does; EtaSet brings `eta`, Delayed `until`, FixReady and Fixed `version`, Disclosed
// `at` when that is still to come in a closed ticket, Credited `credit` (a name, "anonymous" or "none"), Closed
// `reason` as `/close` names it and, of a duplicate, `of`.
using Detail = std::map<std::string, std::string>;

struct Event {
    EventKind kind;
    Instant at;
    std::string actor;  // "tocsin", "reporter", or a team member's address
    Detail detail;
};

// What the event says by that name; empty where it does not, or where its words were forgotten.
std::string said(const Event& event, std::string_view name);

}  // namespace tocsin::cvd
