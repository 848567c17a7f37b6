#include "intake/admit/reread.hpp"

#include "intake/promises/marks.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {

namespace {

// What the Opened event of the ticket that is not opened would have said.
cvd::Event reread(const Decision& decision, JournalId journal, Instant now) {
    cvd::Event event{cvd::EventKind::Reread, now, "tocsin", {{"journal", std::to_string(journal.value())}}};
    for (const cvd::Event& each : decision.events) {
        if (each.kind != cvd::EventKind::Opened) continue;
        for (const char* name : {"title", "reporter", "language", "severity", "score", "encrypted"})
            if (const auto said = each.detail.find(name); said != each.detail.end()) event.detail.insert(*said);
    }
    return event;
}

}  // namespace

Decision about_its_ticket(Decision decision, OpenTicket known, JournalId journal, Instant now) {
    if (decision.action == Action::None) decision.ticket = decision.ticket ? decision.ticket : known.id;
    if (decision.action != Action::Open) return decision;
    const cvd::Event event = reread(decision, journal, now);
    decision.action = Action::Append;
    decision.ticket = known.id;
    decision.policy.reset();
    decision.events.clear();
    decision.reminders.clear();
    for (cvd::Event& next : happen(known, event)) decision.events.push_back(std::move(next));
    decision.reminders = reminders_of(known);
    decision.after = known.ticket;
    // The team was told of the mail that nobody could read; this is another thing to be told.
    for (Recipe& recipe : decision.mail) recipe.occasion += ", read after all";
    decision.reasons.emplace_back("could not be read the first time: it stays the ticket that it was");
    return decision;
}

}  // namespace tocsin::intake
