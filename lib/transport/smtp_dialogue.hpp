// The submission dialogue (RFC 5321 section 4, RFC 3207, RFC 4954), command by command.
//
// libetpan has no part in it: its SMTP cuts lines at 512 bytes, knows neither SMTPUTF8 nor 8BITMIME, and loops for ever
// on a TAB in the EHLO answer. The first error of the wire kills the connection; a reply of any code is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/connection.hpp"
#include "transport/endpoint.hpp"
#include "transport/sasl.hpp"

namespace tocsin::transport {

struct SmtpReply {
    int code = 0;
    std::vector<std::string> lines;  // without the code

    int severity() const { return code / 100; }  // RFC 5321 section 4.2.1: the first digit
    std::string text() const;                    // one line, cleaned for people
};

class SmtpDialogue {
public:
    explicit SmtpDialogue(std::unique_ptr<Connection> connection) : connection_{std::move(connection)} {}

    Result<SmtpReply> read_reply();
    // `line` without CRLF. What the server said unasked before is its reply when it is a farewell (421), and an
    // error otherwise: replies must not slip by one.
    Result<SmtpReply> command(std::string_view line);
    // A reply that came before its time; nothing is waited for.
    Result<std::optional<SmtpReply>> early_reply();

    Result<void> greeting();
    Result<void> ehlo(std::string_view own_name);
    Result<void> start_tls(const Trust& trust, std::chrono::milliseconds span);
    Result<void> log_in(const Login& login, const Endpoint& endpoint);

    bool offers(std::string_view keyword) const { return parameters(keyword) != nullptr; }
    Connection& connection() { return *connection_; }

private:
    struct Extension {
        std::string keyword;
        std::vector<std::string> parameters;
    };

    const std::vector<std::string>* parameters(std::string_view keyword) const;
    Result<std::string> read_line();
    tl::unexpected<Error> refused(std::string_view doing, const SmtpReply& reply, Code code);
    Result<std::optional<SmtpReply>> authenticate(SaslExchange& exchange);  // nothing: accepted

    std::unique_ptr<Connection> connection_;
    std::string held_;  // read and not yet used
    std::vector<Extension> extensions_;
};

}  // namespace tocsin::transport
