// What the arithmetic of deadlines costs: prints the median of each kind, and fails when a deadline of a policy takes
// longer than 20 us.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "sla/deadline.hpp"

namespace {

using namespace tocsin;
using namespace tocsin::sla;

constexpr double most_us = 20;
constexpr std::size_t rounds = 2'000;

Calendar office() {
    Calendar::Week week;
    for (std::size_t day = 0; day < 4; ++day) week[day] = parse_open_hours("09:00-12:30 13:30-18:00").value();
    week[4] = parse_open_hours("09:00-16:00").value();
    std::set<std::chrono::sys_days> closed;
    for (int year = 1990; year <= 2060; ++year) {  // as from a file of holidays
        for (unsigned month = 1; month <= 12; ++month) closed.insert(std::chrono::year{year} / month / 1);
    }
    return Calendar::make(Zone::load("Europe/Berlin").value(), week, closed, {}).value();
}

// Microseconds of one call, the median over starts all over the year.
template <class Call>
double median(Call call) {
    std::vector<double> all;
    const Instant first{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
    std::int64_t sum = 0;  // used below, so that no call is left out
    for (std::size_t i = 0; i < rounds; ++i) {
        const Instant start = first + std::chrono::minutes{i * 263};
        const auto before = std::chrono::steady_clock::now();
        sum += to_micros(call(start));
        all.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - before).count());
    }
    std::nth_element(all.begin(), all.begin() + rounds / 2, all.end());
    return sum == 0 ? 0 : all[rounds / 2];
}

}  // namespace

int main() {
    const Calendar calendar = office();
    bool good = true;
    for (const char* text : {"24 hours", "4 business hours", "3 business days", "30 business days", "90 business days",
                             "720 business hours"}) {
        const Span span = parse_span(text).value();
        const double us = median([&](Instant start) { return due_after(start, span, &calendar); });
        std::printf("%-32s %8.2f us\n", text, us);
        good = good && us <= most_us;
    }
    const Mark every = parse_mark("every 1 business day after").value();
    const Mark half = parse_mark("50%").value();
    using std::chrono::days;
    std::printf("%-32s %8.2f us\n", "every day, a year overdue",
                median([&](Instant due) { return *next_at(every, due - days{5}, due, due + days{365}, &calendar); }));
    std::printf("%-32s %8.2f us\n", "50% of 90 days",
                median([&](Instant start) { return *next_at(half, start, start + days{90}, start, &calendar); }));
    std::printf("%-32s %8.2f us\n", "intervals of 90 days", median([&](Instant start) {
                    return intervals(start, start + days{90}, {1, Unit::BusinessDay}, &calendar).back().to;
                }));
    return good ? 0 : 1;
}
