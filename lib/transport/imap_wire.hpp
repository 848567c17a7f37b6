// A connection as IMAP uses it: commands go out as they are, answers come in through the guard. Both our own dialogue
// (login, IDLE) and libetpan read from here, each only as far as it needs, so that neither holds what the other wants.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "transport/connection.hpp"
#include "transport/response_guard.hpp"

namespace tocsin::transport {

class ImapWire {
public:
    explicit ImapWire(std::unique_ptr<Connection> connection) : connection_{std::move(connection)} {}

    // Before each command: how long it may take, and how much it may say.
    void arm(Deadline deadline, const WireBudget& budget);

    Result<void> send(std::string_view bytes) { return connection_->write(bytes); }

    // One line without its CRLF; the literals of a response are left out.
    Result<std::string> read_line();
    // The same; nothing when `until` passes first.
    Result<std::optional<std::string>> read_line_before(Deadline until);

    // What is there, up to the end of one line or of a literal; at least one byte. For libetpan.
    Result<std::size_t> read(std::span<char> into);

    bool nothing_read_ahead() const { return guard_.empty() && rest_.empty(); }
    bool take_news() { return guard_.take_news(); }
    const std::string& last_status() const { return guard_.last_status(); }
    Connection& connection() { return *connection_; }

private:
    // False when `until` passes first.
    Result<bool> fill(std::optional<Deadline> until);
    Result<std::optional<ResponseGuard::Stretch>> next(std::size_t most);

    std::unique_ptr<Connection> connection_;
    ResponseGuard guard_;
    std::string rest_;  // of a line that libetpan took in part
    char buffer_[16 << 10];
};

}  // namespace tocsin::transport
