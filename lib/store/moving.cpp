#include "store/moving.hpp"

#include "store/statement.hpp"

namespace tocsin::store {

namespace {

std::vector<std::int64_t> ids_in(Statement rows) {
    std::vector<std::int64_t> ids;
    while (rows.step()) ids.push_back(rows.next<std::int64_t>());
    return ids;
}

}  // namespace

Moved Moving::move_all(TicketId from, TicketId to, Instant now) {
    require_transaction(database_);
    Moved moved;
    moved.messages = ids_in(std::move(database_.prepare("SELECT id FROM message WHERE ticket = ?").bind(from)));
    moved.journal = ids_in(std::move(database_.prepare("SELECT id FROM journal WHERE ticket = ?").bind(from)));
    moved.keys = ids_in(std::move(database_.prepare("SELECT id FROM key WHERE ticket = ?").bind(from)));
    Statement rows = database_.prepare(
        "SELECT address FROM participant WHERE ticket = ?1 AND address NOT IN"
        " (SELECT address FROM participant WHERE ticket = ?2)");
    rows.bind(from, to);
    while (rows.step()) moved.participants.push_back(rows.next<std::string>());

    for (const char* change :
         {"UPDATE message SET ticket = ?2 WHERE ticket = ?1", "UPDATE journal SET ticket = ?2 WHERE ticket = ?1",
          "UPDATE ciphertext SET ticket = ?2 WHERE ticket = ?1"})
        database_.prepare(change).bind(from, to).run();
    for (const std::int64_t key : moved.keys)
        database_.prepare("UPDATE key SET ticket = ? WHERE id = ?").bind(to, key).run();
    database_
        .prepare(
            "INSERT INTO participant (ticket, address, part, since, proof) SELECT ?2, address, part, ?3, proof FROM "
            "participant"
            " WHERE ticket = ?1 ON CONFLICT (ticket, address) DO NOTHING")
        .bind(from, to, now)
        .run();
    return moved;
}

void Moving::move_back(const Moved& moved, TicketId from, TicketId to) {
    require_transaction(database_);
    for (const std::int64_t id : moved.messages)
        database_.prepare("UPDATE message SET ticket = ? WHERE id = ? AND ticket = ?").bind(from, id, to).run();
    for (const std::int64_t id : moved.journal) {
        database_.prepare("UPDATE journal SET ticket = ? WHERE id = ? AND ticket = ?").bind(from, id, to).run();
        database_.prepare("UPDATE ciphertext SET ticket = ? WHERE journal = ? AND ticket = ?").bind(from, id, to).run();
    }
    for (const std::int64_t id : moved.keys)
        database_.prepare("UPDATE key SET ticket = ? WHERE id = ?").bind(from, id).run();
    for (const std::string& address : moved.participants)
        database_.prepare("DELETE FROM participant WHERE ticket = ? AND address = ?").bind(to, address).run();
}

void Moving::rename_reports(const std::vector<std::int64_t>& messages, std::string_view kind) {
    require_transaction(database_);
    for (const std::int64_t id : messages)
        database_.prepare("UPDATE message SET kind = ? WHERE id = ? AND kind = 'report'").bind(kind, id).run();
}

void Moving::set_apart(JournalId mail) {
    require_transaction(database_);
    database_.prepare("DELETE FROM message WHERE journal = ?").bind(mail).run();
    database_
        .prepare(
            "UPDATE journal SET state = 'pending', ticket = NULL, kind = NULL, finished = NULL, tries = 0, failures = "
            "0,"
            " alone = 1 WHERE id = ?")
        .bind(mail)
        .run();
}

}  // namespace tocsin::store
