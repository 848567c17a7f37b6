#include "report/policy_picture.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "intake/promises/named_dates.hpp"
#include "report/svg.hpp"

namespace tocsin::report {

namespace {

constexpr double width = 1120;
constexpr double left = 150;
constexpr double strip = width - left - 20;
constexpr double lane = 22;
constexpr double label_line = 14;  // below the lane: beside the deadline stand the marks that follow it
constexpr double letter = 6.8;     // at most, of the labels, on the average
constexpr double head = 24;

struct Week {
    std::chrono::sys_days monday;
    Instant from;
    Instant to;
};

Week week_of(Instant at, const sla::Zone& zone) {
    const std::chrono::sys_days day{zone.civil(at).date};
    const auto monday = day - std::chrono::days{std::chrono::weekday{day}.iso_encoding() - 1};
    const auto begin = [&](std::chrono::sys_days of) {
        return zone.instant({std::chrono::year_month_day{of}, Micros{0}});
    };
    return {monday, begin(monday), begin(monday + std::chrono::days{7})};
}

bool lies_in(Instant at, const Week& week) { return at >= week.from && at < week.to; }

bool says_something(const intake::SimulatedClock& clock, const Week& week) {
    return lies_in(clock.started, week) || lies_in(clock.due, week) ||
           std::ranges::any_of(clock.reminders, [&](const auto& reminder) { return lies_in(reminder.at, week); });
}

double height_of(const intake::SimulatedClock& clock, const Week& week) {
    return lies_in(clock.due, week) ? lane + label_line : lane;
}

std::string what_is_due(const intake::SimulatedClock& clock, const std::vector<cvd::Severity>& only,
                        const sla::Zone& zone) {
    std::string text = (clock.rule.goal ? "aim: " : "due ") + short_time(clock.due, zone);
    for (std::size_t i = 0; i < only.size(); ++i)
        text.append(i == 0 ? ", only " : i + 1 == only.size() ? " or " : ", ").append(cvd::to_text(only[i]));
    return text;
}

std::string lane_of(const intake::SimulatedClock& clock, std::size_t number, const Scale& scale, const Week& week,
                    double top, const std::vector<cvd::Severity>& only, const sla::Zone& zone) {
    const std::string look = fmt::format("clock{}", number % 8);
    const double middle = top + lane / 2;
    std::string text =
        fmt::format("<text x=\"12\" y=\"{}\" font-size=\"12\">{}</text>\n", px(middle + 4), xml(clock.rule.id));
    for (const intake::AccountedTime& one : clock.intervals) {
        if (one.to <= week.from || one.from >= week.to) continue;
        const double x = scale.x(one.from);
        const double end = scale.x(one.to);
        if (one.kind == intake::AccountedTime::Kind::Counted)
            text += fmt::format("<rect class=\"{}\" stroke=\"none\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"8\"/>\n",
                                look, px(x), px(middle - 4), px(std::max(end - x, 0.5)));
        else
            text += fmt::format("<line class=\"{} skip\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>\n", look, px(x),
                                px(end), px(middle), px(middle));
    }
    for (const intake::SimulatedReminder& reminder : clock.reminders) {
        if (!lies_in(reminder.at, week)) continue;
        text += fmt::format(
            "<circle class=\"{}{}\" cx=\"{}\" cy=\"{}\" r=\"5\" stroke-width=\"2\"><title>{}: {}{}</title></circle>\n",
            look, reminder.escalates ? "" : " ring", px(scale.x(reminder.at)), px(middle),
            reminder.escalates ? "escalation, " : "", xml(reminder.mark), " on " + xml(short_time(reminder.at, zone)));
    }
    if (lies_in(clock.due, week)) {
        const double x = scale.x(clock.due);
        const std::string words = what_is_due(clock, only, zone);
        const bool to_the_left = x + letter * static_cast<double>(words.size()) > left + strip;
        text += fmt::format(
            "<line class=\"due\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>\n"
            "<text class=\"label\" x=\"{}\" y=\"{}\" font-size=\"11\" text-anchor=\"{}\">{}</text>\n",
            px(x), px(x), px(top + 2), px(top + lane - 2), px(to_the_left ? x + 1 : x - 1), px(top + lane + 9),
            to_the_left ? "end" : "start", xml(words));
    }
    return text;
}

}  // namespace

std::string policy_picture(const rules::Policy& policy, const intake::Simulation& simulation, Instant received,
                           std::optional<cvd::Severity> severity) {
    const sla::Calendar* calendar = policy.usual_calendar();
    const sla::Zone zone = intake::zone_for(policy, nullptr);
    Instant end = received;
    for (const intake::SimulatedClock& clock : simulation.clocks) {
        end = std::max(end, clock.due);
        if (!clock.reminders.empty()) end = std::max(end, clock.reminders.back().at);
    }

    double top = 56;
    std::string body;
    int quiet = 0;
    for (Week week = week_of(received, zone); week.from <= end; week = week_of(week.to, zone)) {
        std::vector<std::size_t> shown;
        bool speaks = false;
        for (std::size_t i = 0; i < simulation.clocks.size(); ++i) {
            const intake::SimulatedClock& clock = simulation.clocks[i];
            const Instant last = clock.reminders.empty() ? clock.due : std::max(clock.due, clock.reminders.back().at);
            if (clock.started < week.to && last >= week.from) shown.push_back(i);
            speaks = speaks || says_something(clock, week);
        }
        if (!speaks) {
            ++quiet;
            continue;
        }
        if (quiet > 0) {
            body += fmt::format(
                "<text class=\"dim\" x=\"{}\" y=\"{}\" font-size=\"11\">{} without a mark or a deadline</text>\n",
                px(left), px(top + 8), quiet == 1 ? std::string{"one week"} : std::to_string(quiet) + " weeks");
            top += 20;
            quiet = 0;
        }
        const Scale scale{week.from, week.to, left, strip};
        double height = 6;
        for (const std::size_t i : shown) height += height_of(simulation.clocks[i], week);
        body += fmt::format("<text x=\"12\" y=\"{}\" font-size=\"12\" font-weight=\"bold\">{}</text>\n", px(top + 15),
                            xml(short_date(week.monday)) + " " +
                                std::to_string(static_cast<int>(std::chrono::year_month_day{week.monday}.year())));
        if (calendar != nullptr) body += open_hours(*calendar, scale, top + head, height);
        for (int day = 0; day < 7; ++day) {
            const std::chrono::sys_days date = week.monday + std::chrono::days{day};
            const double x = scale.x(zone.instant({std::chrono::year_month_day{date}, Micros{0}}));
            body += fmt::format(
                "<line class=\"grid\" x1=\"{0}\" x2=\"{0}\" y1=\"{1}\" y2=\"{2}\"/>\n"
                "<text class=\"dim\" x=\"{3}\" y=\"{4}\" font-size=\"11\" text-anchor=\"middle\">{5}</text>\n",
                px(x), px(top + head), px(top + head + height), px(x + strip / 14), px(top + 16), short_day(date));
        }
        double lane_top = top + head + 3;
        for (const std::size_t i : shown) {
            const intake::SimulatedClock& clock = simulation.clocks[i];
            body += lane_of(clock, i, scale, week, lane_top,
                            severity ? std::vector<cvd::Severity>{} : clock.rule.severity, zone);
            lane_top += height_of(clock, week);
        }
        if (lies_in(received, week))
            body += fmt::format("<line class=\"nowline\" x1=\"{0}\" x2=\"{0}\" y1=\"{1}\" y2=\"{2}\"/>\n",
                                px(scale.x(received)), px(top + head - 4), px(top + head + height));
        top += head + height + 14;
    }
    top += 8;
    body += fmt::format(
        "<text class=\"dim\" x=\"12\" y=\"{}\" font-size=\"11\">Filled: time that counts. Thin: time that does not. "
        "White: open "
        "hours. Hatched: closed days. Rings: reminders. Dots: escalations. Bars: deadlines. Times are of {}.</text>\n",
        px(top), xml(zone.name()));
    top += 18;
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
        "aria-label=\"{2}\">\n{3}{4}<rect class=\"ground\" width=\"{0}\" height=\"{1}\"/>\n"
        "<text x=\"12\" y=\"26\" font-size=\"16\" font-weight=\"bold\">{2}</text>\n"
        "<text class=\"now\" x=\"12\" y=\"44\" font-size=\"12\">received {5}</text>\n{6}</svg>\n",
        px(width), px(top), xml("What the policy " + policy.name + " promises"), picture_style(), holiday_pattern(),
        xml(short_time(received, zone) +
            (severity ? ", rated " + std::string{cvd::to_text(*severity)} : std::string{})),
        body);
}

}  // namespace tocsin::report
