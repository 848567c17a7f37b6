// The days of recurrence rules against those of libical, by chance; without what libical 3.0.16 crashes on (BYWEEKNO),
// never returns from (a BYSETPOS that does not come) or gets wrong (FREQ=DAILY with days from the end of the month;
// FREQ=YEARLY with BYMONTHDAY and BYDAY, where it looks into the month of DTSTART alone).
#include <libical/ical.h>

#include "random_plans.hpp"
#include "sla/recurrence.hpp"

namespace tocsin::sla {
namespace {

using Days = std::set<std::chrono::sys_days>;

Days libical_days(const std::string& rule_text, std::chrono::sys_days start, std::chrono::sys_days last) {
    icalrecurrencetype rule = icalrecurrencetype_from_string(rule_text.c_str());
    const std::chrono::year_month_day date{start};
    icaltimetype begin{};
    begin.is_date = 1;
    begin.year = static_cast<int>(date.year());
    begin.month = static_cast<int>(static_cast<unsigned>(date.month()));
    begin.day = static_cast<int>(static_cast<unsigned>(date.day()));
    Days days;
    icalrecur_iterator* iterator = icalrecur_iterator_new(rule, begin);
    while (iterator != nullptr) {
        const icaltimetype next = icalrecur_iterator_next(iterator);
        if (icaltime_is_null_time(next)) break;
        const auto day = day_of(next.year, static_cast<unsigned>(next.month), static_cast<unsigned>(next.day));
        if (day > last) break;
        days.insert(day);
    }
    if (iterator != nullptr) icalrecur_iterator_free(iterator);
    return days;
}

std::string random_list(Chance& chance, const char* name, int least, int most, int longest) {
    std::string text = std::string{";"} + name;
    for (auto left = chance.between(1, longest); left > 0; --left) {
        auto value = chance.between(least, most);
        if (value == 0) value = 1;
        text += (text.ends_with(name) ? "=" : ",") + std::to_string(value);
    }
    return text;
}

std::string random_rule(Chance& chance) {
    const char* frequencies[] = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    const char* weekdays[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    const auto frequency = chance.between(0, 3);
    std::string rule = std::string{"FREQ="} + frequencies[frequency];
    if (chance.one_in(2)) rule += ";INTERVAL=" + std::to_string(chance.between(1, 5));
    if (chance.one_in(3)) rule += random_list(chance, "BYMONTH", 1, 12, 4);
    const bool month_days = frequency != 1 && chance.one_in(3);
    if (month_days) rule += random_list(chance, "BYMONTHDAY", frequency == 0 ? 1 : -31, 31, 6);
    const bool year_days = frequency == 3 && !month_days && chance.one_in(4);
    if (year_days) rule += random_list(chance, "BYYEARDAY", -366, 366, 6);
    if (chance.one_in(2) && !(frequency == 3 && month_days)) {
        const bool numbered = frequency >= 2 && !month_days && !year_days && chance.one_in(2);
        std::string list;
        for (auto left = chance.between(1, 3); left > 0; --left) {
            list += (list.empty() ? ";BYDAY=" : ",") +
                    (numbered ? std::to_string(chance.one_in(2) ? -1 : chance.between(1, 4)) : "") +
                    weekdays[chance.between(0, 6)];
        }
        rule += list;
        if (frequency >= 2 && chance.one_in(3)) rule += chance.one_in(2) ? ";BYSETPOS=1" : ";BYSETPOS=-1";
    }
    if (chance.one_in(4)) rule += std::string{";WKST="} + weekdays[chance.between(0, 6)];
    if (chance.one_in(4)) rule += ";COUNT=" + std::to_string(chance.between(1, 30));
    return rule;
}

TEST(Recurrences, EqualThoseOfLibical) {
    icalerror_set_errors_are_fatal(0);
    Chance chance{2026};
    std::size_t compared = 0;
    for (int i = 0; i < 3'000; ++i) {
        const std::string rule = random_rule(chance);
        const CalendarTime start{day_of(2000, 1, 1) + std::chrono::days{chance.between(0, 9'000)}};
        const auto last = start.date + std::chrono::days{3'000};
        std::size_t budget = 1'000'000;
        const auto days = recurrences({1, "RRULE", {}, rule}, start, std::nullopt, last, budget);
        if (!days || days->empty()) continue;
        ++compared;
        EXPECT_EQ(*days, libical_days(rule, start.date, last)) << rule << " from " << to_rfc3339(start.date);
    }
    EXPECT_GT(compared, 2'000U);
}

}  // namespace
}  // namespace tocsin::sla
