// A mailbox read over IMAP (RFC 3501, 2177, 6851): what lies there, its bytes, and word of what arrives.
//
// Blocking: an object belongs to one thread at a time. Every call has an absolute deadline and ends early when the
// Interrupt is raised. After any error the object is dead: destroy it and connect anew; destroying never waits.
// Nothing on the server changes but by `mark_seen`, `move`, `create` and `append`. Only UID, FLAGS, INTERNALDATE,
// RFC822.SIZE and BODY.PEEK[] are ever asked for, so that strangers reach libetpan with literals alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "transport/endpoint.hpp"
#include "transport/interrupt.hpp"
#include "transport/trust.hpp"

namespace tocsin::transport {

struct ImapDeadlines {
    std::chrono::seconds connect{20};
    std::chrono::seconds tls{15};
    std::chrono::seconds greeting{30};
    std::chrono::seconds login{60};
    std::chrono::seconds command{30};
    std::chrono::seconds listing{60};
    std::chrono::seconds body{60};  // and what the size takes at 50 kB/s
    std::chrono::seconds logout{3};
};

struct ImapLimits {
    std::uint64_t max_message_bytes = 50u << 20;  // a larger mail is told by its size alone
    std::uint64_t max_batch_bytes = 4u << 20;     // bodies asked for in one command
    ImapDeadlines deadlines{};
};

// RFC 3501 section 2.3.1.1: numbers are only comparable under one UIDVALIDITY.
struct Selected {
    std::uint32_t uid_validity = 0;
    std::uint32_t uid_next = 0;  // 0 where the server does not say
    std::uint32_t exists = 0;
    bool read_only = false;
};

// Stands for an INTERNALDATE that cannot be read: so far ahead that the earlier of it and now is now.
constexpr Instant unreadable_date =
    std::chrono::sys_days{std::chrono::year{9999} / 12 / 31} + std::chrono::hours{24} - std::chrono::seconds{1};

struct Listing {
    std::uint32_t uid = 0;
    Instant internal_date;
    std::uint64_t size = 0;  // RFC822.SIZE
    std::vector<std::string> flags;
};

struct FetchedMessage {
    std::uint32_t uid = 0;
    Instant internal_date;
    std::vector<std::string> flags;
    std::string bytes;  // exactly as the server holds them
};

enum class Word { Changed, Nothing, Nudged };  // what a wait ended with

class ImapSource {
public:
    // Connects, verifies chain and host name, starts TLS, logs in. `trust` and `interrupt` must outlive the object.
    // Refused is the server's no to the login, Untrusted a certificate that does not hold or a server that bends TLS or
    // the login; both are permanent until a person or a new token changes something, unless the server says "later".
    static Result<ImapSource> connect(const Endpoint& endpoint, const Login& login, const Trust& trust,
                                      const Interrupt& interrupt, const ImapLimits& limits);
    ImapSource(ImapSource&&) noexcept;
    ImapSource& operator=(ImapSource&&) noexcept;
    ~ImapSource();

    // When the server's certificate ends, so that somebody can be told in time; nothing on a dead object.
    std::optional<Instant> certificate_expiry() const;
    bool can_idle() const;
    Result<Selected> select(std::string_view mailbox);  // UTF-8; sent as modified UTF-7 (RFC 3501 section 5.1.3)

    // All mail with a UID of `from` or above, ascending.
    Result<std::vector<Listing>> list_from(std::uint32_t from);
    Result<std::vector<std::uint32_t>> all_uids();

    // The bodies of as many of `wanted` (ascending) as fit into the batch limit, at least one. Each answer is held
    // against what was asked: that UID, that size, not empty. What differs in size is fetched alone once more, and then
    // taken as it is; what does not come, or comes empty, is asked for once more, and then simply not there. What is
    // larger than max_message_bytes is never asked for. All of `wanted` up to the last UID returned was asked for: go
    // on after it. An empty result means that none of `wanted` is there.
    Result<std::vector<FetchedMessage>> fetch(const std::vector<Listing>& wanted);

    // One large mail in pieces of at most 64 KiB; `take` returns false to give up (and the session with it). A mail of
    // another size than was told is read a second time, and is an error unless the same bytes come again. False: the
    // server has no bytes for it.
    Result<bool> fetch_in_pieces(const Listing& wanted, const std::function<bool(std::string_view)>& take);

    // IDLE (or, where it is missing, mere waiting) until the mailbox says something, `most` has passed or the interrupt
    // is raised (then the Error is Interrupted). A NOOP ends it, so that what the server knew is known. What it said
    // since the last list_from began counts too: then it returns at once, and so it does when somebody nudged.
    Result<Word> wait(std::chrono::milliseconds most);

    Result<void> mark_seen(std::uint32_t uid);
    Result<void> move(std::uint32_t uid, std::string_view mailbox);
    // False: it is there already, or the server would not; that kills nothing.
    Result<bool> create(std::string_view mailbox);
    Result<void> append(std::string_view mailbox, std::string_view bytes, bool seen);
    void log_out();  // politely, within the deadline; the object is dead afterwards

private:
    struct Session;
    explicit ImapSource(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
};

}  // namespace tocsin::transport
