#include "rules/policies/policy_source.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"

namespace tocsin::rules {

namespace {

using nlohmann::json;

constexpr int source_format = 1;

// ---- writing. json keeps its keys in order, so that the text is canonical.

json written(const std::vector<sla::OpenHours>& day) {
    json hours = json::array();
    for (const sla::OpenHours& one : day) hours.push_back({one.opens.count(), one.closes.count()});
    return hours;
}

std::string written(std::chrono::sys_days day) {
    const std::chrono::year_month_day date{day};
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()) % 10'000,
                  static_cast<unsigned>(date.month()) % 100U, static_cast<unsigned>(date.day()) % 100U);
    return text;
}

json written(const CalendarPlan& plan) {
    json week = json::array(), closed = json::array(), yearly = json::array();
    for (const auto& day : plan.week) week.push_back(written(day));
    for (const std::chrono::sys_days day : plan.closed) closed.push_back(written(day));
    for (const sla::YearlyDate& date : plan.closed_every_year)
        yearly.push_back({static_cast<unsigned>(date.day.month()), static_cast<unsigned>(date.day.day())});
    return {{"zone", plan.zone}, {"week", week}, {"closed", closed}, {"every_year", yearly}};
}

json written(const std::vector<cvd::EventKind>& events) {
    json names = json::array();
    for (const cvd::EventKind event : events) names.push_back(cvd::to_text(event));
    return names;
}

json written(const ClockRule& clock) {
    json severity = json::array(), remind = json::array(), escalate = json::array();
    for (const cvd::Severity level : clock.severity) severity.push_back(cvd::to_text(level));
    for (const sla::Mark& mark : clock.remind) remind.push_back(sla::to_text(mark));
    for (const Escalation& step : clock.escalate) escalate.push_back({{"at", sla::to_text(step.at)}, {"to", step.to}});
    json text{{"id", clock.id},
              {"promise", clock.promise},
              {"start", cvd::to_text(clock.start)},
              {"stop", {{clock.stop.of == StopCondition::Of::All ? "all" : "any", written(clock.stop.events)}}},
              {"within", sla::to_text(clock.within)},
              {"calendar", clock.calendar},
              {"severity", severity},
              {"goal", clock.goal},
              {"remind", remind},
              {"to", clock.to},
              {"escalate", escalate}};
    if (clock.pause) text["pause"] = cvd::to_text(*clock.pause);
    return text;
}

json written_level(int score) { return score == SeverityLevels::never ? json(nullptr) : json(score); }

json written(const SeverityLevels& levels) {
    json text{{"critical", written_level(levels.critical)},
              {"high", written_level(levels.high)},
              {"medium", written_level(levels.medium)},
              {"low", written_level(levels.low)},
              {"cvss", levels.cvss}};
    if (levels.unreadable) text["unreadable"] = cvd::to_text(*levels.unreadable);
    return text;
}

// ---- reading. What does not fit throws, and is caught in one place below.

template <class T>
T or_throw(Result<T> result) {
    if (!result) throw std::invalid_argument{result.error().what};
    return *std::move(result);
}

template <class T>
T or_throw(std::optional<T> value, const json& text) {
    if (!value) throw std::invalid_argument{"unknown word " + text.dump()};
    return *value;
}

cvd::EventKind event_in(const json& text) { return or_throw(cvd::event_kind_from(text.get<std::string>()), text); }
cvd::Severity severity_in(const json& text) { return or_throw(cvd::severity_from(text.get<std::string>()), text); }

std::vector<cvd::EventKind> events_in(const json& text) {
    std::vector<cvd::EventKind> events;
    for (const json& one : text) events.push_back(event_in(one));
    return events;
}

std::chrono::sys_days day_in(const json& text) {
    const auto day = from_rfc3339(text.get<std::string>() + "T00:00:00Z");
    return std::chrono::floor<std::chrono::days>(or_throw(day, text));
}

CalendarPlan calendar_in(const json& text) {
    CalendarPlan plan;
    plan.zone = text.at("zone").get<std::string>();
    for (std::size_t day = 0; day < plan.week.size(); ++day)
        for (const json& hours : text.at("week").at(day))
            plan.week[day].push_back(
                {Micros{hours.at(0).get<std::int64_t>()}, Micros{hours.at(1).get<std::int64_t>()}});
    for (const json& day : text.at("closed")) plan.closed.insert(day_in(day));
    for (const json& date : text.at("every_year"))
        plan.closed_every_year.insert(
            {std::chrono::month{date.at(0).get<unsigned>()} / std::chrono::day{date.at(1).get<unsigned>()}});
    return plan;
}

