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

// Mails of the ticket, and the copies of each.
std::vector<std::int64_t> mails_of(Database& database, TicketId ticket) {
    Statement rows = database.prepare(
        "WITH RECURSIVE hers(id) AS (SELECT id FROM journal WHERE ticket = ?"
        " UNION SELECT same_as FROM journal JOIN hers USING (id) WHERE same_as IS NOT NULL"
        " UNION SELECT copy_of FROM journal JOIN hers USING (id) WHERE copy_of IS NOT NULL"
        " UNION SELECT journal.id FROM journal JOIN hers ON journal.same_as = hers.id"
        " UNION SELECT journal.id FROM journal JOIN hers ON journal.copy_of = hers.id) SELECT id FROM hers");
    rows.bind(ticket);
    std::vector<std::int64_t> found;
    while (rows.step()) found.push_back(rows.next<std::int64_t>());
    return found;
}

// Those that came into no ticket: what her answering program wrote, what bounced, what came before the start. Nothing
// but their bytes says whose they are.
std::vector<std::int64_t> mails_that_name(Database& database, std::string_view address) {
    if (address.size() < shortest_word) return {};
    Statement rows = database.prepare(
        "SELECT journal.id FROM journal JOIN chunk ON chunk.journal = journal.id AND chunk.part = 0"
        " WHERE ticket IS NULL AND finished IS NOT NULL AND forgotten IS NULL"
        " AND instr(lower(CAST(substr(bytes, 1, 16384) AS TEXT)), ?) > 0");
    rows.bind(address);
    std::vector<std::int64_t> found;
    while (rows.step()) found.push_back(rows.next<std::int64_t>());
    return found;
}

// Their places and digests stay, so that the same mail does not come in again as a new one.
std::int64_t forget_mail_bytes(Database& database, const std::vector<std::int64_t>& mails, Instant now) {
    Statement erase = database.prepare("DELETE FROM chunk WHERE journal = ?");
    Statement mark = database.prepare("UPDATE journal SET forgotten = ? WHERE id = ? AND forgotten IS NULL");
    std::int64_t forgotten = 0;
    for (const std::int64_t mail : mails) {
        erase.bind(mail).run();
        mark.bind(now, mail).run();
        forgotten += database.changes();
    }
    return forgotten;
}

