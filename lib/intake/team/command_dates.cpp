#include "intake/promises/promises.hpp"
#include "intake/team/desk.hpp"

namespace tocsin::intake {

using cvd::EventKind;

void name_eta(Desk& desk, const cvd::Command& command, CommandOutcome& outcome) {
    desk.result().eta_before = desk.asked().about->ticket.eta;
    desk.guarded(outcome, EventKind::EtaSet, {{"eta", to_rfc3339(*command.date)}},
                 "the fix is planned for " + desk.in_words(*command.date));
}

void delay(Desk& desk, const cvd::Command& command, CommandOutcome& outcome) {
    if (!command.date) return desk.guarded(outcome, EventKind::Delayed, {}, "delayed");
    desk.guarded(outcome, EventKind::Delayed, {{"until", to_rfc3339(*command.date)}},
                 "delayed until " + desk.in_words(*command.date));
}

void set_embargo(Desk& desk, const cvd::Command& command, CommandOutcome& outcome) {
    const std::string until = desk.in_words(*command.date);
    if (!command.argument.empty()) {  // "proposed", by us or by the reporter
        desk.happens(EventKind::EmbargoProposed, {{"until", to_rfc3339(*command.date)}, {"by", command.argument}});
        outcome.result = desk.ticket().embargo_dates.agreed()
                             ? "both have named a date, and the earlier one holds: nobody publishes before " +
                                   desk.in_words(*desk.ticket().embargo)
                             : "proposed: nobody publishes before " + until;
        return;
    }
    const auto before = desk.ticket().embargo_dates;
    desk.happens(EventKind::EmbargoSet, {{"until", to_rfc3339(*command.date)}});
    outcome.result = "agreed: nobody publishes before " + until;
    if (before.agreed() && !before.ended && before.until() != *command.date)
        outcome.result += "; until now it was " + desk.in_words(*before.until());
}

void disclose(Desk& desk, const cvd::Command& command, CommandOutcome& outcome) {
    if (!command.date || *command.date <= desk.asked().now)
        return desk.guarded(outcome, EventKind::Disclosed, {}, "disclosed");
    const std::string done = "to be published on " + desk.in_words(*command.date);
    // No clock runs in a closed ticket: what is to come is only told.
    const bool closed = desk.ticket().state == cvd::TicketState::Closed;
    if (const auto complaint = forbidden(*desk.result().after, EventKind::Disclosed))
        return refuse(outcome, *complaint);
    desk.happens(closed ? EventKind::Disclosed : EventKind::DisclosurePlanned, {{"at", to_rfc3339(*command.date)}});
    outcome.result = done;
}

}  // namespace tocsin::intake
