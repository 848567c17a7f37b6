#include "report/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tocsin::report {

namespace {

constexpr std::array weekdays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

unsigned weekday_of(std::chrono::sys_days day) { return std::chrono::weekday{day}.iso_encoding() - 1; }

}  // namespace

std::string xml(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '&':
                escaped += "&amp;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                // XML 1.0 section 2.2 knows no other control characters.
                if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') escaped += c;
        }
    }
    return escaped;
}

std::string px(double number) {
    std::string text = fmt::format("{:.1f}", number);
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return text;
}

std::string_view picture_style() {
    return R"css(<style>
text{font-family:"DejaVu Sans",system-ui,sans-serif;fill:#1b1f23}
.ground{fill:#fff}.closed{fill:#e6e9ed}.open{fill:#fff}.grid{stroke:#d3d8de;stroke-width:1}
.dim{fill:#5b6570}.late{fill:#b00020}.nowline{stroke:#0a58ca;stroke-width:1.5}.now{fill:#0a58ca}
.due{stroke:#111;stroke-width:2}.hatch{stroke:#b9c0c8}.hatchlate{stroke:#b00020}
.clock0{fill:#8f1d1d;stroke:#8f1d1d}.clock1{fill:#b4530a;stroke:#b4530a}.clock2{fill:#7a5f00;stroke:#7a5f00}
.clock3{fill:#2f6b3a;stroke:#2f6b3a}.clock4{fill:#1f6f78;stroke:#1f6f78}.clock5{fill:#2b5797;stroke:#2b5797}
.clock6{fill:#6a3d8f;stroke:#6a3d8f}.clock7{fill:#4b5d67;stroke:#4b5d67}
.hollow{fill:none}.ring{fill:#fff}.label{paint-order:stroke;stroke:#fff;stroke-width:3px}.skip{stroke-width:2;opacity:.45}
@media (prefers-color-scheme:dark){text{fill:#e8eaed}.ground{fill:#16191d}.closed{fill:#252a30}.open{fill:#3a414a}
.grid{stroke:#454c55}.dim{fill:#a3adb8}.late{fill:#ff8a80}.nowline{stroke:#7ab8ff}.now{fill:#7ab8ff}.due{stroke:#fff}
.hatch{stroke:#5d6670}.hatchlate{stroke:#ff8a80}
.clock0{fill:#ff8a80;stroke:#ff8a80}.clock1{fill:#ffb070;stroke:#ffb070}.clock2{fill:#e6c85c;stroke:#e6c85c}
.clock3{fill:#86cf93;stroke:#86cf93}.clock4{fill:#79cdd6;stroke:#79cdd6}.clock5{fill:#92b8f5;stroke:#92b8f5}
.clock6{fill:#c9a2ec;stroke:#c9a2ec}.clock7{fill:#b5c2cc;stroke:#b5c2cc}.hollow{fill:none}.ring{fill:#16191d}
.label{stroke:#16191d}}
</style>
)css";
}

std::string_view holiday_pattern() {
    return R"svg(<defs>
<pattern id="holiday" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" x2="0" y1="0" y2="6" stroke-width="2"/></pattern>
<pattern id="late" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatchlate" x1="0" x2="0" y1="0" y2="6" stroke-width="3"/></pattern>
</defs>
)svg";
}

double Scale::x(Instant at) const {
    const double share =
        static_cast<double>((std::clamp(at, from, to) - from).count()) / static_cast<double>((to - from).count());
    return left + width * share;
}

std::string open_hours(const sla::Calendar& calendar, const Scale& scale, double top, double height) {
    const auto rectangle = [&](const char* look, Instant from, Instant to, const std::string& inside) {
        const double x = scale.x(from);
        const double end = scale.x(to);
        if (end <= x) return std::string{};
        return fmt::format("<rect {} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">{}</rect>\n", look, px(x), px(top),
                           px(end - x), px(height), inside);
    };
    std::string text = rectangle("class=\"closed\"", scale.from, scale.to, "");
    const sla::Zone& zone = calendar.zone();
    const auto wall = [&](std::chrono::sys_days day, Micros of_day) {
        return zone.instant({std::chrono::year_month_day{day}, of_day});
    };
    for (std::chrono::sys_days day{zone.civil(scale.from).date}; wall(day, Micros{0}) < scale.to;
         day += std::chrono::days{1}) {
        for (const sla::OpenHours& hours : calendar.hours_on(day))
            text += rectangle("class=\"open\"", wall(day, hours.opens), wall(day, hours.closes), "");
        if (calendar.is_holiday(day))
            text +=
                rectangle("fill=\"url(#holiday)\"", wall(day, Micros{0}), wall(day + std::chrono::days{1}, Micros{0}),
                          "<title>" + short_date(day) + ": closed</title>");
    }
    return text;
}

std::string short_day(std::chrono::sys_days day) {
    return fmt::format("{} {}", weekdays[weekday_of(day)],
                       static_cast<unsigned>(std::chrono::year_month_day{day}.day()));
}

std::string short_date(std::chrono::sys_days day) {
    return short_day(day) + " " + months[static_cast<unsigned>(std::chrono::year_month_day{day}.month()) - 1];
}

std::string short_time(Instant at, const sla::Zone& zone) {
    const sla::Civil wall = zone.civil(at);
    const std::chrono::hh_mm_ss time{wall.of_day};
    return fmt::format("{} {:02}:{:02} {}", short_date(std::chrono::sys_days{wall.date}), time.hours().count(),
                       time.minutes().count(), zone.abbreviation(at));
}

}  // namespace tocsin::report
