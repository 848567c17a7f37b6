// Calendars: zone, hours and the days on which they are closed.
#include <charconv>
#include <set>

#include "base/text.hpp"
#include "rules/loading/loading.hpp"

namespace tocsin::rules {

namespace {

// "2026-12-24" is one day, "12-26" the day in every year.
bool add_closed_day(std::string_view text, CalendarPlan& plan) {
    const auto number = [](std::string_view digits) {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc{} && end == digits.data() + digits.size() ? value : 0U;
    };
    const auto parts = split(text, '-');
    using namespace std::chrono;
    if (parts.size() == 3 && text.size() == 10) {
        const year_month_day date{year{static_cast<int>(number(parts[0]))}, month{number(parts[1])},
                                  day{number(parts[2])}};
        if (!date.ok() || number(parts[0]) == 0) return false;
        plan.closed.insert(sys_days{date});
        return true;
    }
    if (parts.size() == 2 && text.size() == 5) {
        const month_day date{month{number(parts[0])}, day{number(parts[1])}};
        if (!date.ok()) return false;
        plan.closed_every_year.insert({date});
        return true;
    }
    return false;
}

void read_closed_days(const TomlValue& days, CalendarPlan& plan) {
    for (const TomlValue& value : days.list()) {
        const auto text = value.type() == TomlValue::Type::Date ? value.date() : value.text();
        if (text && !add_closed_day(*text, plan))
            value.mistake("expected a day such as \"2026-12-24\", or \"12-24\" for every year");
    }
}

}  // namespace

void Loading::read_calendar(TomlTable table, const std::string& name, const RulesFile& file) {
    CalendarDraft draft;
    const auto zone_value = table.value("zone");
    if (!zone_value) table.mistake("missing key 'zone'");
    const auto zone_name = zone_value ? zone_value->text() : std::nullopt;
    draft.plan.zone = zone_name.value_or("");
    bool sound = zone_name.has_value();
    if (const auto zone = sla::Zone::load(draft.plan.zone); sound && !zone) {
        zone_value->mistake(zone.error().what);
        sound = false;
    }
    if (auto hours = table.table("hours")) {
        std::set<unsigned> named;
        for (const std::string& days : hours->keys()) {
            const auto value = hours->value(days);
            const auto weekdays = sla::parse_weekdays(days);
            if (!weekdays) hours->mistake_at(days, weekdays.error().what);
            const auto text = value->text();
            sound = sound && text && weekdays;
            if (!text || !weekdays) continue;
            const auto open = sla::parse_open_hours(*text);
            if (!open) value->mistake(open.error().what);
            sound = sound && open;
            for (const unsigned day : *weekdays) {
                if (open) draft.plan.week.at(day) = *open;
                if (named.insert(day).second) continue;
                hours->mistake_at(days,
                                  "a day of it has its hours already; each day stands once, with all of its hours");
                break;
            }
        }
    } else if (!table.has("hours")) {
        table.mistake("missing key 'hours'");
        sound = false;
    }
    if (const auto closed = table.value("closed")) read_closed_days(*closed, draft.plan);
    if (const auto holidays = table.value("holidays")) {
        for (const TomlValue& value : holidays->list()) {
            const auto path = value.text();
            const auto bytes = path ? read_beside(file, *path, value) : std::nullopt;
            if (!bytes) continue;
            const auto days = sla::holidays_of(*bytes);
            if (!days) value.mistake("'" + *path + "': " + days.error().what);
            if (days) draft.plan.closed.insert(days->begin(), days->end());
        }
    }
    const bool replaces = table.boolean("override").value_or(false);
    table.done();
    if (sound) {
        auto calendar = draft.plan.make();
        if (!calendar) table.mistake(calendar.error().what);
        if (calendar) draft.calendar = std::move(*calendar);
    }
    // The table's own place stands for its name: [calendar.NAME].
    calendars_.add({name, file.policy, replaces, table, std::move(draft)}, "calendar", "");
}

}  // namespace tocsin::rules
