// The derived half of Tickets: rows that folding the history gives.
#include "store/tickets.hpp"

#include <stdexcept>

#include "store/history.hpp"
#include "store/statement.hpp"
#include "store/ticket_rows.hpp"

namespace tocsin::store {

namespace {

std::vector<cvd::Event> all_as_kept(const std::vector<cvd::Event>& events) {
    std::vector<cvd::Event> kept;
    kept.reserve(events.size());
    for (const cvd::Event& event : events) kept.push_back(as_kept(event));
    return kept;
}

}  // namespace

std::int64_t Tickets::next_serial(int year) {
    require_transaction(database_);
    return database_
        .prepare(
            "INSERT INTO serial (year, last) VALUES (?, 1) ON CONFLICT (year) DO UPDATE SET last = last + 1"
            " RETURNING last")
        .bind(year)
        .first<std::int64_t>()
        .value();
}

bool Tickets::number_taken(std::string_view number) const { return by_number(number).has_value(); }

TicketId Tickets::open(const std::vector<cvd::Event>& events) {
    require_transaction(database_);
    if (events.empty() || events.front().kind != cvd::EventKind::Opened)
        throw std::logic_error{"a ticket begins with being opened"};
    const std::vector<cvd::Event> kept = all_as_kept(events);
    const cvd::Ticket ticket = cvd::fold(kept);
    const TicketId id = keep_ticket(database_, std::nullopt, ticket);
    append_to_history(database_, id, kept);
    keep_changed_clocks(database_, id, {}, ticket.clocks);
    return id;
}

void Tickets::record(TicketId id, const std::vector<cvd::Event>& events) {
    require_transaction(database_);
    if (events.empty()) return;
    auto ticket = find(id);
    if (!ticket) throw std::logic_error{"no such ticket"};
    const cvd::Ticket before = *ticket;
    const std::vector<cvd::Event> kept = all_as_kept(events);
    for (const cvd::Event& event : kept) cvd::apply(*ticket, event);
    append_to_history(database_, id, kept);
    if (*ticket != before) keep_ticket(database_, id, *ticket);
    keep_changed_clocks(database_, id, before.clocks, ticket->clocks);
}

void Tickets::remind_next(TicketId ticket, std::string_view clock, std::optional<Instant> at) {
    database_.prepare("UPDATE clock SET next_reminder = ? WHERE ticket = ? AND name = ? AND stopped IS NULL")
        .bind(at, ticket, clock)
        .run();
}

std::optional<cvd::Ticket> Tickets::find(TicketId id) const {
    Statement row = database_.prepare(select_tickets("WHERE id = ?"));
    if (!row.bind(id).step()) return std::nullopt;
    cvd::Ticket ticket = ticket_in(row).second;
    ticket.clocks = clocks_of(database_, id);
    return ticket;
}

std::optional<TicketId> Tickets::by_number(std::string_view number) const {
    return database_.prepare("SELECT id FROM ticket WHERE number = ?").bind(number).first<TicketId>();
}

std::int64_t Tickets::count_by_reporter(std::string_view address_identity) const {
    return database_.prepare("SELECT count(*) FROM participant WHERE address = ? AND part = 'reporter'")
        .bind(address_identity)
        .first<std::int64_t>()
        .value();
}

std::int64_t Tickets::count_valid_by_reporter(std::string_view address_identity) const {
    // A reason that was forgotten counts for nobody.
    return database_
        .prepare(
            "SELECT count(*) FROM participant JOIN ticket ON ticket.id = participant.ticket"
            " WHERE address = ? AND part = 'reporter' AND CASE"
            " WHEN state = 'closed' THEN (SELECT json_extract(value, '$.detail.reason') FROM event"
            "  JOIN event_value USING (seq) WHERE event.ticket = ticket.id AND kind = 'closed' ORDER BY seq DESC LIMIT "
            "1)"
            "  IN ('fixed', 'duplicate')"
            " WHEN state = 'waiting' THEN before_waiting NOT IN ('new', 'acknowledged')"
            " ELSE state NOT IN ('new', 'acknowledged') END")
        .bind(address_identity)
        .first<std::int64_t>()
        .value();
}

}  // namespace tocsin::store
