#include "store/ticket_rows.hpp"

#include <map>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

namespace {

template <class Value>
Value known(const std::optional<Value>& value) {
    if (!value) throw Failure{"a ticket has an unknown state or severity"};
    return *value;
}

cvd::TicketState state_from(const std::string& text) { return known(cvd::ticket_state_from(text)); }

using nlohmann::json;

json from_column(const std::string& text) {
    json value = json::parse(text, nullptr, false);
    if (value.is_discarded()) throw Failure{"a column does not hold what was written to it"};
    return value;
}

json written(const std::optional<Instant>& at) { return at ? json(to_micros(*at)) : json(nullptr); }
json written(const cvd::Embargo& embargo) {
    return {{"by_us", written(embargo.by_us)},
            {"by_reporter", written(embargo.by_reporter)},
            {"ended", written(embargo.ended)}};
}

std::optional<Instant> instant_in(const json& value) {
    return value.is_null() ? std::nullopt : std::optional{from_micros(value.get<std::int64_t>())};
}
cvd::Embargo embargo_in(const json& value) {
    return {instant_in(value.at("by_us")), instant_in(value.at("by_reporter")), instant_in(value.at("ended"))};
}

cvd::TicketClock clock_in(Statement& row) {
    cvd::TicketClock clock;
    clock.name = row.next<std::string>();
    clock.started = row.next<Instant>();
    clock.due = row.next<Instant>();
    clock.paused = row.next<std::optional<Instant>>();
    clock.stopped = row.next<std::optional<Instant>>();
    clock.how = row.next<std::string>();
    clock.goal = row.next<bool>();
    clock.promised = row.next<Instant>();
    clock.told = from_column(row.next<std::string>()).get<std::map<std::string, std::int64_t>>();
    return clock;
}

// A reminder belongs to the promise as it stood: a clock that changes forgets it.
void keep_clock(Database& database, TicketId ticket, std::size_t place, const cvd::TicketClock& clock) {
    database
        .prepare(
            "INSERT INTO clock (ticket, place, name, started, due, paused, stopped, how, goal, promised, told)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (ticket, place) DO UPDATE SET name = excluded.name,"
            " started = excluded.started, due = excluded.due, paused = excluded.paused, stopped = excluded.stopped,"
            " how = excluded.how, goal = excluded.goal, promised = excluded.promised, told = excluded.told, "
            "next_reminder = NULL")
        .bind(ticket, place, clock.name, clock.started, clock.due, clock.paused, clock.stopped, clock.how, clock.goal,
              clock.promised, json(clock.told).dump())
        .run();
}

// A clock that goes to another ticket leaves a gap, and the places of those after it change. They keep their reminders.
void keep_fewer_clocks(Database& database, TicketId id, const std::vector<cvd::TicketClock>& after) {
    std::map<std::string, Instant> reminders;
    {
        Statement rows = database.prepare(
            "SELECT name, next_reminder FROM clock WHERE ticket = ? AND stopped IS NULL AND next_reminder IS NOT NULL");
        rows.bind(id);
        while (rows.step()) {
            const auto name = rows.next<std::string>();
            reminders[name] = rows.next<Instant>();
        }
    }
    database.prepare("DELETE FROM clock WHERE ticket = ?").bind(id).run();
    for (std::size_t place = 0; place < after.size(); ++place) keep_clock(database, id, place, after[place]);
    for (const auto& [name, at] : reminders)
        database.prepare("UPDATE clock SET next_reminder = ? WHERE ticket = ? AND name = ? AND stopped IS NULL")
            .bind(at, id, name)
            .run();
}

}  // namespace

std::string select_tickets(std::string_view rest) {
    return std::string{
        "SELECT id, number, state, before_waiting, severity, score, title, reporter, owner, language, mailbox, policy,"
        " policy_hash, encrypted, opened, eta, embargo, version, credit, closed_for, cc,"
        " embargo_dates, snoozed, muted FROM ticket "}
        .append(rest);
}

