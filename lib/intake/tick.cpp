#include "intake/tick.hpp"

#include <algorithm>

#include "intake/admit.hpp"
#include "intake/outgoing.hpp"
#include "intake/promises.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

bool is_meant(const Member& member, std::string_view whom, const cvd::Ticket& ticket) {
    if (whom == "team" || (whom == "owner" && ticket.owner.empty())) return true;
    if (whom == "owner") return member.address.text() == ticket.owner;
    if (whom.starts_with("role:")) return std::ranges::find(member.roles, whom.substr(5)) != member.roles.end();
    return member.address.text() == whom;
}

// Whom a clock reminds: the owner, the team, everybody of a role, an address of the team's or another one. A clock
// that would reach nobody reaches the team: a promise is never forgotten in silence.
std::vector<Member> hearers_of(const rules::ClockRule& rule, const cvd::Ticket& ticket, const std::vector<Member>& team) {
    std::vector<Member> hearers;
    for (const Member& member : team)
        if (std::ranges::any_of(rule.to, [&](const std::string& whom) { return is_meant(member, whom, ticket); }))
            hearers.push_back(member);
    for (const std::string& whom : rule.to) {
        const auto address = mail::Address::from(whom);
        if (address && std::ranges::find(team, *address, &Member::address) == team.end())
            hearers.push_back({"", *address, {}});
    }
    return hearers.empty() ? team : hearers;
}

// A mark that a downtime carried out of the clock's hours waits for the next opening, unless the deadline is before that.
std::optional<Instant> held_until(const rules::ClockRule& rule, const rules::Policy& policy, const cvd::TicketClock& clock,
                                  Instant now) {
    const sla::Calendar* calendar = policy.calendar_of(rule);
    if (calendar == nullptr || calendar->is_open(now)) return std::nullopt;
    const Instant opening = calendar->next_opening(now);
    return now >= clock.due || opening <= clock.due ? std::optional{opening} : std::nullopt;
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
    if (const auto opening = held_until(*rule, open.policy, *clock, now)) {
        decision.reminders[name] = opening;
        return decision;
    }

    const std::string mark = to_rfc3339(now);
    decision.reminders[name] = next_reminder(open.policy, *clock, now);
    const auto fields = reminder_fields(open.ticket, *clock, open.policy, *rule, organisation, now);
    Organisation hearers = organisation;
    hearers.team = hearers_of(*rule, open.ticket, organisation.team);
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
