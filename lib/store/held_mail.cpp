#include "store/held_mail.hpp"

#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr std::string_view held_columns = "SELECT journal, ticket, sender, held, asked_again FROM held_mail ";

std::vector<HeldLine> held_lines_in(Statement rows) {
    std::vector<HeldLine> lines;
    while (rows.step()) {
        HeldLine line;
        line.journal = rows.next<JournalId>();
        line.ticket = rows.next<TicketId>();
        line.sender = rows.next<std::string>();
        line.held = rows.next<Instant>();
        line.asked_again = rows.next<std::optional<Instant>>();
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace

void HeldMail::hold(JournalId journal, TicketId ticket, std::string_view sender, Instant now, Instant ask_again) {
    database_
        .prepare(
            "INSERT INTO held_mail (journal, ticket, sender, held, ask_again) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (journal) DO NOTHING")
        .bind(journal, ticket, sender, now, ask_again)
        .run();
}

bool HeldMail::settle(JournalId journal, Instant now) {
    database_.prepare("UPDATE held_mail SET settled = ? WHERE journal = ? AND settled IS NULL")
        .bind(now, journal)
        .run();
    return database_.changes() == 1;
}

void HeldMail::unsettle(JournalId journal) {
    database_.prepare("UPDATE held_mail SET settled = NULL WHERE journal = ?").bind(journal).run();
}

void HeldMail::told_again(JournalId journal, Instant now) {
    database_.prepare("UPDATE held_mail SET asked_again = ? WHERE journal = ?").bind(now, journal).run();
}

std::vector<HeldLine> HeldMail::to_ask_again(Instant now) const {
    Statement rows =
        database_.prepare(std::string{held_columns} +
                          "WHERE settled IS NULL AND asked_again IS NULL AND ask_again <= ? ORDER BY held, journal");
    rows.bind(now);
    return held_lines_in(std::move(rows));
}

std::optional<Instant> HeldMail::next() const {
    return database_.prepare("SELECT min(ask_again) FROM held_mail WHERE settled IS NULL AND asked_again IS NULL")
        .first<std::optional<Instant>>()
        .value();
}

std::vector<HeldLine> HeldMail::waiting() const {
    return held_lines_in(database_.prepare(std::string{held_columns} + "WHERE settled IS NULL ORDER BY held, journal"));
}

std::vector<HeldLine> HeldMail::waiting(TicketId ticket) const {
    Statement rows =
        database_.prepare(std::string{held_columns} + "WHERE ticket = ? AND settled IS NULL ORDER BY held, journal");
    rows.bind(ticket);
    return held_lines_in(std::move(rows));
}

}  // namespace tocsin::store
