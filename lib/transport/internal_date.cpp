#include "transport/internal_date.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/text.hpp"

namespace tocsin::transport {
namespace {

constexpr std::string_view no_date = "31-Dec-9999 23:59:59 +0000";  // unreadable_date
constexpr std::string_view item = "INTERNALDATE ";
constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> number_in(std::string_view text, int least, int most) {
    text = trim(text);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.size() > 4 || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value >= least && value <= most ? std::optional{value} : std::nullopt;
}

std::optional<std::size_t> month_in(std::string_view text) {
    if (const auto number = number_in(text, 1, 12)) return static_cast<std::size_t>(*number - 1);
    for (std::size_t at = 0; at < month_names.size(); ++at)
        if (starts_ignoring_case(text, month_names[at])) return at;
    return std::nullopt;
}

// RFC 3501 section 9: date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
bool is_plain(std::string_view date) {
    constexpr std::string_view form = "dn-mmm-nnnn nn:nn:nn znnnn";
    if (date.size() != form.size() || !month_in(date.substr(3, 3)) || is_digit(date[3])) return false;
    for (std::size_t at = 0; at < form.size(); ++at) {
        const char c = date[at];
        const bool fits = form[at] == 'n'   ? is_digit(c)
                          : form[at] == 'd' ? is_digit(c) || c == ' '
                          : form[at] == 'm' ? true
                          : form[at] == 'z' ? c == '+' || c == '-'
                                            : c == form[at];
        if (!fits) return false;
    }
    return number_in(date.substr(0, 2), 1, 31) && number_in(date.substr(12, 2), 0, 23) &&
           number_in(date.substr(15, 2), 0, 59) && number_in(date.substr(18, 2), 0, 60);
}

std::optional<std::string> plain_zone(std::string_view zone) {
    if (zone.empty() || zone == "Z" || zone == "GMT" || zone == "UTC") return "+0000";
    if (zone.size() != 5 || (zone[0] != '+' && zone[0] != '-') || !number_in(zone.substr(1), 0, 1459))
        return std::nullopt;
    return std::string{zone};
}

// What is only written otherwise: one digit for a day or an hour, a month in full or as a number, no seconds, no zone.
std::optional<std::string> plain_date(std::string_view date) {
    const auto words = split(trim(date), ' ');
    if (words.size() < 2 || words.size() > 3) return std::nullopt;
    const auto day = split(words[0], '-'), time = split(words[1], ':');
    if (day.size() != 3 || time.size() < 2 || time.size() > 3) return std::nullopt;
    const auto of_month = number_in(day[0], 1, 31), year = number_in(day[2], 1970, 9998);
    const auto month = month_in(day[1]);
    const auto hour = number_in(time[0], 0, 23), minute = number_in(time[1], 0, 59);
    const auto second = time.size() == 3 ? number_in(time[2], 0, 60) : 0;
    const auto zone = plain_zone(words.size() == 3 ? words[2] : "");
    if (!of_month || !month || !year || !hour || !minute || !second || !zone) return std::nullopt;
    return fmt::format("{:02}-{}-{:04} {:02}:{:02}:{:02} {}", *of_month, month_names[*month], *year, *hour, *minute,
                       *second, *zone);
}

}  // namespace

std::optional<std::string> with_plain_date(std::string_view line) {
    if (!line.starts_with("* ")) return std::nullopt;
    const std::size_t fetch = line.find(" FETCH (");
    if (fetch == std::string_view::npos || !number_in(line.substr(2, std::min<std::size_t>(fetch - 2, 1)), 0, 9))
        return std::nullopt;
    const std::size_t found = line.find(item, fetch);
    if (found == std::string_view::npos) return std::nullopt;
    const std::size_t begin = found + item.size();
    const bool quoted = begin < line.size() && line[begin] == '"';
    const std::size_t end = quoted ? line.find('"', begin + 1) : line.find_first_of(" )\r", begin);
    if (end == std::string_view::npos) return std::nullopt;  // a literal, or no line that can be mended
    const std::string_view date = quoted ? line.substr(begin + 1, end - begin - 1) : line.substr(begin, end - begin);
    if (quoted && is_plain(date)) return std::nullopt;
    const std::string plain = plain_date(date).value_or(std::string{no_date});
    return std::string{line.substr(0, begin)} + '"' + plain + '"' + std::string{line.substr(end + (quoted ? 1 : 0))};
}

}  // namespace tocsin::transport
