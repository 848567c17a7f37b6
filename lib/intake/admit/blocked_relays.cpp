#include "intake/admit/blocked_relays.hpp"

#include <algorithm>

#include "intake/outgoing/recipe.hpp"

namespace tocsin::intake {

namespace {

std::string held_key(OutboxId mail) { return "held with its ticket: outbox " + std::to_string(mail.value()); }

bool brings_words(const store::OutboxRow& row) {
    if (row.to_team) return false;
    const auto recipe = recipe_from_json(row.recipe);
    return recipe && recipe->brings == "words";
}

}  // namespace

void hold_relays(store::Store& store, TicketId ticket, Instant now) {
    for (const store::OutboxRow& row : store.outbox.of_ticket(ticket))
        if (brings_words(row) && store.outbox.hold(row.id)) store.spent.keep(held_key(row.id), now);
}

void let_relays_out(store::Store& store, TicketId ticket, Instant now) {
    for (const store::OutboxRow& row : store.outbox.of_ticket(ticket)) {
        if (!store.spent.has(held_key(row.id))) continue;
        store.spent.forget(held_key(row.id));
        // The time in which it can be taken back goes on.
        store.outbox.release(row.id, std::max(now, row.next_attempt.value_or(now)));
    }
}

}  // namespace tocsin::intake
