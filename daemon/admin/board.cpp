#include <fmt/core.h>
#include <sysexits.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/clocks.hpp"
#include "report/board.hpp"

namespace tocsin::daemon {

namespace {

using BoardJson = nlohmann::ordered_json;

constexpr std::size_t most_cells = 66;  // six to a day
constexpr std::size_t fewest_cells = 22;
constexpr std::size_t room_beside = 70;  // number, severity, owner, and what is due

std::size_t cells_for(std::size_t width) {
    if (width == 0) return most_cells;
    return std::clamp(width > room_beside ? width - room_beside : 0, fewest_cells, most_cells);
}

std::string painted_strip(const std::string& strip, const Palette& palette) {
    std::string text;
    for (const char c : strip) {
        switch (c) {
            case '.':
                text += palette.paint("░", Colour::Dim);
                break;
            case '#':
                text += "█";
                break;
            case '-':
                text += "─";
                break;
            case '!':
                text += palette.paint("▒", Colour::Red);
                break;
            case '|':
                text += palette.paint("┃", Colour::Bold);
                break;
            case ':':
                text += palette.paint("¦", Colour::Green);
                break;
            default:
                text += c;
        }
    }
    return text;
}

std::string board_text(const report::Board& board, const sla::Calendar* calendar, const Palette& palette) {
    const std::size_t cells = cells_for(width_of_terminal());
    std::string text = palette.paint(report::headline(board), Colour::Bold) + "\n";
    if (!board.rows.empty())
        text += std::string(36, ' ') + palette.paint(report::strip_heading(board, cells), Colour::Dim) + "\n";
    for (const report::BoardRow& row : board.rows) {
        // Padded before it is painted: colours take no room.
        const std::string number = fmt::format("{:<14}", row.number);
        const std::string severity = fmt::format("{:<9}", std::string{cvd::to_text(row.severity)});
        text += palette.paint(number, Colour::Bold) + " " + palette.paint(severity, colour_of(row.severity)) + " " +
                fmt::format("{:<10.10} ", row.owner.empty() ? "-" : for_one_line(row.owner, 10)) +
                painted_strip(report::strip_of(row, board, calendar, cells), palette) + "  " +
                palette.paint(report::what_is_due(row, board), row.late ? Colour::Red : Colour::None) + "\n";
        if (!row.title.empty())
            text += "               " + palette.paint(for_one_line(row.title, 100), Colour::Dim) + "\n";
    }
    return text;
}

BoardJson board_json(const report::Board& board) {
    BoardJson rows = BoardJson::array();
    for (const report::BoardRow& row : board.rows) {
        BoardJson one{{"number", row.number},
                      {"severity", cvd::to_text(row.severity)},
                      {"owner", row.owner.empty() ? BoardJson{} : BoardJson(row.owner)},
                      {"clock", row.clock},
                      {"due", to_rfc3339(row.due)},
                      {"late", row.late},
                      {"paused", row.paused}};
        if (!row.title.empty()) one["title"] = row.title;
        rows.push_back(std::move(one));
    }
    return {
        {"headline", report::headline(board)}, {"open", board.open}, {"late", board.late}, {"rows", std::move(rows)}};
}

}  // namespace

int show_board(const AdminContext& context, const BoardOptions& options) {
    const auto loaded = load_or_complain(context);
    if (!loaded) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(loaded->configuration, code);
    if (!store) return code;
    store::TicketFilter open;
    open.open = true;
    open.most = 10'000;
    const Instant now = context.clock.now();
    std::vector<cvd::Ticket> tickets;
    for (auto& [id, ticket] : store->tickets.list(open, now)) tickets.push_back(std::move(ticket));
    const rules::Policy* policy = loaded->rule_set.policy(loaded->configuration.mailboxes.front().rules.policy);
    const sla::Calendar* calendar = policy == nullptr ? nullptr : policy->usual_calendar();
    const report::Board board =
        report::board_of(tickets, calendar == nullptr ? sla::Zone::utc() : calendar->zone(), options.titles, now);
    if (!options.html.empty()) {
        const auto written = replace_file(options.html, report::board_html(board, calendar));
        if (!written) return complain(written.error().what, EX_IOERR);
    }
    if (context.json)
        std::puts(board_json(board).dump(2, ' ', false, BoardJson::error_handler_t::replace).c_str());
    else if (options.html.empty())
        std::fputs(board_text(board, calendar, context.palette).c_str(), stdout);
    return EX_OK;
}

}  // namespace tocsin::daemon
