// GnuTLS on one non-blocking socket: each call makes one step and says what it waits for.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "transport/trust_state.hpp"

struct gnutls_session_int;

namespace tocsin::transport {

enum class StreamEnd { No, Closed, Failed };

struct StreamStep {
    std::size_t count = 0;     // bytes moved; 1 for a finished handshake
    bool wants_write = false;  // with neither bytes nor end: what to poll for
    StreamEnd end = StreamEnd::No;
    int code = 0;    // GnuTLS's, where it failed
    int number = 0;  // errno at that moment
};

// The same steps without TLS, before STARTTLS.
StreamStep plain_read(int socket, std::span<char> into);
StreamStep plain_write(int socket, std::string_view bytes);

void release_session(gnutls_session_int* session) noexcept;

class TlsSession {
public:
    // `host` and `trust` must outlive the session.
    TlsSession(const Trust::State& trust, const std::string& host, int socket);
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;
    ~TlsSession();

    StreamStep shake_hands();
    // After the handshake: why this peer is not to be believed; nothing when it is.
    std::optional<std::string> objection() const;
    std::optional<Instant> certificate_expiry() const;  // of the server's own
    StreamStep read(std::span<char> into);
    StreamStep write(std::string_view bytes);
    void say_goodbye();  // one try, no waiting

    struct Failure {
        Code code;
        std::string what;
    };
    Failure explain(int code, int number) const;

private:
    struct Expected;  // what the certificate is held against; GnuTLS keeps pointers into it

    StreamStep step(long code);
    std::unique_ptr<Expected> expected_;
    std::unique_ptr<gnutls_session_int, Releaser<&release_session>> session_;
    int warnings_ = 0;
};

}  // namespace tocsin::transport
