#include "base/clock.hpp"

#include <fmt/core.h>
#include <time.h>

#include "base/file.hpp"
#include "base/text.hpp"

namespace tocsin {

using namespace std::chrono;

Instant SystemClock::now() const { return floor<Micros>(system_clock::now()); }

std::optional<Uptime> SystemClock::uptime() const {
    const auto boot = read_file("/proc/sys/kernel/random/boot_id", 64);
    timespec passed{};
    if (!boot || ::clock_gettime(CLOCK_BOOTTIME, &passed) != 0) return std::nullopt;
    return Uptime{std::string{trim(*boot)}, seconds{passed.tv_sec} + floor<Micros>(nanoseconds{passed.tv_nsec})};
}

std::string to_rfc3339(Instant at) {
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{at - day};
    std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   time.hours().count(), time.minutes().count(), time.seconds().count());
    if (time.subseconds().count() != 0) text += fmt::format(".{:06}", time.subseconds().count());
    return text + 'Z';
}

namespace {

// Reads fixed numbers of digits and single characters off the front of a text.
class Rfc3339Reader {
public:
    explicit Rfc3339Reader(std::string_view text) : rest_{text} {}

    int digits(std::size_t count) {
        int value = 0;
        for (; count > 0; --count) {
            if (rest_.empty() || !is_digit(rest_.front())) return fail();
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }
    char one_of(std::string_view accepted) {
        if (rest_.empty() || accepted.find(rest_.front()) == std::string_view::npos) {
            fail();
            return '\0';
        }
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }
    bool next_is_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
    bool complete() const { return good_ && rest_.empty(); }

private:
    int fail() {
        good_ = false;
        rest_ = {};
        return 0;
    }
    std::string_view rest_;
    bool good_ = true;
};

}  // namespace

std::optional<Instant> from_rfc3339(std::string_view text) {
    Rfc3339Reader reader{text};
    const int year_number = reader.digits(4);
    reader.one_of("-");
    const int month_number = reader.digits(2);
    reader.one_of("-");
    const int day_number = reader.digits(2);
    reader.one_of("Tt ");
    const int hour = reader.digits(2);
    reader.one_of(":");
    const int minute = reader.digits(2);
    reader.one_of(":");
    const int second = reader.digits(2);
    Micros fraction{0};
    if (reader.next_is('.')) {
        reader.one_of(".");
        Micros unit{100'000};
        fraction = unit * reader.digits(1);
        while (reader.next_is_digit()) {
            unit /= 10;  // below a microsecond it is 0, and the digit counts nothing
            fraction += unit * reader.digits(1);
        }
    }
    minutes offset{0};
    const char zone = reader.one_of("Zz+-");
    if (zone == '+' || zone == '-') {
        const int offset_hours = reader.digits(2);
        reader.one_of(":");
        const int offset_minutes = reader.digits(2);
        if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
        offset = hours{offset_hours} + minutes{offset_minutes};
        if (zone == '-') offset = -offset;
    }
    const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                              day{static_cast<unsigned>(day_number)}};
    // A leap second (RFC 3339 section 5.6) becomes the second after it.
    if (!reader.complete() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return Instant{sys_days{date}} + hours{hour} + minutes{minute} + seconds{second} + fraction - offset;
}

}  // namespace tocsin
