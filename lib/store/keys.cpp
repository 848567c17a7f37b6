#include "store/keys.hpp"

#include "store/failure.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr std::string_view key_columns =
    "SELECT fingerprint, address, ticket, origin, state, certificate, since FROM key ";

KeyState key_state_from(std::string_view text) {
    for (const KeyState state : {KeyState::Bound, KeyState::Proposed, KeyState::Retired})
        if (to_text(state) == text) return state;
    throw Failure{"a key is in a state that there is not"};
}

std::vector<KnownKey> keys_in(Statement rows) {
    std::vector<KnownKey> keys;
    while (rows.step()) {
        KnownKey& key = keys.emplace_back();
        key.fingerprint = rows.next<std::string>();
        key.address = rows.next<std::string>();
        key.ticket = rows.next<std::optional<TicketId>>();
        key.origin = rows.next<std::string>();
        key.state = key_state_from(rows.next<std::string>());
        key.certificate = rows.next<std::string>();
        key.since = rows.next<Instant>();
    }
    return keys;
}

}  // namespace

std::string_view to_text(KeyState state) {
    switch (state) {
        case KeyState::Bound:
            return "bound";
        case KeyState::Proposed:
            return "proposed";
        case KeyState::Retired:
            return "retired";
    }
    return {};
}

void Keys::add(const KnownKey& key, Instant now) {
    database_
        .prepare(
            "INSERT INTO key (protocol, fingerprint, address, ticket, origin, state, certificate, since)"
            " VALUES ('openpgp', ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (protocol, fingerprint, address) DO UPDATE SET certificate = excluded.certificate,"
            " since = CASE certificate WHEN excluded.certificate THEN since ELSE excluded.since END")
        .bind(key.fingerprint, key.address, key.ticket, key.origin, to_text(key.state), Blob{key.certificate}, now)
        .run();
}

std::vector<KnownKey> Keys::all() const {
    return keys_in(database_.prepare(std::string{key_columns} + "ORDER BY address, since, id"));
}

std::string Keys::stamp() const {
    return database_.prepare("SELECT count(*) || '.' || coalesce(max(since), 0) FROM key").first<std::string>().value();
}

std::vector<KnownKey> Keys::of(std::string_view address_identity) const {
    Statement rows = database_.prepare(std::string{key_columns} + "WHERE address = ? ORDER BY since, id");
    rows.bind(address_identity);
    return keys_in(std::move(rows));
}

std::vector<KnownKey> Keys::with_fingerprint(std::string_view fingerprint) const {
    Statement rows = database_.prepare(std::string{key_columns} + "WHERE fingerprint = ? ORDER BY since, id");
    rows.bind(fingerprint);
    return keys_in(std::move(rows));
}

std::size_t Keys::accept(std::string_view fingerprint, Instant now) {
    std::size_t accepted = 0;
    for (const KnownKey& key : with_fingerprint(fingerprint)) {
        if (key.state == KeyState::Bound) continue;
        database_.prepare("UPDATE key SET state = 'retired', since = ? WHERE address = ? AND state = 'bound'")
            .bind(now, key.address)
            .run();
        database_.prepare("UPDATE key SET state = 'bound', since = ? WHERE address = ? AND fingerprint = ?")
            .bind(now, key.address, fingerprint)
            .run();
        ++accepted;
    }
    return accepted;
}

std::size_t Keys::retire(std::string_view fingerprint, Instant now) {
    database_.prepare("UPDATE key SET state = 'retired', since = ? WHERE fingerprint = ? AND state <> 'retired'")
        .bind(now, fingerprint)
        .run();
    return static_cast<std::size_t>(database_.changes());
}

void Ciphertexts::note(const Digest& digest, const SeenCiphertext& seen, Instant now) {
    database_.prepare("INSERT OR IGNORE INTO ciphertext (digest, journal, ticket, sender, seen) VALUES (?, ?, ?, ?, ?)")
        .bind(digest, seen.journal, seen.ticket, seen.sender, now)
        .run();
}

std::vector<SeenCiphertext> Ciphertexts::with(const Digest& digest) const {
    Statement rows =
        database_.prepare("SELECT journal, ticket, sender FROM ciphertext WHERE digest = ? ORDER BY seen, journal");
    rows.bind(digest);
    std::vector<SeenCiphertext> seen;
    while (rows.step()) {
        const auto journal = rows.next<JournalId>();
        const auto ticket = rows.next<std::optional<TicketId>>();
        seen.push_back({journal, ticket, rows.next<std::string>()});
    }
    return seen;
}

}  // namespace tocsin::store
