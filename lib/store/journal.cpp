#include "store/journal.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr std::array all_entry_states{EntryState::Pending,   EntryState::Done,      EntryState::Baseline,
                                      EntryState::Duplicate, EntryState::Oversized, EntryState::Quarantined};

EntryState entry_state_from(std::string_view text) {
    const auto* found =
        std::ranges::find_if(all_entry_states, [text](EntryState each) { return to_text(each) == text; });
    if (found == all_entry_states.end()) throw Failure{"the journal has an unknown state"};
    return *found;
}

constexpr std::string_view entry_columns =
    "SELECT id, mailbox, folder, uid_validity, uid, sha256, size, internal_date, state, acknowledge, sent, tries, "
    "failures, "
    "same_as, copy_of, ticket, finished, forgotten, alone "
    "FROM journal ";

std::string select_entries(std::string_view rest) { return std::string{entry_columns}.append(rest); }

JournalEntry entry_in(Statement& row) {
    JournalEntry entry;
    entry.id = row.next<JournalId>();
    entry.place.mailbox = row.next<std::string>();
    entry.place.folder = row.next<std::string>();
    entry.place.uid_validity = row.next<std::uint32_t>();
    entry.place.uid = row.next<std::uint32_t>();
    entry.sha256 = row.next<std::optional<Digest>>().value_or(Digest{});
    entry.size = row.next<std::uint64_t>();
    entry.internal_date = row.next<Instant>();
    entry.state = entry_state_from(row.next<std::string>());
    entry.acknowledge = row.next<bool>();
    entry.sent = row.next<bool>();
    entry.tries = row.next<int>();
    entry.failures = row.next<int>();
    entry.same_as = row.next<std::optional<JournalId>>();
    entry.copy_of = row.next<std::optional<JournalId>>();
    entry.ticket = row.next<std::optional<TicketId>>();
    entry.finished = row.next<std::optional<Instant>>();
    entry.forgotten = row.next<std::optional<Instant>>().has_value();
    entry.alone = row.next<bool>();
    return entry;
}

std::vector<JournalEntry> entries_in(Statement rows) {
    std::vector<JournalEntry> entries;
    while (rows.step()) entries.push_back(entry_in(rows));
    return entries;
}

}  // namespace

std::string_view to_text(EntryState state) {
    switch (state) {
        case EntryState::Pending:
            return "pending";
        case EntryState::Done:
            return "done";
        case EntryState::Baseline:
            return "baseline";
        case EntryState::Duplicate:
            return "duplicate";
        case EntryState::Oversized:
            return "oversized";
        case EntryState::Quarantined:
            return "quarantined";
    }
    return {};
}

std::vector<JournalEntry> Journal::pending(std::size_t most, bool put_off_too) const {
    Statement rows =
        database_.prepare(select_entries("WHERE finished IS NULL AND (put_off IS NULL OR ?) ORDER BY id LIMIT ?"));
    rows.bind(put_off_too, most);
    return entries_in(std::move(rows));
}

std::optional<JournalEntry> Journal::find(JournalId id) const {
    Statement row = database_.prepare(select_entries("WHERE id = ?"));
    if (!row.bind(id).step()) return std::nullopt;
    return entry_in(row);
}

std::string Journal::bytes(JournalId id) const {
    const auto entry = find(id);
    if (!entry) throw std::logic_error{"no such journal entry"};
    if (entry->forgotten) return {};
    std::string bytes;
    bytes.reserve(entry->size);
    Statement rows = database_.prepare("SELECT bytes FROM chunk WHERE journal = ? ORDER BY part");
    rows.bind(entry->same_as.value_or(id));
    while (rows.step()) bytes += rows.next<std::string>();
    // One that is looked at anew has no digest of its own, and one that was never fetched no bytes either.
    if (entry->sha256 != Digest{} && sha256(bytes) != entry->sha256)
        throw Failure{"a journaled mail is not what was received"};
    return bytes;
}

std::string Journal::piece(JournalId id, std::size_t part) const {
    return database_
        .prepare(
            "SELECT bytes FROM chunk WHERE journal = (SELECT coalesce(same_as, id) FROM journal WHERE id = ?)"
            " AND part = ?")
        .bind(id, part)
        .first<std::string>()
        .value_or(std::string{});
}

JournalCounts Journal::counts() const {
    Statement row = database_.prepare(
        "SELECT (SELECT count(*) FROM journal WHERE finished IS NULL),"
        " (SELECT count(*) FROM journal WHERE state = 'quarantined'),"
        " (SELECT count(*) FROM journal) - (SELECT count(*) FROM journal WHERE state = 'arriving')");
    row.step();
    JournalCounts counts;
    counts.pending = row.next<std::int64_t>();
    counts.quarantined = row.next<std::int64_t>();
    counts.total = row.next<std::int64_t>();
    return counts;
}

std::optional<Instant> Journal::last_from_outside() const {
    return database_
        .prepare(
            "SELECT journaled FROM journal WHERE coalesce(kind, '') <> 'own' AND state <> 'arriving' AND same_as IS "
            "NULL"
            " ORDER BY id DESC LIMIT 1")
        .first<Instant>();
}

namespace {

constexpr std::string_view is_unfiled =
    "ticket IS NULL AND state = 'done' AND kind IN ('auto-reply', 'bulk', 'bounce')";

}  // namespace

