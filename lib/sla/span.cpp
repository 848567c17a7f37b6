#include "sla/span.hpp"

#include <fmt/core.h>

#include <array>
#include <vector>

#include "base/text.hpp"

namespace tocsin::sla {
namespace {

struct UnitName {
    std::string_view singular;
    std::string_view plural;
    Unit unit;
    std::int64_t in_a_century;  // how many of them; business time comes to less
};
constexpr std::array<UnitName, 5> unit_names{{{"minute", "minutes", Unit::Minute, std::int64_t{36'525} * 24 * 60},
                                              {"hour", "hours", Unit::Hour, std::int64_t{36'525} * 24},
                                              {"day", "days", Unit::Day, 36'525},
                                              {"business hour", "business hours", Unit::BusinessHour, 36'525 * 24},
                                              {"business day", "business days", Unit::BusinessDay, 36'525}}};

constexpr std::string_view accepted_spans =
    "a number and one of minutes, hours, days, business hours, business days is expected, such as '3 business days'";

std::string unknown_unit(std::string_view unit) {
    std::vector<std::string_view> names;
    for (const UnitName& name : unit_names) names.insert(names.end(), {name.plural, name.singular});
    const std::string_view meant = nearest(unit, names);
    if (!meant.empty()) return fmt::format("unknown unit of time '{}'; did you mean '{}'?", unit, meant);
    return fmt::format("unknown unit of time '{}'; {}", unit, accepted_spans);
}

}  // namespace

Result<Span> parse_span(std::string_view text) {
    const auto parts = words(text);
    if (parts.size() < 2)
        return permanent(Code::Configuration, fmt::format("'{}' is no span of time; {}", text, accepted_spans));
    const auto count = to_whole_number(parts.front());
    if (!count)
        return permanent(Code::Configuration,
                         fmt::format("'{}' is no whole number; {}", parts.front(), accepted_spans));

    std::string unit;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (i > 1) unit += ' ';
        unit += lower(parts[i]);
    }
    for (const UnitName& name : unit_names) {
        if (unit != name.singular && unit != name.plural) continue;
        if (*count < 1)
            return permanent(Code::Configuration, fmt::format("'{}' is no span of time: at least 1 is expected", text));
        if (*count > name.in_a_century) {
            return permanent(Code::Limit, fmt::format("'{}' is more than a hundred years", text));
        }
        return Span{*count, name.unit};
    }
    return permanent(Code::Configuration, unknown_unit(unit));
}

std::string to_text(const Span& span) {
    for (const UnitName& name : unit_names) {
        if (name.unit == span.unit)
            return fmt::format("{} {}", span.count, span.count == 1 ? name.singular : name.plural);
    }
    return {};
}

}  // namespace tocsin::sla