ClockRule clock_in(const json& text) {
    ClockRule clock;
    clock.id = text.at("id").get<std::string>();
    clock.promise = text.at("promise").get<ByLanguage>();
    clock.start = event_in(text.at("start"));
    const bool all = text.at("stop").contains("all");
    clock.stop = {all ? StopCondition::Of::All : StopCondition::Of::Any,
                  events_in(text.at("stop").at(all ? "all" : "any"))};
    clock.within = or_throw(sla::parse_span(text.at("within").get<std::string>()));
    clock.calendar = text.at("calendar").get<std::string>();
    for (const json& level : text.at("severity")) clock.severity.push_back(severity_in(level));
    if (text.contains("pause")) clock.pause = event_in(text.at("pause"));
    clock.goal = text.at("goal").get<bool>();
    for (const json& mark : text.at("remind"))
        clock.remind.push_back(or_throw(sla::parse_mark(mark.get<std::string>())));
    clock.to = text.at("to").get<std::vector<std::string>>();
    for (const json& step : text.at("escalate"))
        clock.escalate.push_back({or_throw(sla::parse_mark(step.at("at").get<std::string>())),
                                  step.at("to").get<std::vector<std::string>>()});
    return clock;
}

int level_in(const json& text) { return text.is_null() ? SeverityLevels::never : text.get<int>(); }

SeverityLevels levels_in(const json& text) {
    SeverityLevels levels;
    levels.critical = level_in(text.at("critical"));
    levels.high = level_in(text.at("high"));
    levels.medium = level_in(text.at("medium"));
    levels.low = level_in(text.at("low"));
    levels.cvss = text.at("cvss").get<std::string>();
    levels.unreadable.reset();
    if (text.contains("unreadable")) levels.unreadable = severity_in(text.at("unreadable"));
    return levels;
}

Policy policy_in(const json& text) {
    if (text.at("format").get<int>() != source_format) throw std::invalid_argument{"written by another version"};
    Policy policy;
    policy.name = text.at("name").get<std::string>();
    policy.promise = text.at("promise").get<ByLanguage>();
    policy.levels = levels_in(text.at("severity"));
    for (const json& one : text.at("elements")) {
        Element element;
        element.id = one.at("id").get<std::string>();
        element.ask = one.at("ask").get<ByLanguage>();
        element.optional = one.at("optional").get<bool>();
        policy.elements.push_back(std::move(element));
    }
    for (const json& one : text.at("clocks")) policy.clocks.push_back(clock_in(one));
    for (const auto& [name, calendar] : text.at("calendars").items())
        policy.calendars.emplace(name, or_throw(calendar_in(calendar).make()));
    for (const json& one : text.at("guards"))
        policy.guards.push_back({one.at("id").get<std::string>(), event_in(one.at("event")), events_in(one.at("after")),
                                 one.at("why").get<ByLanguage>()});
    policy.templates = text.at("templates").get<std::map<std::string, std::string>>();
    // A clock that counts business time without its calendar would only be found out when it starts.
    for (const ClockRule& clock : policy.clocks)
        if (!clock.calendar.empty() && policy.calendar_of(clock) == nullptr)
            throw std::invalid_argument{"no calendar '" + clock.calendar + "'"};
    return policy;
}

std::string hash_of_source(std::string_view source) { return to_hex(view(sha256(source))); }

}  // namespace

Result<sla::Calendar> CalendarPlan::make() const {
    auto where = sla::Zone::load(zone);
    if (!where) return tl::unexpected{where.error()};
    return sla::Calendar::make(*where, week, closed, closed_every_year);
}

void write_source(Policy& policy, const std::map<std::string, CalendarPlan>& plans) {
    json elements = json::array(), clocks = json::array(), calendars = json::object(), guards = json::array();
    for (const Element& element : policy.elements)
        elements.push_back({{"id", element.id}, {"ask", element.ask}, {"optional", element.optional}});
    for (const ClockRule& clock : policy.clocks) clocks.push_back(written(clock));
    for (const auto& [name, plan] : plans)
        if (policy.calendars.contains(name)) calendars[name] = written(plan);
    for (const Guard& guard : policy.guards)
        guards.push_back({{"id", guard.id},
                          {"event", cvd::to_text(guard.event)},
                          {"after", written(guard.after)},
                          {"why", guard.why}});
    policy.source = json{{"format", source_format},      {"name", policy.name},
                         {"promise", policy.promise},    {"severity", written(policy.levels)},
                         {"elements", elements},         {"clocks", clocks},
                         {"calendars", calendars},       {"guards", guards},
                         {"templates", policy.templates}}
                        .dump();
    policy.hash = hash_of_source(policy.source);
}

Result<Policy> policy_from_source(std::string_view source) {
    try {
        Policy policy = policy_in(json::parse(source));
        policy.source = source;
        policy.hash = hash_of_source(source);
        return policy;
    } catch (const json::exception& mistake) {
        return permanent(Code::BadInput, std::string{"a stored policy cannot be read: "} + mistake.what());
    } catch (const std::invalid_argument& mistake) {
        return permanent(Code::BadInput, std::string{"a stored policy cannot be read: "} + mistake.what());
    }
}

}  // namespace tocsin::rules