std::vector<UnfiledMail> Journal::unfiled(std::size_t most) const {
    std::vector<UnfiledMail> mails;
    Statement ids = database_.prepare("SELECT id, kind FROM journal WHERE " + std::string{is_unfiled} +
                                      " AND forgotten IS NULL ORDER BY id DESC LIMIT ?");
    ids.bind(most);
    while (ids.step()) {
        const auto id = ids.next<JournalId>();
        if (auto entry = find(id)) mails.push_back({std::move(*entry), ids.next<std::string>()});
    }
    return mails;
}

std::int64_t Journal::count_unfiled(Instant since) const {
    return database_.prepare("SELECT count(*) FROM journal WHERE finished >= ? AND " + std::string{is_unfiled})
        .bind(since)
        .first<std::int64_t>()
        .value();
}

bool Journal::take_up_baseline(JournalId id) {
    database_
        .prepare(
            "UPDATE journal SET finished = NULL WHERE id = ? AND state = 'baseline' AND ticket IS NULL AND forgotten "
            "IS NULL")
        .bind(id)
        .run();
    return database_.changes() == 1;
}

std::vector<JournalEntry> Journal::newest(std::size_t most) const {
    Statement rows = database_.prepare(select_entries("WHERE state <> 'arriving' ORDER BY id DESC LIMIT ?"));
    rows.bind(most);
    return entries_in(std::move(rows));
}

std::vector<JournalEntry> Journal::of_ticket(TicketId ticket) const {
    Statement rows = database_.prepare(select_entries("WHERE ticket = ? ORDER BY id"));
    rows.bind(ticket);
    return entries_in(std::move(rows));
}

std::vector<JournalEntry> Journal::quarantined(std::size_t most) const {
    Statement rows = database_.prepare(select_entries("WHERE state = 'quarantined' ORDER BY id DESC LIMIT ?"));
    rows.bind(most);
    return entries_in(std::move(rows));
}

bool Journal::try_again(JournalId id) {
    database_
        .prepare(
            "UPDATE journal SET state = 'pending', tries = 0, failures = 0, put_offs = 0, finished = NULL"
            " WHERE id = ? AND state = 'quarantined'")
        .bind(id)
        .run();
    return database_.changes() == 1;
}

void Journal::begin_try(JournalId id) {
    database_.prepare("UPDATE journal SET tries = tries + 1 WHERE id = ?").bind(id).run();
}

void Journal::take_back_try(JournalId id) {
    database_.prepare("UPDATE journal SET tries = max(tries - 1, 0) WHERE id = ?").bind(id).run();
}

void Journal::count_failure(JournalId id) {
    database_.prepare("UPDATE journal SET failures = failures + 1 WHERE id = ?").bind(id).run();
}

bool Journal::reopen(JournalId id) {
    database_
        .prepare(
            "UPDATE journal SET state = 'pending', tries = 0, failures = 0, put_offs = 0, finished = NULL WHERE id = ?"
            " AND finished IS NOT NULL AND state IN ('done', 'quarantined') AND sha256 IS NOT NULL")
        .bind(id)
        .run();
    return database_.changes() == 1;
}

void Journal::put_off(JournalId id, Instant now) {
    database_.prepare("UPDATE journal SET put_off = coalesce(put_off, ?), tries = max(tries - 1, 0) WHERE id = ?")
        .bind(now, id)
        .run();
}

int Journal::count_put_off(JournalId id) {
    return database_.prepare("UPDATE journal SET put_offs = put_offs + 1 WHERE id = ? RETURNING put_offs")
        .bind(id)
        .first<int>()
        .value();
}

void Journal::note_unopened(JournalId id, std::string_view why, std::string_view secrets) {
    database_.prepare("UPDATE journal SET unopened = ?, unopened_with = ? WHERE id = ?").bind(why, secrets, id).run();
}

std::size_t Journal::open_again(TicketId ticket) {
    database_.prepare("UPDATE journal SET again = 1 WHERE unopened <> '' AND finished IS NOT NULL AND ticket = ?")
        .bind(ticket)
        .run();
    return static_cast<std::size_t>(database_.changes());
}

std::size_t Journal::open_again_without(std::string_view secrets) {
    database_
        .prepare(
            // Without any key, everything is unsupported.
            "UPDATE journal SET again = 1 WHERE (unopened IN ('no-secret-key', 'bad-passphrase')"
            " OR (unopened = 'unsupported' AND unopened_with = '')) AND finished IS NOT NULL"
            " AND ticket IS NOT NULL AND unopened_with <> ?")
        .bind(secrets)
        .run();
    return static_cast<std::size_t>(database_.changes());
}

std::vector<JournalEntry> Journal::to_open_again(std::size_t most) const {
    Statement rows = database_.prepare(select_entries("WHERE again = 1 ORDER BY id LIMIT ?"));
    rows.bind(most);
    return entries_in(std::move(rows));
}

void Journal::opened_again(JournalId id) {
    database_.prepare("UPDATE journal SET again = 0, put_offs = 0 WHERE id = ?").bind(id).run();
}

void Journal::finish(JournalId id, EntryState state, std::optional<TicketId> ticket, std::string_view kind,
                     Instant now) {
    if (state == EntryState::Pending || state == EntryState::Duplicate)
        throw std::logic_error{"a journal entry cannot be finished as pending or duplicate"};
    database_.prepare("UPDATE journal SET state = ?, ticket = ?, kind = ?, finished = ? WHERE id = ?")
        .bind(to_text(state), ticket, kind, now, id)
        .run();
    if (database_.changes() != 1) throw std::logic_error{"no such journal entry"};
}

}  // namespace tocsin::store
