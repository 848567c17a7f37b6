// The life of a mail that goes out, up to its sealed bytes, and what an administrator does to it.
#include "store/outbox.hpp"

#include <stdexcept>

#include "base/utf8.hpp"
#include "store/outbox_rows.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

std::optional<OutboxId> Outbox::add(const NewMail& mail, Instant now) {
    require_transaction(database_);
    const OutboxState state = mail.suppressed ? OutboxState::Suppressed : OutboxState::Queued;
    return database_
        .prepare(
            "INSERT INTO outbox (ticket, cause, occasion, template, recipient, message_id, recipe, to_team, state,"
            " queued, next_attempt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (occasion, template, recipient) DO NOTHING RETURNING id")
        .bind(mail.ticket, mail.cause, mail.occasion, mail.template_name, mail.recipient, mail.message_id, mail.recipe,
              mail.to_team, to_text(state), now, mail.not_before.value_or(now))
        .first<OutboxId>();
}

std::vector<OutboxRow> Outbox::to_seal(std::size_t most) const {
    Statement rows = database_.prepare(
        select_outbox("INDEXED BY outbox_to_seal WHERE state = 'queued' AND is_sealed = 0 ORDER BY id LIMIT ?"));
    rows.bind(most);
    return outbox_rows_in(std::move(rows));
}

void Outbox::seal(OutboxId id, std::string_view bytes) {
    Together step{database_};
    // The row first: a second seal must not get as far as the bytes, whose trigger would only say that they stay.
    database_.prepare("UPDATE outbox SET is_sealed = 1 WHERE id = ? AND is_sealed = 0").bind(id).run();
    if (database_.changes() != 1) throw std::logic_error{"a mail is sealed once"};
    database_.prepare("INSERT INTO sealed (outbox, bytes) VALUES (?, ?)").bind(id, Blob{bytes}).run();
    step.commit();
}

void Outbox::fail_to_seal(OutboxId id, std::string_view why) {
    database_
        .prepare(
            "UPDATE outbox SET state = 'failed', next_attempt = NULL, last_status = ?"
            " WHERE id = ? AND state = 'queued' AND is_sealed = 0")
        .bind(for_one_line(why), id)
        .run();
    if (database_.changes() != 1) throw std::logic_error{"only what waits to be sealed can fail at it"};
}

std::vector<OutboxRow> Outbox::due(Instant now, std::size_t most) const {
    Statement rows = database_.prepare(
        select_outbox("WHERE state IN ('queued', 'unknown', 'deferred') AND is_sealed = 1 AND next_attempt <= ?"
                      " ORDER BY to_team DESC, next_attempt, id LIMIT ?"));
    rows.bind(now, most);
    return outbox_rows_in(std::move(rows));
}

std::optional<Instant> Outbox::next_attempt() const {
    return database_
        .prepare(
            "SELECT min(next_attempt) FROM outbox"
            " WHERE state IN ('queued', 'unknown', 'deferred') AND is_sealed = 1")
        .first<std::optional<Instant>>()
        .value();
}

std::string Outbox::bytes(OutboxId id) const {
    auto bytes = database_.prepare("SELECT bytes FROM sealed WHERE outbox = ?").bind(id).first<std::string>();
    if (!bytes) throw std::logic_error{"this mail is not sealed"};
    return std::move(*bytes);
}

std::optional<OutboxRow> Outbox::find(OutboxId id) const {
    Statement row = database_.prepare(select_outbox("WHERE id = ?"));
    if (!row.bind(id).step()) return std::nullopt;
    return outbox_row_in(row);
}

std::optional<OutboxRow> Outbox::last_sent_to(std::string_view address, Instant since) const {
    Statement row =
        database_.prepare(select_outbox("WHERE to_team = 0 AND state = 'sent' AND queued >= ? AND recipient = ? "
                                        "COLLATE NOCASE ORDER BY id DESC LIMIT 1"));
    if (!row.bind(since, address).step()) return std::nullopt;
    return outbox_row_in(row);
}

std::size_t Outbox::held_back(Instant now) const {
    return static_cast<std::size_t>(
        database_
            .prepare(
                "SELECT count(*) FROM outbox WHERE state = 'queued' AND tries = 0 AND to_team = 0 AND next_attempt > ?")
            .bind(now)
            .first<std::int64_t>()
            .value());
}

std::optional<Instant> Outbox::stuck_since(Instant now) const {
    return database_
        .prepare(
            "SELECT min(CASE WHEN tries = 0 THEN next_attempt ELSE (SELECT min(started) FROM attempt"
            " WHERE attempt.outbox = outbox.id) END) FROM outbox"
            " WHERE state IN ('queued', 'attempting', 'at-final-dot', 'unknown', 'deferred')"
            " AND NOT (tries = 0 AND next_attempt > ?)")
        .bind(now)
        .first<std::optional<Instant>>()
        .value();
}

