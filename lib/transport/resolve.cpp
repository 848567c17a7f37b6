#include "transport/resolve.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>

#include "base/handle.hpp"
#include "base/text.hpp"

namespace tocsin::transport {
namespace {

using AddressList = std::unique_ptr<addrinfo, Releaser<&::freeaddrinfo>>;

// What the looking-up thread says, in one packet: it holds no pointer, so nobody has to free what nobody waits for.
struct LookedUp {
    int error = 0;  // getaddrinfo's
    std::uint32_t count = 0;
    std::array<SocketAddress, 16> addresses;
};

LookedUp ask_system(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    LookedUp found;
    addrinfo* list = nullptr;
    found.error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (found.error) return found;
    const AddressList owner{list};
    for (const auto* at = list; at && found.count < found.addresses.size(); at = at->ai_next) {
        auto& address = found.addresses[found.count++];
        std::memcpy(&address.bytes, at->ai_addr, at->ai_addrlen);
        address.size = at->ai_addrlen;
    }
    return found;
}

Result<std::vector<SocketAddress>> as_addresses(const std::string& host, const LookedUp& found) {
    if (found.error || found.count == 0) {
        const char* why = found.error ? ::gai_strerror(found.error) : "no address";
        return temporary(Code::Unavailable, fmt::format("{}: {}", host, why));
    }
    return std::vector<SocketAddress>(found.addresses.begin(), found.addresses.begin() + found.count);
}

// RFC 6761 section 6.3: localhost is the loopback, whatever a name server says.
std::vector<SocketAddress> loopback(std::uint16_t port) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    std::vector<SocketAddress> both(2);
    std::memcpy(&both[0].bytes, &v4, sizeof v4);
    both[0].size = sizeof v4;
    std::memcpy(&both[1].bytes, &v6, sizeof v6);
    both[1].size = sizeof v6;
    return both;
}

}  // namespace

Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port, Deadline deadline,
                                           const Interrupt& interrupt) {
    if (equal_ignoring_case(host, "localhost")) return loopback(port);
    if (const auto numeric = ask_system(host, port, AI_NUMERICHOST); !numeric.error) return as_addresses(host, numeric);

    // A thread of its own asks, since nothing can cut getaddrinfo short. Given up, it ends by itself some day: its
    // answer goes into a socket that nobody reads.
    int pair[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return temporary(Code::System, fmt::format("socketpair: {}", std::generic_category().message(errno)));
    const Descriptor answer{pair[0]};
    try {
        std::thread{[host, port, out = Descriptor{pair[1]}] {
            const auto found = ask_system(host, port, AI_ADDRCONFIG);
            [[maybe_unused]] const auto sent = ::send(out.get(), &found, sizeof found, MSG_NOSIGNAL);
        }}.detach();
    } catch (const std::system_error& error) {  // no thread to be had is the system's refusal, no bug
        return temporary(Code::System, fmt::format("{}: no thread for the look-up: {}", host, error.what()));
    }
    for (;;) {
        pollfd waits[2] = {{answer.get(), POLLIN, 0}, {interrupt.descriptor(), POLLIN, 0}};
        const int ready = ::poll(waits, 2, static_cast<int>(deadline.left().count()));
        if (ready < 0 && errno == EINTR) continue;
        if (waits[1].revents) return temporary(Code::Interrupted, fmt::format("{}: look-up interrupted", host));
        if (ready <= 0) return temporary(Code::Deadline, fmt::format("{}: no answer from the name service", host));
        LookedUp found;
        if (::recv(answer.get(), &found, sizeof found, 0) != static_cast<ssize_t>(sizeof found))
            return temporary(Code::System, fmt::format("{}: the look-up broke off", host));
        return as_addresses(host, found);
    }
}

}  // namespace tocsin::transport
