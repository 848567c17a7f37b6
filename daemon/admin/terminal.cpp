#include "daemon/admin/terminal.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/utf8.hpp"

namespace tocsin::daemon {

namespace {

constexpr std::size_t between_columns = 2;

std::string_view code_of(Colour colour) {
    switch (colour) {
        case Colour::None:
            return "";
        case Colour::Bold:
            return "\x1b[1m";
        case Colour::Dim:
            return "\x1b[2m";
        case Colour::Red:
            return "\x1b[31m";
        case Colour::Yellow:
            return "\x1b[33m";
        case Colour::Green:
            return "\x1b[32m";
    }
    return "";
}

std::string padded(std::string text, std::size_t width, bool right) {
    const std::string space(width - std::min(width, columns(text)), ' ');
    return right ? space + text : text + space;
}

std::string cut_to_columns(const std::string& text, std::size_t width) {
    if (columns(text) <= width) return text;
    std::string cut;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        next_code_point(text, at);
        const std::string next = cut + text.substr(begin, at - begin);
        if (columns(next) + 1 > width) break;
        cut = next;
    }
    return cut + "…";
}

}  // namespace

std::size_t width_of_terminal() {
    winsize size{};
    if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 0;
    return size.ws_col;
}

Palette Palette::for_standard_output(std::string_view choice) {
    if (choice == "always") return Palette{true};
    if (choice == "never") return Palette{false};
    const char* no_color = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal == nullptr || std::string_view{terminal} == "dumb";
    return Palette{(no_color == nullptr || *no_color == '\0') && !dumb && ::isatty(STDOUT_FILENO) != 0};
}

std::string Palette::paint(std::string_view text, Colour colour) const {
    if (!on_ || colour == Colour::None) return std::string{text};
    return fmt::format("{}{}\x1b[0m", code_of(colour), text);
}

std::string table(const std::vector<std::string>& head, const std::vector<std::vector<Cell>>& rows,
                  const Palette& palette) {
    std::vector<std::size_t> widths;
    for (const std::string& name : head) widths.push_back(columns(name));
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i].text));

    const std::size_t terminal = width_of_terminal();
    std::size_t before_last = 0;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) before_last += widths[i] + between_columns;
    if (terminal > before_last + columns(head.back())) widths.back() = std::min(widths.back(), terminal - before_last);

    std::string text;
    const auto add_line = [&](const std::vector<Cell>& cells) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const bool last = i + 1 == cells.size();
            const std::string shown =
                last ? cut_to_columns(cells[i].text, widths[i]) : padded(cells[i].text, widths[i], cells[i].right);
            line += palette.paint(shown, cells[i].colour);
            if (!last) line.append(between_columns, ' ');
        }
        text += line + '\n';
    };
    std::vector<Cell> names;
    for (const std::string& name : head) names.push_back({name, Colour::Bold});
    add_line(names);
    for (const auto& row : rows) add_line(row);
    return text;
}

std::string distance_in_words(std::int64_t micros) {
    const bool past = micros < 0;
    const std::int64_t minutes = (past ? -micros : micros) / 60'000'000;
    std::string length;
    if (minutes < 60)
        length = fmt::format("{} min", minutes);
    else if (minutes < 48 * 60)
        length = fmt::format("{} h {} min", minutes / 60, minutes % 60);
    else
        length = fmt::format("{} days", minutes / (24 * 60));
    return past ? length + " ago" : "in " + length;
}

}  // namespace tocsin::daemon