std::optional<std::string> Outbox::refusal_of_team_mail() const {
    // More than the members of a team whose address is gone, among others who are reached.
    constexpr std::size_t newest = 8;
    constexpr std::size_t enough = 2;
    Statement rows = database_.prepare(
        "SELECT state, coalesce(last_status, '') FROM outbox WHERE to_team = 1 AND template <> 'canary'"
        " AND state IN ('sent', 'failed') ORDER BY id DESC LIMIT ?");
    rows.bind(newest);
    std::string last;
    std::size_t refused = 0;
    for (; rows.step(); ++refused) {
        if (rows.next<std::string>() != "failed") return std::nullopt;
        std::string status = rows.next<std::string>();
        if (refused == 0) last = std::move(status);
    }
    return refused < enough ? std::nullopt : std::optional{last};
}

std::optional<OutboxRow> Outbox::by_message_id(std::string_view message_id) const {
    Statement row = database_.prepare(select_outbox("WHERE message_id = ? ORDER BY id LIMIT 1"));
    if (!row.bind(message_id).step()) return std::nullopt;
    return outbox_row_in(row);
}

std::vector<OutboxRow> Outbox::of_ticket(TicketId ticket) const {
    Statement rows = database_.prepare(select_outbox("WHERE ticket = ? ORDER BY id"));
    rows.bind(ticket);
    return outbox_rows_in(std::move(rows));
}

std::vector<OutboxRow> Outbox::waiting(std::size_t most) const {
    Statement rows = database_.prepare(
        select_outbox("WHERE state IN ('queued', 'attempting', 'at-final-dot', 'unknown', 'deferred', 'held')"
                      " ORDER BY id LIMIT ?"));
    rows.bind(most);
    return outbox_rows_in(std::move(rows));
}

std::vector<OutboxRow> Outbox::failed(std::size_t most) const {
    Statement rows = database_.prepare(select_outbox("WHERE state = 'failed' ORDER BY id DESC LIMIT ?"));
    rows.bind(most);
    return outbox_rows_in(std::move(rows));
}

OutboxCounts Outbox::counts() const {
    Statement row = database_.prepare(
        "SELECT count(*) FILTER (WHERE state NOT IN ('deferred', 'held')), count(*) FILTER (WHERE state = 'deferred'),"
        " (SELECT count(*) FROM outbox WHERE state = 'failed'), count(*) FILTER (WHERE state = 'held'),"
        " min(queued) FILTER (WHERE state <> 'held')"
        " FROM outbox WHERE state IN ('queued', 'attempting', 'at-final-dot', 'unknown', 'deferred', 'held')");
    row.step();
    OutboxCounts counts;
    counts.queued = row.next<std::int64_t>();
    counts.deferred = row.next<std::int64_t>();
    counts.failed = row.next<std::int64_t>();
    counts.held = row.next<std::int64_t>();
    counts.oldest = row.next<std::optional<Instant>>();
    return counts;
}

std::vector<std::string> Outbox::recipes_told_to(std::string_view member, TicketId not_about, std::size_t most) const {
    Statement rows = database_.prepare(
        "SELECT recipe FROM (SELECT id, recipe FROM outbox WHERE recipient = ? AND to_team = 1"
        " AND (ticket IS NULL OR ticket <> ?) ORDER BY id DESC LIMIT ?) ORDER BY id");
    rows.bind(member, not_about, most);
    std::vector<std::string> recipes;
    while (rows.step()) recipes.push_back(rows.next<std::string>());
    return recipes;
}

void Outbox::drop_answers_to(std::string_view address) {
    database_
        .prepare(
            "UPDATE outbox SET state = 'dropped', next_attempt = NULL"
            " WHERE recipient = ? COLLATE NOCASE AND to_team = 0 AND template <> 'relay'"
            " AND state IN ('queued', 'unknown', 'deferred', 'held')"
            " AND CASE WHEN json_valid(recipe) THEN json_extract(recipe, '$.answers_mail') END")
        .bind(address)
        .run();
}

std::int64_t Outbox::count_to(std::string_view recipient, std::string_view template_name,
                              std::string_view occasion_part, Instant since) const {
    return database_
        .prepare(
            "SELECT count(*) FROM outbox WHERE recipient = ? AND template = ? AND instr(occasion, ?) > 0"
            " AND queued >= ?")
        .bind(recipient, template_name, occasion_part, since)
        .first<std::int64_t>()
        .value();
}

std::int64_t Outbox::failed_since(Instant at) const {
    return database_
        .prepare(
            "SELECT count(*) FROM outbox WHERE state = 'failed' AND coalesce((SELECT max(coalesce(finished, started))"
            " FROM attempt WHERE attempt.outbox = outbox.id), queued) >= ?")
        .bind(at)
        .first<std::int64_t>()
        .value();
}

bool Outbox::hold(OutboxId id) {
    database_.prepare("UPDATE outbox SET state = 'held' WHERE id = ? AND state IN ('queued', 'unknown', 'deferred')")
        .bind(id)
        .run();
    return database_.changes() == 1;
}

bool Outbox::release(OutboxId id, Instant now) {
    database_.prepare("UPDATE outbox SET state = 'queued', next_attempt = ? WHERE id = ? AND state = 'held'")
        .bind(now, id)
        .run();
    return database_.changes() == 1;
}

bool Outbox::drop(OutboxId id) {
    database_
        .prepare(
            "UPDATE outbox SET state = 'dropped', next_attempt = NULL"
            " WHERE id = ? AND state IN ('queued', 'unknown', 'deferred', 'held')")
        .bind(id)
        .run();
    return database_.changes() == 1;
}

}  // namespace tocsin::store
