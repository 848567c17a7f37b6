#include "intake/promises/tick.hpp"

#include <algorithm>

#include "intake/admit/admit.hpp"
#include "intake/promises/named_dates.hpp"
#include "intake/promises/promises.hpp"

namespace tocsin::intake {

Tick tick(const OpenTicket& before, Instant now) {
    Tick tick;
    tick.after = before;
    DueMarks due = due_marks(before, now);
    const auto happens = [&](const cvd::Event& event) {
        for (cvd::Event& next : happen(tick.after, event)) tick.events.push_back(std::move(next));
    };
    // At their own time, whenever it is noticed.
    const auto comes = [&](cvd::EventKind kind, std::string_view clock) {
        happens({kind, before.ticket.open_clock(clock)->due, "tocsin", {}});
    };
    if (due.eta_reached) comes(cvd::EventKind::Eta, eta_clock);
    for (const Telling& telling : due.tellings)
        happens({cvd::EventKind::Reminded, now, "tocsin", {{"clock", telling.clock}, {"marks", telling.marks}}});
    if (due.embargo_over) comes(cvd::EventKind::EmbargoEnded, embargo_clock);
    if (due.public_now) comes(cvd::EventKind::Disclosed, disclosure_clock);
    tick.tellings = std::move(due.tellings);
    tick.reminders = reminders_of(tick.after);
    for (const auto& [clock, opening] : due.held) {
        auto& at = tick.reminders[clock];
        if (!at || *at <= now) at = opening;
    }
    return tick;
}

Reminded remind(store::Store& store, const rules::RuleSet& rule_set, const Organisation& organisation,
                const MessageIds& ids, Instant now) {
    constexpr std::size_t all = 1'000'000;
    std::set<TicketId> due;
    for (const store::DueReminder& reminder : store.tickets.reminders_due(now, all)) due.insert(reminder.ticket);
    Reminded reminded;
    std::vector<Tick> ticks;
    for (const TicketId id : due) {
        Tick one = tick(load_ticket(store, id, rule_set), now);
        if (!one.events.empty()) store.tickets.record(id, one.events);
        for (const auto& [clock, at] : one.reminders) store.tickets.remind_next(id, clock, at);
        if (one.tellings.empty()) continue;
        ++reminded.tickets;
        ticks.push_back(std::move(one));
    }
    const std::vector<std::string> away = store.absences.at(now);
    for (const ReminderMail& mail : reminder_mails(ticks, organisation, {away.begin(), away.end()}, now))
        reminded.mails +=
            queue_mail(store, {mail.recipe}, mail.ticket, mail.number, std::nullopt, organisation, ids, now);
    return reminded;
}

}  // namespace tocsin::intake
