#include "intake/promises/named_dates.hpp"

namespace tocsin::intake {

namespace {

rules::ClockRule rule_of_date(std::string_view id, const rules::Policy& policy) {
    rules::ClockRule rule;
    rule.id = std::string{id};
    rule.within = {1, sla::Unit::Day};  // a date was named; nothing is counted
    rule.to = {"owner"};
    rule.calendar = policy.usual_calendar_name();
    const sla::Unit days = rule.calendar.empty() ? sla::Unit::Day : sla::Unit::BusinessDay;
    using Kind = sla::Mark::Kind;
    rule.remind = {{Kind::Before, 0, {5, days}}, {Kind::Before, 0, {1, days}}, {Kind::Due, 0, {}}};
    if (!comes_by_itself(id)) rule.remind.push_back({Kind::EveryAfter, 0, {1, days}});
    return rule;
}

}  // namespace

std::optional<rules::ClockRule> clock_rule(const rules::Policy& policy, std::string_view name) {
    if (const rules::ClockRule* rule = policy.clock(name)) return *rule;
    if (name == eta_clock) {
        rules::ClockRule rule = rule_of_date(name, policy);
        rule.promise = {{"en", "have it fixed by this date"}, {"de", "sie bis zu diesem Tag beheben"}};
        return rule;
    }
    if (name == embargo_clock) {
        rules::ClockRule rule = rule_of_date(name, policy);
        rule.promise = {{"en", "publish nothing before this date"}, {"de", "vor diesem Tag nichts veröffentlichen"}};
        return rule;
    }
    if (name == disclosure_clock) {
        rules::ClockRule rule = rule_of_date(name, policy);
        rule.promise = {{"en", "publish it on this day"}, {"de", "es an diesem Tag veröffentlichen"}};
        return rule;
    }
    return std::nullopt;
}

std::optional<Instant> publication_of(const cvd::Ticket& ticket) {
    const cvd::TicketClock* clock = ticket.open_clock(disclosure_clock);
    return clock == nullptr ? std::nullopt : std::optional{clock->due};
}

sla::Zone zone_for(const rules::Policy& policy, const rules::ClockRule* clock) {
    if (clock != nullptr)
        if (const sla::Calendar* calendar = policy.calendar_of(*clock)) return calendar->zone();
    const sla::Calendar* usual = policy.usual_calendar();
    return usual == nullptr ? sla::Zone::utc() : usual->zone();
}

}  // namespace tocsin::intake
