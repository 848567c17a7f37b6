#include "transport/interrupt.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace tocsin::transport {

namespace {

Descriptor new_event() {
    Descriptor event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!event) throw std::system_error{errno, std::generic_category(), "eventfd"};
    return event;
}

void set_event(const Descriptor& event) noexcept {
    const std::uint64_t one = 1;
    // A full counter would refuse the write, and then it is raised already.
    [[maybe_unused]] const auto written = ::write(event.get(), &one, sizeof one);
}

void clear_event(const Descriptor& event) noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(event.get(), &count, sizeof count);
}

bool event_is_set(const Descriptor& event) noexcept {
    pollfd waits{event.get(), POLLIN, 0};
    return ::poll(&waits, 1, 0) == 1;
}

}  // namespace

Interrupt::Interrupt() : event_{new_event()}, nudge_{new_event()} {}
void Interrupt::raise() noexcept { set_event(event_); }
void Interrupt::clear() noexcept { clear_event(event_); }
bool Interrupt::raised() const noexcept { return event_is_set(event_); }
void Interrupt::nudge() noexcept { set_event(nudge_); }
void Interrupt::take_nudge_back() noexcept { clear_event(nudge_); }
bool Interrupt::nudged() const noexcept { return event_is_set(nudge_); }

}  // namespace tocsin::transport
