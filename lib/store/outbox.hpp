// Mail that waits to go out: first a recipe, then the sealed bytes, which never change again.
//
// Each step is one transaction, the caller's where there is one. One row is one recipient. `attempting` is committed
// before a connection is tried, `at_final_dot` before the dot is written: what a crash leaves in the latter is Unknown
// and is sent once more, with the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "store/database.hpp"

namespace tocsin::store {

enum class OutboxState {
    Queued,      // a recipe, not sealed yet, or sealed and not tried yet
    Attempting,  // a connection is trying; nothing final was said
    AtFinalDot,  // the dot is about to be, or was, written
    Unknown,     // the dot went out and no reply was seen; one more time
    Deferred,    // 4xx or no server; `next_attempt` says when
    Sent,
    Failed,      // refused for good, or given up after five days
    Held,        // an administrator holds it back
    Dropped,     // an administrator took it out
    Suppressed,  // a mode that sends nothing decided it; kept to be looked at
};
std::string_view to_text(OutboxState state);  // "at-final-dot"

struct NewMail {
    std::optional<TicketId> ticket{};
    std::optional<JournalId> cause{};  // the mail that it answers or tells of
    std::string occasion;              // makes it unique: one mail of a template for each occasion and recipient
    std::string template_name;
    std::string recipient;   // an address
    std::string message_id;  // without the angle brackets
    std::string recipe;      // JSON, from which it can be composed again
    bool to_team = false;
    bool suppressed = false;
    std::optional<Instant> not_before{};  // the first attempt waits until then
};

struct OutboxRow {
    OutboxId id{0};
    std::optional<TicketId> ticket;
    std::optional<JournalId> cause;
    std::string template_name;
    std::string recipient;
    std::string message_id;
    std::string recipe;
    bool to_team = false;
    bool sealed = false;
    OutboxState state = OutboxState::Queued;
    int tries = 0;
    Instant queued;
    std::optional<Instant> next_attempt;
    std::string last_status;  // the last reply, one line
};

struct OutboxCounts {
    std::int64_t queued = 0;  // with what is being tried and what is Unknown
    std::int64_t deferred = 0;
    std::int64_t failed = 0;
    std::int64_t held = 0;
    std::optional<Instant> oldest;  // when the oldest of the queued and deferred came
};

struct AttemptResult {
    OutboxState state = OutboxState::Sent;  // Sent, Deferred, Failed or Unknown
    int code = 0;
    std::string text;
};

// 1, 5, 15, 30, 60 minutes, then doubling up to 4 hours, each up to a fifth longer by chance (`chance` in [0, 1)). No
// longer than 10 minutes where it was the server that could not be reached.
Micros back_off(int tries, double chance);
inline constexpr Micros given_up_after = std::chrono::hours{24 * 5};

class Outbox {
public:
    explicit Outbox(Database& database) : database_{database} {}

    // Call within a Transaction. The same occasion, template and recipient again gives nothing.
    std::optional<OutboxId> add(const NewMail& mail, Instant now);

    std::vector<OutboxRow> to_seal(std::size_t most) const;  // oldest first
    void seal(OutboxId id, std::string_view bytes);
    void fail_to_seal(OutboxId id, std::string_view why);  // Failed; a human is told

    // What an earlier process left behind: Attempting is Queued again, AtFinalDot is Unknown; both are due now, and
    // so is what was Deferred. Returns those that were Unknown before and so became Sent as far as we can tell.
    std::vector<OutboxId> recover(Instant now);
    std::vector<OutboxRow> due(Instant now, std::size_t most) const;  // sealed ones, the team's first
    std::optional<Instant> next_attempt() const;
    std::string bytes(OutboxId id) const;

    // From what is due, then from Attempting; from any other state they throw.
    void attempting(OutboxId id, Instant now);
    void at_final_dot(OutboxId id);
    // Sets the next attempt by back-off. Deferred five days after its first attempt becomes Failed; Unknown for a
    // second time becomes Sent, as far as we can tell. Returns the state that it got.
    OutboxState finish_attempt(OutboxId id, const AttemptResult& result, Instant now, double chance);

    std::optional<OutboxRow> find(OutboxId id) const;
    std::optional<OutboxRow> by_message_id(std::string_view message_id) const;
    std::vector<OutboxRow> of_ticket(TicketId ticket) const;  // in any state, oldest first
    // The last mail to somebody outside with this address that a server has accepted since then.
    std::optional<OutboxRow> last_sent_to(std::string_view address, Instant since) const;
    // Mail to people outside that a budget holds back until later.
    std::size_t held_back(Instant now) const;
    // Since when the oldest of what is due or was tried waits for a server to take it.
    std::optional<Instant> stuck_since(Instant now) const;
    // Why the newest mail to the team was given up, when each of the last ones was.
    std::optional<std::string> refusal_of_team_mail() const;
    std::vector<OutboxRow> waiting(std::size_t most) const;  // held ones too, oldest first
    std::vector<OutboxRow> failed(std::size_t most) const;   // newest first
    OutboxCounts counts() const;
    // The newest mails to this member that are about no ticket, or another one: their recipes, oldest first.
    std::vector<std::string> recipes_told_to(std::string_view member, TicketId not_about, std::size_t most) const;
    // Automatic answers to this address that have not gone out; what a member wrote stays.
    void drop_answers_to(std::string_view address);
    // Those whose occasion has these words in it.
    std::int64_t count_to(std::string_view recipient, std::string_view template_name, std::string_view occasion_part,
                          Instant since) const;
    std::int64_t failed_since(Instant at) const;

    // An administrator's; false: it is not in a state for that. What is being tried is left alone.
    bool hold(OutboxId id);                  // what waits
    bool release(OutboxId id, Instant now);  // what is held: due now
    bool drop(OutboxId id);                  // what waits or is held

private:
    Database& database_;
};

}  // namespace tocsin::store
