#include "mail/automatic/absence.hpp"

#include <array>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace tocsin::mail {

namespace {

constexpr std::size_t most_text = 20'000;
// How many words may stand between "until" and its date: "until the morning of Monday, 1 December".
constexpr std::size_t reach = 8;

constexpr std::array until_words{"until", "till",     "til",     "through", "thru",  "bis",
                                 "to",    "jusqu'au", "jusqu'à", "au",      "hasta", "al"};
constexpr std::array back_words{"back",    "return", "returning", "ab",    "retour",
                                "regreso", "zurück", "zurueck",   "wieder"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<const char*, N>& list) {
    for (const char* one : list)
        if (word == one) return true;
    return false;
}

}  // namespace

std::optional<NamedDay> end_of_absence(std::string_view text) {
    const std::string folded = lower(text.substr(0, most_text));
    const std::vector<std::string_view> all = words(folded);
    std::optional<NamedDay> last, named;
    std::optional<std::size_t> until, back;
    for (std::size_t at = 0; at < all.size(); ++at) {
        const std::string_view word = without_marks(all[at]);
        if (is_one_of(word, until_words)) until = at;
        if (is_one_of(word, back_words)) back = at;
        auto day = day_at(all, at);
        if (!day) continue;
        const bool after_back = back && at - *back <= reach && (!until || *until < *back);
        const bool after_until = until && at - *until <= reach;
        day->back = after_back;
        if (after_back || after_until) named = day;
        last = day;
    }
    return named ? named : last;
}

}  // namespace tocsin::mail
