// The mails in which clocks speak to people.
#include <algorithm>
#include <tuple>

#include "base/utf8.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/promises/named_dates.hpp"
#include "intake/promises/tick.hpp"
#include "sla/deadline.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t most_items = 50;
// A timer is never so late while the daemon runs.
constexpr std::chrono::minutes late_after{15};

bool is_meant(const Member& member, std::string_view whom, const cvd::Ticket& ticket) {
    if (whom == "team" || (whom == "owner" && ticket.owner.empty())) return true;
    if (whom == "owner") return mail::Address::from(ticket.owner) == member.address;
    if (whom.starts_with("role:")) return std::ranges::find(member.roles, whom.substr(5)) != member.roles.end();
    const auto address = mail::Address::from(whom);
    return address && *address == member.address;
}

bool is_away(const Member& member, const std::set<std::string>& away) {
    return away.contains(member.address.identity());
}

struct Hearer {
    Member member;
    std::string for_whom;  // who is away
};

// A promise is never forgotten in silence: one that would reach nobody reaches the team.
std::vector<Hearer> hearers_of(const Telling& telling, const cvd::Ticket& ticket, const std::vector<Member>& team,
                               const std::set<std::string>& away) {
    std::vector<Member> meant;
    for (const Member& member : team)
        if (std::ranges::any_of(telling.to, [&](const std::string& whom) { return is_meant(member, whom, ticket); }))
            meant.push_back(member);
    std::vector<Member> outsiders;
    for (const std::string& whom : telling.to) {
        const auto address = mail::Address::from(whom);
        if (address && std::ranges::find(team, *address, &Member::address) == team.end())
            outsiders.push_back({"", *address, {}});
    }
    if (meant.empty() && outsiders.empty()) meant = team;

    std::vector<Hearer> hearers;
    const auto add = [&](const Member& member, const std::string& for_whom) {
        const bool muted = std::ranges::find(ticket.muted, member.address.text()) != ticket.muted.end();
        if (muted && !telling.escalates) return;
        const auto known =
            std::ranges::find(hearers, member.address, [](const Hearer& one) { return one.member.address; });
        if (known == hearers.end()) hearers.push_back({member, for_whom});
    };
    const bool all_away = std::ranges::all_of(team, [&](const Member& member) { return is_away(member, away); });
    for (const Member& member : meant)
        if (all_away || !is_away(member, away)) add(member, "");
    for (const Member& member : meant)
        if (!all_away && is_away(member, away))
            for (const Member& other : team)
                if (!is_away(other, away)) add(other, member.name);
    if (all_away)
        for (const Member& member : team) add(member, "");
    for (const Member& outsider : outsiders) add(outsider, "");
    return hearers;
}

struct Item {
    const Tick* tick;
    const Telling* telling;
    const cvd::TicketClock* clock;
    std::string for_whom;
};

// What was due came by itself, and in its time.
bool has_come(const Item& item) { return !item.clock->open() && comes_by_itself(item.clock->name); }

bool is_overdue(const Item& item, Instant now) { return now >= item.clock->due && !has_come(item); }

// Whose words stand in the subject: what is escalated, then what is overdue, then what is due first.
auto urgency(const Item& item, Instant now) {
    return std::tuple{!item.telling->escalates, !is_overdue(item, now), item.clock->due};
}

