// Open hours as stretches of instants, in order, for whoever counts them. Of no use outside of this folder.
#pragma once

#include <algorithm>

#include "sla/calendar.hpp"

namespace tocsin::sla {

struct Stretch {
    Instant from;
    Instant to;  // excluded
    Micros length() const { return to - from; }
    bool empty() const { return to <= from; }
};

// What a local date has in one era: the whole day, but for the days on which clocks change.
struct DayPart {
    std::chrono::sys_days date;
    Instant midnight;  // when the date began or would have begun, had the era's offset held then
    Stretch stretch;
};

// Remembers the era that it found last: a walk over days asks the zone only where clocks change.
class DayParts {
public:
    explicit DayParts(const Zone& zone) : zone_{zone} {}

    DayPart around(Instant at) {
        if (at < era_.from || at >= era_.to) era_ = zone_.era(at);
        const auto date = std::chrono::floor<std::chrono::days>(at + era_.offset);
        const Instant midnight = Instant{date} - era_.offset;
        return {date, midnight, {std::max(midnight, era_.from), std::min(midnight + std::chrono::days{1}, era_.to)}};
    }

private:
    const Zone& zone_;
    Era era_{};
};

inline Stretch open_stretch(const DayPart& part, const OpenHours& hours, const Stretch& within) {
    return {std::max({part.midnight + hours.opens, part.stretch.from, within.from}),
            std::min({part.midnight + hours.closes, part.stretch.to, within.to})};
}

inline Stretch within_limits(Instant from, Instant to) { return {std::max(from, earliest), std::min(to, latest)}; }

// Calls `visit` for each open stretch between two instants, first to last, until it answers true.
template <class Visit>
void for_each_open(const Calendar& calendar, Instant from, Instant to, Visit visit) {
    const Stretch within = within_limits(from, to);
    DayParts parts{calendar.zone()};
    for (Instant at = within.from; at < within.to;) {
        const DayPart part = parts.around(at);
        for (const OpenHours& hours : calendar.hours_on(part.date)) {
            const Stretch open = open_stretch(part, hours, within);
            if (!open.empty() && visit(open)) return;
        }
        at = part.stretch.to;
    }
}

// The same from last to first.
template <class Visit>
void for_each_open_backwards(const Calendar& calendar, Instant from, Instant to, Visit visit) {
    const Stretch within = within_limits(from, to);
    DayParts parts{calendar.zone()};
    for (Instant at = within.to; at > within.from;) {
        const DayPart part = parts.around(at - Micros{1});
        const auto& hours = calendar.hours_on(part.date);
        for (auto i = hours.rbegin(); i != hours.rend(); ++i) {
            const Stretch open = open_stretch(part, *i, within);
            if (!open.empty() && visit(open)) return;
        }
        at = part.stretch.from;
    }
}

}  // namespace tocsin::sla
