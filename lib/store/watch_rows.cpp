#include "store/watch_rows.hpp"

#include "base/utf8.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr std::string_view peer_columns =
    "SELECT name, last_contact, trouble, trouble_since, refused, certificate_ends FROM peer ";

Peer peer_in(Statement& row) {
    Peer peer;
    peer.name = row.next<std::string>();
    peer.last_contact = row.next<std::optional<Instant>>();
    peer.trouble = row.next<std::string>();
    peer.trouble_since = row.next<std::optional<Instant>>();
    peer.refused = row.next<bool>();
    peer.certificate_ends = row.next<std::optional<Instant>>();
    return peer;
}

}  // namespace

std::optional<Peer> Peers::find(std::string_view name) const {
    Statement row = database_.prepare(std::string{peer_columns}.append("WHERE name = ?"));
    if (!row.bind(name).step()) return std::nullopt;
    return peer_in(row);
}

std::vector<Peer> Peers::all() const {
    Statement rows = database_.prepare(std::string{peer_columns}.append("ORDER BY name"));
    std::vector<Peer> peers;
    while (rows.step()) peers.push_back(peer_in(rows));
    return peers;
}

void Peers::well(std::string_view name, std::optional<Instant> certificate_ends, Instant now) {
    database_
        .prepare(
            "INSERT INTO peer (name, last_contact, certificate_ends) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " last_contact = excluded.last_contact, trouble = '', trouble_since = NULL, refused = 0,"
            " certificate_ends = coalesce(excluded.certificate_ends, certificate_ends)")
        .bind(name, now, certificate_ends)
        .run();
}

void Peers::shows_certificate(std::string_view name, std::optional<Instant> certificate_ends, Instant now) {
    database_
        .prepare(
            "INSERT INTO peer (name, last_contact, certificate_ends) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " last_contact = excluded.last_contact,"
            " certificate_ends = coalesce(excluded.certificate_ends, certificate_ends)")
        .bind(name, now, certificate_ends)
        .run();
}

void Peers::in_trouble(std::string_view name, std::string_view why, bool refused, Instant now) {
    database_
        .prepare(
            "INSERT INTO peer (name, trouble, trouble_since, refused) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET trouble = excluded.trouble, trouble_since = coalesce(trouble_since, excluded.trouble_since),"
            " refused = excluded.refused")
        .bind(name, for_one_line(why), now, refused)
        .run();
}

std::vector<Trouble> Troubles::open() const {
    Statement rows = database_.prepare("SELECT id, name, words, since FROM trouble WHERE over IS NULL ORDER BY id");
    std::vector<Trouble> troubles;
    while (rows.step()) {
        Trouble trouble;
        trouble.id = rows.next<std::int64_t>();
        trouble.name = rows.next<std::string>();
        trouble.words = rows.next<std::string>();
        trouble.since = rows.next<Instant>();
        troubles.push_back(std::move(trouble));
    }
    return troubles;
}

std::int64_t Troubles::begin(std::string_view name, std::string_view words, Instant now) {
    return database_.prepare("INSERT INTO trouble (name, words, since) VALUES (?, ?, ?) RETURNING id")
        .bind(name, words, now)
        .first<std::int64_t>()
        .value();
}

void Troubles::end(std::int64_t id, Instant now) {
    database_.prepare("UPDATE trouble SET over = ? WHERE id = ? AND over IS NULL").bind(now, id).run();
}

void Canaries::sent(std::string_view message_id, std::string_view mailbox, Instant now) {
    database_.prepare("INSERT INTO canary (message_id, mailbox, sent) VALUES (?, ?, ?)")
        .bind(message_id, mailbox, now)
        .run();
}

bool Canaries::came(std::string_view message_id, Instant now) {
    database_.prepare("UPDATE canary SET came = ? WHERE message_id = ? AND came IS NULL").bind(now, message_id).run();
    return database_.changes() == 1;
}

std::optional<Instant> Canaries::last_sent(std::string_view mailbox) const {
    return database_.prepare("SELECT max(sent) FROM canary WHERE mailbox = ?")
        .bind(mailbox)
        .first<std::optional<Instant>>()
        .value();
}

std::optional<Instant> Canaries::missing_since(std::string_view mailbox) const {
    return database_
        .prepare(
            "SELECT min(sent) FROM canary WHERE mailbox = ?1 AND came IS NULL AND sent >"
            " coalesce((SELECT max(sent) FROM canary WHERE mailbox = ?1 AND came IS NOT NULL), -1)")
        .bind(mailbox)
        .first<std::optional<Instant>>()
        .value();
}

void Canaries::forget_before(Instant at) { database_.prepare("DELETE FROM canary WHERE sent < ?").bind(at).run(); }

}  // namespace tocsin::store
