#include "store/statement.hpp"
#include "store/tickets.hpp"

namespace tocsin::store {

namespace {

constexpr std::string_view direction_in = "in";
constexpr std::string_view direction_out = "out";
constexpr std::string_view part_reporter = "reporter";
constexpr std::string_view part_team = "team";

}  // namespace

void Conversations::record_message(TicketId ticket, const TicketMessage& message) {
    database_
        .prepare(
            "INSERT INTO message (ticket, direction, message_id, kind, at, recipient, content, journal)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(ticket, message.direction == Direction::In ? direction_in : direction_out, message.message_id,
              message.kind, message.at, message.recipient, message.content, message.journal)
        .run();
}

std::vector<TicketId> Conversations::tickets_with(std::string_view message_id) const {
    Statement rows = database_.prepare("SELECT DISTINCT ticket FROM message WHERE message_id = ? ORDER BY ticket");
    rows.bind(message_id);
    std::vector<TicketId> tickets;
    while (rows.step()) tickets.push_back(rows.next<TicketId>());
    return tickets;
}

std::optional<TicketId> Conversations::ticket_with_content(const Digest& content) const {
    return database_.prepare("SELECT ticket FROM message WHERE content = ? ORDER BY id LIMIT 1")
        .bind(content)
        .first<TicketId>();
}

std::vector<TicketMessage> Conversations::messages(TicketId ticket) const {
    Statement rows = database_.prepare(
        "SELECT direction, message_id, kind, at, recipient, content, journal FROM message WHERE ticket = ? ORDER BY "
        "id");
    rows.bind(ticket);
    std::vector<TicketMessage> messages;
    while (rows.step()) {
        TicketMessage message;
        message.direction = rows.next<std::string>() == direction_in ? Direction::In : Direction::Out;
        message.message_id = rows.next<std::string>();
        message.kind = rows.next<std::string>();
        message.at = rows.next<Instant>();
        message.recipient = rows.next<std::string>();
        message.content = rows.next<std::optional<Digest>>();
        message.journal = rows.next<std::optional<JournalId>>();
        messages.push_back(std::move(message));
    }
    return messages;
}

void Conversations::add_participant(TicketId ticket, std::string_view address_identity, Part part, Instant at,
                                    int proof) {
    database_
        .prepare(
            "INSERT INTO participant (ticket, address, part, since, proof) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (ticket, address) DO NOTHING")
        .bind(ticket, address_identity, part == Part::Reporter ? part_reporter : part_team, at, proof)
        .run();
}

void Conversations::remove_participant(TicketId ticket, std::string_view address_identity, Instant since) {
    database_.prepare("DELETE FROM participant WHERE ticket = ? AND address = ? AND since >= ?")
        .bind(ticket, address_identity, since)
        .run();
}

int Conversations::proof_of(TicketId ticket, std::string_view address_identity) const {
    return database_.prepare("SELECT proof FROM participant WHERE ticket = ? AND address = ?")
        .bind(ticket, address_identity)
        .first<int>()
        .value_or(0);
}

std::size_t Conversations::count_reports(TicketId ticket) const {
    return static_cast<std::size_t>(
        database_.prepare("SELECT count(*) FROM message WHERE ticket = ? AND direction = 'in' AND kind = 'report'")
            .bind(ticket)
            .first<std::int64_t>()
            .value());
}

std::optional<Instant> Conversations::last_report(TicketId ticket) const {
    return database_
        .prepare(
            "SELECT at FROM message WHERE ticket = ? AND direction = 'in' AND kind = 'report' ORDER BY at DESC LIMIT 1")
        .bind(ticket)
        .first<Instant>();
}

std::vector<std::pair<TicketId, Instant>> Conversations::newest_unproven_of(std::string_view address_identity,
                                                                            std::size_t most) const {
    Statement rows = database_.prepare(
        "SELECT ticket, since FROM participant WHERE address = ? AND part = ? AND proof <= 0 ORDER BY ticket DESC "
        "LIMIT ?");
    rows.bind(address_identity, part_reporter, most);
    std::vector<std::pair<TicketId, Instant>> newest;
    while (rows.step()) {
        const auto ticket = rows.next<TicketId>();
        newest.emplace_back(ticket, rows.next<Instant>());
    }
    return newest;
}

std::optional<Part> Conversations::part_of(TicketId ticket, std::string_view address_identity) const {
    const auto part = database_.prepare("SELECT part FROM participant WHERE ticket = ? AND address = ?")
                          .bind(ticket, address_identity)
                          .first<std::string>();
    if (!part) return std::nullopt;
    return *part == part_reporter ? Part::Reporter : Part::Team;
}

void Conversations::keep_policy(std::string_view hash, std::string_view name, std::string_view source, Instant at) {
    database_.prepare("INSERT INTO policy (hash, name, source, kept) VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING")
        .bind(hash, name, source, at)
        .run();
}

std::optional<std::string> Conversations::policy_source(std::string_view hash) const {
    return database_.prepare("SELECT source FROM policy WHERE hash = ?").bind(hash).first<std::string>();
}

}  // namespace tocsin::store
