#include "transport/interrupt.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace tocsin::transport {

Interrupt::Interrupt() : event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    if (!event_) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

void Interrupt::raise() noexcept {
    const std::uint64_t one = 1;
    // A full counter would refuse the write, and then it is raised already.
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
}

void Interrupt::clear() noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(event_.get(), &count, sizeof count);
}

bool Interrupt::raised() const noexcept {
    pollfd event{event_.get(), POLLIN, 0};
    return ::poll(&event, 1, 0) == 1;
}

}  // namespace tocsin::transport
