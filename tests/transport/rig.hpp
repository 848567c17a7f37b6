// The real Dovecot and Postfix that TOCSIN_RIG names, a folder with a file `env`; without it those tests are skipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transport/endpoint.hpp"
#include "transport/imap_source.hpp"
#include "transport/interrupt.hpp"
#include "transport/smtp_sink.hpp"
#include "transport/trust.hpp"

namespace tocsin::transport::testing {

struct Rig {
    std::uint16_t imap = 0;
    std::uint16_t imaps = 0;
    std::uint16_t submission = 0;
    std::uint16_t submissions = 0;
    std::string ca;
    std::string password;

    Endpoint imap_endpoint(TlsStart tls) const;
    Endpoint submission_endpoint(TlsStart tls) const;
    Login login(const std::string& user) const;
};

std::optional<Rig> find_rig();

#define TOCSIN_NEEDS_RIG(rig)                                                                                 \
    const auto found_rig = ::tocsin::transport::testing::find_rig();                                          \
    if (!found_rig) GTEST_SKIP() << "TOCSIN_RIG names no folder of a running mail host (tests/rig/mailhost)"; \
    const auto& rig = *found_rig

}  // namespace tocsin::transport::testing
