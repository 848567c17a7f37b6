// What comes into the journal, and at which place of which mailbox it lay.
#include <stdexcept>

#include "store/journal.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr std::size_t chunk_size = Journal::piece_bytes;  // what the schema allows

// What a new row holds besides its place.
struct Content {
    std::optional<Digest> sha256{};
    std::uint64_t size = 0;
    EntryState state = EntryState::Pending;
    std::optional<JournalId> same_as{};
    std::optional<JournalId> copy_of{};
};

std::optional<JournalId> insert_entry(Database& database, const NewEntry& entry, const Content& content, Instant now) {
    require_transaction(database);
    std::optional<Instant> finished;
    if (content.same_as) finished = now;  // a duplicate waits for nobody
    return database
        .prepare(
            "INSERT INTO journal (mailbox, folder, uid_validity, uid, sha256, size, internal_date, journaled, state,"
            " acknowledge, sent, same_as, copy_of, finished) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (mailbox, folder, uid_validity, uid) WHERE vacated = 0 DO NOTHING RETURNING id")
        .bind(entry.place.mailbox, entry.place.folder, entry.place.uid_validity, entry.place.uid, content.sha256,
              content.size, entry.internal_date, now, to_text(content.state), entry.acknowledge, entry.sent,
              content.same_as, content.copy_of, finished)
        .first<JournalId>();
}

// What a broken-off arrival left at this place.
void forget_arrival(Database& database, const MailPlace& place) {
    const auto left = database
                          .prepare(
                              "SELECT id FROM journal WHERE mailbox = ? AND folder = ? AND uid_validity = ? AND uid = ?"
                              " AND state = 'arriving'")
                          .bind(place.mailbox, place.folder, place.uid_validity, place.uid)
                          .first<JournalId>();
    if (!left) return;
    database.prepare("DELETE FROM chunk WHERE journal = ?").bind(*left).run();
    database.prepare("DELETE FROM journal WHERE id = ?").bind(*left).run();
}

// Whether the content was journaled before, by its digest.
void recognise(Database& database, const NewEntry& entry, Content& content) {
    content.same_as = database.prepare("SELECT id FROM journal WHERE sha256 = ? AND same_as IS NULL")
                          .bind(content.sha256)
                          .first<JournalId>();
    // Junk that a human moved to the inbox is looked at anew: now its author may be answered. It has bytes of its own,
    // and no digest, so that one entry alone stands for the content.
    // What still waits is answered like its copy instead (answer_like).
    if (!content.same_as || !entry.acknowledge || entry.baseline) return;
    const bool is_finished = database.prepare("SELECT 1 FROM journal WHERE id = ? AND finished IS NOT NULL")
                                 .bind(*content.same_as)
                                 .first<int>()
                                 .has_value();
    const bool was_answered =
        database
            .prepare("SELECT 1 FROM journal WHERE (id = ? OR same_as = ? OR copy_of = ?) AND acknowledge = 1 LIMIT 1")
            .bind(*content.same_as, *content.same_as, *content.same_as)
            .first<int>()
            .has_value();
    if (!is_finished || was_answered) return;
    content.copy_of = content.same_as;
    content.same_as.reset();
    content.sha256.reset();
}

// A copy lay in a folder that is never answered and was read first: the one in the inbox is answered all the same.
void answer_like(Database& database, JournalId first, const NewEntry& copy) {
    if (!copy.acknowledge || copy.baseline) return;
    database.prepare("UPDATE journal SET acknowledge = 1, sent = 0 WHERE id = ? AND finished IS NULL")
        .bind(first)
        .run();
}

}  // namespace

std::optional<JournalId> Journal::append(const NewEntry& entry, std::string_view bytes, Instant now) {
    forget_arrival(database_, entry.place);
    Content content{.sha256 = sha256(bytes), .size = bytes.size()};
    recognise(database_, entry, content);
    content.state = content.same_as  ? EntryState::Duplicate
                    : entry.baseline ? EntryState::Baseline
                                     : EntryState::Pending;
    const auto id = insert_entry(database_, entry, content, now);
    if (id && content.same_as) answer_like(database_, *content.same_as, entry);
    if (!id || content.same_as) return id;
    Statement insert = database_.prepare("INSERT INTO chunk (journal, part, bytes) VALUES (?, ?, ?)");
    for (std::size_t part = 0; part * chunk_size < bytes.size(); ++part)
        insert.bind(*id, part, Blob{bytes.substr(part * chunk_size, chunk_size)}).run();
    return id;
}

std::optional<JournalId> Journal::append_oversized(const NewEntry& entry, std::uint64_t size, Instant now) {
    // There is no digest to know it by after the server counted anew, or in another folder.
    const auto same_as =
        database_
            .prepare(
                "SELECT id FROM journal WHERE mailbox = ? AND size = ? AND sha256 IS NULL AND"
                " same_as IS NULL AND copy_of IS NULL AND internal_date = ?"
                " AND (vacated = 1 OR uid_validity <> ? OR folder <> ?)")
            .bind(entry.place.mailbox, size, entry.internal_date, entry.place.uid_validity, entry.place.folder)
            .first<JournalId>();
    const EntryState state = same_as          ? EntryState::Duplicate
                             : entry.baseline ? EntryState::Baseline
                                              : EntryState::Oversized;
    return insert_entry(database_, entry, {.size = size, .state = state, .same_as = same_as}, now);
}

