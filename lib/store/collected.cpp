#include "store/collected.hpp"

#include "store/statement.hpp"

namespace tocsin::store {

namespace {

// For each address with something that waits: when the oldest of it came, and when it was last told of others.
constexpr std::string_view waiting_addresses =
    "SELECT address, min(since) AS oldest, (SELECT max(told) FROM collected AS other"
    " WHERE other.address = waits.address) AS last FROM collected AS waits INDEXED BY collected_waiting"
    " WHERE told IS NULL GROUP BY address HAVING oldest IS NOT NULL";

}  // namespace

void Collected::add(TicketId ticket, std::string_view identity, std::string_view recipient, std::string_view language,
                    Instant now) {
    database_
        .prepare(
            "INSERT INTO collected (ticket, address, recipient, language, since) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (ticket) DO NOTHING")
        .bind(ticket, identity, recipient, language, now)
        .run();
}

void Collected::told(const std::vector<TicketId>& tickets, Instant now) {
    for (const TicketId ticket : tickets)
        database_.prepare("UPDATE collected SET told = ? WHERE ticket = ?").bind(now, ticket).run();
}

void Collected::drop(std::string_view identity) {
    database_.prepare("DELETE FROM collected WHERE address = ? AND told IS NULL").bind(identity).run();
}

std::vector<CollectedAddress> Collected::due(Instant now, Micros gather, Micros apart) const {
    std::vector<CollectedAddress> addresses;
    {
        Statement rows = database_.prepare(std::string{waiting_addresses} +
                                           " AND oldest <= ? AND (last IS NULL OR last <= ?) ORDER BY oldest, address");
        rows.bind(now - gather, now - apart);
        while (rows.step()) {
            CollectedAddress& one = addresses.emplace_back();
            one.identity = rows.next<std::string>();
            one.since = rows.next<Instant>();
        }
    }
    for (CollectedAddress& one : addresses) {
        Statement rows = database_.prepare(
            "SELECT ticket, recipient, language FROM collected WHERE address = ? AND told IS NULL ORDER BY ticket");
        rows.bind(one.identity);
        while (rows.step()) {
            one.tickets.push_back(rows.next<TicketId>());
            one.recipient = rows.next<std::string>();
            one.language = rows.next<std::string>();
        }
    }
    return addresses;
}

std::optional<Instant> Collected::next(Micros gather, Micros apart) const {
    Statement rows = database_.prepare(waiting_addresses);
    std::optional<Instant> next;
    while (rows.step()) {
        (void)rows.next<std::string>();
        Instant at = rows.next<Instant>() + gather;
        if (const auto last = rows.next<std::optional<Instant>>()) at = std::max(at, *last + apart);
        if (!next || at < *next) next = at;
    }
    return next;
}

std::size_t Collected::waiting() const {
    return static_cast<std::size_t>(
        database_.prepare("SELECT count(*) FROM collected WHERE told IS NULL").first<std::int64_t>().value());
}

}  // namespace tocsin::store
