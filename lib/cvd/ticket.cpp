#include "cvd/ticket.hpp"

#include <algorithm>
#include <array>

namespace tocsin::cvd {

namespace {

constexpr std::array all_ticket_states{TicketState::New,       TicketState::Acknowledged, TicketState::Triaged,
                                       TicketState::Waiting,   TicketState::Fixing,       TicketState::Fixed,
                                       TicketState::Disclosed, TicketState::Closed};

}  // namespace

std::string_view to_text(TicketState state) {
    switch (state) {
        case TicketState::New:
            return "new";
        case TicketState::Acknowledged:
            return "acknowledged";
        case TicketState::Triaged:
            return "triaged";
        case TicketState::Waiting:
            return "waiting";
        case TicketState::Fixing:
            return "fixing";
        case TicketState::Fixed:
            return "fixed";
        case TicketState::Disclosed:
            return "disclosed";
        case TicketState::Closed:
            return "closed";
    }
    return {};
}

std::optional<TicketState> ticket_state_from(std::string_view text) {
    const auto* found =
        std::ranges::find_if(all_ticket_states, [text](TicketState each) { return to_text(each) == text; });
    if (found == all_ticket_states.end()) return std::nullopt;
    return *found;
}

std::string_view to_text(ClockState state) {
    switch (state) {
        case ClockState::Running:
            return "running";
        case ClockState::Paused:
            return "paused";
        case ClockState::Met:
            return "met";
        case ClockState::Missed:
            return "missed";
    }
    return {};
}

std::optional<Instant> Embargo::until() const {
    if (by_us && by_reporter) return std::min(*by_us, *by_reporter);
    return by_us ? by_us : by_reporter;
}

std::string_view Embargo::state() const {
    if (!until()) return "none";
    if (ended) return "ended";
    return agreed() ? "agreed" : "proposed";
}

ClockState TicketClock::state(Instant now) const {
    // Time stands still from a pause on, also for a clock that is stopped while it is paused.
    if (stopped) return paused.value_or(*stopped) > due ? ClockState::Missed : ClockState::Met;
    if (paused.value_or(now) >= due) return ClockState::Missed;
    return paused ? ClockState::Paused : ClockState::Running;
}

const TicketClock* Ticket::open_clock(std::string_view name) const {
    const auto found =
        std::ranges::find_if(clocks, [name](const TicketClock& each) { return each.open() && each.name == name; });
    return found == clocks.end() ? nullptr : &*found;
}

const TicketClock* Ticket::last_clock(std::string_view name) const {
    const auto found =
        std::find_if(clocks.rbegin(), clocks.rend(), [name](const TicketClock& each) { return each.name == name; });
    return found == clocks.rend() ? nullptr : &*found;
}

std::optional<TicketClock> Ticket::next_due() const {
    const TicketClock* next = nullptr;
    for (const TicketClock& clock : clocks)
        if (clock.open() && !clock.paused && (next == nullptr || clock.due < next->due)) next = &clock;
    if (next == nullptr) return std::nullopt;
    return *next;
}

bool Ticket::overdue(Instant now) const {
    return std::ranges::any_of(
        clocks, [now](const TicketClock& each) { return each.open() && each.state(now) == ClockState::Missed; });
}

}  // namespace tocsin::cvd