JournalId Journal::begin_arrival(const NewEntry& entry, Instant now) {
    Together step{database_};
    forget_arrival(database_, entry.place);
    const auto id =
        database_
            .prepare(
                "INSERT INTO journal (mailbox, folder, uid_validity, uid, size, internal_date, journaled, state,"
                " acknowledge, sent, finished) VALUES (?, ?, ?, ?, 0, ?, ?, 'arriving', ?, ?, ?) RETURNING id")
            .bind(entry.place.mailbox, entry.place.folder, entry.place.uid_validity, entry.place.uid,
                  entry.internal_date, now, entry.acknowledge, entry.sent, now)
            .first<JournalId>()
            .value();
    step.commit();
    return id;
}

void Journal::add_piece(JournalId id, std::size_t part, std::string_view bytes) {
    database_.prepare("INSERT INTO chunk (journal, part, bytes) VALUES (?, ?, ?)").bind(id, part, Blob{bytes}).run();
}

EntryState Journal::finish_arrival(JournalId id, const NewEntry& entry, const Digest& content, std::uint64_t size,
                                   Instant now) {
    require_transaction(database_);
    Content known{.sha256 = content, .size = size};
    recognise(database_, entry, known);
    if (known.same_as) database_.prepare("DELETE FROM chunk WHERE journal = ?").bind(id).run();
    if (known.same_as) answer_like(database_, *known.same_as, entry);
    const EntryState state = known.same_as    ? EntryState::Duplicate
                             : entry.baseline ? EntryState::Baseline
                                              : EntryState::Pending;
    std::optional<Instant> finished;
    if (known.same_as) finished = now;
    database_
        .prepare(
            "UPDATE journal SET sha256 = ?, size = ?, state = ?, same_as = ?, copy_of = ?, finished = ?, journaled = ?"
            " WHERE id = ? AND state = 'arriving'")
        .bind(known.sha256, size, to_text(state), known.same_as, known.copy_of, finished, now, id)
        .run();
    if (database_.changes() != 1) throw std::logic_error{"no mail arrives under this number"};
    return state;
}

void Journal::forget_arrivals() {
    Together step{database_};
    database_.execute("DELETE FROM chunk WHERE journal IN (SELECT id FROM journal WHERE state = 'arriving')");
    database_.execute("DELETE FROM journal WHERE state = 'arriving'");
    step.commit();
}

void Journal::vacate(std::string_view mailbox, std::string_view folder, std::uint32_t uid_validity) {
    Together step{database_};
    for (const std::string_view statement :
         {"UPDATE journal SET vacated = 1 WHERE mailbox = ? AND folder = ? AND uid_validity = ? AND vacated = 0",
          "DELETE FROM server_action WHERE mailbox = ? AND folder = ? AND uid_validity = ? AND what <> 'file'"})
        database_.prepare(statement).bind(mailbox, folder, uid_validity).run();
    step.commit();
}

void Journal::vacate(const MailPlace& place) {
    Together step{database_};
    for (const std::string_view statement :
         {"UPDATE journal SET vacated = 1 WHERE mailbox = ? AND folder = ? AND uid_validity = ? AND uid = ?"
          " AND vacated = 0",
          "DELETE FROM server_action WHERE mailbox = ? AND folder = ? AND uid_validity = ? AND uid = ?"
          " AND what <> 'file'"})
        database_.prepare(statement).bind(place.mailbox, place.folder, place.uid_validity, place.uid).run();
    step.commit();
}

bool Journal::holds(const MailPlace& place) const {
    return database_
        .prepare(
            "SELECT 1 FROM journal WHERE mailbox = ? AND folder = ? AND uid_validity = ? AND uid = ?"
            " AND vacated = 0 AND state <> 'arriving'")
        .bind(place.mailbox, place.folder, place.uid_validity, place.uid)
        .first<int>()
        .has_value();
}

bool Journal::holds_another(const MailPlace& place, Instant internal_date) const {
    // A date in the future was kept as the moment of journaling.
    return database_
        .prepare(
            "SELECT 1 FROM journal WHERE mailbox = ?1 AND folder = ?2 AND uid_validity = ?3 AND uid = ?4"
            " AND vacated = 0 AND state <> 'arriving' AND internal_date <> ?5"
            " AND NOT (internal_date >= journaled - 60000000 AND ?5 > internal_date)")
        .bind(place.mailbox, place.folder, place.uid_validity, place.uid, internal_date)
        .first<int>()
        .has_value();
}

bool Journal::holds_content(std::string_view mailbox, std::string_view folder, const Digest& content) const {
    return database_
        .prepare(
            "SELECT 1 FROM journal AS first LEFT JOIN journal AS again ON again.same_as = first.id"
            " WHERE first.sha256 = ?1 AND first.same_as IS NULL AND ((first.mailbox = ?2 AND first.folder = ?3)"
            " OR (again.mailbox = ?2 AND again.folder = ?3)) LIMIT 1")
        .bind(content, mailbox, folder)
        .first<int>()
        .has_value();
}

std::vector<std::uint32_t> Journal::uids(std::string_view mailbox, std::string_view folder,
                                         std::uint32_t uid_validity) const {
    Statement rows = database_.prepare(
        "SELECT uid FROM journal WHERE mailbox = ? AND folder = ? AND uid_validity = ? AND vacated = 0"
        " AND state <> 'arriving'"
        " ORDER BY uid");
    rows.bind(mailbox, folder, uid_validity);
    std::vector<std::uint32_t> uids;
    while (rows.step()) uids.push_back(rows.next<std::uint32_t>());
    return uids;
}

}  // namespace tocsin::store
