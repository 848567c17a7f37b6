#include "intake/promises/clock_jump.hpp"

#include "base/text.hpp"

namespace tocsin::intake {

namespace {

constexpr std::string_view compared_with = "clock";      // at: the wall; words: boot and time since then
constexpr std::string_view jump_noted = "clock-jumped";  // at: when it was seen; words: how far

void compare_with(store::Notes& notes, Instant wall, const Uptime& uptime) {
    notes.keep(compared_with, wall, uptime.boot + " " + std::to_string(uptime.passed.count()));
}

}  // namespace

ClockCheck check_clock(store::Notes& notes, const Clock& clock) {
    ClockCheck check;
    const auto uptime = clock.uptime();
    if (!uptime) return check;  // a clock that was told what to say
    const Instant wall = clock.now();
    const bool was_held = held_by_clock(notes).has_value();
    const auto last = notes.find(compared_with);
    const auto parts = last ? words(last->words) : std::vector<std::string_view>{};
    const auto passed = parts.size() == 2 && parts[0] == uptime->boot ? to_whole_number(parts[1]) : std::nullopt;
    if (passed) check.jump = (wall - last->at) - (uptime->passed - Micros{*passed});
    check.believed = check.jump >= -furthest_back && check.jump <= furthest_forward;
    check.changed = check.believed == was_held;
    if (check.believed) {
        // Small corrections add up to no jump.
        compare_with(notes, wall, *uptime);
        if (was_held) notes.forget(jump_noted);
    } else if (!was_held) {
        notes.keep(jump_noted, wall, std::to_string(check.jump.count()));
    }
    return check;
}

std::optional<Micros> held_by_clock(const store::Notes& notes) {
    const auto note = notes.find(jump_noted);
    const auto jump = note ? to_whole_number(note->words) : std::nullopt;
    return jump ? std::optional{Micros{*jump}} : std::nullopt;
}

void believe_clock(store::Notes& notes) {
    notes.forget(compared_with);
    notes.forget(jump_noted);
}

}  // namespace tocsin::intake