// What went to her about no ticket alone, such as an acknowledgement of several reports, and what the team was sent
// about no ticket and that names her.
void forget_outgoing_elsewhere(Database& database, std::string_view address,
                               const std::vector<std::string>& lower_words) {
    std::vector<std::int64_t> named;
    {
        Statement rows = database.prepare(
            "SELECT id, to_team, lower(recipient) = ?, recipe FROM outbox WHERE ticket IS NULL AND state IN"
            " ('sent', 'failed', 'held', 'dropped', 'suppressed')");
        rows.bind(address);
        while (rows.step()) {
            const auto id = rows.next<std::int64_t>();
            const bool to_team = rows.next<bool>();
            const bool to_her = rows.next<bool>();
            if ((!to_team && to_her) || (to_team && holds_any(rows.next<std::string>(), lower_words)))
                named.push_back(id);
        }
    }
    for (const std::int64_t id : named) {
        database.prepare("DELETE FROM sealed WHERE outbox = ?").bind(id).run();
        database.prepare("UPDATE attempt SET text = '' WHERE outbox = ?").bind(id).run();
        database
            .prepare(
                "UPDATE outbox SET recipe = '{}', last_status = '',"
                " recipient = CASE to_team WHEN 0 THEN 'forgotten ' || id ELSE recipient END WHERE id = ?")
            .bind(id)
            .run();
    }
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

// A key that serves another ticket of its owner stays.
std::int64_t forget_keys(Database& database, TicketId ticket, std::string_view address) {
    database
        .prepare(
            "DELETE FROM key WHERE (ticket = ?1 OR address = ?2) AND NOT EXISTS (SELECT 1 FROM participant"
            " WHERE participant.address = key.address AND participant.ticket <> ?1)")
        .bind(ticket, address)
        .run();
    return database.changes();
}

// Who held back what, who was told how often, where mail did not arrive.
void forget_upkeep(Database& database, TicketId ticket, std::string_view address, Instant now) {
    database.prepare("UPDATE held_mail SET sender = '', settled = coalesce(settled, ?) WHERE ticket = ?")
        .bind(now, ticket)
        .run();
    database.prepare("DELETE FROM collected WHERE ticket = ?").bind(ticket).run();
    database.prepare("UPDATE ciphertext SET sender = '' WHERE ticket = ?").bind(ticket).run();
    // Counted on in all, for nobody.
    database.prepare("UPDATE auto_mail SET address = '', domain = '' WHERE address = ?").bind(address).run();
}

void forget_requests(Database& database, const std::vector<std::string>& lower_words) {
    std::vector<std::int64_t> named;
    {
        Statement rows =
            database.prepare("SELECT id, arguments || ' ' || coalesce(answer, '') FROM request WHERE state <> 'asked'");
        while (rows.step()) {
            const auto id = rows.next<std::int64_t>();
            if (holds_any(rows.next<std::string>(), lower_words)) named.push_back(id);
        }
    }
    Statement erase = database.prepare("UPDATE request SET arguments = '{}', answer = '{}' WHERE id = ?");
    for (const std::int64_t id : named) erase.bind(id).run();
}

// As the word stands in JSON.
std::string in_json(const std::string& word) {
    std::string escaped;
    for (const char c : word) {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

}  // namespace

std::int64_t Erasure::still_waiting(TicketId ticket, std::string_view address_identity) const {
    return database_
        .prepare(
            "SELECT count(*) FROM outbox WHERE (ticket = ? OR (ticket IS NULL AND to_team = 0 AND"
            " lower(recipient) = ?)) AND state IN ('queued', 'attempting', 'at-final-dot', 'unknown', 'deferred')")
        .bind(ticket, address_identity)
        .first<std::int64_t>()
        .value();
}

std::vector<std::string> Erasure::other_tickets(TicketId ticket, std::string_view address_identity) const {
    Statement rows = database_.prepare(
        "SELECT number FROM ticket WHERE id <> ?1 AND (lower(reporter) = ?2 OR EXISTS (SELECT 1 FROM participant"
        " WHERE participant.ticket = ticket.id AND address = ?2 AND part = 'reporter')) ORDER BY id");
    rows.bind(ticket, address_identity);
    std::vector<std::string> numbers;
    while (rows.step()) numbers.push_back(rows.next<std::string>());
    return numbers;
}

Erased Erasure::forget(TicketId ticket, std::string_view address_identity, const std::vector<std::string>& words,
                       Instant now) {
    require_transaction(database_);
    std::vector<std::string> searched;
    for (const std::string& word : words)
        if (word.size() >= shortest_word) searched.push_back(lower(in_json(word)));
    const bool known_elsewhere = !other_tickets(ticket, address_identity).empty();
    Erased erased;
    erased.events = forget_events(database_, ticket, searched);
    erased.mails = forget_mail_bytes(database_, mails_of(database_, ticket), now);
    erased.outgoing = forget_outgoing(database_, ticket, address_identity);
    erased.keys = forget_keys(database_, ticket, address_identity);
    database_.prepare("DELETE FROM participant WHERE ticket = ? AND part <> 'team'").bind(ticket).run();
    database_.prepare("DELETE FROM shingle WHERE ticket = ?").bind(ticket).run();
    forget_upkeep(database_, ticket, address_identity, now);
    forget_requests(database_, searched);
    if (known_elsewhere) return erased;
    erased.mails += forget_mail_bytes(database_, mails_that_name(database_, address_identity), now);
    forget_outgoing_elsewhere(database_, address_identity, searched);
    database_.prepare("DELETE FROM unreachable WHERE address = ?").bind(address_identity).run();
    return erased;
}

void Erasure::forget_mails(TicketId ticket, Instant now) {
    require_transaction(database_);
    forget_mail_bytes(database_, mails_of(database_, ticket), now);
}

void Erasure::empty_log() { database_.execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

}  // namespace tocsin::store
