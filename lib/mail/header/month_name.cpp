#include "mail/header/month_name.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "mail/text/letters.hpp"

namespace tocsin::mail {
namespace {

struct MonthBeginning {
    std::string_view letters;
    unsigned month;
};

// What the names begin with; where one begins like another, the longer one counts. Packed by hand. Where two
// languages mean different months by the same letters, the one with more mail has it ("lis": Polish and Czech, not
// Croatian).
// clang-format off
constexpr MonthBeginning month_beginnings[] = {
    {"jan", 1}, {"jän", 1}, {"ene", 1}, {"gen", 1}, {"ian", 1}, {"led", 1}, {"sty", 1}, {"sij", 1}, {"oca", 1},
    {"tammi", 1}, {"янв", 1}, {"січ", 1}, {"яну", 1}, {"јан", 1}, {"ιαν", 1}, {"ינו", 1}, {"يناير", 1},
    {"feb", 2}, {"fév", 2}, {"fev", 2}, {"úno", 2}, {"lut", 2}, {"velj", 2}, {"şub", 2}, {"helmi", 2}, {"фев", 2},
    {"лют", 2}, {"φεβ", 2}, {"פבר", 2}, {"فبراير", 2},
    {"mar", 3}, {"mär", 3}, {"mae", 3}, {"mrt", 3}, {"maart", 3}, {"maalis", 3}, {"már", 3}, {"bře", 3}, {"ožu", 3},
    {"мар", 3},
    {"бер", 3}, {"μαρ", 3}, {"μάρ", 3}, {"מרץ", 3}, {"مارس", 3},
    {"apr", 4}, {"avr", 4}, {"abr", 4}, {"ápr", 4}, {"dub", 4}, {"kwi", 4}, {"tra", 4}, {"nis", 4}, {"huhti", 4},
    {"апр", 4}, {"кві", 4}, {"απρ", 4}, {"אפר", 4}, {"أبريل", 4},
    {"may", 5}, {"mai", 5}, {"mag", 5}, {"maj", 5}, {"máj", 5}, {"mei", 5}, {"kvě", 5}, {"svi", 5}, {"touko", 5},
    {"май", 5}, {"мая", 5}, {"мај", 5}, {"тра", 5}, {"μαΐ", 5}, {"μαϊ", 5}, {"μάι", 5}, {"μαι", 5}, {"מאי", 5},
    {"مايو", 5},
    {"červenec", 7}, {"července", 7}, {"čvc", 7},
    {"jun", 6}, {"jún", 6}, {"juin", 6}, {"giu", 6}, {"iun", 6}, {"čer", 6}, {"čvn", 6}, {"cze", 6}, {"haz", 6},
    {"kesä", 6}, {"июн", 6}, {"юни", 6}, {"јун", 6}, {"чер", 6}, {"ιουν", 6}, {"ιούν", 6}, {"יונ", 6}, {"يونيو", 6},
    {"jul", 7}, {"júl", 7}, {"juil", 7}, {"lug", 7}, {"iul", 7}, {"lip", 7}, {"srpanj", 7}, {"tem", 7}, {"heinä", 7},
    {"июл", 7}, {"юли", 7}, {"јул", 7}, {"лип", 7}, {"ιουλ", 7}, {"ιούλ", 7}, {"יול", 7}, {"يوليو", 7},
    {"aug", 8}, {"aoû", 8}, {"aou", 8}, {"ago", 8}, {"agu", 8}, {"agt", 8}, {"srp", 8}, {"sie", 8}, {"kol", 8},
    {"ağu", 8},
    {"elo", 8}, {"авг", 8}, {"ауг", 8}, {"сер", 8}, {"αύγ", 8}, {"αυγ", 8}, {"אוג", 8}, {"أغسطس", 8},
    {"sep", 9}, {"set", 9}, {"szep", 9}, {"zář", 9}, {"wrz", 9}, {"ruj", 9}, {"eyl", 9}, {"syys", 9}, {"сен", 9},
    {"сеп", 9},
    {"вер", 9}, {"σεπ", 9}, {"ספט", 9}, {"سبتمبر", 9},
    {"oct", 10}, {"okt", 10}, {"ott", 10}, {"out", 10}, {"paź", 10}, {"říj", 10}, {"eki", 10}, {"loka", 10},
    {"окт", 10}, {"жов", 10}, {"οκτ", 10}, {"אוק", 10}, {"أكتوبر", 10},
    {"nov", 11}, {"noi", 11}, {"lis", 11}, {"stu", 11}, {"kas", 11}, {"marras", 11}, {"ноя", 11}, {"ное", 11},
    {"нов", 11},
    {"νοε", 11}, {"νοέ", 11}, {"נוב", 11}, {"نوفمبر", 11},
    {"dec", 12}, {"dez", 12}, {"déc", 12}, {"dic", 12}, {"des", 12}, {"pro", 12}, {"gru", 12}, {"ara", 12},
    {"joulu", 12},
    {"дек", 12}, {"дец", 12}, {"гру", 12}, {"δεκ", 12}, {"דצמ", 12}, {"ديسمبر", 12}};
// clang-format on

// Days of the week that begin like a month.
constexpr std::string_view days_like_months[] = {"mardi", "marted", "martes", "marți", "marţi", "середа"};

}  // namespace

std::optional<NamedMonth> named_month(std::string_view word) {
    if (word.size() < 3 || word.size() > 40) return std::nullopt;
    for (const char c : word)
        if (!is_letter(c) && c != '.' && static_cast<unsigned char>(c) < 0x80) return std::nullopt;
    const std::string low = lower_letters(word);
    const auto begins = [&](std::string_view letters) { return low.starts_with(letters); };
    if (std::ranges::any_of(days_like_months, begins)) return std::nullopt;
    const MonthBeginning* found = nullptr;
    for (const MonthBeginning& one : month_beginnings)
        if (begins(one.letters) && (found == nullptr || one.letters.size() > found->letters.size())) found = &one;
    if (found == nullptr) return std::nullopt;
    return NamedMonth{found->month, low == "mar" || low == "mar."};
}

}  // namespace tocsin::mail
