#include "mail/header/date_time.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "base/text.hpp"
#include "mail/composing.hpp"
#include "mail/header/month_name.hpp"
#include "mail/header/unfold.hpp"

namespace tocsin::mail {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 12> month_names = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> day_names = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct NamedZone {
    std::string_view name;
    int minutes;
};
// RFC 5322 section 4.3; the military letters are read as UTC, as it advises. CET and the like are no part of it.
constexpr NamedZone named_zones[] = {{"ut", 0},     {"utc", 0},    {"gmt", 0},    {"z", 0},      {"est", -300},
                                     {"edt", -240}, {"cst", -360}, {"cdt", -300}, {"mst", -420}, {"mdt", -360},
                                     {"pst", -480}, {"pdt", -420}, {"cet", 60},   {"cest", 120}, {"bst", 60},
                                     {"jst", 540},  {"mez", 60},   {"mesz", 120}, {"eet", 120},  {"eest", 180},
                                     {"wet", 0},    {"west", 60},  {"msk", 180},  {"kst", 540}};

struct DateParts {
    std::optional<int> day, year, hour, minute, zone;
    std::optional<unsigned> month;
    bool month_may_be_a_day = false;
    int second = 0;
    bool afternoon = false;
    bool morning = false;
};

// RFC 5322 section 4.3 allows comments and blanks around the colons: "09(comment):   55  :  06".
std::string without_date_comments(std::string_view text) {
    std::string out;
    std::size_t depth = 0;
    for (const char c : text) {
        if (c == '(') ++depth;
        if (depth == 0 && c == ':')
            while (out.ends_with(' ')) out.pop_back();
        if (depth == 0 && !(c == ' ' && out.ends_with(':'))) out.push_back(c == ',' ? ' ' : c);
        if (c == ')' && depth > 0) {
            --depth;
            if (!out.ends_with(':')) out.push_back(' ');
        }
    }
    return out;
}

std::optional<int> small_number(std::string_view digits) {
    if (digits.empty() || digits.size() > 6) return std::nullopt;
    int value = 0;
    for (const char c : digits) {
        if (!is_digit(c)) return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

std::optional<int> offset_minutes(std::string_view word) {
    if (word.size() < 2 || (word[0] != '+' && word[0] != '-')) return std::nullopt;
    std::string digits;
    for (const char c : word.substr(1))
        if (c != ':') digits.push_back(c);
    if (digits.size() > 4) digits.resize(4);
    if (digits.size() <= 2) digits += "00";
    if (digits.size() == 3) digits.insert(digits.begin(), '0');
    const auto number = small_number(digits);
    if (!number || *number / 100 > 23 || *number % 100 > 59) return std::nullopt;
    const int minutes = *number / 100 * 60 + *number % 100;
    return word[0] == '-' ? -minutes : minutes;
}

bool read_time(std::string_view word, DateParts& parts) {
    const char separator = word.find(':') != std::string_view::npos ? ':' : '.';
    auto fields = split(word, separator);
    if (fields.size() < 2 || fields.size() > 3) return false;
    const auto hour = small_number(fields[0]);
    const auto minute = small_number(fields[1]);
    if (!hour || !minute || *hour > 24 || *minute > 59 || fields[0].size() > 2) return false;
    parts.hour = *hour;
    parts.minute = *minute;
    if (fields.size() == 3)
        if (const auto second = small_number(fields[2].substr(0, fields[2].find_first_of(".,"))))
            parts.second = *second;
    return parts.second <= 60;
}

// "mar. 4 août 2026": what may be a Tuesday is one when a month follows.
bool read_month(std::string_view word, DateParts& parts) {
    if (parts.month && (!parts.month_may_be_a_day || parts.year)) return false;
    const auto month = named_month(word);
    if (!month) return false;
    parts.month = month->month;
    parts.month_may_be_a_day = month->may_be_a_day;
    return true;
}

// "2026年11月2日", "11월": numbers that say themselves what they count.
bool read_counted(std::string_view word, DateParts& parts) {
    bool counted = false;
    while (!word.empty()) {
        const auto digits = std::min(word.find_first_not_of("0123456789"), word.size());
        const auto number = small_number(word.substr(0, digits));
        const auto count = word.substr(digits);
        const auto counts = [&](std::string_view a, std::string_view b) {
            return count.starts_with(a) || count.starts_with(b);
        };
        if (!number) return counted;
        if (counts("年", "년"))
            parts.year = number;
        else if (counts("月", "월"))
            parts.month = static_cast<unsigned>(*number);
        else if (counts("日", "일"))
            parts.day = number;
        else
            return counted;
        word = count.substr(3);  // each of these has three bytes
        counted = true;
    }
    return counted;
}

// "02.11.2026" and "2026/11/02". "02/11/2026" is one thing in one country and another in the next.
bool read_day_in_digits(std::string_view word, DateParts& parts) {
    if (parts.day || parts.month || parts.year) return false;
    const char separator = word.find('/') != std::string_view::npos ? '/' : '.';
    const auto pieces = split(word, separator);
    if (pieces.size() != 3) return false;
    const auto first = small_number(pieces[0]), second = small_number(pieces[1]), third = small_number(pieces[2]);
    if (!first || !second || !third) return false;
    if (pieces[0].size() == 4) {
        parts.year = first;
        parts.day = third;
    } else if (separator == '.' && pieces[2].size() == 4) {
        parts.day = first;
        parts.year = third;
    } else {
        return false;
    }
    parts.month = static_cast<unsigned>(*second);
    return true;
}

// A year of two or three digits: RFC 5322 section 4.3.
int full_year(int year, std::size_t digits) {
    if (digits == 2) return year < 50 ? year + 2000 : year + 1900;
    if (digits == 3) return year + 1900;
    return year;
}

bool read_named_zone(std::string_view word, DateParts& parts) {
    for (const auto& zone : named_zones)
        if (equal_ignoring_case(word, zone.name)) {
            parts.zone = zone.minutes;
            return true;
        }
    return false;
}

void read_word(std::string_view word, DateParts& parts) {
    if (parts.hour && !parts.zone) {
        if (const auto offset = offset_minutes(word)) {
            parts.zone = offset;
            return;
        }
        if (read_named_zone(word, parts)) return;
        // "GMT+0100", as JavaScript has it.
        for (const std::string_view name : {"gmt", "utc"})
            if (starts_ignoring_case(word, name))
                if (const auto offset = offset_minutes(word.substr(name.size()))) {
                    parts.zone = offset;
                    return;
                }
    }
    for (const std::string_view afternoon : {"pm", "下午", "午後", "오후"})
        if (equal_ignoring_case(word, afternoon)) parts.afternoon = true;
    for (const std::string_view morning : {"am", "上午", "午前", "오전"})
        if (equal_ignoring_case(word, morning)) parts.morning = true;
    if (read_counted(word, parts) || read_day_in_digits(word, parts)) return;
    if (!parts.hour && (word.find(':') != std::string_view::npos ||
                        (word.find('.') != std::string_view::npos && parts.day && parts.month && parts.year))) {
        // A zone may stick to the time: 12:00:00+0200.
        const auto sign = word.find_first_of("+-");
        if (read_time(word.substr(0, sign), parts) && sign != std::string_view::npos)
            parts.zone = offset_minutes(word.substr(sign));
        return;
    }
    if (read_month(word, parts)) return;
    if (word.ends_with('.')) word.remove_suffix(1);  // "2. Dezember"
    if (const auto number = small_number(word)) {
        if (!parts.day && word.size() <= 3 && *number <= 31)
            parts.day = *number;
        else if (!parts.year)
            parts.year = full_year(*number, word.size());
    }
}

std::optional<Instant> assembled(const DateParts& parts) {
    if (!parts.day || !parts.month || !parts.year || !parts.hour || *parts.year < 1900 || *parts.year > 9999 ||
        *parts.day > 31 || *parts.month > 12)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*parts.year}, std::chrono::month{*parts.month},
                                           std::chrono::day{static_cast<unsigned>(*parts.day)}};
    if (!date.ok()) return std::nullopt;
    int hour = *parts.hour;
    if (parts.afternoon && hour < 12) hour += 12;
    if (parts.morning && hour == 12) hour = 0;
    return Instant{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{*parts.minute} +
           std::chrono::seconds{parts.second} - std::chrono::minutes{parts.zone.value_or(0)};
}

}  // namespace

std::optional<Instant> read_date_time(std::string_view field_value) {
    const std::string text = without_date_comments(unfold(field_value.substr(0, 200)));
    if (const auto iso = from_rfc3339(trim(text))) return iso;
    DateParts parts;
    for (const auto word : words(text)) {
        bool is_day_name = false;
        for (const auto name : day_names) is_day_name |= starts_ignoring_case(word, name) && !is_digit(word.back());
        if (is_day_name) continue;
        // 01-Jan-2020 and 2020-01-02, whole or as pieces
        const auto dashes = split(word, '-');
        if (dashes.size() == 3 && !dashes[0].empty()) {
            if (dashes[0].size() == 4 && small_number(dashes[1])) {
                parts.year = small_number(dashes[0]);
                parts.month = static_cast<unsigned>(small_number(dashes[1]).value_or(0));
                const auto t = dashes[2].find('T');
                parts.day = small_number(dashes[2].substr(0, t));
                if (t != std::string_view::npos) read_word(dashes[2].substr(t + 1), parts);
            } else {
                for (const auto piece : dashes) read_word(piece, parts);
            }
            continue;
        }
        read_word(word, parts);
    }
    return assembled(parts);
}

std::string to_date_time(Instant at) {
    const auto days = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{days};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - days)};
    const std::chrono::weekday weekday{days};
    const auto capital = [](std::string_view name) {
        std::string word{name};
        word[0] = static_cast<char>(word[0] - 'a' + 'A');
        return word;
    };
    char buffer[64];
    const int length =
        std::snprintf(buffer, sizeof buffer, "%s, %02u %s %04d %02d:%02d:%02d +0000",
                      capital(day_names[weekday.c_encoding()]).c_str(), static_cast<unsigned>(date.day()),
                      capital(month_names[static_cast<unsigned>(date.month()) - 1]).c_str(),
                      static_cast<int>(date.year()), static_cast<int>(time.hours().count()),
                      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
    return {buffer, static_cast<std::size_t>(length)};
}

}  // namespace tocsin::mail
