#include "transport/tls_session.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

namespace tocsin::transport {
namespace {

// A TLS 1.2 peer may send harmless warnings without end, and each costs one turn of the loop.
constexpr int most_warnings = 16;

StreamStep plain_step(ssize_t count) {
    if (count > 0) return {.count = static_cast<std::size_t>(count)};
    if (count == 0) return {.end = StreamEnd::Closed};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
    return {.end = StreamEnd::Failed, .number = errno};
}

bool is_numeric_address(const std::string& host) {
    in6_addr ignored{};
    return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

using Certificate = std::unique_ptr<gnutls_x509_crt_int, Releaser<&gnutls_x509_crt_deinit>>;

// RFC 9525 section 2: the name in the subject is no identity. GnuTLS still falls back to it where there is no
// subjectAltName at all, so there has to be one.
bool has_subject_alt_name(const gnutls_datum_t& der) {
    gnutls_x509_crt_t raw = nullptr;
    if (gnutls_x509_crt_init(&raw) < 0) throw std::bad_alloc{};
    const Certificate certificate{raw};
    if (gnutls_x509_crt_import(raw, &der, GNUTLS_X509_FMT_DER) < 0) return false;
    for (unsigned at = 0;; ++at) {
        std::size_t size = 0;
        const int type = gnutls_x509_crt_get_subject_alt_name(raw, at, nullptr, &size, nullptr);
        if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return false;
        if (type == GNUTLS_SAN_DNSNAME || type == GNUTLS_SAN_IPADDRESS) return true;
        if (type == GNUTLS_E_SHORT_MEMORY_BUFFER) {  // there is one; its type comes with its bytes
            std::string name(size, '\0');
            const int full = gnutls_x509_crt_get_subject_alt_name(raw, at, name.data(), &size, nullptr);
            if (full == GNUTLS_SAN_DNSNAME || full == GNUTLS_SAN_IPADDRESS) return true;
            if (full < 0) return false;
        } else if (type < 0) {
            return false;
        }
    }
}

std::string verification_text(unsigned status) {
    gnutls_datum_t text{};
    if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0) return "not trusted";
    std::string said{reinterpret_cast<const char*>(text.data), text.size};
    gnutls_free(text.data);
    while (!said.empty() && (said.back() == ' ' || said.back() == '\n')) said.pop_back();
    return said;
}

}  // namespace

void release_session(gnutls_session_int* session) noexcept { gnutls_deinit(session); }

StreamStep plain_read(int socket, std::span<char> into) {
    return plain_step(::recv(socket, into.data(), into.size(), MSG_DONTWAIT));
}

StreamStep plain_write(int socket, std::string_view bytes) {
    auto step = plain_step(::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    step.wants_write = true;
    return step;
}

struct TlsSession::Expected {
    gnutls_typed_vdata_st facts[2];
};

TlsSession::TlsSession(const Trust::State& trust, const std::string& host, int socket)
    : expected_{std::make_unique<Expected>()} {
    gnutls_session_t session = nullptr;
    if (gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0) throw std::bad_alloc{};
    session_.reset(session);
    gnutls_priority_set(session, trust.priority.get());
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trust.credentials.get());
    // RFC 6066 section 3: names alone, no addresses.
    if (!is_numeric_address(host)) gnutls_server_name_set(session, GNUTLS_NAME_DNS, host.data(), host.size());

    auto* name = reinterpret_cast<unsigned char*>(const_cast<char*>(host.c_str()));
    auto* purpose = reinterpret_cast<unsigned char*>(const_cast<char*>(GNUTLS_KP_TLS_WWW_SERVER));
    expected_->facts[0] = {GNUTLS_DT_DNS_HOSTNAME, name, 0};
    expected_->facts[1] = {GNUTLS_DT_KEY_PURPOSE_OID, purpose, 0};
    gnutls_session_set_verify_cert2(session, expected_->facts, 2, 0);
    gnutls_transport_set_int(session, socket);
    gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);  // our deadline rules
}

TlsSession::~TlsSession() = default;

StreamStep TlsSession::step(long code) {
    if (code > 0) return {.count = static_cast<std::size_t>(code)};
    if (code == 0) return {.end = StreamEnd::Closed};
    const bool wants_write = gnutls_record_get_direction(session_.get()) == 1;
    if (code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED) return {.wants_write = wants_write};
    if (code == GNUTLS_E_WARNING_ALERT_RECEIVED && ++warnings_ <= most_warnings) return {.wants_write = wants_write};
    return {.end = StreamEnd::Failed, .code = static_cast<int>(code), .number = errno};
}

StreamStep TlsSession::shake_hands() {
    errno = 0;
    const int code = gnutls_handshake(session_.get());
    return step(code == GNUTLS_E_SUCCESS ? 1 : code);
}

std::optional<std::string> TlsSession::objection() const {
    // 0xffffffff stands here when nothing was verified at all: exactly 0 is the only good answer.
    if (const auto status = gnutls_session_get_verify_cert_status(session_.get()); status != 0)
        return verification_text(status);
    unsigned count = 0;
    const auto* chain = gnutls_certificate_get_peers(session_.get(), &count);
    if (!chain || count == 0) return "the server showed no certificate";
    if (!has_subject_alt_name(chain[0])) return "the certificate names no host (it has no subjectAltName)";
    return std::nullopt;
}

std::optional<Instant> TlsSession::certificate_expiry() const {
    const auto seconds = gnutls_certificate_expiration_time_peers(session_.get());
    if (seconds == static_cast<time_t>(-1)) return std::nullopt;
    return Instant{std::chrono::seconds{seconds}};
}

StreamStep TlsSession::read(std::span<char> into) {
    errno = 0;
    return step(gnutls_record_recv(session_.get(), into.data(), into.size()));
}

StreamStep TlsSession::write(std::string_view bytes) {
    errno = 0;
    return step(gnutls_record_send(session_.get(), bytes.data(), bytes.size()));
}

void TlsSession::say_goodbye() {
    // SHUT_RDWR would wait for the peer's own goodbye.
    [[maybe_unused]] const int ignored = gnutls_bye(session_.get(), GNUTLS_SHUT_WR);
}

TlsSession::Failure TlsSession::explain(int code, int number) const {
    switch (code) {
        case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
            return {Code::Untrusted, verification_text(gnutls_session_get_verify_cert_status(session_.get()))};
        case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
        case GNUTLS_E_UNEXPECTED_PACKET:
            return {Code::BadInput,
                    fmt::format("no TLS comes from there, is the port right? ({})", gnutls_strerror(code))};
        case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
            return {Code::Untrusted, "the server speaks no TLS 1.2 or above"};
        case GNUTLS_E_PREMATURE_TERMINATION:
            return {Code::Unavailable, "the server cut the connection"};
        case GNUTLS_E_PULL_ERROR:
        case GNUTLS_E_PUSH_ERROR:
            return {Code::Unavailable, number ? std::generic_category().message(number) : "the connection broke"};
        case GNUTLS_E_FATAL_ALERT_RECEIVED:
        case GNUTLS_E_WARNING_ALERT_RECEIVED: {
            const char* name = gnutls_alert_get_name(gnutls_alert_get(session_.get()));
            return {Code::Unavailable, fmt::format("TLS alert from the server: {}", name ? name : "unknown")};
        }
        case GNUTLS_E_REHANDSHAKE:
            return {Code::Unavailable, "the server wants to renegotiate, which is not done"};
        default:
            return {Code::Unavailable, gnutls_strerror(code)};
    }
}

}  // namespace tocsin::transport
