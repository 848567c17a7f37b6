// When a promise is due, and how that came about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "sla/calendar.hpp"
#include "sla/span.hpp"

namespace tocsin::sla {

struct Interval {
    Instant from;
    Instant to;
    bool counted = false;
    friend bool operator==(const Interval&, const Interval&) = default;
};

// Elapsed time needs no calendar; business time without one is a bug and throws.
Instant due_after(Instant start, const Span& span, const Calendar* calendar);

// Where a deadline moves when its clock stood from `paused` to `resumed`: by just what the clock would have counted.
Instant shifted(Instant due, Instant paused, Instant resumed, const Span& span, const Calendar* calendar);

// The stretches between start and due that counted and those that did not, in order and without a gap.
std::vector<Interval> intervals(Instant start, Instant due, const Span& span, const Calendar* calendar);

// A point on a clock at which somebody hears of it: "50%", "4 business hours before", "due",
// "1 business day after", "every 1 business day after".
struct Mark {
    enum class Kind { Fraction, Before, Due, After, EveryAfter };
    Kind kind = Kind::Due;
    unsigned percent = 0;
    Span span;
    friend bool operator==(const Mark&, const Mark&) = default;
};
Result<Mark> parse_mark(std::string_view text);
std::string to_text(const Mark& mark);

// The first instant after `after` at which the mark falls; nothing when it never does again, or would fall before the
// start. Business spans are counted in `calendar`. A fraction is one of what the clock counts: of `within` when that
// is given, else of open time where there is a calendar.
std::optional<Instant> next_at(const Mark& mark, Instant start, Instant due, Instant after, const Calendar* calendar);
std::optional<Instant> next_at(const Mark& mark, Instant start, Instant due, Instant after, const Span& within,
                               const Calendar* calendar);

// When the mark falls, the `repetition`th time (from 1) where it falls again and again; nothing when it never does.
std::optional<Instant> time_of(const Mark& mark, Instant start, Instant due, std::int64_t repetition,
                               const Span& within, const Calendar* calendar);
// How often a mark that repeats has fallen by then.
std::int64_t repetitions_until(const Mark& mark, Instant due, Instant at, const Calendar* calendar);

// "Monday, 23 November 2026, 10:00 CET" in the words of a language ("en", "de"; another falls back to "en"). Seconds
// are left out: what is told is never later than what is kept.
std::string in_words(Instant at, const Zone& zone, std::string_view language);

}  // namespace tocsin::sla