rules::TemplateFields fields_of(const Item& item, const Organisation& organisation, Instant now) {
    const OpenTicket& open = item.tick->after;
    const auto rule = clock_rule(open.policy, item.clock->name);
    const std::string& language = organisation.languages.front();
    rules::TemplateFields fields;
    fields.set("ticket", open.ticket.number);
    fields.set("title", open.ticket.title);
    fields.set("severity", std::string{cvd::to_text(open.ticket.severity)});
    fields.set("state", std::string{cvd::to_text(open.ticket.state)});
    fields.set("owner", open.ticket.owner);
    fields.set("clock", item.clock->name);
    fields.set("promise", has_come(item) ? std::string{} : rules::in_language(rule->promise, language, "en"));
    fields.set("goal", rule->goal);
    fields.set("due", sla::in_words(item.clock->due, zone_for(open.policy, &*rule), language));
    fields.set("overdue", is_overdue(item, now));
    fields.set("come", has_come(item));
    fields.set("embargo_over", has_come(item) && item.clock->name == embargo_clock);
    fields.set("public_now", has_come(item) && item.clock->name == disclosure_clock);
    fields.set("escalated", item.telling->escalates);
    fields.set("instead_of", item.for_whom);
    const bool late = now - item.telling->since > late_after;
    fields.set("late", late);
    fields.set("merged", item.telling->fell > 1 ? std::to_string(item.telling->fell) : "");
    fields.set("since", sla::in_words(item.telling->since, zone_for(open.policy, &*rule), language));
    return fields;
}

std::string template_for(const std::vector<Item>& items, Instant now) {
    if (std::ranges::any_of(items, [](const Item& item) { return item.telling->escalates; })) return "escalation";
    return std::ranges::any_of(items, [&](const Item& item) { return is_overdue(item, now); }) ? "overdue" : "reminder";
}

}  // namespace

std::vector<ReminderMail> reminder_mails(const std::vector<Tick>& ticks, const Organisation& organisation,
                                         const std::set<std::string>& away, Instant now) {
    std::vector<std::pair<Member, std::vector<Item>>> by_person;
    for (const Tick& tick : ticks)
        for (const Telling& telling : tick.tellings) {
            // Also one that has ended by what it speaks of.
            const cvd::TicketClock* clock = tick.after.ticket.last_clock(telling.clock);
            if (clock == nullptr) continue;
            for (Hearer& hearer : hearers_of(telling, tick.after.ticket, organisation.team, away)) {
                auto person = std::ranges::find(by_person, hearer.member.address,
                                                [](const auto& one) { return one.first.address; });
                if (person == by_person.end()) person = by_person.insert(by_person.end(), {hearer.member, {}});
                // Who hears of a clock twice, in her own right and as one that it is escalated to, is told the graver.
                auto& items = person->second;
                const auto same = std::ranges::find(items, clock, &Item::clock);
                if (same == items.end())
                    items.push_back({&tick, &telling, clock, hearer.for_whom});
                else if (telling.escalates)
                    same->telling = &telling;
            }
        }

    std::vector<ReminderMail> mails;
    for (auto& [member, items] : by_person) {
        std::ranges::stable_sort(items, {}, [&](const Item& item) { return urgency(item, now); });
        const Item& first = items.front();
        const bool one_ticket =
            std::ranges::all_of(items, [&](const Item& item) { return item.tick->after.id == first.tick->after.id; });
        rules::TemplateFields fields = fields_of(first, organisation, now);
        rules::TemplateFields::List list;
        for (const Item& item : items)
            if (list.size() < most_items) list.push_back(fields_of(item, organisation, now));
        fields.set("more", items.size() > most_items ? std::to_string(items.size() - most_items) : "");
        fields.set("several", items.size() > 1);
        fields.set("count", std::to_string(items.size()));
        fields.set("others", std::to_string(items.size() - 1));
        fields.set("late", std::ranges::any_of(
                               items, [&](const Item& item) { return now - item.telling->since > late_after; }));
        fields.set("items", std::move(list));
        Organisation alone = organisation;
        alone.team = {member};
        const std::string occasion = "clocks " + to_rfc3339(now) + " " + std::to_string(first.tick->after.id.value()) +
                                     " " + first.clock->name + " " + first.telling->marks;
        for (Recipe& recipe : alarms(template_for(items, now), fields, occasion, alone))
            mails.push_back({one_ticket ? std::optional{first.tick->after.id} : std::nullopt,
                             one_ticket ? first.tick->after.ticket.number : std::string{}, std::move(recipe)});
    }
    return mails;
}

}  // namespace tocsin::intake
