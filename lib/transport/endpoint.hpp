// Where a server is and how TLS begins there: imaps://host[:993], imap://host[:143] (STARTTLS),
// smtps://host[:465], smtp://host[:587] (STARTTLS). Plain text does not exist.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tocsin::transport {

enum class Protocol { Imap, Submission };
enum class TlsStart { Implicit, StartTls };

struct Endpoint {
    Protocol protocol = Protocol::Imap;
    TlsStart tls = TlsStart::Implicit;
    std::string host;
    std::uint16_t port = 0;
};

// What is accepted stands in the error, for the administrator who wrote it.
Result<Endpoint> parse_endpoint(std::string_view url, Protocol protocol);
std::string to_text(const Endpoint& endpoint);

enum class LoginMethod {
    Password,     // SCRAM-SHA-256 where it is offered, PLAIN or LOGIN otherwise
    BearerToken,  // `password` holds an OAuth 2.0 access token: XOAUTH2 or OAUTHBEARER (RFC 7628)
};

struct Login {
    std::string user;
    Secret password;
    LoginMethod method = LoginMethod::Password;
};

}  // namespace tocsin::transport
