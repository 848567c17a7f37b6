#include <gnutls/gnutls.h>

#include <fmt/format.h>
#include <new>

#include "transport/trust_state.hpp"

namespace tocsin::transport {
namespace {

// RFC 8996: nothing below TLS 1.2. The profile is what refuses short RSA keys and SHA-1 signatures; SECURE128
// alone does not.
constexpr auto tls_priority = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%PROFILE_MEDIUM";

}  // namespace

void release_credentials(gnutls_certificate_credentials_st* credentials) noexcept {
    gnutls_certificate_free_credentials(credentials);
}

void release_priority(gnutls_priority_st* priority) noexcept { gnutls_priority_deinit(priority); }

Result<Trust> Trust::load(const std::optional<std::string>& ca_file) {
    auto state = std::make_unique<State>();
    gnutls_certificate_credentials_t credentials = nullptr;
    if (gnutls_certificate_allocate_credentials(&credentials) < 0) throw std::bad_alloc{};
    state->credentials.reset(credentials);
    gnutls_priority_t priority = nullptr;
    if (const int code = gnutls_priority_init(&priority, tls_priority, nullptr); code < 0)
        return permanent(Code::Configuration, fmt::format("TLS: {}", gnutls_strerror(code)));
    state->priority.reset(priority);

    // An empty file or one of another kind is no error to GnuTLS: it loads zero authorities.
    const int loaded = ca_file
                           ? gnutls_certificate_set_x509_trust_file(credentials, ca_file->c_str(), GNUTLS_X509_FMT_PEM)
                           : gnutls_certificate_set_x509_system_trust(credentials);
    if (loaded > 0) return Trust{std::move(state)};
    const std::string_view why = loaded < 0 ? gnutls_strerror(loaded) : "there is no certificate in it";
    if (!ca_file) return permanent(Code::Configuration, fmt::format("the system's certificate store: {}", why));
    return permanent(Code::Configuration, fmt::format("{}: {}, a PEM file of certificates is wanted", *ca_file, why));
}

Trust::Trust(std::unique_ptr<State> state) : state_{std::move(state)} {}
Trust::Trust(Trust&&) noexcept = default;
Trust& Trust::operator=(Trust&&) noexcept = default;
Trust::~Trust() = default;

}  // namespace tocsin::transport
