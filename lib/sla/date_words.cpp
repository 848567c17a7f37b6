#include "sla/date_words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "sla/span.hpp"

namespace tocsin::sla {

namespace {

constexpr Micros end_of_work = std::chrono::hours{17};

constexpr std::array<std::string_view, 7> weekdays_en{"sunday",   "monday", "tuesday", "wednesday",
                                                      "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 7> weekdays_de{"sonntag",    "montag",  "dienstag", "mittwoch",
                                                      "donnerstag", "freitag", "samstag"};
constexpr std::array<std::string_view, 12> months_en{"january",   "february", "march",    "april",
                                                     "may",       "june",     "july",     "august",
                                                     "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 12> months_de{"januar",    "februar", "märz",     "april",
                                                     "mai",       "juni",    "juli",     "august",
                                                     "september", "oktober", "november", "dezember"};
// Words between the parts that say nothing of their own.
constexpr std::array<std::string_view, 12> fillers{"at",  "on",  "by",  "um", "uhr",   "am",
                                                   "bis", "den", "the", "of", "until", "o'clock"};

tl::unexpected<Error> no_moment() {
    return permanent(Code::BadInput,
                     "not a date; accepted is such as 'friday 17:00', 'tomorrow', 'in 3 days', '2026-12-01', "
                     "'2026-12-01 17:00', '1 December 9:30', '1.12.2026'");
}

// A whole name or its first three letters and more: "fri", "thurs", "sept", "dez.".
template <std::size_t count>
std::optional<unsigned> place_of(std::string_view word, const std::array<std::string_view, count>& names) {
    if (word.ends_with('.')) word.remove_suffix(1);
    if (word.size() < 3) return std::nullopt;
    for (unsigned i = 0; i < count; ++i)
        if (names.at(i).starts_with(word)) return i;
    return std::nullopt;
}

std::optional<unsigned> weekday_of(std::string_view word) {
    if (word == "sonnabend") return 6;
    if (const auto found = place_of(word, weekdays_en)) return found;
    return place_of(word, weekdays_de);
}

std::optional<unsigned> month_of(std::string_view word) {
    if (word == "maerz" || word == "mrz") return 3;
    if (const auto found = place_of(word, months_en)) return *found + 1;
    if (const auto found = place_of(word, months_de)) return *found + 1;
    return std::nullopt;
}

std::optional<unsigned> small_number(std::string_view text, std::int64_t most) {
    const auto number = to_whole_number(text);
    if (!number || text.size() > 4 || *number < 0 || *number > most) return std::nullopt;
    return static_cast<unsigned>(*number);
}

// "1", "1.", "1st", "22nd".
std::optional<unsigned> day_of(std::string_view word) {
    for (const std::string_view ending : {"st", "nd", "rd", "th", "."})
        if (word.ends_with(ending)) {
            word.remove_suffix(ending.size());
            break;
        }
    const auto day = word.size() <= 2 ? small_number(word, 31) : std::nullopt;
    return day && *day > 0 ? day : std::nullopt;
}

std::optional<std::chrono::year_month_day> date_of(unsigned year, unsigned month, unsigned day) {
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)}, std::chrono::month{month},
                                           std::chrono::day{day}};
    return date.ok() && year >= 1970 && year <= 2399 ? std::optional{date} : std::nullopt;
}

class MomentReader {
public:
    MomentReader(std::string_view text, Instant now, const Zone& zone) : now_{now}, zone_{zone} {
        std::string spaced = lower(text);
        std::ranges::replace(spaced, ',', ' ');
        for (const std::string_view word : words(spaced)) words_.emplace_back(word);
        today_ = zone.civil(now).date;
    }

    Result<Instant> read() {
        if (words_.empty()) return no_moment();
        for (at_ = 0; at_ < words_.size(); ++at_)
            if (!take_word()) return no_moment();
        if (relative_) return relative();
        if (!date_ && !weekday_ && !time_) return no_moment();
        return absolute();
    }

private:
    const std::string* next() const { return at_ + 1 < words_.size() ? &words_[at_ + 1] : nullptr; }

