// The mailbox commands of RFC 3501, spoken and parsed by libetpan over our wire: the only file that knows it.
//
// Begins after the login. The caller arms the wire before each call. A call that failed leaves a session that must not
// be used again, and a dead connection; destroying neither writes nor waits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "transport/imap_wire.hpp"

namespace tocsin::transport {

struct UidRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
};

// Neighbours joined; at most 900 bytes of it go into one command (RFC 2683 section 3.2.1.5), and how many UIDs those
// cover is told.
struct UidSet {
    std::vector<UidRange> ranges;
    std::size_t count = 0;
};
UidSet uid_set(const std::vector<std::uint32_t>& ascending);

// What one FETCH response said; nothing where it did not.
struct FetchAnswer {
    std::optional<std::uint32_t> uid;
    std::optional<Instant> internal_date;
    std::optional<std::uint64_t> size;
    std::optional<std::vector<std::string>> flags;
    bool has_body = false;
    std::optional<std::string> body;  // not where it was streamed
};

struct SelectAnswer {
    std::uint32_t uid_validity = 0;
    std::uint32_t uid_next = 0;
    std::uint32_t exists = 0;
};

class EtpanSession {
public:
    explicit EtpanSession(ImapWire& wire);
    EtpanSession(const EtpanSession&) = delete;
    EtpanSession& operator=(const EtpanSession&) = delete;
    ~EtpanSession();

    Result<void> begin();
    // Mailbox names as they go onto the wire: to_modified_utf7 made them.
    Result<SelectAnswer> select(const std::string& mailbox);
    Result<std::vector<FetchAnswer>> fetch_listing(const UidSet& uids);
    Result<std::vector<FetchAnswer>> fetch_bodies(const UidSet& uids);
    // One mail's body; `take` gets the bytes as they come and returns false to break off. The answers hold no body
    // unless the server sent it as something else than a literal.
    Result<std::vector<FetchAnswer>> stream_body(std::uint32_t uid, const std::function<bool(std::string_view)>& take);
    Result<void> add_flag(std::uint32_t uid, const std::string& flag);  // \Seen, \Deleted
    Result<void> copy(std::uint32_t uid, const std::string& mailbox);
    Result<void> move(std::uint32_t uid, const std::string& mailbox);  // RFC 6851
    Result<void> expunge(std::uint32_t uid);                           // RFC 4315: that one alone

private:
    struct State;
    Result<void> check(int code, std::string_view doing);

    ImapWire& wire_;
    std::unique_ptr<State> state_;
};

}  // namespace tocsin::transport
