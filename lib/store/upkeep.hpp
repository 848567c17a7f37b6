// What the daemon keeps about servers, budgets, keys and requests beside the tickets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "store/database.hpp"

namespace tocsin::store {

// How far a folder on a server has been read.
struct ImapCursor {
    std::string mailbox;
    std::string folder;
    std::uint32_t uid_validity = 0;
    std::uint32_t next_uid = 1;      // all below it are journaled
    std::uint32_t uid_next = 0;      // UIDNEXT as the server said it last; 0: it does not
    std::optional<Instant> start{};  // mail received before it is baseline; fixed at the first contact
    std::optional<Instant> last_contact{};
    std::optional<Instant> last_compared{};  // the server's UIDs with the journal's
    std::int64_t missing = 0;                // mails on the server that the journal lacks
    std::optional<Instant> missing_since{};
    std::string trouble{};  // why the last contact failed; empty when it did not
};

class Cursors {
public:
    explicit Cursors(Database& database) : database_{database} {}
    std::optional<ImapCursor> find(std::string_view mailbox, std::string_view folder) const;
    std::vector<ImapCursor> all() const;
    void keep(const ImapCursor& cursor);

private:
    Database& database_;
};

// Automatic mail counted against budgets; spent in the transaction that queues the mail.
class Budgets {
public:
    explicit Budgets(Database& database) : database_{database} {}
    // `since` is counted in.
    void spend(std::string_view address_identity, std::string_view domain, Instant at);
    std::int64_t spent_on_address(std::string_view address_identity, Instant since) const;
    std::int64_t spent_on_domain(std::string_view domain, Instant since) const;
    std::int64_t spent(Instant since) const;
    // What was spent after `since` and is spent in advance, by moments, in their order.
    struct Moment {
        Instant at;
        std::int64_t in_all = 0;
        std::int64_t on_domain = 0;
    };
    std::vector<Moment> spent_after(Instant since, std::string_view domain) const;
    Moment all_spent_after(Instant since, std::string_view domain) const;  // together, at no moment of its own
    void forget_before(Instant at);

private:
    Database& database_;
};

// Addresses that a mail of ours did not reach; shown to the team, and nothing else follows: a bounce can be forged.
struct UnreachableAddress {
    Instant since;
    std::string status;  // RFC 3463, or words
    bool hard = false;
};

class Unreachable {
public:
    explicit Unreachable(Database& database) : database_{database} {}
    void mark(std::string_view address_identity, std::string_view status, bool hard, Instant now);
    void clear(std::string_view address_identity);  // something of ours has reached it since
    std::optional<UnreachableAddress> find(std::string_view address_identity) const;

private:
    Database& database_;
};

// Members that are away, by their address's identity.
class Absences {
public:
    explicit Absences(Database& database) : database_{database} {}
    void mark(std::string_view member, Instant since, Instant until);
    void end(std::string_view member);
    std::vector<std::string> at(Instant now) const;

private:
    Database& database_;
};

// What the house remembers of itself: "digest", "first-tick", …
struct Note {
    Instant at;
    std::string words;
};

class Notes {
public:
    explicit Notes(Database& database) : database_{database} {}
    std::optional<Note> find(std::string_view name) const;
    void keep(std::string_view name, Instant at, std::string_view words = {});
    void forget(std::string_view name);

private:
    Database& database_;
};

}  // namespace tocsin::store