    bool take_word() {
        const std::string& word = words_[at_];
        if (take_time(word)) return true;
        if (take_date(word)) return true;
        if (word == "in") return !relative_ && take_span(at_ + 1);
        if (take_span(at_)) return true;
        return std::ranges::find(fillers, word) != fillers.end();
    }

    bool take_span(std::size_t from) {
        if (relative_ || from + 1 >= words_.size()) return false;
        std::string unit = words_[from + 1];
        std::int64_t factor = 1;
        if (unit == "tage" || unit == "tagen" || unit == "tag") unit = "days";
        if (unit == "stunde" || unit == "stunden") unit = "hours";
        if (unit == "week" || unit == "weeks" || unit == "woche" || unit == "wochen") {
            unit = "days";
            factor = 7;
        }
        const auto count =
            words_[from] == "a" || words_[from] == "an" || words_[from] == "one" || words_[from] == "einer"
                ? std::optional<std::int64_t>{1}
                : to_whole_number(words_[from]);
        if (!count || *count < 1 || *count > 5'000) return false;
        const auto span = parse_span(std::to_string(*count * factor) + " " + unit);
        if (!span || span->counts_business_time()) return false;
        relative_ = *span;
        at_ = from + 1;
        return true;
    }

    bool keep_date(std::optional<std::chrono::year_month_day> date) {
        if (!date || date_) return false;
        date_ = date;
        if (!weekday_) return true;
        const bool agrees = says_weekday(*weekday_);
        weekday_.reset();
        return agrees;
    }

    bool take_date(const std::string& word) {
        if (word == "today" || word == "heute") return keep_date(today_);
        if (word == "tomorrow" || word == "morgen")
            return keep_date(std::chrono::year_month_day{std::chrono::sys_days{today_} + std::chrono::days{1}});
        if (const auto weekday = weekday_of(word)) {
            if (date_ || weekday_) return date_ && says_weekday(*weekday);
            weekday_ = weekday;
            return true;
        }
        if (const auto month = month_of(word)) {
            const auto day = next() == nullptr ? std::nullopt : day_of(*next());
            if (!day) return false;
            ++at_;
            return keep_date(with_year(*month, *day));
        }
        if (const auto day = day_of(word))
            if (const auto month = next() == nullptr ? std::nullopt : month_of(*next())) {
                ++at_;
                return keep_date(with_year(*month, *day));
            }
        return take_written_date(word);
    }

    // A weekday beside a date is a check on it: the one that contradicts is a slip that nobody can mend.
    bool says_weekday(unsigned weekday) const {
        return std::chrono::weekday{std::chrono::sys_days{*date_}}.c_encoding() == weekday;
    }

    // Without a year the first such date that is not over.
    std::optional<std::chrono::year_month_day> with_year(unsigned month, unsigned day) {
        if (next() != nullptr && next()->size() == 4)
            if (const auto year = small_number(*next(), 9999)) {
                ++at_;
                return date_of(*year, month, day);
            }
        const auto year = static_cast<unsigned>(static_cast<int>(today_.year()));
        const auto date = date_of(year, month, day);
        if (date && std::chrono::sys_days{*date} >= std::chrono::sys_days{today_}) return date;
        return date_of(year + 1, month, day);
    }

    // 2026-12-01, 2026/12/01, 1.12.2026, 1.12.; a date with slashes and the year last means two things.
    bool take_written_date(const std::string& word) {
        for (const char mark : {'-', '/'}) {
            const auto parts = split(word, mark);
            if (parts.size() != 3 || parts[0].size() != 4) continue;
            const auto year = small_number(parts[0], 9999);
            const auto month = small_number(parts[1], 12);
            const auto day = small_number(parts[2], 31);
            return year && month && day && keep_date(date_of(*year, *month, *day));
        }
        const auto parts = split(word, '.');
        if (parts.size() != 3) return false;
        const auto day = small_number(parts[0], 31);
        const auto month = small_number(parts[1], 12);
        if (!day || !month || *day == 0 || *month == 0) return false;
        if (parts[2].empty()) return keep_date(with_year(*month, *day));
        const auto year = parts[2].size() == 4 ? small_number(parts[2], 9999) : std::nullopt;
        return year && keep_date(date_of(*year, *month, *day));
    }

    // 17:00, 17.30, 5pm, 5 pm, 17h, "17 uhr", noon; with "utc", "z" or an offset behind it.
    bool take_time(const std::string& word) {
        if (time_) {
            if (word == "utc" || word == "gmt" || word == "z") {
                utc_ = true;
                return true;
            }
            return equal_ignoring_case(word, zone_.name()) || says_zone(word);
        }
        if (word == "noon" || word == "mittag" || word == "mittags") return keep_time(12, 0);
        if (word == "midnight" || word == "mitternacht") return keep_time(24, 0);
        std::string_view digits = word;
        if (digits.ends_with('z') && digits.find(':') != std::string_view::npos) {
            digits.remove_suffix(1);
            utc_ = true;
        }
        bool afternoon = false;
        bool twelve_hours = false;
        for (const std::string_view ending : {"pm", "am"})
            if (digits.ends_with(ending) && digits.size() > 2) {
                afternoon = ending == "pm";
                twelve_hours = true;
                digits.remove_suffix(2);
            }
        const std::size_t mark = digits.find_first_of(":.");
        const auto hour = small_number(digits.substr(0, mark), 24);
        if (!hour || digits.substr(0, mark).size() > 2) return false;
        if (mark == std::string_view::npos) {
            if (!twelve_hours && next() != nullptr && (*next() == "pm" || *next() == "am")) {
                afternoon = *next() == "pm";
                twelve_hours = true;
                ++at_;
            }
            const bool named = next() != nullptr && *next() == "uhr";
            if (!twelve_hours && !named) return false;
            if (named) ++at_;
            return keep_clock(*hour, 0, twelve_hours, afternoon);
        }
        std::string_view minutes = digits.substr(mark + 1);
        // "12:00:00": seconds are not told.
        if (minutes.size() == 5 && minutes[2] == ':' && small_number(minutes.substr(3), 59))
            minutes = minutes.substr(0, 2);
        const auto minute = minutes.size() == 2 ? small_number(minutes, 59) : std::nullopt;
        if (!minute) return false;
        if (!twelve_hours && next() != nullptr && (*next() == "pm" || *next() == "am") && *hour <= 12) {
            afternoon = *next() == "pm";
            twelve_hours = true;
            ++at_;
        }
        // "1.12" is a day as well as a time: only with a date beside it is it no question.
        const bool named = next() != nullptr && *next() == "uhr";
        const bool may_be_day = digits[mark] == '.' && *hour >= 1 && *minute >= 1 && *minute <= 12;
        if (may_be_day && !named && !twelve_hours && !date_ && !weekday_) return false;
        return keep_clock(*hour, *minute, twelve_hours, afternoon);
    }

    bool keep_clock(unsigned hour, unsigned minute, bool twelve_hours, bool afternoon) {
        if (twelve_hours) {
            if (hour == 0 || hour > 12) return false;
            hour = hour % 12 + (afternoon ? 12 : 0);
        }
        return keep_time(hour, minute);
    }

    bool keep_time(unsigned hour, unsigned minute) {
        if (time_ || hour > 24 || (hour == 24 && minute > 0)) return false;
        time_ = std::chrono::hours{hour} + std::chrono::minutes{minute};
        return true;
    }

    // "CET", and for a zone without a name "UTC+05:45" or "+0545": what it is called on that day, so nothing but a
    // confirmation.
    bool says_zone(const std::string& word) {
        const auto at = absolute();
        if (!at) return false;
        const std::string name = zone_.abbreviation(*at);
        if (equal_ignoring_case(word, name)) return true;
        std::string digits = name.starts_with("UTC") ? name.substr(3) : std::string{};
        if (!digits.empty() && word == digits) return true;
        std::erase(digits, ':');
        return !digits.empty() && word == digits;
    }

    Result<Instant> relative() {
        if (date_ || weekday_) return no_moment();
        const bool whole_days = relative_->unit == Unit::Day;
        if (!whole_days) {
            if (time_) return no_moment();
            return now_ + (relative_->unit == Unit::Minute ? Micros{std::chrono::minutes{relative_->count}}
                                                           : Micros{std::chrono::hours{relative_->count}});
        }
        date_ = std::chrono::year_month_day{std::chrono::sys_days{today_} + std::chrono::days{relative_->count}};
        if (!time_) time_ = zone_.civil(now_).of_day;  // in 3 days: at this time of the day
        return at_wall_time(*date_);
    }

    Result<Instant> at_wall_time(std::chrono::year_month_day date) const {
        const Micros of_day = time_.value_or(end_of_work);
        if (utc_) return Instant{std::chrono::sys_days{date}} + of_day;
        return zone_.instant({date, of_day});
    }

    Result<Instant> absolute() const {
        if (date_) return at_wall_time(*date_);
        if (!weekday_) {  // a time alone: the next one
            const auto today = at_wall_time(today_);
            return !today || *today > now_ ? today
                                           : at_wall_time(std::chrono::year_month_day{std::chrono::sys_days{today_} +
                                                                                      std::chrono::days{1}});
        }
        const auto ahead =
            (std::chrono::weekday{*weekday_} - std::chrono::weekday{std::chrono::sys_days{today_}}).count();
        const auto first =
            at_wall_time(std::chrono::year_month_day{std::chrono::sys_days{today_} + std::chrono::days{ahead}});
        return !first || *first > now_ ? first
                                       : at_wall_time(std::chrono::year_month_day{std::chrono::sys_days{today_} +
                                                                                  std::chrono::days{ahead + 7}});
    }

    std::vector<std::string> words_;
    std::size_t at_ = 0;
    Instant now_;
    const Zone& zone_;
    std::chrono::year_month_day today_;
    std::optional<std::chrono::year_month_day> date_;
    std::optional<unsigned> weekday_;  // Sunday is 0
    std::optional<Micros> time_;
    bool utc_ = false;
    std::optional<Span> relative_;
};

}  // namespace

