// Time that passes: what the clocks of tickets have to say now, and the mails that say it.
//
// `tick` and `reminder_mails` are pure; `remind` asks the store what is due, and admits what they answer.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "intake/decide/decision.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/decide/ticket_view.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "intake/promises/marks.hpp"
#include "rules/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// What became due of one ticket. Marks that passed together are one telling; what a downtime carried out of the
// hours of its clock waits for the next opening, and `reminders` says until when.
struct Tick {
    OpenTicket after;
    std::vector<cvd::Event> events;
    std::vector<Telling> tellings;
    std::map<std::string, std::optional<Instant>> reminders;  // clock → when it next speaks
};
Tick tick(const OpenTicket& before, Instant now);

// A mail to one member about one ticket, or about several: then it is nobody's.
struct ReminderMail {
    std::optional<TicketId> ticket;
    std::string number;
    Recipe recipe;
};
// One for each person, about all tickets that have something to say to her. Whoever is away is stood in for by the
// others, unless all are; whoever muted a ticket hears its escalations alone. A clock that reaches nobody reaches the
// team, unless the team muted it.
std::vector<ReminderMail> reminder_mails(const std::vector<Tick>& ticks, const Organisation& organisation,
                                         const std::set<std::string>& away, Instant now);

struct Reminded {
    std::size_t tickets = 0;
    std::size_t mails = 0;
};
// Call within a Transaction; all that is due at once, so that a person gets one mail.
Reminded remind(store::Store& store, const rules::RuleSet& rule_set, const Organisation& organisation,
                const MessageIds& ids, Instant now);

}  // namespace tocsin::intake
