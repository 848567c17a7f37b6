// Every mail as it was received, before anybody looks at it: promise 1 of the design rests on this table.
//
// Identity is mailbox, folder, UIDVALIDITY and UID, then the digest of the content; a Message-ID is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/id.hpp"
#include "store/database.hpp"

namespace tocsin::store {

// Where a mail lies on the server.
struct MailPlace {
    std::string mailbox;  // the name in the configuration
    std::string folder;   // "INBOX"
    std::uint32_t uid_validity = 0;
    std::uint32_t uid = 0;
};

enum class EntryState {
    Pending,      // waits to be examined
    Done,         // admitted
    Baseline,     // from before `start`: threaded, nothing else
    Duplicate,    // the same bytes are journaled already (`same_as`)
    Oversized,    // told by its size alone; a ticket for a human
    Quarantined,  // given up after some tries; a ticket for a human
};
std::string_view to_text(EntryState state);

struct NewEntry {
    MailPlace place;
    Instant internal_date;
    bool baseline = false;
    bool acknowledge = true;  // false for folders that are looked at but never answered
    bool sent = false;        // lies in the folder of what was written from this mailbox
};

struct JournalEntry {
    JournalId id{0};
    MailPlace place;
    Digest sha256{};
    std::uint64_t size = 0;
    Instant internal_date;
    EntryState state = EntryState::Pending;
    bool acknowledge = true;
    bool sent = false;
    int tries = 0;     // begun, with those that a crash of ours cut off
    int failures = 0;  // tries that were seen to fail
    std::optional<JournalId> same_as;
    std::optional<JournalId> copy_of;  // looked at anew: the same bytes, without a digest of their own
    std::optional<TicketId> ticket;    // that it opened or joined
    std::optional<Instant> finished;   // it waits no more
    bool forgotten = false;            // its bytes were erased
    bool alone = false;                // taken out of its ticket: it opens one of its own
};

// Taken for automatic, and filed in no ticket.
struct UnfiledMail {
    JournalEntry entry;
    std::string kind;
};

struct JournalCounts {
    std::int64_t pending = 0;  // all that waits to be admitted
    std::int64_t quarantined = 0;
    std::int64_t total = 0;
};

class Journal {
public:
    explicit Journal(Database& database) : database_{database} {}

    // Call within a Transaction. A place that is journaled already gives nothing, and changes nothing.
    // Content that is journaled already becomes a Duplicate without bytes of its own, which waits for nobody.
    std::optional<JournalId> append(const NewEntry& entry, std::string_view bytes, Instant now);
    // A mail too large to fetch: its place and size alone. One of that size and date in the same mailbox is the same.
    std::optional<JournalId> append_oversized(const NewEntry& entry, std::uint64_t size, Instant now);

    // A large mail in pieces of at most `piece_bytes`, each committed by itself, so that no transaction is open while
    // a server takes its time. It is journaled when `finish_arrival` commits, which the caller's Transaction does;
    // before that it is nowhere to be seen. What a broken-off arrival left is thrown away by the next one at its place,
    // and at start.
    static constexpr std::size_t piece_bytes = std::size_t{256} << 10;
    JournalId begin_arrival(const NewEntry& entry, Instant now);
    void add_piece(JournalId id, std::size_t part, std::string_view bytes);
    EntryState finish_arrival(JournalId id, const NewEntry& entry, const Digest& content, std::uint64_t size,
                              Instant now);
    void forget_arrivals();

    // The server counts anew, from numbers that it has given before: what lay at them lies there no more, and each may
    // be journaled again. Nothing is to be changed on the server for what lay there either.
    void vacate(std::string_view mailbox, std::string_view folder, std::uint32_t uid_validity);
    void vacate(const MailPlace& place);

    bool holds(const MailPlace& place) const;
    // Whether the mail that lies there now was received at another moment than the one that is journaled.
    bool holds_another(const MailPlace& place, Instant internal_date) const;
    // Whether these bytes were seen in that folder, at whatever place.
    bool holds_content(std::string_view mailbox, std::string_view folder, const Digest& content) const;
    std::vector<std::uint32_t> uids(std::string_view mailbox, std::string_view folder,
                                    std::uint32_t uid_validity) const;

    // What waits to be admitted, oldest first: Pending, and Baseline and Oversized until they are finished.
    // What waits for OpenPGP is left out on request.
    std::vector<JournalEntry> pending(std::size_t most, bool put_off_too = true) const;
    std::optional<JournalEntry> find(JournalId id) const;
    // Of the entry, or of the one whose content it repeats; checked against the digest. Empty when oversized or
    // forgotten.
    std::string bytes(JournalId id) const;
    // The same in pieces, for what is large; empty past the last one. Whoever reads all of them checks the digest.
    std::string piece(JournalId id, std::size_t part) const;
    JournalCounts counts() const;
    std::optional<Instant> last_from_outside() const;          // when the newest mail was journaled that is not ours
    std::vector<UnfiledMail> unfiled(std::size_t most) const;  // newest first
    std::int64_t count_unfiled(Instant since) const;           // of those that were admitted since then
    // What was there before the start and has no ticket waits again, for an import. False: it is none of that.
    bool take_up_baseline(JournalId id);
    std::vector<JournalEntry> newest(std::size_t most) const;
    std::vector<JournalEntry> of_ticket(TicketId ticket) const;     // that it was opened with or joined, oldest first
    std::vector<JournalEntry> quarantined(std::size_t most) const;  // newest first

    void begin_try(JournalId id);      // counts it, before anything looks at the bytes
    void take_back_try(JournalId id);  // nothing came of it, through no doing of the mail's
    void count_failure(JournalId id);
    // A finished entry waits again, as if it had just come; false where its bytes are not there to look at.
    bool reopen(JournalId id);
    // It waits for OpenPGP, which is out of order; nothing that was tried of it counts.
    void put_off(JournalId id, Instant now);
    // It waits for OpenPGP, which is in order for all else. How often that was.
    int count_put_off(JournalId id);
    // Why it could not be opened; empty: it could. What could not is opened again when a key comes in, or on request.
    void note_unopened(JournalId id, std::string_view why, std::string_view secrets);
    // `secrets` names the set of secret keys that it was tried with.
    std::size_t open_again(TicketId ticket);                   // of the ticket; how many
    std::size_t open_again_without(std::string_view secrets);  // all that was tried with another set; how many
    std::vector<JournalEntry> to_open_again(std::size_t most) const;
    void opened_again(JournalId id);

    // Done, Baseline, Oversized or Quarantined: it waits no more. `kind` is that of INTERFACES section 2.
    void finish(JournalId id, EntryState state, std::optional<TicketId> ticket, std::string_view kind, Instant now);
    // A quarantined entry waits again, with its tries forgotten; the ticket that tells of it stays its ticket.
    // False: it is not quarantined.
    bool try_again(JournalId id);

private:
    Database& database_;
};

}  // namespace tocsin::store
