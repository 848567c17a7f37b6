// What Trust holds for the TLS code of this folder.
#pragma once

#include <memory>

#include "base/handle.hpp"
#include "transport/trust.hpp"

struct gnutls_certificate_credentials_st;
struct gnutls_priority_st;

namespace tocsin::transport {

void release_credentials(gnutls_certificate_credentials_st* credentials) noexcept;
void release_priority(gnutls_priority_st* priority) noexcept;

struct Trust::State {
    std::unique_ptr<gnutls_certificate_credentials_st, Releaser<&release_credentials>> credentials;
    std::unique_ptr<gnutls_priority_st, Releaser<&release_priority>> priority;
};

}  // namespace tocsin::transport
