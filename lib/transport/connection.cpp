#include "transport/connection.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "transport/resolve.hpp"
#include "transport/tls_session.hpp"

namespace tocsin::transport {
namespace {

void set_option(int socket, int level, int option, int value) {
    // A kernel that knows no such option costs us the early notice of a dead peer, and nothing else.
    [[maybe_unused]] const int ignored = ::setsockopt(socket, level, option, &value, sizeof value);
}

// A peer behind a NAT that forgot us answers nothing and sends no reset: without these IDLE would wait for ever.
void set_keepalive(int socket) {
    set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 4);
    set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

std::string meaning(int number) { return std::generic_category().message(number); }

}  // namespace

Connection::Connection(std::string host, std::uint16_t port, const Interrupt& interrupt)
    : host_{std::move(host)},
      label_{fmt::format("{}:{}", host_, port)},
      interrupt_{interrupt},
      deadline_{Deadline::after(std::chrono::seconds{0})} {}

Connection::~Connection() { close(); }

Result<std::unique_ptr<Connection>> Connection::open(const std::string& host, std::uint16_t port,
                                                     const Interrupt& interrupt, Deadline deadline) {
    if (host.empty()) return permanent(Code::Configuration, "no host name");
    auto addresses = resolve(host, port, deadline, interrupt);
    if (!addresses) return tl::unexpected<Error>{std::move(addresses.error())};

    std::unique_ptr<Connection> connection{new Connection{host, port, interrupt}};
    std::string why;
    auto untried = static_cast<long>(addresses->size());
    for (const auto& address : *addresses) {
        // Each address gets its share of what is left, so that one that swallows packets leaves time for the next.
        const auto share = Deadline::after(deadline.left() / untried--);
        if (connection->connect_to(address, share, why)) {
            connection->arm(deadline);
            return connection;
        }
        if (connection->dead()) return tl::unexpected<Error>{connection->error()};
    }
    if (deadline.passed())
        return temporary(Code::Deadline, fmt::format("{}: connecting took too long", connection->label_));
    return temporary(Code::Unavailable, fmt::format("{}: {}", connection->label_, why));
}

bool Connection::connect_to(const SocketAddress& address, Deadline deadline, std::string& why) {
    socket_ = Descriptor{::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket_) {
        why = meaning(errno);
        return false;
    }
    set_keepalive(socket_.get());
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0) {
        if (errno != EINPROGRESS) {
            why = meaning(errno);
            return false;
        }
        const auto ready = wait(POLLOUT, deadline);
        if (ready != Ready::Yes) {
            why = "connecting took too long";
            return false;
        }
        int number = 0;
        socklen_t size = sizeof number;
        if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &number, &size) != 0 || number != 0) {
            why = meaning(number ? number : errno);
            return false;
        }
    }
    return true;
}

// A soft wait ends with a nudge too, as if its time were over.
Connection::Ready Connection::wait(short events, Deadline until, bool soft) {
    for (;;) {
        pollfd waits[3] = {{socket_.get(), events, 0},
                           {interrupt_.descriptor(), POLLIN, 0},
                           {soft ? interrupt_.nudge_descriptor() : -1, POLLIN, 0}};
        const auto left = std::min<long long>(until.left().count(), 1'000'000);
        const int ready = ::poll(waits, 3, static_cast<int>(left));
        if (ready < 0 && errno != EINTR) {
            [[maybe_unused]] auto dead = system_error("poll", errno);
            return Ready::No;
        }
        if (waits[1].revents) {
            [[maybe_unused]] auto dead = fail(Code::Interrupted, Permanence::Temporary, "interrupted");
            return Ready::No;
        }
        if (ready > 0) return waits[0].revents == 0 ? Ready::TimedOut : Ready::Yes;
        if (until.passed()) return Ready::TimedOut;
    }
}

// Asked before each read and write, and not only when there is nothing to read: a peer that never pauses would
// otherwise keep us for ever.
bool Connection::may_go_on() {
    if (dead()) return false;
    if (interrupt_.raised()) {
        [[maybe_unused]] auto dead = fail(Code::Interrupted, Permanence::Temporary, "interrupted");
    } else if (deadline_.passed()) {
        [[maybe_unused]] auto dead = fail(Code::Deadline, Permanence::Temporary, "it took too long");
    }
    return !dead();
}

