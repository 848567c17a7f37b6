// Every killer is read within 50 ms of CPU and 64 MiB, and at a cost that grows no faster than its size.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <fstream>

#include "killers.hpp"
#include "mail/automatic/delivery_status.hpp"
#include "mail/reading.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

#if !defined(__has_feature)
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#if !defined(__OPTIMIZE__)
constexpr double slowness = sanitized ? 30 : 12;  // nothing is inlined
#elif defined(_GLIBCXX_ASSERTIONS)
constexpr double slowness = sanitized ? 20 : 4;  // built for debugging
#else
constexpr double slowness = sanitized ? 20 : 1;
#endif
constexpr double most_milliseconds = 50;
constexpr long most_kib = 64 * 1024;

struct Cost {
    double milliseconds = 0;
    long kib = 0;
};

double cpu_milliseconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

long status_kib(std::string_view field) {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(field)) return std::strtol(line.c_str() + field.size(), nullptr, 10);
    return 0;
}

Cost cost_of_reading(const std::string& mail) {
    std::ofstream{"/proc/self/clear_refs"} << "5";  // the peak begins anew
    const long before = status_kib("VmRSS:");
    const double from = cpu_milliseconds();
    const auto message = parse(mail);
    const auto reading = read(message);
    const auto status = read_delivery_status(message, reading);
    return {cpu_milliseconds() - from, status_kib("VmHWM:") - before};
}

// In a process of its own: what one mail leaves behind does not count against the next, and a crash ends one test.
Cost cost_in_a_child(const Killer& killer, std::size_t size) {
    int ends[2];
    EXPECT_EQ(0, pipe(ends));
    const pid_t child = fork();
    if (child == 0) {
        const std::string mail = killer.make(size);
        Cost cost = cost_of_reading(mail);
        // The least of three: what else the machine does at the time is no cost of the mail.
        for (int again = 0; again < 2 && !sanitized; ++again)
            cost.milliseconds = std::min(cost.milliseconds, cost_of_reading(mail).milliseconds);
        const bool written = ::write(ends[1], &cost, sizeof cost) == static_cast<ssize_t>(sizeof cost);
        _exit(written ? 0 : 1);
    }
    close(ends[1]);
    Cost cost;
    const auto count = ::read(ends[0], &cost, sizeof cost);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the reader died";
    EXPECT_EQ(static_cast<ssize_t>(sizeof cost), count);
    return cost;
}

class Killers : public testing::TestWithParam<Killer> {
public:
    // Once for all: opening a converter loads a library, which is no cost of the mail.
    static void SetUpTestSuite() { load_charsets(); }
};

TEST_P(Killers, AreReadInFiftyMillisecondsAndSixtyFourMebibytes) {
    const auto cost = cost_in_a_child(GetParam(), GetParam().size);
    RecordProperty("milliseconds", std::to_string(cost.milliseconds));
    RecordProperty("kib", std::to_string(cost.kib));
    if (std::getenv("TOCSIN_SHOW") != nullptr)
        std::printf("%-40s %9zu bytes %8.2f ms %8ld KiB\n", GetParam().name.c_str(), GetParam().size, cost.milliseconds,
                    cost.kib);
    EXPECT_LE(cost.milliseconds, most_milliseconds * slowness);
    EXPECT_TRUE(sanitized || cost.kib <= most_kib) << cost.kib;
}

TEST_P(Killers, CostNoMoreThanTheirSize) {
    const auto size = GetParam().size;
    if (size < 10'000) GTEST_SKIP() << "of one size";
    const auto half = cost_in_a_child(GetParam(), size / 2).milliseconds;
    const auto whole = cost_in_a_child(GetParam(), size).milliseconds;
    // Twice the size costs twice the time, four times for noise; a quadratic one would cost that without noise
    // and fail with it at the sizes that these have.
    EXPECT_LE(whole, 4 * half + 5 * slowness);
}

INSTANTIATE_TEST_SUITE_P(Mail, Killers, testing::ValuesIn(killers()), [](const auto& killer) {
    std::string name = killer.param.name;
    for (auto& c : name)
        if (c == '-') c = '_';
    return name;
});

TEST(LargeMail, IsParsedInOnePass) {
    std::string mail =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    const std::string line(76, 'A');
    while (mail.size() < 53'000'000) mail.append(line).append("\r\n");
    mail += "--b--\r\n";
    const auto before = cpu_milliseconds();
    const auto message = parse(mail);
    EXPECT_EQ(2u, message.entities.size());
    EXPECT_LE(cpu_milliseconds() - before, most_milliseconds * slowness);
}

}  // namespace
}  // namespace tocsin::mail
