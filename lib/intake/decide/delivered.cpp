#include "intake/decide/delivered.hpp"

#include "intake/admit/admit.hpp"
#include "intake/admit/moving.hpp"
#include "intake/outgoing/outgoing.hpp"

namespace tocsin::intake {

namespace {

cvd::Event about(const store::OutboxRow& row, cvd::EventKind kind, Instant now) {
    return {kind, now, "tocsin", {{"template", row.template_name}, {"outbox", std::to_string(row.id.value())}}};
}

// The tickets that a mail is about: its own, or those whose numbers it lists.
std::vector<TicketId> tickets_of(const store::Store& store, const store::OutboxRow& row, const Result<Recipe>& recipe) {
    if (row.ticket) return {*row.ticket};
    std::vector<TicketId> tickets;
    if (!recipe) return tickets;
    for (const std::string& number : recipe->tickets)
        if (const auto ticket = store.tickets.by_number(number)) tickets.push_back(*ticket);
    return tickets;
}

void accepted(store::Store& store, const store::OutboxRow& row, const rules::RuleSet& rule_set, Instant now) {
    const auto recipe = recipe_from_json(row.recipe);
    const auto means = recipe ? cvd::event_kind_from(recipe->accepted_means) : std::nullopt;
    for (const TicketId id : tickets_of(store, row, recipe)) {
        OpenTicket open = load_ticket(store, id, rule_set);
        record(store, open, about(row, cvd::EventKind::Sent, now));
        if (!means) continue;
        // What it keeps was promised in the ticket that stands for this one now.
        const TicketId standing = standing_for(store, id);
        if (standing != id) open = load_ticket(store, standing, rule_set);
        record(store, open, about(row, *means, now));
    }
}

void undeliverable(store::Store& store, const store::OutboxRow& row, const std::string& status,
                   const rules::RuleSet& rule_set, const Organisation& organisation, const MessageIds& ids,
                   Instant now) {
    std::string number;
    if (row.ticket) {
        OpenTicket open = load_ticket(store, *row.ticket, rule_set);
        number = open.ticket.number;
        cvd::Event event = about(row, cvd::EventKind::Failed, now);
        event.detail["status"] = status;
        record(store, open, event);
    }
    // A mail about a mail to the team that failed would most likely fail as well.
    if (row.to_team) return;
    rules::TemplateFields fields;
    fields.set("template", row.template_name);
    fields.set("recipient", row.recipient);
    fields.set("status", status);
    const auto recipe = recipe_from_json(row.recipe);
    const bool acknowledges = recipe && recipe->accepted_means == cvd::to_text(cvd::EventKind::Acknowledged);
    fields.set("what", acknowledges ? "Its reporter has not been told that we have her report." : "");
    queue_mail(store, alarms("bounced", fields, "outbox " + std::to_string(row.id.value()), organisation), row.ticket,
               number, std::nullopt, organisation, ids, now);
}

}  // namespace

void take_back(store::Store& store, const ReturnedMail& returned, const rules::RuleSet& rule_set,
               const Organisation& organisation, const MessageIds& ids, Instant now) {
    const auto row = store.outbox.find(returned.outbox);
    const auto recipe = row ? recipe_from_json(row->recipe) : Result<Recipe>{permanent(Code::BadInput, "no such mail")};
    if (!recipe) return;
    if (const auto to = mail::Address::from(row->recipient); to && !row->to_team)
        store.unreachable.mark(to->identity(), returned.status, returned.hard, now);
    const bool acknowledges = recipe->accepted_means == cvd::to_text(cvd::EventKind::Acknowledged);
    const auto tickets = tickets_of(store, *row, *recipe);
    if (!row->to_team) {
        rules::TemplateFields fields;
        fields.set("template", row->template_name);
        fields.set("recipient", row->recipient);
        fields.set("status", returned.status);
        fields.set("what", acknowledges ? "Its reporter has not been told that we have her report." : "");
        const auto first = tickets.empty() ? std::nullopt : store.tickets.find(tickets.front());
        const std::size_t told =
            queue_mail(store, alarms("bounced", fields, "outbox " + std::to_string(row->id.value()), organisation),
                       tickets.empty() ? std::nullopt : std::optional{tickets.front()}, first ? first->number : "",
                       std::nullopt, organisation, ids, now);
        if (told == 0) return;  // a second report on the same mail
    }
    for (const TicketId id : tickets) {
        OpenTicket open = load_ticket(store, id, rule_set);
        cvd::Event event =
            about(*row, acknowledges ? cvd::EventKind::AcknowledgementLost : cvd::EventKind::Failed, now);
        event.detail["status"] = returned.status;
        record(store, open, event);
    }
}

store::OutboxState settle(store::Store& store, const store::OutboxRow& row, const store::AttemptResult& result,
                          const rules::RuleSet& rule_set, const Organisation& organisation, const MessageIds& ids,
                          Instant now, double chance) {
    const store::OutboxState state = store.outbox.finish_attempt(row.id, result, now, chance);
    if (state == store::OutboxState::Sent) accepted(store, row, rule_set, now);
    const std::string said = result.code > 0 ? std::to_string(result.code) + " " + result.text : result.text;
    if (state == store::OutboxState::Failed) undeliverable(store, row, said, rule_set, organisation, ids, now);
    return state;
}

void recover(store::Store& store, const rules::RuleSet& rule_set, Instant now) {
    for (const OutboxId id : store.outbox.recover(now))
        if (const auto row = store.outbox.find(id)) accepted(store, *row, rule_set, now);
}

void settle_uncomposed(store::Store& store, const store::OutboxRow& row, std::string_view why,
                       const rules::RuleSet& rule_set, const Organisation& organisation, const MessageIds& ids,
                       Instant now) {
    store.outbox.fail_to_seal(row.id, why);
    undeliverable(store, row, std::string{why}, rule_set, organisation, ids, now);
}

}  // namespace tocsin::intake
