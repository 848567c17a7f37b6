#include "intake/team/away.hpp"

#include <algorithm>

#include "intake/decide/decide.hpp"
#include "intake/promises/named_dates.hpp"

namespace tocsin::intake {

namespace {

constexpr std::string_view told_by_clocks[] = {"reminder", "overdue", "escalation", "digest"};

}  // namespace

Instant away_until(const std::optional<mail::NamedDay>& day, Instant received, const sla::Zone& zone) {
    if (!day) return received + absence_without_date;
    const Instant last = received + longest_absence;
    const auto end_of = [&](int year) -> std::optional<Instant> {
        const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{day->month},
                                               std::chrono::day{day->day}};
        if (!date.ok()) return std::nullopt;
        const std::chrono::sys_days end = std::chrono::sys_days{date} + std::chrono::days{day->back ? 0 : 1};
        return zone.instant({std::chrono::year_month_day{end}, Micros{0}});
    };
    const int this_year = static_cast<int>(zone.civil(received).date.year());
    auto until = end_of(day->year == 0 ? this_year : day->year);
    if (day->year == 0 && until && *until <= received) until = end_of(this_year + 1);
    // A day that has passed says nothing about how long she is away now.
    if (!until || *until <= received) return received + absence_without_date;
    return std::min(*until, last);
}

std::optional<AwayNote> away_note(const Examination& examination, const TicketView& view,
                                  const Organisation& organisation, const rules::Policy& policy,
                                  const std::string& kind, const Arrival& arrival) {
    const auto author = author_of(examination.reading);
    const Member* member = author ? organisation.member(author->text()) : nullptr;
    if (member == nullptr || arrival.baseline) return std::nullopt;
    if (kind == "team-reply") return AwayNote{member->address.identity(), std::nullopt};
    if (kind != "auto-reply" || !view.answered) return std::nullopt;
    const Answered& answered = *view.answered;
    if (std::ranges::find(told_by_clocks, answered.template_name) == std::end(told_by_clocks)) return std::nullopt;
    const auto recipient = mail::Address::from(answered.recipient);
    if (!recipient || *recipient != member->address) return std::nullopt;
    return AwayNote{member->address.identity(),
                    away_until(examination.away_until, arrival.received, zone_for(policy, nullptr))};
}

}  // namespace tocsin::intake
