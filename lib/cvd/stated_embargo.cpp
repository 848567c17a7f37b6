#include "cvd/stated_embargo.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"

namespace tocsin::cvd {

namespace {

constexpr std::size_t most_embargo_text = 50'000;
constexpr std::size_t most_stated = 10;
constexpr std::size_t longest_sentence = 80;  // words; what has no full stop is no sentence
constexpr unsigned longest_span = 365;        // days
constexpr Micros of_day = std::chrono::hours{17};
constexpr auto furthest_ahead = std::chrono::hours{24 * 366 * 2};

// By their beginnings: "publish", "publication", "Veröffentlichung".
constexpr std::array about_publishing{std::string_view{"embargo"},        std::string_view{"publish"},
                                      std::string_view{"publication"},    std::string_view{"veröffentlich"},
                                      std::string_view{"veroeffentlich"}, std::string_view{"offenleg"},
                                      std::string_view{"stillschweigen"}, std::string_view{"sperrfrist"}};
// "Disclosure" is the name of a weakness as well: these beside it say that it is the reporter's own.
constexpr std::array before_disclosing{
    std::string_view{"will"}, std::string_view{"to"},          std::string_view{"shall"},
    std::string_view{"not"},  std::string_view{"public"},      std::string_view{"publicly"},
    std::string_view{"my"},   std::string_view{"coordinated"}, std::string_view{"responsible"},
    std::string_view{"our"},  std::string_view{"planned"},     std::string_view{"before"}};
constexpr std::array after_disclosing{
    std::string_view{"deadline"}, std::string_view{"date"},   std::string_view{"policy"}, std::string_view{"timeline"},
    std::string_view{"publicly"}, std::string_view{"period"}, std::string_view{"window"}, std::string_view{"until"},
    std::string_view{"on"},       std::string_view{"this"},   std::string_view{"planned"}};
// Whose time it is that a length of time tells.
constexpr std::array of_herself{
    std::string_view{"i"},       std::string_view{"we"},         std::string_view{"my"},
    std::string_view{"our"},     std::string_view{"ich"},        std::string_view{"wir"},
    std::string_view{"i'll"},    std::string_view{"we'll"},      std::string_view{"deadline"},
    std::string_view{"embargo"}, std::string_view{"disclosure"}, std::string_view{"frist"}};
// Whole words, beside one that says what becomes of it: "go public", "keep it private", "mache es öffentlich".
constexpr std::array open_or_quiet{std::string_view{"public"},     std::string_view{"publicly"},
                                   std::string_view{"private"},    std::string_view{"quiet"},
                                   std::string_view{"secret"},     std::string_view{"confidential"},
                                   std::string_view{"öffentlich"}, std::string_view{"vertraulich"}};
constexpr std::array becomes{std::string_view{"keep"},    std::string_view{"keeping"},  std::string_view{"kept"},
                             std::string_view{"stay"},    std::string_view{"remain"},   std::string_view{"go"},
                             std::string_view{"going"},   std::string_view{"make"},     std::string_view{"become"},
                             std::string_view{"becomes"}, std::string_view{"behandle"}, std::string_view{"behandeln"},
                             std::string_view{"mache"},   std::string_view{"machen"},   std::string_view{"gehe"},
                             std::string_view{"bleibt"},  std::string_view{"halte"}};

template <std::size_t N>
bool is_any(std::string_view word, const std::array<std::string_view, N>& list) {
    return std::ranges::find(list, word) != list.end();
}

using SentenceWords = std::vector<std::string_view>;

std::string_view bare(const SentenceWords& sentence, std::size_t at) {
    return at < sentence.size() ? mail::without_marks(sentence[at]) : std::string_view{};
}

bool is_about_publishing(const SentenceWords& sentence) {
    bool open = false, changes = false;
    for (std::size_t at = 0; at < sentence.size(); ++at) {
        const std::string_view word = bare(sentence, at);
        if (std::ranges::any_of(about_publishing, [&](std::string_view begin) { return word.starts_with(begin); }))
            return true;
        if (word.starts_with("disclos") && ((at > 0 && is_any(bare(sentence, at - 1), before_disclosing)) ||
                                            is_any(bare(sentence, at + 1), after_disclosing)))
            return true;
        open = open || is_any(word, open_or_quiet);
        changes = changes || is_any(word, becomes);
    }
    return open && changes;
}

bool is_of_herself(const SentenceWords& sentence) {
    return std::ranges::any_of(sentence,
                               [](std::string_view word) { return is_any(mail::without_marks(word), of_herself); });
}

// "90 days", "90-day", "12 weeks", "3 Monate"
unsigned days_at(const SentenceWords& words, std::size_t at) {
    std::string_view number = bare(words, at);
    std::string_view unit = bare(words, at + 1);
    if (const std::size_t dash = number.find('-'); dash != std::string_view::npos) {
        unit = number.substr(dash + 1);
        number = number.substr(0, dash);
    }
    const auto count = number.size() <= 3 ? to_whole_number(number) : std::nullopt;
    if (!count || *count < 1) return 0;
    std::int64_t each = 0;
    for (const std::string_view day : {"day", "days", "tag", "tage", "tagen", "tägige", "tägigen"})
        if (unit == day) each = 1;
    for (const std::string_view week : {"week", "weeks", "woche", "wochen"})
        if (unit == week) each = 7;
    for (const std::string_view month : {"month", "months", "monat", "monate", "monaten"})
        if (unit == month) each = 30;
    return *count * each <= longest_span ? static_cast<unsigned>(*count * each) : 0;
}

bool is_either_of_two(std::string_view word, const mail::NamedDay& day) {
    return word.find('/') != std::string_view::npos && day.month <= 12 && day.day <= 12 && day.month != day.day;
}

void read_sentence(const SentenceWords& sentence, std::vector<StatedDay>& found) {
    if (sentence.empty() || !is_about_publishing(sentence)) return;
    const bool hers = is_of_herself(sentence);
    for (std::size_t at = 0; at < sentence.size() && found.size() < most_stated; ++at) {
        if (const auto day = mail::day_at(sentence, at)) {
            if (!is_either_of_two(sentence[at], *day)) found.push_back({*day, 0});
        } else if (const unsigned days = hers ? days_at(sentence, at) : 0) {
            found.push_back({{}, days});
        }
    }
}

// A full stop after a number is no end: "1. Dezember", "am 1.12. öffentlich".
bool ends_sentence(std::string_view word) {
    if (word.ends_with('!') || word.ends_with('?')) return true;
    if (!word.ends_with('.')) return false;
    return word.size() < 2 || !is_digit(word[word.size() - 2]) || word.size() > 8;
}

}  // namespace

std::vector<StatedDay> stated_embargo(std::string_view text) {
    const std::string folded = lower(text.substr(0, most_embargo_text));
    std::vector<StatedDay> found;
    SentenceWords sentence;
    const auto end = [&] {
        read_sentence(sentence, found);
        sentence.clear();
    };
    for (const std::string_view line : split(folded, '\n')) {
        const SentenceWords all = words(line);
        // A paragraph ends what its last line began, and a point of a list stands by itself.
        if (all.empty() || all.front() == "-" || all.front() == "*" || all.front().starts_with('#')) end();
        for (const std::string_view word : all) {
            sentence.push_back(word);
            if (ends_sentence(word) || sentence.size() == longest_sentence) end();
        }
    }
    end();
    return found;
}

std::optional<Instant> embargo_from(const std::vector<StatedDay>& stated, Instant received, const sla::Zone& zone) {
    const auto end_of = [&](const mail::NamedDay& named, int year) -> std::optional<Instant> {
        const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{named.month},
                                               std::chrono::day{named.day}};
        if (!date.ok()) return std::nullopt;
        return zone.instant({date, of_day});
    };
    std::optional<Instant> earliest;
    for (const StatedDay& one : stated) {
        std::optional<Instant> until;
        if (one.days > 0) {
            until = zone.instant({zone.civil(received + std::chrono::hours{24} * one.days).date, of_day});
        } else {
            const int this_year = static_cast<int>(zone.civil(received).date.year());
            until = end_of(one.day, one.day.year == 0 ? this_year : one.day.year);
            if (one.day.year == 0 && until && *until <= received) until = end_of(one.day, this_year + 1);
        }
        if (!until || *until <= received || *until > received + furthest_ahead) continue;
        if (!earliest || *until < *earliest) earliest = until;
    }
    return earliest;
}

}  // namespace tocsin::cvd
