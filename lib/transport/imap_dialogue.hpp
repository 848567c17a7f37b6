// The part of IMAP that we speak ourselves (RFC 3501 sections 6.1 and 6.2, RFC 2177, RFC 4959): everything until the
// login is done, SEARCH, CREATE, APPEND and IDLE. libetpan meets a server only after it proved its name and took our
// login.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/endpoint.hpp"
#include "transport/imap_wire.hpp"
#include "transport/sasl.hpp"

namespace tocsin::transport {

// "NO [AUTHENTICATIONFAILED] Authentication failed." as an error: `doing` was refused.
Error imap_refusal(std::string_view doing, std::string_view status);

class ImapDialogue {
public:
    explicit ImapDialogue(ImapWire& wire) : wire_{wire} {}

    // OK alone is right; PREAUTH would leave STARTTLS out, and whoever sends it is no server of ours.
    Result<void> greeting();
    Result<void> ask_capabilities();
    bool can(std::string_view capability) const;
    // Sends STARTTLS and takes the answer; what was known of the server before is forgotten. The caller starts TLS.
    Result<void> start_tls();
    Result<void> log_in(const Login& login, const Endpoint& endpoint);
    // UID SEARCH: all UIDs of `from` or above, ascending, each once. libetpan would make two allocations of each, and
    // a mailbox has many.
    Result<std::vector<std::uint32_t>> search_uids(std::uint32_t from);
    Result<bool> create(const std::string& mailbox);  // as to_modified_utf7 made it; false: the server would not
    // APPEND (RFC 3501 section 6.3.11), the bytes exactly as they are. What the server says unasked before it asks for
    // them is passed over, where libetpan 1.9.4 would wait for words that never come.
    Result<void> append(const std::string& mailbox, std::string_view bytes, bool seen);
    Result<void> noop();
    // From the "+" on until `ends` says so or there is nothing to read until `until`; then DONE and its answer, for
    // which there is `closing` time.
    Result<void> idle(Deadline until, std::chrono::milliseconds closing, const std::function<bool()>& ends);
    void logout();

private:
    enum class Tried { Accepted, GiveWay };

    struct Answer {
        bool continues = false;  // "+ text"
        std::string text;        // after the "+", or the status line without its tag
        bool ok() const;
    };

    std::string next_tag();
    Result<Answer> answer(std::string_view tag);
    Result<Answer> command(std::string_view line);
    Result<void> untagged(std::string_view line);
    void learn(std::string_view capabilities);
    Result<Tried> authenticate(SaslExchange& exchange);
    Result<void> plain_login(const Login& login);

    ImapWire& wire_;
    std::vector<std::string> capabilities_;
    bool learnt_ = false;
    std::vector<std::uint32_t> found_;
    unsigned tag_ = 0;
};

}  // namespace tocsin::transport
