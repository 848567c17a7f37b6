#include "intake/budget.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "intake/admit.hpp"
#include "intake/outgoing.hpp"

namespace tocsin::intake {

namespace {

using namespace std::chrono_literals;

constexpr Micros one_day = 24h;
constexpr Micros gathered_for = 1h;  // reports in a row are told in one mail
constexpr std::size_t most_numbers_in_a_mail = 200;

struct Room {
    std::int64_t of_domain = 0;
    std::int64_t in_all = 0;
};

bool has_room(const store::Store& store, std::string_view domain, Instant at, const Room& room) {
    return store.budgets.spent_on_domain_around(domain, at, 1h) < room.of_domain &&
           store.budgets.spent_around(at, 1h) < room.in_all;
}

// The first moment at which an hour around it has room for one more: now, or an hour after one that was spent.
Instant first_room(const store::Store& store, std::string_view domain, const Room& room, Instant now) {
    if (has_room(store, domain, now, room)) return now;
    Instant last = now;
    for (const Instant spent : store.budgets.instants_since(now - 1h)) {
        last = std::max(now, spent + 1h);
        if (has_room(store, domain, last, room)) return last;
    }
    return last + 1h;
}

}  // namespace

bool is_an_acknowledgement(const Recipe& recipe) {
    return recipe.accepted_means == cvd::to_text(cvd::EventKind::Acknowledged);
}

bool has_a_budget(const Recipe& recipe) {
    return !recipe.to_team && recipe.answers_mail && recipe.template_name != "relay";
}

Allowance allowance_for(const store::Store& store, const Recipe& recipe, const Organisation& organisation,
                        Instant now) {
    const auto to = mail::Address::from(recipe.to_address);
    if (!has_a_budget(recipe) || !to) return {};
    const AutomaticMailLimits& limits = organisation.automatic_mail;
    const bool one_report = is_an_acknowledgement(recipe) && recipe.tickets.empty();
    if (one_report && store.budgets.spent_on_address(to->identity(), now - one_day + Micros{1}) >=
                          static_cast<std::int64_t>(limits.per_sender_per_day))
        return {.together = true};
    const Room room{static_cast<std::int64_t>(limits.per_domain_per_hour), static_cast<std::int64_t>(limits.per_hour)};
    const Instant at = first_room(store, lower(to->domain()), room, now);
    return {.together = false, .not_before = at > now ? std::optional{at} : std::nullopt};
}

void spend_on(store::Store& store, const Recipe& recipe, Instant at) {
    if (const auto to = mail::Address::from(recipe.to_address); to && has_a_budget(recipe))
        store.budgets.spend(to->identity(), lower(to->domain()), at);
}

std::size_t acknowledge_together(store::Store& store, const Organisation& organisation, const MessageIds& ids,
                                 Instant now) {
    std::size_t queued = 0;
    for (store::CollectedAddress& address : store.collected.due(now, gathered_for, one_day)) {
        const auto to = mail::Address::from(address.recipient);
        if (!to) continue;
        if (address.tickets.size() > most_numbers_in_a_mail)
            address.tickets.resize(most_numbers_in_a_mail, TicketId{0});
        std::vector<std::string> numbers;
        for (const TicketId id : address.tickets)
            if (const auto ticket = store.tickets.find(id)) numbers.push_back(ticket->number);
        queued += queue_mail(store, {acknowledgement_of_several(numbers, *to, address.language, organisation)},
                             std::nullopt, "", std::nullopt, organisation, ids, now);
        store.collected.told(address.tickets, now);
    }
    return queued;
}

std::optional<Instant> next_acknowledged_together(const store::Store& store) {
    return store.collected.next(gathered_for, one_day);
}

}  // namespace tocsin::intake
