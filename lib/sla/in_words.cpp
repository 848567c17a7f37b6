#include <fmt/core.h>

#include <array>

#include "base/text.hpp"
#include "sla/deadline.hpp"

namespace tocsin::sla {
namespace {

// Tables of our own: no locale is generated on a server.
struct LanguageOfDates {
    std::string_view tag;  // RFC 5646 section 2.2.1
    std::array<std::string_view, 7> weekdays;
    std::array<std::string_view, 12> months;
    std::string_view pattern;  // weekday, day, month, year, hour, minute, zone
};

constexpr std::array<LanguageOfDates, 2> languages_of_dates{
    {{"en",
      {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
      {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
       "December"},
      "{}, {} {} {}, {:02}:{:02} {}"},
     {"de",
      {"Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"},
      {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
       "Dezember"},
      "{}, {}. {} {}, {:02}:{:02} Uhr {}"}}};

// "de-AT" is told in "de".
const LanguageOfDates& language_of_dates(std::string_view tag) {
    for (const LanguageOfDates& language : languages_of_dates) {
        if (equal_ignoring_case(tag.substr(0, tag.find_first_of("-_")), language.tag)) return language;
    }
    return languages_of_dates.front();
}

}  // namespace

std::string in_words(Instant at, const Zone& zone, std::string_view language) {
    const LanguageOfDates& words = language_of_dates(language);
    const Civil wall = zone.civil(at);
    const std::chrono::hh_mm_ss time{wall.of_day};
    const auto weekday = std::chrono::weekday{std::chrono::sys_days{wall.date}}.iso_encoding();
    return fmt::format(fmt::runtime(words.pattern), words.weekdays[weekday - 1], static_cast<unsigned>(wall.date.day()),
                       words.months[static_cast<unsigned>(wall.date.month()) - 1], static_cast<int>(wall.date.year()),
                       time.hours().count(), time.minutes().count(), zone.abbreviation(at));
}

}  // namespace tocsin::sla