Result<std::size_t> Connection::read(std::span<char> into) {
    auto got = read_some(into, deadline_, false);
    if (!got) return tl::unexpected<Error>{std::move(got.error())};
    return **got;
}

Result<std::optional<std::size_t>> Connection::read_before(std::span<char> into, Deadline until) {
    return read_some(into, until, true);
}

Result<std::optional<std::size_t>> Connection::read_some(std::span<char> into, Deadline until, bool soft) {
    for (;;) {
        if (!may_go_on()) return tl::unexpected<Error>{error()};
        const auto step = tls_ ? tls_->read(into) : plain_read(socket_.get(), into);
        if (step.count > 0) return std::optional{step.count};
        if (step.end == StreamEnd::Closed)
            return fail(Code::Unavailable, Permanence::Temporary, "the server closed the connection");
        if (step.end == StreamEnd::Failed)
            return tls_ ? tls_error("reading", step.code, step.number) : system_error("reading", step.number);
        // "Readable" is not "has bytes for us": a session ticket or half a record wakes poll as well, hence the loop.
        const auto ready = wait(step.wants_write ? POLLOUT : POLLIN, sooner(until, deadline_), soft);
        if (ready == Ready::No) return tl::unexpected<Error>{error()};
        if (ready == Ready::TimedOut && soft && !deadline_.passed()) return std::optional<std::size_t>{};
    }
}

Result<void> Connection::write(std::string_view bytes) {
    while (!bytes.empty()) {
        if (!may_go_on()) return tl::unexpected<Error>{error()};
        // GnuTLS remembers the record of a write that had to wait: the same bytes are offered again until they are
        // gone.
        const auto step = tls_ ? tls_->write(bytes) : plain_write(socket_.get(), bytes);
        if (step.count > 0) {
            bytes.remove_prefix(step.count);
            continue;
        }
        if (step.end == StreamEnd::Failed)
            return tls_ ? tls_error("writing", step.code, step.number) : system_error("writing", step.number);
        if (wait(step.wants_write ? POLLOUT : POLLIN, deadline_) == Ready::No) return tl::unexpected<Error>{error()};
    }
    return {};
}

Result<void> Connection::start_tls(const Trust& trust) {
    if (dead()) return tl::unexpected<Error>{error()};
    tls_ = std::make_unique<TlsSession>(trust.state(), host_, socket_.get());
    for (;;) {
        if (!may_go_on()) return tl::unexpected<Error>{error()};
        const auto step = tls_->shake_hands();
        if (step.end == StreamEnd::Failed) return tls_error("TLS handshake", step.code, step.number);
        if (step.count > 0) break;
        if (wait(step.wants_write ? POLLOUT : POLLIN, deadline_) == Ready::No) return tl::unexpected<Error>{error()};
    }
    if (const auto objection = tls_->objection()) return fail(Code::Untrusted, Permanence::Permanent, *objection);
    return {};
}

std::optional<Instant> Connection::certificate_expiry() const {
    return tls_ ? tls_->certificate_expiry() : std::nullopt;
}

tl::unexpected<Error> Connection::fail(Code code, Permanence permanence, std::string_view what) {
    if (!dead()) error_ = Error{code, permanence, fmt::format("{}: {}", label_, what)};
    return tl::unexpected<Error>{*error_};
}

tl::unexpected<Error> Connection::system_error(std::string_view doing, int number) {
    return fail(Code::Unavailable, Permanence::Temporary, fmt::format("{}: {}", doing, meaning(number)));
}

tl::unexpected<Error> Connection::tls_error(std::string_view doing, int code, int number) {
    const auto failure = tls_->explain(code, number);
    const auto permanence = failure.code == Code::Untrusted ? Permanence::Permanent : Permanence::Temporary;
    return fail(failure.code, permanence, fmt::format("{}: {}", doing, failure.what));
}

void Connection::close() {
    if (tls_ && !dead()) tls_->say_goodbye();
    [[maybe_unused]] auto dead = fail(Code::Unavailable, Permanence::Temporary, "closed");
    tls_.reset();
    socket_.reset();
}

}  // namespace tocsin::transport
