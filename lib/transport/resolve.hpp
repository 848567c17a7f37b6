// The addresses of a host, within a deadline. getaddrinfo has none of its own and can hang for minutes.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "transport/deadline.hpp"
#include "transport/interrupt.hpp"

namespace tocsin::transport {

struct SocketAddress {
    sockaddr_storage bytes;
    socklen_t size;
};

// At least one, at most 16, in the order in which they are to be tried.
Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port, Deadline deadline,
                                           const Interrupt& interrupt);

}  // namespace tocsin::transport
