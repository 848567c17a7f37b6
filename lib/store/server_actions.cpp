#include "store/server_actions.hpp"

#include <stdexcept>

#include "base/utf8.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

std::string_view to_text(OnServer what) {
    switch (what) {
        case OnServer::Seen:
            return "seen";
        case OnServer::Move:
            return "move";
        case OnServer::File:
            return "file";
    }
    return {};
}

namespace {

void ask_server(Database& database, OnServer what, const MailPlace& place, std::string_view target,
                std::optional<OutboxId> mail, Instant now) {
    database
        .prepare(
            "INSERT INTO server_action (mailbox, what, folder, uid_validity, uid, target, outbox, state, next_try,"
            " asked) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT DO NOTHING")
        .bind(place.mailbox, to_text(what), place.folder, place.uid_validity, place.uid, target, mail, now, now)
        .run();
}

void require_one(const Database& database) {
    if (database.changes() != 1) throw std::logic_error{"there is no such server action"};
}

}  // namespace

void ServerActions::mark_seen(const MailPlace& place, Instant now) {
    ask_server(database_, OnServer::Seen, place, {}, std::nullopt, now);
}

void ServerActions::move(const MailPlace& place, std::string_view target, Instant now) {
    ask_server(database_, OnServer::Move, place, target, std::nullopt, now);
}

void ServerActions::file(OutboxId mail, std::string_view mailbox, std::string_view folder, Instant now) {
    ask_server(database_, OnServer::File, {std::string{mailbox}, std::string{folder}, 0, 0}, {}, mail, now);
}

std::vector<ServerAction> ServerActions::due(std::string_view mailbox, Instant now, std::size_t most) const {
    Statement rows = database_.prepare(
        "SELECT id, what, mailbox, folder, uid_validity, uid, target, outbox, state = 'begun', tries"
        " FROM server_action WHERE mailbox = ? AND state IN ('waiting', 'begun') AND next_try <= ?"
        " ORDER BY folder, id LIMIT ?");
    rows.bind(mailbox, now, most);
    std::vector<ServerAction> actions;
    while (rows.step()) {
        ServerAction action;
        action.id = rows.next<std::int64_t>();
        const auto what = rows.next<std::string>();
        action.what = what == "seen" ? OnServer::Seen : what == "move" ? OnServer::Move : OnServer::File;
        action.place.mailbox = rows.next<std::string>();
        action.place.folder = rows.next<std::string>();
        action.place.uid_validity = rows.next<std::uint32_t>();
        action.place.uid = rows.next<std::uint32_t>();
        action.target = rows.next<std::string>();
        action.mail = rows.next<std::optional<OutboxId>>();
        action.begun = rows.next<bool>();
        action.tries = rows.next<int>();
        actions.push_back(std::move(action));
    }
    return actions;
}

std::optional<Instant> ServerActions::next_try(std::string_view mailbox) const {
    return database_
        .prepare("SELECT min(next_try) FROM server_action WHERE mailbox = ? AND state IN ('waiting', 'begun')")
        .bind(mailbox)
        .first<std::optional<Instant>>()
        .value();
}

void ServerActions::begin(std::int64_t id) {
    database_.prepare("UPDATE server_action SET state = 'begun', tries = tries + 1 WHERE id = ?").bind(id).run();
    require_one(database_);
}

void ServerActions::finish(std::int64_t id) {
    database_.prepare("UPDATE server_action SET state = 'done', why = '' WHERE id = ?").bind(id).run();
    require_one(database_);
}

void ServerActions::try_later(std::int64_t id, std::string_view why, Instant at) {
    database_.prepare("UPDATE server_action SET next_try = ?, why = ? WHERE id = ?")
        .bind(at, for_one_line(why), id)
        .run();
    require_one(database_);
}

void ServerActions::give_up(std::int64_t id, std::string_view why) {
    database_.prepare("UPDATE server_action SET state = 'given-up', why = ? WHERE id = ?")
        .bind(for_one_line(why), id)
        .run();
    require_one(database_);
}

ServerActionCounts ServerActions::counts(std::string_view mailbox) const {
    Statement row = database_.prepare(
        "SELECT count(*) FILTER (WHERE state IN ('waiting', 'begun')), count(*) FILTER (WHERE state = 'given-up')"
        " FROM server_action WHERE mailbox = ?");
    row.bind(mailbox).step();
    ServerActionCounts counts;
    counts.waiting = row.next<std::int64_t>();
    counts.given_up = row.next<std::int64_t>();
    return counts;
}

void ServerActions::forget_before(Instant at) {
    database_.prepare("DELETE FROM server_action WHERE state = 'done' AND what <> 'file' AND asked < ?").bind(at).run();
}

}  // namespace tocsin::store
