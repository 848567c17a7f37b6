#include "intake/tick.hpp"

#include <algorithm>

#include "intake/admit.hpp"
#include "intake/outgoing.hpp"
#include "intake/promises.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

// Whom a clock reminds: its owner, the team, everybody of a role, or one address; nobody named is the team.
bool hears(const Member& member, const rules::ClockRule& rule, const cvd::Ticket& ticket) {
    const auto team_for_want_of_owner = [&](std::string_view whom) { return whom == "owner" && ticket.owner.empty(); };
    return rule.to.empty() || std::ranges::any_of(rule.to, [&](const std::string& whom) {
               if (whom == "team" || team_for_want_of_owner(whom)) return true;
               if (whom == "owner") return member.address.text() == ticket.owner;
               if (whom.starts_with("role:"))
                   return std::ranges::find(member.roles, whom.substr(5)) != member.roles.end();
               return member.address.text() == whom;
           });
}

rules::TemplateFields reminder_fields(const cvd::Ticket& ticket, const cvd::TicketClock& clock, const rules::Policy& policy,
                                      const rules::ClockRule& rule, const Organisation& organisation, Instant now) {
    rules::TemplateFields fields;
    fields.set("title", ticket.title);
    fields.set("severity", std::string{cvd::to_text(ticket.severity)});
    fields.set("state", std::string{cvd::to_text(ticket.state)});
    fields.set("owner", ticket.owner);
    fields.set("clock", clock.name);
    fields.set("promise", rules::in_language(rule.promise, organisation.languages.front(), "en"));
    fields.set("due", sla::in_words(clock.due, zone_for(policy, &rule), organisation.languages.front()));
    fields.set("overdue", now >= clock.due);
    return fields;
}

}  // namespace

Decision tick(const OpenTicket& before, const std::string& name, const Organisation& organisation, Instant now) {
    Decision decision;
    decision.kind = "reminder";
    decision.ticket = before.id;
    OpenTicket open = before;
    const cvd::TicketClock* clock = open.ticket.open_clock(name);
    const rules::ClockRule* rule = open.policy.clock(name);
    decision.reminders[name] = std::nullopt;
    if (clock == nullptr || clock->paused || rule == nullptr) return decision;

    const std::string mark = to_rfc3339(now);
    decision.reminders[name] = next_reminder(open.policy, *clock, now);
    const auto fields = reminder_fields(open.ticket, *clock, open.policy, *rule, organisation, now);
    Organisation hearers = organisation;
    std::erase_if(hearers.team, [&](const Member& member) { return !hears(member, *rule, open.ticket); });
    decision.mail = alarms(now >= clock->due ? "overdue" : "reminder", fields, "clock " + name + " " + mark, hearers);
    decision.events = happen(open, {cvd::EventKind::Reminded, now, "tocsin", {{"clock", name}, {"mark", mark}}});
    decision.after = open.ticket;
    return decision;
}

std::size_t remind(store::Store& store, const store::DueReminder& due, const rules::RuleSet& rule_set,
                   const Organisation& organisation, const MessageIds& ids, Instant now) {
    const OpenTicket open = load_ticket(store, due.ticket, rule_set);
    const Decision decision = tick(open, due.clock, organisation, now);
    if (!decision.events.empty()) store.tickets.record(due.ticket, decision.events);
    for (const auto& [clock, at] : decision.reminders) store.tickets.remind_next(due.ticket, clock, at);
    return queue_mail(store, decision.mail, due.ticket, open.ticket.number, std::nullopt, organisation, ids, now);
}

}  // namespace tocsin::intake