std::pair<TicketId, cvd::Ticket> ticket_in(Statement& row) {
    std::pair<TicketId, cvd::Ticket> found{row.next<TicketId>(), {}};
    cvd::Ticket& ticket = found.second;
    ticket.number = row.next<std::string>();
    ticket.state = state_from(row.next<std::string>());
    ticket.before_waiting = state_from(row.next<std::string>());
    ticket.severity = known(cvd::severity_from(row.next<std::string>()));
    ticket.score = row.next<int>();
    ticket.title = row.next<std::string>();
    ticket.reporter = row.next<std::string>();
    ticket.owner = row.next<std::string>();
    ticket.language = row.next<std::string>();
    ticket.mailbox = row.next<std::string>();
    ticket.policy = row.next<std::string>();
    ticket.policy_hash = row.next<std::string>();
    ticket.encrypted = row.next<bool>();
    ticket.opened = row.next<Instant>();
    ticket.eta = row.next<std::optional<Instant>>();
    ticket.embargo = row.next<std::optional<Instant>>();
    ticket.version = row.next<std::string>();
    ticket.credit = row.next<std::string>();
    ticket.closed_for = row.next<std::string>();
    const std::string cc = row.next<std::string>();
    for (const std::string_view address : words(cc)) ticket.cc.emplace_back(address);
    ticket.embargo_dates = embargo_in(from_column(row.next<std::string>()));
    ticket.snoozed = row.next<std::optional<Instant>>();
    ticket.muted = from_column(row.next<std::string>()).get<std::vector<std::string>>();
    return found;
}

std::vector<cvd::TicketClock> clocks_of(Database& database, TicketId ticket) {
    Statement rows = database.prepare(
        "SELECT name, started, due, paused, stopped, how, goal, promised, told FROM clock WHERE ticket = ? ORDER BY "
        "place");
    rows.bind(ticket);
    std::vector<cvd::TicketClock> clocks;
    while (rows.step()) clocks.push_back(clock_in(rows));
    return clocks;
}

TicketId keep_ticket(Database& database, std::optional<TicketId> id, const cvd::Ticket& ticket) {
    std::string cc;
    for (const std::string& address : ticket.cc) cc.append(cc.empty() ? "" : " ").append(address);
    const auto hash = ticket.policy_hash.empty() ? std::nullopt : std::optional{ticket.policy_hash};
    return database
        .prepare(
            "INSERT INTO ticket (id, number, state, before_waiting, severity, score, title, reporter, owner, language,"
            " mailbox, policy, policy_hash, encrypted, opened, eta, embargo, version, credit, closed_for, cc,"
            " embargo_dates, snoozed, muted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET number = excluded.number, state = excluded.state,"
            " before_waiting = excluded.before_waiting, severity = excluded.severity, score = excluded.score,"
            " title = excluded.title, reporter = excluded.reporter, owner = excluded.owner,"
            " language = excluded.language, mailbox = excluded.mailbox, policy = excluded.policy,"
            " policy_hash = excluded.policy_hash, encrypted = excluded.encrypted, opened = excluded.opened,"
            " eta = excluded.eta, embargo = excluded.embargo, version = excluded.version, credit = excluded.credit,"
            " closed_for = excluded.closed_for, cc = excluded.cc,"
            " embargo_dates = excluded.embargo_dates, snoozed = excluded.snoozed, muted = excluded.muted"
            " RETURNING id")
        .bind(id, ticket.number, to_text(ticket.state), to_text(ticket.before_waiting), to_text(ticket.severity),
              ticket.score, ticket.title, ticket.reporter, ticket.owner, ticket.language, ticket.mailbox, ticket.policy,
              hash, ticket.encrypted, ticket.opened, ticket.eta, ticket.embargo, ticket.version, ticket.credit,
              ticket.closed_for, cc, written(ticket.embargo_dates).dump(), ticket.snoozed, json(ticket.muted).dump())
        .first<TicketId>()
        .value();
}

void keep_changed_clocks(Database& database, TicketId id, const std::vector<cvd::TicketClock>& before,
                         const std::vector<cvd::TicketClock>& after) {
    if (after.size() < before.size()) return keep_fewer_clocks(database, id, after);
    for (std::size_t place = 0; place < after.size(); ++place)
        if (place >= before.size() || before[place] != after[place]) keep_clock(database, id, place, after[place]);
}

}  // namespace tocsin::store
