#include "store/erasure.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

namespace {

// Shorter ones would be found in every other word.
constexpr std::size_t shortest_word = 3;

bool holds_any(std::string_view text, const std::vector<std::string>& lower_words) {
    const std::string searched = lower(text);
    return std::ranges::any_of(lower_words,
                               [&](const std::string& word) { return searched.find(word) != std::string::npos; });
}

std::int64_t forget_events(Database& database, TicketId ticket, const std::vector<std::string>& lower_words) {
    std::vector<std::int64_t> named;
    {
        Statement rows = database.prepare("SELECT seq, value FROM event JOIN event_value USING (seq) WHERE ticket = ?");
        rows.bind(ticket);
        while (rows.step()) {
            const auto seq = rows.next<std::int64_t>();
            if (holds_any(rows.next<std::string>(), lower_words)) named.push_back(seq);
        }
    }
    Statement erase = database.prepare("DELETE FROM event_value WHERE seq = ?");
    for (const std::int64_t seq : named) erase.bind(seq).run();
    return static_cast<std::int64_t>(named.size());
}

std::int64_t forget_journal(Database& database, TicketId ticket, Instant now) {
    // Its places and digests stay, so that the same mail does not come in again as a new one.
    database
        .prepare(
            "DELETE FROM chunk WHERE journal IN (SELECT coalesce(same_as, id) FROM journal WHERE ticket = ? AND "
            "forgotten IS NULL)")
        .bind(ticket)
        .run();
    database
        .prepare(
            "UPDATE journal SET forgotten = ?1 WHERE forgotten IS NULL AND (ticket = ?2 OR same_as IN"
            " (SELECT coalesce(same_as, id) FROM journal WHERE ticket = ?2)"
            " OR id IN (SELECT same_as FROM journal WHERE ticket = ?2))")
        .bind(now, ticket)
        .run();
    return database.changes();
}

std::int64_t forget_outgoing(Database& database, TicketId ticket, std::string_view address) {
    database.prepare("DELETE FROM sealed WHERE outbox IN (SELECT id FROM outbox WHERE ticket = ?)").bind(ticket).run();
    database
        .prepare(
            "UPDATE attempt SET text = '' WHERE outbox IN (SELECT id FROM outbox WHERE ticket = ? AND to_team = 0)")
        .bind(ticket)
        .run();
    database
        .prepare(
            "UPDATE outbox SET recipe = '{}', last_status = CASE to_team WHEN 0 THEN '' ELSE last_status END,"
            " recipient = CASE to_team WHEN 0 THEN 'forgotten ' || id ELSE recipient END WHERE ticket = ?")
        .bind(ticket)
        .run();
    const std::int64_t changed = database.changes();
    // Answers to her own Message-IDs find nothing any more; answers to ours still find the ticket, and are held.
    database
        .prepare(
            "UPDATE message SET message_id = CASE direction WHEN 'in' THEN '' ELSE message_id END,"
            " recipient = CASE WHEN lower(recipient) = ? THEN '' ELSE recipient END WHERE ticket = ?")
        .bind(address, ticket)
        .run();
    return changed;
}

std::int64_t forget_keys(Database& database, TicketId ticket, std::string_view address) {
    database
        .prepare(
            "DELETE FROM key WHERE ticket = ?1 OR (address = ?2 AND NOT EXISTS (SELECT 1 FROM participant"
            " WHERE address = ?2 AND ticket <> ?1))")
        .bind(ticket, address)
        .run();
    return database.changes();
}

}  // namespace

std::int64_t Erasure::still_waiting(TicketId ticket) const {
    return database_
        .prepare(
            "SELECT count(*) FROM outbox WHERE ticket = ? AND state IN ('queued', 'attempting', 'at-final-dot',"
            " 'unknown', 'deferred')")
        .bind(ticket)
        .first<std::int64_t>()
        .value();
}

std::vector<std::string> Erasure::other_tickets(TicketId ticket, std::string_view address_identity) const {
    Statement rows = database_.prepare(
        "SELECT number FROM ticket JOIN participant ON participant.ticket = ticket.id"
        " WHERE participant.address = ? AND participant.part = 'reporter' AND ticket.id <> ? ORDER BY ticket.id");
    rows.bind(address_identity, ticket);
    std::vector<std::string> numbers;
    while (rows.step()) numbers.push_back(rows.next<std::string>());
    return numbers;
}

Erased Erasure::forget(TicketId ticket, std::string_view address_identity, const std::vector<std::string>& words,
                       Instant now) {
    require_transaction(database_);
    std::vector<std::string> searched;
    for (const std::string& word : words)
        if (word.size() >= shortest_word) searched.push_back(lower(word));
    Erased erased;
    erased.events = forget_events(database_, ticket, searched);
    erased.mails = forget_journal(database_, ticket, now);
    erased.outgoing = forget_outgoing(database_, ticket, address_identity);
    erased.keys = forget_keys(database_, ticket, address_identity);
    database_.prepare("DELETE FROM participant WHERE ticket = ? AND part <> 'team'").bind(ticket).run();
    database_.prepare("DELETE FROM shingle WHERE ticket = ?").bind(ticket).run();
    database_.prepare("UPDATE ciphertext SET sender = '' WHERE ticket = ?").bind(ticket).run();
    database_.prepare("UPDATE auto_mail SET address = '' WHERE address = ?").bind(address_identity).run();
    return erased;
}

void Erasure::forget_mails(TicketId ticket, Instant now) {
    require_transaction(database_);
    forget_journal(database_, ticket, now);
}

void Erasure::empty_log() { database_.execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

}  // namespace tocsin::store
