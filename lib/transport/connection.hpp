// One TCP connection, plain until start_tls and TLS from then on: the only place that touches the socket.
//
// Every call ends by the deadline that was armed last, or within moments of the interrupt. The first error kills the
// connection: each later call returns that same error at once, and nothing more is read or written. Reading returns at
// least one byte or an error; the end of the stream is an error. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/handle.hpp"
#include "base/result.hpp"
#include "transport/deadline.hpp"
#include "transport/interrupt.hpp"
#include "transport/trust.hpp"

namespace tocsin::transport {

class TlsSession;
struct SocketAddress;

class Connection {
public:
    // `interrupt` must outlive the connection.
    static Result<std::unique_ptr<Connection>> open(const std::string& host, std::uint16_t port,
                                                    const Interrupt& interrupt, Deadline deadline);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    void arm(Deadline deadline) { deadline_ = deadline; }

    // Verifies the chain, the name of the host that was opened (in a subjectAltName), purpose and dates, before it
    // returns. `trust` must outlive the connection.
    Result<void> start_tls(const Trust& trust);

    // When the server's certificate ends; nothing before start_tls and after close.
    std::optional<Instant> certificate_expiry() const;

    Result<std::size_t> read(std::span<char> into);
    // No bytes when `until` passes first; that kills nothing. Records of TLS alone do not count as bytes.
    Result<std::optional<std::size_t>> read_before(std::span<char> into, Deadline until);
    Result<void> write(std::string_view bytes);

    // Kills with this error, unless it is dead already; returns what it died of.
    tl::unexpected<Error> fail(Code code, Permanence permanence, std::string_view what);
    bool nudged() const noexcept { return interrupt_.nudged(); }
    bool dead() const { return error_.has_value(); }
    const Error& error() const { return *error_; }
    const std::string& label() const { return label_; }  // host:port

    void close();  // says goodbye where that takes no waiting

private:
    enum class Ready { Yes, TimedOut, No };  // No: dead now

    Connection(std::string host, std::uint16_t port, const Interrupt& interrupt);
    bool connect_to(const SocketAddress& address, Deadline deadline, std::string& why);
    Ready wait(short events, Deadline until, bool soft = false);
    bool may_go_on();
    Result<std::optional<std::size_t>> read_some(std::span<char> into, Deadline until, bool soft);
    tl::unexpected<Error> system_error(std::string_view doing, int number);
    tl::unexpected<Error> tls_error(std::string_view doing, int code, int number);

    std::string host_;
    std::string label_;
    const Interrupt& interrupt_;
    Deadline deadline_;
    Descriptor socket_;
    std::unique_ptr<TlsSession> tls_;
    std::optional<Error> error_;
};

}  // namespace tocsin::transport
