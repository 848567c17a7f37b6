// Tickets and their history. `record` is the only way in: it appends events, folds them and keeps the result.
//
// The history is append-only: each event's hash covers the one before it and a salted commitment to its words,
// which stand in a table of their own, so that a person can be forgotten and the chain still verifies. Somebody who
// writes the whole file anew makes a chain that holds: only a hash that was noted elsewhere shows that.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/id.hpp"
#include "cvd/event.hpp"
#include "cvd/ticket.hpp"
#include "store/database.hpp"

namespace tocsin::store {

struct HistoryLine {
    std::int64_t seq = 0;
    std::optional<TicketId> ticket;
    cvd::Event event;  // its actor and detail are empty once they were forgotten
    Digest hash{};
};

struct TicketFilter {
    std::optional<cvd::TicketState> state{};
    std::optional<cvd::Severity> severity{};
    bool overdue = false;
    bool open = false;    // not closed
    std::string owner{};  // empty: anybody
    std::size_t most = 100;
};

struct DueReminder {
    TicketId ticket{0};
    std::string clock;
    Instant at;
};

class Tickets {
public:
    explicit Tickets(Database& database) : database_{database} {}

    // The next serial of that year, counted up; call within the transaction that uses it.
    std::int64_t next_serial(int year);
    bool number_taken(std::string_view number) const;

    // The first event is Opened and brings a number that is not taken; the policy that its `policy_hash` names is
    // kept by the time of the commit. Call within a Transaction, as `record`.
    TicketId open(const std::vector<cvd::Event>& events);
    // What is not UTF-8 in the events becomes U+FFFD. A clock that changes loses its reminder.
    void record(TicketId ticket, const std::vector<cvd::Event>& events);
    // Of the open clock of that name, where there is one; nothing: none any more.
    void remind_next(TicketId ticket, std::string_view clock, std::optional<Instant> at);

    std::optional<cvd::Ticket> find(TicketId ticket) const;
    std::optional<TicketId> by_number(std::string_view number) const;
    std::vector<std::pair<TicketId, cvd::Ticket>> list(const TicketFilter& filter, Instant now) const;  // newest first
    std::map<std::string, std::int64_t> counts_by_state() const;
    std::vector<TicketId> with_held_mail() const;  // a stranger's answer that nobody has let in yet
    std::optional<std::pair<std::string, cvd::TicketClock>> next_deadline() const;  // number and clock
    std::vector<DueReminder> reminders_due(Instant now, std::size_t most) const;
    std::optional<Instant> next_reminder() const;
    std::optional<Instant> next_reminder(TicketId ticket, std::string_view clock) const;
    std::int64_t count_by_reporter(std::string_view address_identity) const;  // tickets it is the reporter of
    // Of them, those that the team has triaged or closed as fixed or as a duplicate: reports that were true.
    std::int64_t count_valid_by_reporter(std::string_view address_identity) const;

    std::vector<HistoryLine> history(TicketId ticket) const;
    // What concerns no ticket but the house: who may do what. In the same chain. Call within a Transaction.
    void record_of_house(const cvd::Event& event);
    std::optional<cvd::Event> last_of_house(cvd::EventKind kind) const;
    std::vector<cvd::Event> all_of_house(cvd::EventKind kind) const;  // from the first
    // The ticket folded from its history alone; the same as `find`, unless words of it were forgotten.
    cvd::Ticket rebuild(TicketId ticket) const;
    // Erases an event's words; the chain still verifies. The WAL may hold them until its next checkpoint.
    void forget(std::int64_t seq);
    // Walks the whole chain; the first line that does not hold (one past the last where the end was cut off), or
    // nothing.
    std::optional<std::int64_t> first_broken_line() const;
    // The number and the hash of the newest line; 0 and zeros before the first.
    std::pair<std::int64_t, Digest> chain_end() const;
    bool was_forgotten(TicketId ticket) const;  // words of its history are gone

private:
    Database& database_;
};

// Which ticket a Message-ID belongs to, and who takes part in which ticket.
enum class Direction { In, Out };
enum class Part { Reporter, Team };

struct TicketMessage {
    Direction direction = Direction::In;
    std::string message_id;
    std::string kind;  // INTERFACES section 2, or the template's name
    Instant at;
    std::string recipient{};             // of what went out
    std::optional<Digest> content{};     // of what came in: the same when one mail is delivered twice
    std::optional<JournalId> journal{};  // of what came in
};

class Conversations {
public:
    explicit Conversations(Database& database) : database_{database} {}

    void record_message(TicketId ticket, const TicketMessage& message);
    // A Message-ID that strangers chose may stand in several tickets.
    std::vector<TicketId> tickets_with(std::string_view message_id) const;
    std::vector<TicketMessage> messages(TicketId ticket) const;
    // The ticket that a mail with this content opened or joined.
    std::optional<TicketId> ticket_with_content(const Digest& content) const;
    // `proof` is how well its sender was proven: -1 refuted, 0 not at all, 1 its domain, 2 by a signature.
    void add_participant(TicketId ticket, std::string_view address_identity, Part part, Instant at, int proof = 0);
    // If it came in then, or later.
    void remove_participant(TicketId ticket, std::string_view address_identity, Instant since);
    int proof_of(TicketId ticket, std::string_view address_identity) const;  // 0 where it takes no part
    // The tickets that it opened without proof, and when they were opened, newest first.
    std::vector<std::pair<TicketId, Instant>> newest_unproven_of(std::string_view address_identity,
                                                                 std::size_t most) const;
    std::size_t count_reports(TicketId ticket) const;           // that came in; without our own mail and her answers
    std::optional<Instant> last_report(TicketId ticket) const;  // when the newest of them was received
    std::optional<Part> part_of(TicketId ticket, std::string_view address_identity) const;
    // The whole text of a policy that a ticket was promised.
    void keep_policy(std::string_view hash, std::string_view name, std::string_view source, Instant at);
    std::optional<std::string> policy_source(std::string_view hash) const;

private:
    Database& database_;
};

}  // namespace tocsin::store
