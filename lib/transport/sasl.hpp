// Logging in (RFC 4422), the same for IMAP and submission: what is said, without base64 and without the protocol
// around it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "transport/endpoint.hpp"

namespace tocsin::transport {

class SaslExchange {
public:
    virtual ~SaslExchange() = default;
    virtual std::string_view mechanism() const = 0;
    // What is said first; nothing where the server begins (LOGIN).
    virtual std::optional<std::string> opening() = 0;
    virtual Result<std::string> answer(std::string_view challenge) = 0;
    // Whether the server's yes may be believed: one that proves itself must have done so.
    virtual bool satisfied() const { return true; }
    // Whether a no may mean that the server cannot do it for this account, so that the next one is worth a try.
    virtual bool may_give_way() const { return false; }
};

// The exchanges to be tried, best first, of the mechanisms that the server offers; none is an error that names both.
Result<std::vector<std::unique_ptr<SaslExchange>>> choose_exchanges(const Login& login, const Endpoint& endpoint,
                                                                    const std::vector<std::string>& offered);

// RFC 7677 and 5802, without channel binding. `nonce` is printable and has no comma.
std::unique_ptr<SaslExchange> scram_sha_256(const Login& login, std::string nonce);

// RFC 4648 section 4, strictly.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace tocsin::transport