Result<Instant> parse_moment(std::string_view text, Instant now, const Zone& zone) {
    text = trim(text);
    if (text.ends_with('.') && !text.empty() && !is_digit(text[text.size() >= 2 ? text.size() - 2 : 0]))
        text.remove_suffix(1);
    std::string whole{text};
    if (whole.size() > 100) return no_moment();
    // RFC 3339, as a client or a program writes it; also without seconds.
    std::string with_t = whole;
    if (with_t.size() > 11 && (with_t[10] == 't' || with_t[10] == ' ')) with_t[10] = 'T';
    if (const auto exact = from_rfc3339(with_t)) return *exact;
    if (with_t.size() > 16 && with_t[10] == 'T' && with_t[13] == ':' && !is_digit(with_t[16]) && with_t[16] != ':') {
        with_t.insert(16, ":00");
        if (const auto exact = from_rfc3339(with_t)) return *exact;
    }
    if (whole.size() >= 16 && whole[10] == 'T') whole[10] = ' ';
    if (const auto slashes = whole.find('/'); slashes != std::string::npos && slashes < 4)
        return permanent(Code::BadInput,
                         "a date such as 01/02/2026 can mean two days; write 2026-02-01 or '1 February'");
    if (starts_ignoring_case(whole, "next ") || starts_ignoring_case(whole, "nächst"))
        return permanent(Code::BadInput,
                         "'next' can mean two days; write the date, or 'friday 17:00' for the first friday to come");
    return MomentReader{whole, now, zone}.read();
}

}  // namespace tocsin::sla
