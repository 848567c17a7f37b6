#include "intake/decide/budget.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "intake/admit/admit.hpp"
#include "intake/outgoing/outgoing.hpp"

namespace tocsin::intake {

namespace {

using namespace std::chrono_literals;

constexpr Micros one_day = 24h;
constexpr Micros gathered_for = 1h;  // reports in a row are told in one mail
constexpr std::size_t most_numbers_in_a_mail = 200;

constexpr Micros between_states = 1h;  // of one ticket, told because somebody asked

struct Room {
    std::int64_t of_domain = 0;
    std::int64_t in_all = 0;
    // The hours to come: whoever is not proven leaves a third of them to those who are.
    Room later(bool proven) const { return proven ? *this : Room{of_domain - of_domain / 3, in_all - in_all / 3}; }
};

// The first moment at which an hour around it has room for one more: now, or an hour after one that was spent.
Instant first_room(const store::Store& store, std::string_view domain, const Room& room, bool proven, Instant now) {
    // As nearly always: what fits into one hour all together fits into each.
    const auto all = store.budgets.all_spent_after(now - 1h, domain);
    if (all.on_domain < room.of_domain && all.in_all < room.in_all) return now;
    const auto spent = store.budgets.spent_after(now - 1h, domain);
    // What lies less than an hour before or after the moment that is looked at.
    // In each hour that holds `at`: those that begin with what was spent before it, and its own.
    const auto has_room = [&](Instant at, const Room& most) {
        auto from = std::ranges::upper_bound(spent, at - 1h, {}, &store::Budgets::Moment::at);
        auto to = from;
        Room used;
        for (;; ++from) {
            const bool own = from == spent.end() || from->at > at;
            for (; to != spent.end() && to->at < (own ? at : from->at) + 1h; ++to) {
                used.of_domain += to->on_domain;
                used.in_all += to->in_all;
            }
            if (used.of_domain >= most.of_domain || used.in_all >= most.in_all) return false;
            if (own) return true;
            used.of_domain -= from->on_domain;
            used.in_all -= from->in_all;
        }
    };
    if (has_room(now, room)) return now;
    const Room most = room.later(proven);
    Instant at = now;
    for (const store::Budgets::Moment& moment : spent) {
        at = std::max(now, moment.at + 1h);
        if (has_room(at, most)) return at;
    }
    return at + 1h;
}

// Who writes `status` ten thousand times in somebody's name sends that somebody nothing.
bool was_told_enough(const store::Store& store, const Recipe& recipe, std::optional<TicketId> ticket,
                     const AutomaticMailLimits& limits, Instant now) {
    if (is_an_acknowledgement(recipe)) return false;
    if (store.outbox.count_to(recipe.to_address, recipe.template_name, "", now - one_day) >=
        static_cast<std::int64_t>(limits.per_sender_per_day))
        return true;
    if (!ticket) return false;
    const auto told = store.outbox.of_ticket(*ticket);
    return std::ranges::any_of(told, [&](const store::OutboxRow& row) {
        return row.template_name == recipe.template_name && row.recipient == recipe.to_address &&
               row.queued > now - between_states && row.state != store::OutboxState::Suppressed;
    });
}

}  // namespace

bool is_an_acknowledgement(const Recipe& recipe) {
    return recipe.accepted_means == cvd::to_text(cvd::EventKind::Acknowledged);
}

bool has_a_budget(const Recipe& recipe) {
    return !recipe.to_team && recipe.answers_mail && recipe.template_name != "relay";
}

Allowance allowance_for(const store::Store& store, const Recipe& recipe, std::optional<TicketId> ticket,
                        const Organisation& organisation, Instant now) {
    const auto to = mail::Address::from(recipe.to_address);
    if (!has_a_budget(recipe) || !to) return {};
    const AutomaticMailLimits& limits = organisation.automatic_mail;
    if (was_told_enough(store, recipe, ticket, limits, now)) return {.none = true};
    const bool one_report = is_an_acknowledgement(recipe) && recipe.tickets.empty();
    if (one_report && store.budgets.spent_on_address(to->identity(), now - one_day + Micros{1}) >=
                          static_cast<std::int64_t>(limits.per_sender_per_day))
        return {.together = true};
    const Room room{static_cast<std::int64_t>(limits.per_domain_per_hour), static_cast<std::int64_t>(limits.per_hour)};
    const Instant at = first_room(store, lower(to->domain()), room, recipe.proven, now);
    return {.not_before = at > now ? std::optional{at} : std::nullopt};
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
        bool encrypted = false;
        for (const TicketId id : address.tickets) {
            const auto ticket = store.tickets.find(id);
            if (!ticket) continue;
            numbers.push_back(ticket->number);
            encrypted = encrypted || ticket->encrypted;
        }
        std::optional<std::vector<std::string>> keys;
        if (encrypted) {
            keys.emplace();
            for (const store::KnownKey& key : store.keys.of(to->identity()))
                if (key.state == store::KeyState::Bound) keys->push_back(key.fingerprint);
        }
        queued += queue_mail(store, {acknowledgement_of_several(numbers, *to, address.language, organisation, keys)},
                             std::nullopt, "", std::nullopt, organisation, ids, now);
        store.collected.told(address.tickets, now);
    }
    return queued;
}

std::optional<Instant> next_acknowledged_together(const store::Store& store) {
    return store.collected.next(gathered_for, one_day);
}

}  // namespace tocsin::intake
