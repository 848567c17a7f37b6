// Tickets, clocks and reminders by what is asked of them.
#include "store/statement.hpp"
#include "store/ticket_rows.hpp"
#include "store/tickets.hpp"

namespace tocsin::store {

std::vector<std::pair<TicketId, cvd::Ticket>> Tickets::list(const TicketFilter& filter, Instant now) const {
    // The clocks that are missed, as cvd::TicketClock::state has it.
    Statement rows =
        database_.prepare(select_tickets("WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR severity = ?2)"
                                         " AND (?3 = '' OR lower(owner) = lower(?3))"
                                         " AND (NOT ?4 OR EXISTS (SELECT 1 FROM clock WHERE clock.ticket = ticket.id"
                                         " AND stopped IS NULL AND due <= coalesce(paused, ?5)))"
                                         " AND (NOT ?7 OR state <> 'closed')"
                                         " ORDER BY opened DESC, id DESC LIMIT ?6"));
    const auto state = filter.state ? std::optional{cvd::to_text(*filter.state)} : std::nullopt;
    const auto severity = filter.severity ? std::optional{cvd::to_text(*filter.severity)} : std::nullopt;
    rows.bind(state, severity, filter.owner, filter.overdue, now, filter.most, filter.open);
    std::vector<std::pair<TicketId, cvd::Ticket>> found;
    while (rows.step()) {
        found.push_back(ticket_in(rows));
        found.back().second.clocks = clocks_of(database_, found.back().first);
    }
    return found;
}

std::map<std::string, std::int64_t> Tickets::counts_by_state() const {
    Statement rows = database_.prepare("SELECT state, count(*) FROM ticket GROUP BY state");
    std::map<std::string, std::int64_t> counts;
    while (rows.step()) {
        auto state = rows.next<std::string>();
        counts[std::move(state)] = rows.next<std::int64_t>();
    }
    return counts;
}

std::vector<TicketId> Tickets::with_held_mail() const {
    Statement rows = database_.prepare(
        "SELECT DISTINCT ticket FROM journal WHERE kind = 'foreign' AND ticket IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM event JOIN event_value USING (seq) WHERE event.ticket = journal.ticket AND event.kind = "
        "'confirmed'"
        " AND json_extract(value, '$.detail.journal') = CAST(journal.id AS TEXT)) ORDER BY ticket");
    std::vector<TicketId> tickets;
    while (rows.step()) tickets.push_back(rows.next<TicketId>());
    return tickets;
}

std::optional<std::pair<std::string, cvd::TicketClock>> Tickets::next_deadline() const {
    Statement row = database_.prepare(
        "SELECT ticket, name FROM clock WHERE stopped IS NULL AND paused IS NULL ORDER BY due, ticket LIMIT 1");
    if (!row.step()) return std::nullopt;
    const auto ticket = find(row.next<TicketId>()).value();
    return std::pair{ticket.number, *ticket.open_clock(row.next<std::string>())};
}

std::vector<DueReminder> Tickets::reminders_due(Instant now, std::size_t most) const {
    Statement rows = database_.prepare(
        "SELECT ticket, name, next_reminder FROM clock WHERE next_reminder <= ? ORDER BY next_reminder, ticket LIMIT "
        "?");
    rows.bind(now, most);
    std::vector<DueReminder> due;
    while (rows.step()) {
        const auto ticket = rows.next<TicketId>();
        auto clock = rows.next<std::string>();
        due.push_back({ticket, std::move(clock), rows.next<Instant>()});
    }
    return due;
}

std::optional<Instant> Tickets::next_reminder() const {
    return database_.prepare("SELECT min(next_reminder) FROM clock WHERE next_reminder IS NOT NULL")
        .first<std::optional<Instant>>()
        .value();
}

std::optional<Instant> Tickets::next_reminder(TicketId ticket, std::string_view clock) const {
    return database_.prepare("SELECT next_reminder FROM clock WHERE ticket = ? AND name = ? AND stopped IS NULL")
        .bind(ticket, clock)
        .first<std::optional<Instant>>()
        .value_or(std::nullopt);
}

}  // namespace tocsin::store
