#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sla/recurrence.hpp"

namespace tocsin::sla {
namespace {

namespace chrono = std::chrono;
using Frequency = RecurrenceRule::Frequency;

constexpr std::array<std::string_view, 7> weekday_codes{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

std::optional<chrono::weekday> weekday_of_code(std::string_view code) {
    for (unsigned day = 0; day < weekday_codes.size(); ++day) {
        if (equal_ignoring_case(code, weekday_codes[day])) return chrono::weekday{day};
    }
    return std::nullopt;
}

// "1", "+1", "-1"; `least` below zero allows the same from the end.
std::optional<int> signed_number(std::string_view text, int least, int most) {
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto number = to_whole_number(text);
    if (!number || text.starts_with('+') || *number < least || *number > most || *number == 0) return std::nullopt;
    return static_cast<int>(*number);
}

std::optional<std::vector<int>> signed_numbers(std::string_view list, int least, int most) {
    std::vector<int> all;
    for (const std::string_view text : split(list, ',')) {
        const auto number = signed_number(text, least, most);
        if (!number) return std::nullopt;
        all.push_back(*number);
    }
    std::ranges::sort(all);  // each once, however long the list was
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

// "MO", "-1MO", "+2 TH" as some programs write it
std::optional<std::vector<RecurrenceRule::Weekday>> weekday_list(std::string_view list) {
    std::vector<RecurrenceRule::Weekday> all;
    for (std::string_view text : split(list, ',')) {
        text = trim(text);
        if (text.size() < 2) return std::nullopt;
        const auto day = weekday_of_code(text.substr(text.size() - 2));
        const std::string_view nth = trim(text.substr(0, text.size() - 2));
        const auto number = nth.empty() ? 0 : signed_number(nth, -53, 53);
        if (!day || !number) return std::nullopt;
        const RecurrenceRule::Weekday weekday{*number, *day};
        if (std::ranges::count(all, weekday) == 0) all.push_back(weekday);
    }
    return all;
}

template <class T, class U>
bool keep(T& into, std::optional<U> value) {
    if (value) into = *std::move(value);
    return value.has_value();
}

bool keep_frequency(Frequency& into, std::string_view value) {
    constexpr std::array<std::string_view, 4> names{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!equal_ignoring_case(value, names[i])) continue;
        into = static_cast<Frequency>(i);
        return true;
    }
    return false;
}

// False when the value cannot be read; nothing when there is no such part for events of whole days.
std::optional<bool> keep_part(RecurrenceRule& rule, std::string_view name, std::string_view value) {
    if (name == "FREQ") return keep_frequency(rule.frequency, value);
    if (name == "INTERVAL") return keep(rule.interval, signed_number(value, 1, 9999));
    if (name == "COUNT") return keep(rule.count, signed_number(value, 1, 999'999));
    if (name == "UNTIL") return keep(rule.until, parse_calendar_time(value));
    if (name == "WKST") return keep(rule.week_start, weekday_of_code(value));
    if (name == "BYDAY") return keep(rule.weekdays, weekday_list(value));
    if (name == "BYMONTHDAY") return keep(rule.month_days, signed_numbers(value, -31, 31));
    if (name == "BYYEARDAY") return keep(rule.year_days, signed_numbers(value, -366, 366));
    if (name == "BYWEEKNO") return keep(rule.weeks, signed_numbers(value, -53, 53));
    if (name == "BYMONTH") return keep(rule.months, signed_numbers(value, 1, 12));
    if (name == "BYSETPOS") return keep(rule.positions, signed_numbers(value, -366, 366));
    return std::nullopt;
}

// What RFC 5545 section 3.3.10 says must not stand together.
std::string_view contradiction_in(const RecurrenceRule& rule) {
    const bool yearly = rule.frequency == Frequency::Yearly;
    const bool counts_weekdays = std::ranges::any_of(rule.weekdays, [](const auto& day) { return day.nth != 0; });
    if (rule.count && rule.until) return "COUNT and UNTIL do not go together";
    if (!rule.weeks.empty() && !yearly) return "BYWEEKNO goes with FREQ=YEARLY alone";
    if (!rule.year_days.empty() && !yearly) return "BYYEARDAY goes with FREQ=YEARLY alone";
    if (!rule.month_days.empty() && rule.frequency == Frequency::Weekly)
        return "BYMONTHDAY does not go with FREQ=WEEKLY";
    if (counts_weekdays && (!(yearly || rule.frequency == Frequency::Monthly) || !rule.weeks.empty())) {
        return "a number in BYDAY goes with FREQ=MONTHLY and FREQ=YEARLY alone, and not with BYWEEKNO";
    }
    return {};
}

}  // namespace

Result<RecurrenceRule> parse_recurrence_rule(const ContentLine& line) {
    const auto wrong = [&line](std::string_view what) {
        return wrong_line(line.number, fmt::format("RRULE: {}", what));
    };
    RecurrenceRule rule;
    std::vector<std::string> seen;
    std::string_view text = trim(line.value);
    if (text.ends_with(';')) text.remove_suffix(1);  // some programs write one more
    for (const std::string_view part : split(text, ';')) {
        const std::size_t equals = std::min(part.find('='), part.size());
        std::string name = upper(trim(part.substr(0, equals)));
        const auto kept = keep_part(rule, name, trim(part.substr(std::min(equals + 1, part.size()))));
        if (!kept) return wrong(fmt::format("'{}' is not supported for holidays", shown(name)));
        if (!*kept && name == "FREQ") return wrong("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY for holidays");
        if (!*kept) return wrong(fmt::format("{} cannot be read (RFC 5545 section 3.3.10)", name));
        if (std::ranges::count(seen, name) > 0) return wrong(fmt::format("{} comes twice", name));
        seen.push_back(std::move(name));
    }
    if (std::ranges::count(seen, "FREQ") == 0) return wrong("FREQ is missing");
    if (const auto contradiction = contradiction_in(rule); !contradiction.empty()) return wrong(contradiction);
    return rule;
}

}  // namespace tocsin::sla
