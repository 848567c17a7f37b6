#include "store/upkeep.hpp"

#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr std::string_view cursor_columns =
    "SELECT mailbox, folder, uid_validity, next_uid, start, last_contact, last_compared, missing, trouble, uid_next,"
    " missing_since FROM imap_cursor ";

ImapCursor cursor_in(Statement& row) {
    ImapCursor cursor;
    cursor.mailbox = row.next<std::string>();
    cursor.folder = row.next<std::string>();
    cursor.uid_validity = row.next<std::uint32_t>();
    cursor.next_uid = row.next<std::uint32_t>();
    cursor.start = row.next<std::optional<Instant>>();
    cursor.last_contact = row.next<std::optional<Instant>>();
    cursor.last_compared = row.next<std::optional<Instant>>();
    cursor.missing = row.next<std::int64_t>();
    cursor.trouble = row.next<std::string>();
    cursor.uid_next = row.next<std::uint32_t>();
    cursor.missing_since = row.next<std::optional<Instant>>();
    return cursor;
}

}  // namespace

std::optional<ImapCursor> Cursors::find(std::string_view mailbox, std::string_view folder) const {
    Statement row = database_.prepare(std::string{cursor_columns} + "WHERE mailbox = ? AND folder = ?");
    if (!row.bind(mailbox, folder).step()) return std::nullopt;
    return cursor_in(row);
}

std::vector<ImapCursor> Cursors::all() const {
    Statement rows = database_.prepare(std::string{cursor_columns} + "ORDER BY mailbox, folder");
    std::vector<ImapCursor> cursors;
    while (rows.step()) cursors.push_back(cursor_in(rows));
    return cursors;
}

void Cursors::keep(const ImapCursor& cursor) {
    database_
        .prepare(
            "INSERT OR REPLACE INTO imap_cursor (mailbox, folder, uid_validity, next_uid, start, last_contact,"
            " last_compared, missing, trouble, uid_next, missing_since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(cursor.mailbox, cursor.folder, cursor.uid_validity, cursor.next_uid, cursor.start, cursor.last_contact,
              cursor.last_compared, cursor.missing, cursor.trouble, cursor.uid_next, cursor.missing_since)
        .run();
}

void Budgets::spend(std::string_view address_identity, std::string_view domain, Instant at) {
    database_.prepare("INSERT INTO auto_mail (address, domain, at) VALUES (?, ?, ?)")
        .bind(address_identity, domain, at)
        .run();
}

std::int64_t Budgets::spent_on_address(std::string_view address_identity, Instant since) const {
    return database_.prepare("SELECT count(*) FROM auto_mail WHERE address = ? AND at >= ?")
        .bind(address_identity, since)
        .first<std::int64_t>()
        .value();
}

std::int64_t Budgets::spent_on_domain(std::string_view domain, Instant since) const {
    return database_.prepare("SELECT count(*) FROM auto_mail WHERE domain = ? AND at >= ?")
        .bind(domain, since)
        .first<std::int64_t>()
        .value();
}

std::int64_t Budgets::spent(Instant since) const {
    return database_.prepare("SELECT count(*) FROM auto_mail WHERE at >= ?").bind(since).first<std::int64_t>().value();
}

std::vector<Budgets::Moment> Budgets::spent_after(Instant since, std::string_view domain) const {
    Statement rows = database_.prepare(
        "SELECT at, count(*), count(*) FILTER (WHERE domain = ?) FROM auto_mail WHERE at > ? GROUP BY at ORDER BY at");
    rows.bind(domain, since);
    std::vector<Moment> moments;
    while (rows.step()) {
        Moment& moment = moments.emplace_back();
        moment.at = rows.next<Instant>();
        moment.in_all = rows.next<std::int64_t>();
        moment.on_domain = rows.next<std::int64_t>();
    }
    return moments;
}

Budgets::Moment Budgets::all_spent_after(Instant since, std::string_view domain) const {
    Statement row =
        database_.prepare("SELECT count(*), count(*) FILTER (WHERE domain = ?) FROM auto_mail WHERE at > ?");
    row.bind(domain, since).step();
    Moment all;
    all.in_all = row.next<std::int64_t>();
    all.on_domain = row.next<std::int64_t>();
    return all;
}

void Unreachable::mark(std::string_view address_identity, std::string_view status, bool hard, Instant now) {
    database_
        .prepare(
            "INSERT INTO unreachable (address, since, status, hard) VALUES (?, ?, ?, ?) ON CONFLICT (address)"
            " DO UPDATE SET status = excluded.status, hard = excluded.hard")
        .bind(address_identity, now, status, hard)
        .run();
}

void Unreachable::clear(std::string_view address_identity) {
    database_.prepare("DELETE FROM unreachable WHERE address = ?").bind(address_identity).run();
}

std::optional<UnreachableAddress> Unreachable::find(std::string_view address_identity) const {
    Statement row = database_.prepare("SELECT since, status, hard FROM unreachable WHERE address = ?");
    if (!row.bind(address_identity).step()) return std::nullopt;
    UnreachableAddress found;
    found.since = row.next<Instant>();
    found.status = row.next<std::string>();
    found.hard = row.next<bool>();
    return found;
}

void Budgets::forget_before(Instant at) { database_.prepare("DELETE FROM auto_mail WHERE at < ?").bind(at).run(); }

void Absences::mark(std::string_view member, Instant since, Instant until) {
    database_
        .prepare(
            "INSERT INTO absence (member, since, until) VALUES (?, ?, ?)"
            " ON CONFLICT (member) DO UPDATE SET since = excluded.since, until = excluded.until")
        .bind(member, since, until)
        .run();
}

void Absences::end(std::string_view member) {
    database_.prepare("DELETE FROM absence WHERE member = ?").bind(member).run();
}

std::vector<std::string> Absences::at(Instant now) const {
    Statement rows = database_.prepare("SELECT member FROM absence WHERE since <= ?1 AND until > ?1 ORDER BY member");
    rows.bind(now);
    std::vector<std::string> members;
    while (rows.step()) members.push_back(rows.next<std::string>());
    return members;
}

std::optional<Note> Notes::find(std::string_view name) const {
    Statement row = database_.prepare("SELECT at, words FROM noted WHERE name = ?");
    if (!row.bind(name).step()) return std::nullopt;
    Note note;
    note.at = row.next<Instant>();
    note.words = row.next<std::string>();
    return note;
}

void Notes::keep(std::string_view name, Instant at, std::string_view words) {
    database_
        .prepare(
            "INSERT INTO noted (name, at, words) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET at = excluded.at, words = excluded.words")
        .bind(name, at, words)
        .run();
}

void Notes::forget(std::string_view name) { database_.prepare("DELETE FROM noted WHERE name = ?").bind(name).run(); }

}  // namespace tocsin::store
