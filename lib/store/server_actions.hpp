// What is to be changed on a mail server: a processed mail marked or moved, a mail of ours filed.
//
// Asked for in the transaction that finishes the mail, carried out afterwards, at least once; each is such that twice
// does no harm: a mail that is gone cannot be moved again, and one that was begun to be filed is looked for first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "store/database.hpp"
#include "store/journal.hpp"

namespace tocsin::store {

enum class OnServer { Seen, Move, File };

std::string_view to_text(OnServer what);  // "seen"

struct ServerAction {
    std::int64_t id = 0;
    OnServer what = OnServer::Seen;
    MailPlace place;                 // where the mail lies; of what is to be filed: mailbox and folder
    std::string target{};            // the folder that it moves to
    std::optional<OutboxId> mail{};  // what is to be filed
    bool begun = false;              // an earlier try may have done it
    int tries = 0;
};

struct ServerActionCounts {
    std::int64_t waiting = 0;
    std::int64_t given_up = 0;
};

class ServerActions {
public:
    explicit ServerActions(Database& database) : database_{database} {}

    // Asked for a second time they give nothing.
    void mark_seen(const MailPlace& place, Instant now);
    void move(const MailPlace& place, std::string_view target, Instant now);
    void file(OutboxId mail, std::string_view mailbox, std::string_view folder, Instant now);

    std::vector<ServerAction> due(std::string_view mailbox, Instant now, std::size_t most) const;  // oldest first
    std::optional<Instant> next_try(std::string_view mailbox) const;
    void begin(std::int64_t id);  // committed before the server is asked
    void finish(std::int64_t id);
    void try_later(std::int64_t id, std::string_view why, Instant at);
    void give_up(std::int64_t id, std::string_view why);
    ServerActionCounts counts(std::string_view mailbox) const;
    // What was done long ago need not be remembered.
    void forget_before(Instant at);

private:
    Database& database_;
};

}  // namespace tocsin::store
