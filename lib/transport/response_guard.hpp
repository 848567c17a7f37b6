// What an IMAP server says, checked before anyone parses it (RFC 3501 section 7).
//
// Bytes go in as they come off the wire and come out as whole lines and stretches of literals, in order, within the
// budget that was armed. Answers that were never asked for and that libetpan would parse at length (LIST, STATUS,
// extensions) are swallowed. The guard is pure: no socket, no clock. After an error it is useless.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tocsin::transport {

// For one command and its whole answer.
struct WireBudget {
    std::uint64_t framing_bytes = 64u << 10;  // everything but literals; a parser makes many times as much of these
    std::size_t line_bytes = 64u << 10;
    std::uint64_t bytes = 64u << 10;  // all together
    std::uint64_t literal_bytes = 0;
    std::size_t depth = 24;  // of parentheses outside quotes and literals
};

class ResponseGuard {
public:
    struct Stretch {
        std::string_view bytes;  // a whole line with its CRLF, or part of a literal; valid until the next call
        bool literal = false;
    };

    void arm(const WireBudget& budget);
    Result<void> feed(std::string_view bytes);
    // Nothing when more bytes are needed. A literal comes in pieces of at most `most`.
    Result<std::optional<Stretch>> next(std::size_t most);

    bool empty() const { return at_ == held_.size(); }  // nothing was fed that did not come out

    // Whether EXISTS, RECENT, EXPUNGE or VANISHED passed since the news was last taken.
    bool take_news();
    // The tagged status line since `arm`, without its tag: "NO [ALREADYEXISTS] Mailbox exists".
    const std::string& last_status() const { return last_status_; }

private:
    enum class Kind { Status, Plain, Structured, Swallowed };

    Result<void> check(std::string_view line);
    Result<Kind> classify(std::string_view line);
    Result<void> scan(std::string_view line);

    WireBudget budget_;
    std::uint64_t taken_ = 0;
    std::uint64_t framing_ = 0;
    std::string held_;
    std::size_t at_ = 0;       // what stands before it has come out
    std::size_t scanned_ = 0;  // no LF between at_ and here
    std::uint64_t literal_left_ = 0;
    bool continues_ = false;  // the next line belongs to the response before the literal
    Kind kind_ = Kind::Plain;
    std::size_t depth_ = 0;
    bool news_ = false;
    std::string last_status_;
};

}  // namespace tocsin::transport
