#include <fmt/core.h>

#include "base/text.hpp"
#include "sla/counting.hpp"
#include "sla/deadline.hpp"

namespace tocsin::sla {
namespace {

constexpr std::string_view accepted_marks =
    "'50%', '4 business hours before', 'due', '1 business day after' and 'every 1 business day after' are accepted";

// More often nobody is reminded of anything.
constexpr std::int64_t most_repetitions = 1'000'000;

tl::unexpected<Error> no_mark(std::string_view text) {
    return permanent(Code::Configuration, fmt::format("'{}' is no point of time on a clock: {}", text, accepted_marks));
}

Result<Mark> parse_fraction(std::string_view text) {
    const auto percent = to_whole_number(trim(text.substr(0, text.size() - 1)));
    if (!percent || *percent < 1 || *percent > 100) {
        return permanent(Code::Configuration, fmt::format("'{}' is no part of a span: 1% to 100% are accepted", text));
    }
    return Mark{Mark::Kind::Fraction, static_cast<unsigned>(*percent), {}};
}

Instant counted_back(Instant from, const Span& span, const Calendar* calendar) {
    if (span.unit == Unit::BusinessDay) return calendar_for(span, calendar).before_business_days(from, span.count);
    if (span.unit == Unit::BusinessHour) return calendar_for(span, calendar).before_open_time(from, length_of(span));
    return from <= earliest ? from : std::max(std::min(from, latest) - length_of(span), earliest);
}

Instant part_of(Instant start, Instant due, unsigned percent, const Calendar* calendar) {
    if (due <= start) return due;
    const auto share = [percent](Micros whole) { return whole / 100 * percent + whole % 100 * percent / 100; };
    // A promise that never meets an open hour has a half only by the clock on the wall.
    const Micros open = calendar != nullptr ? calendar->open_time(start, due) : Micros{0};
    return open > Micros{0} ? calendar->after_open_time(start, share(open)) : start + share(due - start);
}

// A deadline that was shifted by a pause leaves the same time after the mark as it would have without one.
Instant part_of(Instant start, Instant due, unsigned percent, const Span& within, const Calendar* calendar) {
    const Instant unshifted = due_after(start, within, calendar);
    if (due <= unshifted) return part_of(start, due, percent, calendar);
    const Instant half = part_of(start, unshifted, percent, calendar);
    if (calendar == nullptr) return due - (unshifted - half);
    return std::max(start, calendar->before_open_time(due, calendar->open_time(half, unshifted)));
}

Span times(const Span& span, std::int64_t factor) { return {span.count * factor, span.unit}; }

// How often `span` fits between the two at most; counting once is cheaper than trying each multiple.
std::int64_t multiples_up_to(Instant from, Instant to, const Span& span, const Calendar* calendar) {
    if (span.unit == Unit::BusinessHour) return calendar_for(span, calendar).open_time(from, to) / length_of(span);
    if (span.unit != Unit::BusinessDay) return (to - from) / length_of(span);
    const Calendar& counting = calendar_for(span, calendar);
    std::int64_t days = 0;
    const std::chrono::sys_days last{counting.zone().civil(to).date};
    for (std::chrono::sys_days day{counting.zone().civil(from).date}; day < last;) {
        days += counting.is_business_day(day += std::chrono::days{1}) ? 1 : 0;
    }
    return days / span.count;
}

std::optional<Instant> next_repetition(const Span& span, Instant due, Instant after, const Calendar* calendar) {
    if (span.count < 1 || after >= latest) return std::nullopt;
    if (after < due) return due_after(due, span, calendar);
    // Business days that are moved to an opening may fall late: the count may be too high by the days between.
    std::int64_t k = std::max<std::int64_t>(multiples_up_to(due, after, span, calendar), 1);
    while (k > 1 && due_after(due, times(span, k - 1), calendar) > after) --k;
    for (Instant at = due_after(due, times(span, k), calendar); at < latest;) {
        if (at > after) return at;
        at = due_after(due, times(span, ++k), calendar);
    }
    return std::nullopt;
}

std::optional<Instant> first_at(const Mark& mark, Instant start, Instant due, Instant after, const Calendar* calendar,
                                const Calendar* calendar_of_fractions) {
    switch (mark.kind) {
        case Mark::Kind::Fraction:
            return part_of(start, due, mark.percent, calendar_of_fractions);
        case Mark::Kind::Before:
            return counted_back(due, mark.span, calendar);
        case Mark::Kind::Due:
            return due;
        case Mark::Kind::After:
            return due_after(due, mark.span, calendar);
        case Mark::Kind::EveryAfter:
            return next_repetition(mark.span, due, after, calendar);
    }
    return std::nullopt;
}

std::optional<Instant> when_still_to_come(std::optional<Instant> at, Instant start, Instant after) {
    return at && *at > after && *at >= start ? at : std::nullopt;
}

}  // namespace

Result<Mark> parse_mark(std::string_view text) {
    const std::string folded = lower(trim(text));
    std::string_view rest = folded;
    if (rest == "due") return Mark{};
    if (rest.ends_with('%')) return parse_fraction(rest);

    const auto parts = words(rest);
    if (parts.size() < 3) return no_mark(text);
    Mark mark;
    if (parts.front() == "every") {
        if (parts.back() != "after") return no_mark(text);
        mark.kind = Mark::Kind::EveryAfter;
        rest.remove_prefix(parts.front().size());
    } else if (parts.back() == "after" || parts.back() == "before") {
        mark.kind = parts.back() == "after" ? Mark::Kind::After : Mark::Kind::Before;
    } else {
        return no_mark(text);
    }
    rest.remove_suffix(parts.back().size());
    const auto span = parse_span(trim(rest));
    if (!span) return tl::unexpected<Error>{span.error()};
    mark.span = *span;
    return mark;
}

std::string to_text(const Mark& mark) {
    switch (mark.kind) {
        case Mark::Kind::Fraction:
            return fmt::format("{}%", mark.percent);
        case Mark::Kind::Before:
            return to_text(mark.span) + " before";
        case Mark::Kind::Due:
            return "due";
        case Mark::Kind::After:
            return to_text(mark.span) + " after";
        case Mark::Kind::EveryAfter:
            return fmt::format("every {} after", to_text(mark.span));
    }
    return {};
}

std::optional<Instant> next_at(const Mark& mark, Instant start, Instant due, Instant after, const Calendar* calendar) {
    return when_still_to_come(first_at(mark, start, due, after, calendar, calendar), start, after);
}

std::optional<Instant> next_at(const Mark& mark, Instant start, Instant due, Instant after, const Span& within,
                               const Calendar* calendar) {
    const Calendar* of_fractions = within.counts_business_time() ? &calendar_for(within, calendar) : nullptr;
    return when_still_to_come(first_at(mark, start, due, after, calendar, of_fractions), start, after);
}

std::optional<Instant> time_of(const Mark& mark, Instant start, Instant due, std::int64_t repetition,
                               const Span& within, const Calendar* calendar) {
    if (mark.kind == Mark::Kind::Fraction) {
        const Calendar* counting = within.counts_business_time() ? &calendar_for(within, calendar) : nullptr;
        return part_of(start, due, mark.percent, within, counting);
    }
    if (mark.kind != Mark::Kind::EveryAfter) return next_at(mark, start, due, start - Micros{1}, within, calendar);
    if (mark.span.count < 1 || repetition < 1 || repetition > most_repetitions) return std::nullopt;
    const Instant at = due_after(due, times(mark.span, repetition), calendar);
    return at < latest ? std::optional{at} : std::nullopt;
}

std::int64_t repetitions_until(const Mark& mark, Instant due, Instant at, const Calendar* calendar) {
    if (mark.kind != Mark::Kind::EveryAfter || mark.span.count < 1 || at <= due || at >= latest) return 0;
    const auto fallen = [&](std::int64_t k) { return due_after(due, times(mark.span, k), calendar) <= at; };
    std::int64_t k = std::min(multiples_up_to(due, at, mark.span, calendar), most_repetitions);
    while (k > 0 && !fallen(k)) --k;
    while (k < most_repetitions && fallen(k + 1)) ++k;
    return k;
}

}  // namespace tocsin::sla
