// The append-only half of Tickets: events, their chain and their words.
#include <algorithm>

#include "base/utf8.hpp"
#include "store/chain.hpp"
#include "store/history.hpp"
#include "store/statement.hpp"
#include "store/tickets.hpp"

namespace tocsin::store {

namespace {

struct ChainEnd {
    std::int64_t seq = 0;
    Digest hash{};
};

ChainEnd end_of_chain(Database& database) {
    Statement row = database.prepare("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1");
    if (!row.step()) return {};
    const auto seq = row.next<std::int64_t>();
    return {seq, row.next<Digest>()};
}

cvd::EventKind kind_from(const std::string& text) {
    if (const auto kind = cvd::event_kind_from(text)) return *kind;
    throw Failure{"the history has an unknown event"};
}

}  // namespace

cvd::Event as_kept(cvd::Event event) {
    event.actor = to_valid_utf8(event.actor);
    cvd::Detail detail;
    for (const auto& [name, word] : event.detail) detail[to_valid_utf8(name)] = to_valid_utf8(word);
    event.detail = std::move(detail);
    return event;
}

void append_to_history(Database& database, std::optional<TicketId> ticket, const std::vector<cvd::Event>& events) {
    ChainEnd end = end_of_chain(database);
    Statement insert_event =
        database.prepare("INSERT INTO event (seq, ticket, kind, at, commitment, hash) VALUES (?, ?, ?, ?, ?, ?)");
    Statement insert_value = database.prepare("INSERT INTO event_value (seq, salt, value) VALUES (?, ?, ?)");
    for (const cvd::Event& event : events) {
        const std::string salt = random_bytes(salt_length);
        const std::string value = value_of(event);
        const ChainLink link{.seq = end.seq + 1,
                             .ticket = ticket ? ticket->value() : 0,
                             .at = to_micros(event.at),
                             .commitment = commitment_to(salt, value),
                             .kind = cvd::to_text(event.kind)};
        end = {link.seq, hash_after(end.hash, link)};
        insert_event.bind(link.seq, ticket, link.kind, link.at, link.commitment, end.hash).run();
        insert_value.bind(link.seq, Blob{salt}, value).run();
    }
}

std::vector<HistoryLine> Tickets::history(TicketId ticket) const {
    Statement rows = database_.prepare(
        "SELECT seq, kind, at, hash, value FROM event LEFT JOIN event_value USING (seq) WHERE ticket = ? ORDER BY seq");
    rows.bind(ticket);
    std::vector<HistoryLine> lines;
    while (rows.step()) {
        const auto seq = rows.next<std::int64_t>();
        const auto kind = kind_from(rows.next<std::string>());
        HistoryLine line{seq, ticket, {kind, rows.next<Instant>(), {}, {}}, rows.next<Digest>()};
        const auto value = rows.next<std::optional<std::string>>();
        if (value && !read_value(*value, line.event)) throw Failure{"the words of an event cannot be read"};
        lines.push_back(std::move(line));
    }
    return lines;
}

void Tickets::record_of_house(const cvd::Event& event) { append_to_history(database_, std::nullopt, {as_kept(event)}); }

std::optional<cvd::Event> Tickets::last_of_house(cvd::EventKind kind) const {
    Statement rows = database_.prepare(
        "SELECT at, value FROM event LEFT JOIN event_value USING (seq) WHERE ticket IS NULL AND kind = ?"
        " ORDER BY seq DESC LIMIT 1");
    if (!rows.bind(cvd::to_text(kind)).step()) return std::nullopt;
    cvd::Event event{kind, rows.next<Instant>(), {}, {}};
    const auto value = rows.next<std::optional<std::string>>();
    if (value && !read_value(*value, event)) throw Failure{"the words of an event cannot be read"};
    return event;
}

std::vector<cvd::Event> Tickets::all_of_house(cvd::EventKind kind) const {
    Statement rows = database_.prepare(
        "SELECT at, value FROM event LEFT JOIN event_value USING (seq) WHERE ticket IS NULL AND kind = ? ORDER BY seq");
    rows.bind(cvd::to_text(kind));
    std::vector<cvd::Event> events;
    while (rows.step()) {
        cvd::Event event{kind, rows.next<Instant>(), {}, {}};
        const auto value = rows.next<std::optional<std::string>>();
        if (value && !read_value(*value, event)) throw Failure{"the words of an event cannot be read"};
        events.push_back(std::move(event));
    }
    return events;
}

cvd::Ticket Tickets::rebuild(TicketId ticket) const {
    cvd::Ticket folded;
    for (const HistoryLine& line : history(ticket)) cvd::apply(folded, line.event);
    return folded;
}

void Tickets::forget(std::int64_t seq) { database_.prepare("DELETE FROM event_value WHERE seq = ?").bind(seq).run(); }

std::pair<std::int64_t, Digest> Tickets::chain_end() const {
    Statement row = database_.prepare("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1");
    if (!row.step()) return {};
    const auto seq = row.next<std::int64_t>();
    return {seq, row.next<Digest>()};
}

bool Tickets::was_forgotten(TicketId ticket) const {
    return database_
        .prepare(
            "SELECT 1 FROM event LEFT JOIN event_value USING (seq) WHERE ticket = ? AND event_value.seq IS NULL LIMIT "
            "1")
        .bind(ticket)
        .first<int>()
        .has_value();
}

std::optional<std::int64_t> Tickets::first_broken_line() const {
    Statement rows = database_.prepare(
        "SELECT seq, ticket, at, commitment, kind, hash, salt, value FROM event LEFT JOIN event_value USING (seq)"
        " ORDER BY seq");
    ChainEnd end;
    while (rows.step()) {
        // Nothing of the row is believed, not even the lengths that the schema checks.
        const auto seq = rows.next<std::int64_t>();
        const auto ticket = rows.next<std::optional<std::int64_t>>();
        const auto at = rows.next<std::int64_t>();
        const auto commitment = rows.next<std::string>();
        const auto kind = rows.next<std::string>();
        const auto hash = rows.next<std::string>();
        const auto salt = rows.next<std::optional<std::string>>();
        const auto value = rows.next<std::optional<std::string>>();
        if (seq != end.seq + 1) return end.seq + 1;
        ChainLink link{.seq = seq, .ticket = ticket.value_or(0), .at = at, .kind = kind};
        if (commitment.size() != link.commitment.size()) return seq;
        std::ranges::copy(commitment, link.commitment.begin());
        const bool forgotten = !value;
        if (!forgotten && (salt->size() != salt_length || commitment_to(*salt, *value) != link.commitment)) return seq;
        end = {seq, hash_after(end.hash, link)};
        if (hash != view(end.hash)) return seq;
    }
    // Lines cut off the end leave a chain that is whole, but not the count of all that were ever written.
    const auto ever = database_.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'event'").first<std::int64_t>();
    if (ever.value_or(0) != end.seq) return end.seq + 1;
    return std::nullopt;
}

}  // namespace tocsin::store
