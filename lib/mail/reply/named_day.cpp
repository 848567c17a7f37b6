#include "mail/reply/named_day.hpp"

#include <array>

#include "base/text.hpp"

namespace tocsin::mail {

std::string_view without_marks(std::string_view word) {
    const auto is_mark = [](char c) {
        return c == ',' || c == '.' || c == ';' || c == ':' || c == '!' || c == '(' || c == ')' || c == '"' || c == '*';
    };
    while (!word.empty() && is_mark(word.back())) word.remove_suffix(1);
    while (!word.empty() && is_mark(word.front())) word.remove_prefix(1);
    return word;
}

namespace {

struct MonthName {
    std::string_view name;
    unsigned month;
};
constexpr std::array month_words{
    MonthName{"january", 1},    MonthName{"januar", 1},     MonthName{"janvier", 1},    MonthName{"enero", 1},
    MonthName{"jan", 1},        MonthName{"february", 2},   MonthName{"februar", 2},    MonthName{"février", 2},
    MonthName{"fevrier", 2},    MonthName{"febrero", 2},    MonthName{"feb", 2},        MonthName{"märz", 3},
    MonthName{"maerz", 3},      MonthName{"march", 3},      MonthName{"mars", 3},       MonthName{"marzo", 3},
    MonthName{"mar", 3},        MonthName{"april", 4},      MonthName{"avril", 4},      MonthName{"abril", 4},
    MonthName{"apr", 4},        MonthName{"mai", 5},        MonthName{"may", 5},        MonthName{"mayo", 5},
    MonthName{"juni", 6},       MonthName{"june", 6},       MonthName{"juin", 6},       MonthName{"junio", 6},
    MonthName{"jun", 6},        MonthName{"juli", 7},       MonthName{"july", 7},       MonthName{"juillet", 7},
    MonthName{"julio", 7},      MonthName{"jul", 7},        MonthName{"august", 8},     MonthName{"août", 8},
    MonthName{"aout", 8},       MonthName{"agosto", 8},     MonthName{"aug", 8},        MonthName{"september", 9},
    MonthName{"septembre", 9},  MonthName{"septiembre", 9}, MonthName{"sept", 9},       MonthName{"sep", 9},
    MonthName{"oktober", 10},   MonthName{"october", 10},   MonthName{"octobre", 10},   MonthName{"octubre", 10},
    MonthName{"okt", 10},       MonthName{"oct", 10},       MonthName{"november", 11},  MonthName{"novembre", 11},
    MonthName{"noviembre", 11}, MonthName{"nov", 11},       MonthName{"dezember", 12},  MonthName{"december", 12},
    MonthName{"décembre", 12},  MonthName{"decembre", 12},  MonthName{"diciembre", 12}, MonthName{"dez", 12},
    MonthName{"dec", 12}};

unsigned month_in(std::string_view word) {
    word = without_marks(word);
    for (const MonthName& one : month_words)
        if (word == one.name) return one.month;
    return 0;
}

// "1", "1.", "1st", "1er": the day; 0 when it is none.
unsigned day_in(std::string_view word) {
    word = without_marks(word);
    for (const std::string_view ending : {"st", "nd", "rd", "th", "er"})
        if (word.size() > 2 && word.ends_with(ending)) word.remove_suffix(2);
    const auto number = to_whole_number(word);
    return number && word.size() <= 2 && *number >= 1 && *number <= 31 ? static_cast<unsigned>(*number) : 0;
}

int year_in(std::string_view word) {
    word = without_marks(word);
    const auto number = word.size() == 4 ? to_whole_number(word) : std::nullopt;
    return number && *number >= 2000 && *number < 2100 ? static_cast<int>(*number) : 0;
}

std::optional<NamedDay> checked(NamedDay day) {
    if (day.month < 1 || day.month > 12 || day.day < 1 || day.day > 31) return std::nullopt;
    if (day.year != 0 && day.year < 100) day.year += 2000;
    return day;
}

// "2026-12-01", "1.12.2026", "1.12.", "1/12/26".
std::optional<NamedDay> in_digits(std::string_view word) {
    for (const char separator : {'-', '.', '/'}) {
        std::string_view rest = separator == '.' ? word : without_marks(word);
        while (!rest.empty() && (rest.back() == ',' || rest.back() == ')' || rest.back() == ';')) rest.remove_suffix(1);
        const auto parts = split(rest, separator);
        if (parts.size() < 2 || parts.size() > 4) continue;
        std::vector<int> numbers;
        std::size_t last_length = 0;
        bool good = true;
        for (const std::string_view part : parts) {
            if (part.empty()) continue;
            const std::int64_t number = part.size() <= 4 ? to_whole_number(part).value_or(-1) : -1;
            good = good && number >= 0;
            last_length = part.size();
            numbers.push_back(static_cast<int>(number));
        }
        if (!good || numbers.size() < 2 || numbers.size() > 3) continue;
        if (numbers.size() == 3 && last_length == 1 && numbers.front() < 2000) continue;  // nor is "2.1.3"
        if (numbers.size() == 2 && separator != '.') continue;                            // "24/7" is no day
        if (numbers.size() == 2 && !rest.ends_with('.')) continue;                        // nor is "2.1"
        if (numbers.front() >= 2000)
            return numbers.size() == 3
                       ? checked({numbers[0], static_cast<unsigned>(numbers[1]), static_cast<unsigned>(numbers[2])})
                       : std::nullopt;
        NamedDay day{numbers.size() == 3 ? numbers[2] : 0, static_cast<unsigned>(numbers[1]),
                     static_cast<unsigned>(numbers[0])};
        if (day.month > 12 && day.day <= 12) std::swap(day.month, day.day);
        return checked(day);
    }
    return std::nullopt;
}

}  // namespace

std::optional<NamedDay> day_at(const std::vector<std::string_view>& words, std::size_t at) {
    if (const auto day = in_digits(words[at])) return day;
    const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string_view{}; };
    std::size_t next = at + 1;
    if (const unsigned day = day_in(words[at])) {
        if (word(next) == "of" || word(next) == "de") ++next;
        const unsigned month = month_in(word(next));
        if (month == 0) return std::nullopt;
        if (word(++next) == "de") ++next;
        return checked({year_in(word(next)), month, day});
    }
    if (const unsigned month = month_in(words[at])) {
        if (word(next) == "the") ++next;
        const unsigned day = day_in(word(next));
        return day == 0 ? std::nullopt : checked({year_in(word(next + 1)), month, day});
    }
    return std::nullopt;
}

}  // namespace tocsin::mail
