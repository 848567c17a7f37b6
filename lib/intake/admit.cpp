#include "intake/admit.hpp"

#include <chrono>

namespace tocsin::intake {

namespace {

// A number that nobody has yet, of the year in which the ticket is opened.
std::string new_number(store::Store& store, const Organisation& organisation, Instant opened) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(opened)};
    const int year = static_cast<int>(date.year());
    for (;;) {
        std::string number = cvd::make_number(organisation.numbers, year, store.tickets.next_serial(year));
        if (!store.tickets.number_taken(number)) return number;
    }
}

bool suppressed(const Organisation& organisation, const Recipe& recipe) {
    switch (organisation.mode) {
        case Mode::Live: return false;
        case Mode::Team: return !recipe.to_team;
        case Mode::Shadow: return true;
    }
    return true;
}

}  // namespace

std::size_t queue_mail(store::Store& store, const std::vector<Recipe>& mail, std::optional<TicketId> ticket,
                       const std::string& number, std::optional<JournalId> cause, const Organisation& organisation,
                       const MessageIds& ids, Instant now) {
    std::size_t queued = 0;
    std::vector<cvd::Event> events;
    for (Recipe recipe : mail) {
        recipe.ticket_number = number;
        recipe.fields.set("ticket", number);
        if (recipe.to_team && !number.empty())
            if (const auto member = mail::Address::from(recipe.to_address))
                recipe.fields.set("reference", ids.reference_for(number, member->identity()));
        recipe.message_id = ids.mint(number.empty() ? "tocsin" : number).view();
        recipe.date = now;
        const bool silent = suppressed(organisation, recipe);
        const auto id = store.outbox.add({.ticket = ticket,
                                          .cause = cause,
                                          .occasion = recipe.occasion,
                                          .template_name = recipe.template_name,
                                          .recipient = recipe.to_address,
                                          .message_id = recipe.message_id,
                                          .recipe = to_json(recipe),
                                          .to_team = recipe.to_team,
                                          .suppressed = silent},
                                         now);
        if (!id) continue;  // queued by an earlier admission
        ++queued;
        if (!ticket || silent) continue;
        store.conversations.record_message(*ticket, {.direction = store::Direction::Out,
                                                     .message_id = recipe.message_id,
                                                     .kind = recipe.template_name,
                                                     .at = now,
                                                     .recipient = recipe.to_address,
                                                     .content = {}});
        events.push_back({cvd::EventKind::Queued, now, "tocsin",
                          {{"template", recipe.template_name}, {"outbox", std::to_string(id->value())}}});
    }
    if (ticket && !events.empty()) store.tickets.record(*ticket, events);
    return queued;
}

Admitted admit(store::Store& store, const Decision& decision, JournalId entry, store::EntryState becomes,
               const Organisation& organisation, const MessageIds& ids, Instant now) {
    Admitted admitted;
    if (const auto known = store.journal.find(entry); known && known->finished) {
        admitted.ticket = known->ticket;
        if (const auto ticket = known->ticket ? store.tickets.find(*known->ticket) : std::nullopt)
            admitted.number = ticket->number;
        return admitted;
    }
    admitted.ticket = decision.ticket;
    switch (decision.action) {
        case Action::None: break;
        case Action::Open: {
            std::vector<cvd::Event> events = decision.events;
            admitted.number = new_number(store, organisation, events.front().at);
            events.front().detail["number"] = admitted.number;
            store.conversations.keep_policy(decision.policy->hash, decision.policy->name, decision.policy->source, now);
            admitted.ticket = store.tickets.open(events);
            store.similar.keep(*admitted.ticket, decision.shingles, decision.all_shingles);
            break;
        }
        case Action::Append:
        case Action::Hold:
            admitted.number = decision.after.number;
            store.tickets.record(*admitted.ticket, decision.events);
            break;
    }
    if (admitted.ticket && decision.action != Action::None) {
        for (const auto& [address, part] : decision.joining)
            store.conversations.add_participant(*admitted.ticket, address, part, now);
        for (const auto& [clock, at] : decision.reminders) store.tickets.remind_next(*admitted.ticket, clock, at);
        if (decision.message) store.conversations.record_message(*admitted.ticket, *decision.message);
    }
    admitted.queued =
        queue_mail(store, decision.mail, admitted.ticket, admitted.number, entry, organisation, ids, now);
    store.journal.finish(entry, becomes, admitted.ticket, decision.kind, now);
    return admitted;
}

}  // namespace tocsin::intake
