#include "sla/deadline.hpp"

#include <algorithm>
#include <stdexcept>

#include "sla/counting.hpp"
#include "sla/open_stretches.hpp"

namespace tocsin::sla {

Micros length_of(const Span& span) {
    // More than a thousand years are as good as for ever, and do not overflow.
    const auto of = [&span](Micros unit) { return std::min(span.count, std::chrono::days{366'000} / unit) * unit; };
    switch (span.unit) {
        case Unit::Minute:
            return of(std::chrono::minutes{1});
        case Unit::Hour:
        case Unit::BusinessHour:
            return of(std::chrono::hours{1});
        case Unit::Day:
        case Unit::BusinessDay:
            return of(std::chrono::days{1});
    }
    throw std::logic_error{"a unit of time that does not exist"};
}

const Calendar& calendar_for(const Span& span, const Calendar* calendar) {
    if (calendar == nullptr) throw std::logic_error{"business time without a calendar: " + to_text(span)};
    return *calendar;
}

Instant due_after(Instant start, const Span& span, const Calendar* calendar) {
    if (span.unit == Unit::BusinessDay) return calendar_for(span, calendar).after_business_days(start, span.count);
    if (span.unit == Unit::BusinessHour) return calendar_for(span, calendar).after_open_time(start, length_of(span));
    return start >= latest ? start : std::min(std::max(start, earliest) + length_of(span), latest);
}

Instant shifted(Instant due, Instant paused, Instant resumed, const Span& span, const Calendar* calendar) {
    if (resumed <= paused) return due;
    if (!span.counts_business_time()) return due >= latest ? due : std::min(due + (resumed - paused), latest);
    const Calendar& counting = calendar_for(span, calendar);
    return counting.after_open_time(due, counting.open_time(paused, resumed));
}

std::vector<Interval> intervals(Instant start, Instant due, const Span& span, const Calendar* calendar) {
    if (due <= start) return {};
    if (!span.counts_business_time()) return {{start, due, true}};
    std::vector<Interval> all;
    for_each_open(calendar_for(span, calendar), start, due, [&](const Stretch& open) {
        const Instant end_of_last = all.empty() ? start : all.back().to;
        if (!all.empty() && end_of_last == open.from) {
            all.back().to = open.to;  // past midnight, or past a change of the clocks
            return false;
        }
        if (end_of_last < open.from) all.push_back({end_of_last, open.from, false});
        all.push_back({open.from, open.to, true});
        return false;
    });
    const Instant end_of_last = all.empty() ? start : all.back().to;
    if (end_of_last < due) all.push_back({end_of_last, due, false});
    return all;
}

}  // namespace tocsin::sla
