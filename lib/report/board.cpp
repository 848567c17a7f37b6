#include "report/board.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/svg.hpp"

namespace tocsin::report {

namespace {

constexpr double page = 1080;
constexpr double strip_left = 330;
constexpr double strip_width = 480;
constexpr double row_height = 26;
constexpr double title_height = 14;
constexpr double first_row = 60;

// Severities keep their colours everywhere.
std::string_view look_of(cvd::Severity severity) {
    switch (severity) {
        case cvd::Severity::Critical:
            return "clock0";
        case cvd::Severity::High:
            return "clock1";
        case cvd::Severity::Medium:
            return "clock2";
        case cvd::Severity::Low:
            return "clock7";
    }
    return "clock7";
}

std::string row_svg(const BoardRow& row, const Board& board, const Scale& scale, double top) {
    const double text_y = top + 17;
    const double bar_y = top + 8;
    const double below = top + row_height + (row.title.empty() ? 0 : title_height);
    const auto look = look_of(row.severity);
    std::string svg =
        fmt::format("<g><title>{}</title>\n<line class=\"grid\" x1=\"12\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>\n",
                    xml(row.number + ", " + std::string{cvd::to_text(row.severity)} + ", " + row.clock + " due " +
                        short_time(row.due, board.zone)),
                    px(page - 12), px(below), px(below));
    svg += fmt::format("<rect class=\"{}\" x=\"12\" y=\"{}\" width=\"4\" height=\"14\"/>\n", look, px(top + 6));
    svg += fmt::format(
        "<text x=\"22\" y=\"{0}\" font-size=\"12\" font-weight=\"bold\">{1}</text>\n"
        "<text x=\"140\" y=\"{0}\" font-size=\"12\">{2}</text>\n"
        "<text class=\"dim\" x=\"318\" y=\"{0}\" font-size=\"12\" text-anchor=\"end\">{3}</text>\n",
        px(text_y), xml(row.number), std::string{cvd::to_text(row.severity)}, xml(row.owner.empty() ? "—" : row.owner));
    const auto bar = [&](const std::string& with, Instant from, Instant to) {
        const double x = scale.x(from);
        const double end = scale.x(to);
        if (end > x)
            svg += fmt::format("<rect {} x=\"{}\" y=\"{}\" width=\"{}\" height=\"10\"/>\n", with, px(x), px(bar_y),
                               px(end - x));
    };
    bar(fmt::format("class=\"{}\" opacity=\".85\"", look), row.started, std::min(row.due, board.now));
    if (row.due > board.now) bar(fmt::format("class=\"{} hollow\"", look), std::max(row.started, board.now), row.due);
    if (row.late) bar("fill=\"url(#late)\"", row.due, board.now);
    if (row.due >= board.from && row.due < board.to)
        svg += fmt::format("<line class=\"due\" x1=\"{0}\" x2=\"{0}\" y1=\"{1}\" y2=\"{2}\"/>\n", px(scale.x(row.due)),
                           px(top + 4), px(top + 22));
    svg += fmt::format("<text{} x=\"{}\" y=\"{}\" font-size=\"12\">{}</text>\n", row.late ? " class=\"late\"" : "",
                       px(strip_left + strip_width + 16), px(text_y), xml(what_is_due(row, board)));
    if (!row.title.empty())
        svg += fmt::format("<text class=\"dim\" x=\"22\" y=\"{}\" font-size=\"11\">{}</text>\n", px(top + 34),
                           xml(row.title));
    return svg + "</g>\n";
}

}  // namespace

Board board_of(const std::vector<cvd::Ticket>& tickets, const sla::Zone& zone, bool with_titles, Instant now) {
    Board board;
    board.now = now;
    board.zone = zone;
    const std::chrono::sys_days today{zone.civil(now).date};
    const auto midnight = [&](int days) {
        return zone.instant({std::chrono::year_month_day{today + std::chrono::days{days}}, Micros{0}});
    };
    board.from = midnight(-3);
    board.to = midnight(8);
    for (const cvd::Ticket& ticket : tickets) {
        if (ticket.state == cvd::TicketState::Closed) continue;
        ++board.open;
        board.late += ticket.overdue(now) ? 1 : 0;
        const cvd::TicketClock* next = nullptr;
        for (const cvd::TicketClock& clock : ticket.clocks) {
            if (!clock.open()) continue;
            const auto rank = [](const cvd::TicketClock& one) { return std::pair{one.paused.has_value(), one.due}; };
            if (next == nullptr || rank(clock) < rank(*next)) next = &clock;
        }
        if (next == nullptr) continue;
        board.rows.push_back({.number = ticket.number,
                              .severity = ticket.severity,
                              .owner = ticket.owner.substr(0, ticket.owner.find('@')),
                              .title = with_titles ? ticket.title : std::string{},
                              .clock = next->name,
                              .started = next->started,
                              .due = next->due,
                              .late = next->state(now) == cvd::ClockState::Missed,
                              .paused = next->paused.has_value()});
    }
    std::ranges::stable_sort(board.rows, {}, [](const BoardRow& row) { return std::pair{row.paused, row.due}; });
    return board;
}

std::string short_distance(Micros length) {
    const auto minutes =
        std::chrono::duration_cast<std::chrono::minutes>(length < Micros{0} ? -length : length).count();
    if (minutes < 60) return fmt::format("{} min", minutes);
    if (minutes < 48 * 60)
        return minutes % 60 == 0 ? fmt::format("{} h", minutes / 60)
                                 : fmt::format("{} h {} min", minutes / 60, minutes % 60);
    const auto hours = minutes / 60;
    return hours % 24 == 0 ? fmt::format("{} d", hours / 24) : fmt::format("{} d {} h", hours / 24, hours % 24);
}

std::string headline(const Board& board) {
    std::string text = fmt::format("{} open · {} late", board.open, board.late);
    const auto next = std::ranges::find_if(board.rows, [&](const BoardRow& row) { return !row.late && !row.paused; });
    if (next != board.rows.end()) text += " · next due in " + short_distance(next->due - board.now);
    return text;
}

std::string what_is_due(const BoardRow& row, const Board& board) {
    if (row.paused) return row.clock + " waits";
    if (row.late) return row.clock + " late " + short_distance(board.now - row.due);
    if (row.due - board.now < std::chrono::hours{24}) return row.clock + " in " + short_distance(row.due - board.now);
    return row.clock + " " + short_time(row.due, board.zone);
}

std::string board_html(const Board& board, const sla::Calendar* calendar) {
    const Scale scale{board.from, board.to, strip_left, strip_width};
    const double step = std::ranges::any_of(board.rows, [](const BoardRow& row) { return !row.title.empty(); })
                            ? row_height + title_height
                            : row_height;
    const double bottom = first_row + step * static_cast<double>(board.rows.size());
    std::string body;
    if (calendar != nullptr) body += open_hours(*calendar, scale, first_row - 6, bottom - first_row + 10);
    for (std::chrono::sys_days day{board.zone.civil(board.from).date};; day += std::chrono::days{1}) {
        const Instant begin = board.zone.instant({std::chrono::year_month_day{day}, Micros{0}});
        if (begin >= board.to) break;
        body += fmt::format("<text class=\"dim\" x=\"{}\" y=\"{}\" font-size=\"11\" text-anchor=\"middle\">{}</text>\n",
                            px(scale.x(begin + std::chrono::hours{12})), px(first_row - 12), short_day(day));
    }
    double top = first_row;
    for (const BoardRow& row : board.rows) {
        body += row_svg(row, board, scale, top);
        top += step;
    }
    body += fmt::format(
        "<line class=\"nowline\" x1=\"{0}\" x2=\"{0}\" y1=\"{1}\" y2=\"{2}\"/>\n"
        "<text class=\"now\" x=\"{0}\" y=\"{3}\" font-size=\"11\" text-anchor=\"middle\">now</text>\n",
        px(scale.x(board.now)), px(first_row - 8), px(bottom + 6), px(bottom + 20));
    const std::string title = xml(headline(board));
    const double height = bottom + 30;
    return fmt::format(R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{0}</title>
<style>body{{margin:0;background:#fff}}svg{{display:block;width:100%;max-width:{1}px;height:auto;margin:0 auto}}
@media (prefers-color-scheme:dark){{body{{background:#16191d}}}}</style>
</head>
<body>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {1} {2}" role="img" aria-label="{0}">
{3}{4}<rect class="ground" width="{1}" height="{2}"/>
<text x="12" y="26" font-size="16" font-weight="bold">{0}</text>
<text class="dim" x="{5}" y="26" font-size="11" text-anchor="end">{6}</text>
{7}</svg>
</body>
</html>
)html",
                       title, px(page), px(height), picture_style(), holiday_pattern(), px(page - 12),
                       xml(short_time(board.now, board.zone)), body);
}

std::string strip_of(const BoardRow& row, const Board& board, const sla::Calendar* calendar, std::size_t cells) {
    std::string strip;
    const auto length = (board.to - board.from) / static_cast<std::int64_t>(std::max<std::size_t>(cells, 1));
    for (std::size_t i = 0; i < cells; ++i) {
        const Instant from = board.from + length * static_cast<std::int64_t>(i);
        const Instant middle = from + length / 2;
        const auto here = [&](Instant at) { return at >= from && at < from + length; };
        if (here(row.due))
            strip += '|';
        else if (here(board.now))
            strip += ':';
        else if (row.late && middle > row.due && middle < board.now)
            strip += '!';
        else if (middle >= row.started && middle < std::min(row.due, board.now))
            strip += '#';
        else if (middle >= board.now && middle < row.due)
            strip += '-';
        else
            strip += calendar == nullptr || calendar->is_open(middle) ? ' ' : '.';
    }
    return strip;
}

std::string strip_heading(const Board& board, std::size_t cells) {
    std::string heading(cells, ' ');
    if (cells == 0 || board.to <= board.from) return heading;
    const auto length = (board.to - board.from) / static_cast<std::int64_t>(cells);
    std::chrono::sys_days day{board.zone.civil(board.from).date};
    std::vector<std::pair<std::size_t, std::chrono::sys_days>> begins;
    for (; board.zone.instant({std::chrono::year_month_day{day}, Micros{0}}) < board.to; day += std::chrono::days{1}) {
        const Instant midnight = board.zone.instant({std::chrono::year_month_day{day}, Micros{0}});
        if (midnight >= board.from)
            begins.emplace_back(static_cast<std::size_t>((midnight - board.from) / length), day);
    }
    for (std::size_t i = 0; i < begins.size(); ++i) {
        const auto [cell, date] = begins[i];
        const std::size_t room = (i + 1 < begins.size() ? begins[i + 1].first : cells) - cell;
        std::string label = short_day(date);
        if (label.size() >= room) label.resize(room > 3 ? 3 : 1);
        if (room > 0) heading.replace(cell, label.size(), label);
    }
    heading.resize(cells, ' ');
    return heading;
}

}  // namespace tocsin::report
