// How the servers do, what is wrong and who knows of it, and the mail to ourselves that proves the way round.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "store/database.hpp"

namespace tocsin::store {

// A server that we log in to: "mailbox:NAME", or "submission".
struct Peer {
    std::string name;
    std::optional<Instant> last_contact{};
    std::string trouble{};  // empty: the last contact went well
    std::optional<Instant> trouble_since{};
    bool refused = false;  // it said no to our login
    std::optional<Instant> certificate_ends{};
};

class Peers {
public:
    explicit Peers(Database& database) : database_{database} {}
    std::optional<Peer> find(std::string_view name) const;
    std::vector<Peer> all() const;
    void well(std::string_view name, std::optional<Instant> certificate_ends, Instant now);
    void shows_certificate(std::string_view name, std::optional<Instant> certificate_ends, Instant now);
    void in_trouble(std::string_view name, std::string_view why, bool refused, Instant now);

private:
    Database& database_;
};

// Something that the team has to hear of, once, and again when it is over.
struct Trouble {
    std::int64_t id = 0;
    std::string name;   // "unreadable mailbox:security"
    std::string words;  // for people
    Instant since;
    std::optional<Instant> over{};
};

class Troubles {
public:
    explicit Troubles(Database& database) : database_{database} {}
    std::vector<Trouble> open() const;  // oldest first
    std::int64_t begin(std::string_view name, std::string_view words, Instant now);
    void end(std::int64_t id, Instant now);

private:
    Database& database_;
};

class Canaries {
public:
    explicit Canaries(Database& database) : database_{database} {}
    void sent(std::string_view message_id, std::string_view mailbox, Instant now);
    // False: it is none of them, or was there before.
    bool came(std::string_view message_id, Instant now);
    std::optional<Instant> last_sent(std::string_view mailbox) const;
    // When the oldest one was sent that has not come, of those sent after the last one that came.
    std::optional<Instant> missing_since(std::string_view mailbox) const;
    void forget_before(Instant at);

private:
    Database& database_;
};

}  // namespace tocsin::store
