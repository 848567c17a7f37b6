#include "store/schema.hpp"

#include <fmt/format.h>

#include <array>

#include "store/statement.hpp"

namespace tocsin::store {

namespace {

// Instants are microseconds since 1970, UTC. States are words, so that the file can be read without the program.
// With trusted_schema=OFF a CHECK may not call json_valid (SQLite 3.40).
constexpr std::string_view first_migration = R"sql(

-- Every mail as it was received. `finished` is when it was admitted or given up; until then it waits. A large mail
-- comes in pieces: until the last one is there it is 'arriving', which counts as nothing.
CREATE TABLE journal (
    id            INTEGER PRIMARY KEY,
    mailbox       TEXT    NOT NULL,
    folder        TEXT    NOT NULL,
    uid_validity  INTEGER NOT NULL CHECK (uid_validity BETWEEN 0 AND 4294967295),
    uid           INTEGER NOT NULL CHECK (uid BETWEEN 0 AND 4294967295),
    sha256        BLOB    CHECK (length(sha256) = 32),  -- none of a mail that was too large to fetch
    size          INTEGER NOT NULL CHECK (size >= 0),
    internal_date INTEGER NOT NULL,
    journaled     INTEGER NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('pending', 'done', 'baseline', 'duplicate', 'oversized',
                                                    'quarantined', 'arriving')),
    acknowledge   INTEGER NOT NULL CHECK (acknowledge IN (0, 1)),
    sent          INTEGER NOT NULL DEFAULT 0 CHECK (sent IN (0, 1)),  -- lies in the folder of what we wrote
    tries         INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),    -- begun
    failures      INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0), -- of them, seen to fail
    same_as       INTEGER REFERENCES journal,
    copy_of       INTEGER REFERENCES journal,  -- the same bytes, looked at anew
    ticket        INTEGER REFERENCES ticket,
    kind          TEXT,
    finished      INTEGER,
    forgotten     INTEGER,  -- when its bytes were erased
    alone         INTEGER NOT NULL DEFAULT 0 CHECK (alone IN (0, 1)),  -- answers nothing, whatever it says
    put_off       INTEGER,                        -- since when it waits for OpenPGP, which is out of order
    put_offs      INTEGER NOT NULL DEFAULT 0,     -- how often that was, with OpenPGP in order for everything else
    unopened      TEXT    NOT NULL DEFAULT '',    -- why it could not be opened
    unopened_with TEXT    NOT NULL DEFAULT '',    -- a name for the secret keys that were there then
    again         INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1)),  -- is to be opened once more
    vacated       INTEGER NOT NULL DEFAULT 0 CHECK (vacated IN (0, 1)),  -- the server may name another mail by its number
    CHECK ((state = 'duplicate') = (same_as IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX journal_place ON journal (mailbox, folder, uid_validity, uid) WHERE vacated = 0;
CREATE INDEX journal_unfetched ON journal (mailbox, size) WHERE sha256 IS NULL AND same_as IS NULL;
CREATE UNIQUE INDEX journal_content ON journal (sha256) WHERE same_as IS NULL AND sha256 IS NOT NULL;
CREATE INDEX journal_waiting ON journal (id) WHERE finished IS NULL;
CREATE INDEX journal_reopening ON journal (id) WHERE again = 1;
CREATE INDEX journal_quarantined ON journal (id) WHERE state = 'quarantined';
CREATE INDEX journal_arriving ON journal (id) WHERE state = 'arriving';
CREATE INDEX journal_same ON journal (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX journal_ticket ON journal (ticket) WHERE ticket IS NOT NULL;

-- The bytes of a journal entry, in pieces of 256 KiB.
CREATE TABLE chunk (
    journal INTEGER NOT NULL REFERENCES journal,
    part    INTEGER NOT NULL CHECK (part >= 0),
    bytes   BLOB    NOT NULL CHECK (length(bytes) BETWEEN 1 AND 262144),
    PRIMARY KEY (journal, part)
) STRICT;
CREATE TRIGGER chunk_stays_as_received BEFORE UPDATE ON chunk
BEGIN SELECT RAISE(ABORT, 'a mail stays as it was received'); END;

-- The text of each policy that a ticket was promised.
CREATE TABLE policy (
    hash   TEXT    PRIMARY KEY,
    name   TEXT    NOT NULL,
    source TEXT    NOT NULL,
    kept   INTEGER NOT NULL
) STRICT;

-- The last serial that was given out in a year.
CREATE TABLE serial (
    year INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

-- What folding a ticket's events gives. `ticket` and `clock` can be made again from `event`.
CREATE TABLE ticket (
    id             INTEGER PRIMARY KEY,
    number         TEXT    NOT NULL UNIQUE CHECK (number <> ''),
    state          TEXT    NOT NULL CHECK (state IN ('new', 'acknowledged', 'triaged', 'waiting', 'fixing', 'fixed',
                                                     'disclosed', 'closed')),
    before_waiting TEXT    NOT NULL CHECK (before_waiting IN ('new', 'acknowledged', 'triaged', 'fixing', 'fixed',
                                                              'disclosed')),
    severity       TEXT    NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    score          INTEGER NOT NULL,
    title          TEXT    NOT NULL,
    reporter       TEXT    NOT NULL,
    owner          TEXT    NOT NULL,
    language       TEXT    NOT NULL,
    mailbox        TEXT    NOT NULL,
    policy         TEXT    NOT NULL,
    policy_hash    TEXT    REFERENCES policy DEFERRABLE INITIALLY DEFERRED,
    encrypted      INTEGER NOT NULL CHECK (encrypted IN (0, 1)),
    opened         INTEGER NOT NULL,
    eta            INTEGER,
    embargo        INTEGER,
    version        TEXT    NOT NULL,
    credit         TEXT    NOT NULL,
    closed_for     TEXT    NOT NULL,
    cc             TEXT    NOT NULL,  -- addresses, blanks between them
    embargo_dates  TEXT    NOT NULL,  -- JSON, as `muted`
    snoozed        INTEGER,
    muted          TEXT    NOT NULL
) STRICT;
CREATE INDEX ticket_opened ON ticket (opened, id);
CREATE INDEX ticket_state ON ticket (state);

CREATE TABLE clock (
    ticket        INTEGER NOT NULL REFERENCES ticket,
    place         INTEGER NOT NULL,  -- in the order in which they were started
    name          TEXT    NOT NULL,
    started       INTEGER NOT NULL,
    due           INTEGER NOT NULL,
    paused        INTEGER,
    stopped       INTEGER,
    how           TEXT    NOT NULL,
    goal          INTEGER NOT NULL CHECK (goal IN (0, 1)),
    promised      INTEGER NOT NULL,
    told          TEXT    NOT NULL,  -- JSON: mark → how often it was told
    next_reminder INTEGER CHECK (next_reminder IS NULL OR stopped IS NULL),
    PRIMARY KEY (ticket, place)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX clock_open ON clock (ticket, name) WHERE stopped IS NULL;
CREATE INDEX clock_next_reminder ON clock (next_reminder) WHERE next_reminder IS NOT NULL;
CREATE INDEX clock_due ON clock (due) WHERE stopped IS NULL;

-- The truth. Each hash covers the one before it and a commitment to the event's words.
CREATE TABLE event (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket     INTEGER REFERENCES ticket,
    kind       TEXT    NOT NULL CHECK (kind <> ''),
    at         INTEGER NOT NULL,
    commitment BLOB    NOT NULL CHECK (length(commitment) = 32),
    hash       BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX event_ticket ON event (ticket, seq);
CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER event_is_appended BEFORE INSERT ON event
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;

-- An event's words as JSON. They may be deleted, which forgets them, and are never changed.
CREATE TABLE event_value (
    seq   INTEGER PRIMARY KEY REFERENCES event,
    salt  BLOB    NOT NULL CHECK (length(salt) = 32),
    value TEXT    NOT NULL
) STRICT;
CREATE TRIGGER event_value_is_not_changed BEFORE UPDATE ON event_value
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER event_value_comes_with_its_event BEFORE INSERT ON event_value
WHEN NEW.seq <> (SELECT max(seq) FROM event)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;

-- Which ticket a Message-ID belongs to; `content` finds the same mail when it is delivered twice.
CREATE TABLE message (
    id         INTEGER PRIMARY KEY,
    ticket     INTEGER NOT NULL REFERENCES ticket,
    direction  TEXT    NOT NULL CHECK (direction IN ('in', 'out')),
    message_id TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    recipient  TEXT    NOT NULL,
    content    BLOB    CHECK (length(content) = 32),
    journal    INTEGER REFERENCES journal
) STRICT;
CREATE INDEX message_by_id ON message (message_id, ticket);
CREATE INDEX message_ticket ON message (ticket, id);
CREATE INDEX message_journal ON message (journal) WHERE journal IS NOT NULL;
CREATE INDEX message_content ON message (content) WHERE content IS NOT NULL;

-- Keyed hashes of shingles of the reports' texts: what finds similar ones. Each report brings many, and whose they are is
-- asked when a reporter is forgotten alone: no index tells.
CREATE TABLE shingle (
    hash     INTEGER NOT NULL,
    ticket   INTEGER NOT NULL REFERENCES ticket,
    shingles INTEGER NOT NULL CHECK (shingles > 0),  -- in the whole text, of which some are kept
    PRIMARY KEY (hash, ticket)
) STRICT, WITHOUT ROWID;

CREATE TABLE participant (
    ticket  INTEGER NOT NULL REFERENCES ticket,
    address TEXT    NOT NULL,  -- its identity, not as it was written
    part    TEXT    NOT NULL CHECK (part IN ('reporter', 'team')),
    since   INTEGER NOT NULL,
    proof   INTEGER NOT NULL DEFAULT 0,  -- how well its sender was proven when it came in
    PRIMARY KEY (ticket, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX participant_address ON participant (address, part);

-- Mail that waits to go out or went; its bytes stand in `sealed`.
CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY,
    ticket       INTEGER REFERENCES ticket,
    cause        INTEGER REFERENCES journal,
    occasion     TEXT    NOT NULL,
    template     TEXT    NOT NULL,
    recipient    TEXT    NOT NULL,
    message_id   TEXT    NOT NULL,
    recipe       TEXT    NOT NULL,
    to_team      INTEGER NOT NULL CHECK (to_team IN (0, 1)),
    is_sealed    INTEGER NOT NULL DEFAULT 0 CHECK (is_sealed IN (0, 1)),
    state        TEXT    NOT NULL CHECK (state IN ('queued', 'attempting', 'at-final-dot', 'unknown', 'deferred',
                                                   'sent', 'failed', 'held', 'dropped', 'suppressed')),
    tries        INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    unknowns     INTEGER NOT NULL DEFAULT 0 CHECK (unknowns >= 0),  -- tries whose end nobody knows
    queued       INTEGER NOT NULL,
    next_attempt INTEGER,
    last_status  TEXT    NOT NULL DEFAULT '',
    UNIQUE (occasion, template, recipient)
) STRICT;
CREATE INDEX outbox_state ON outbox (state, is_sealed, next_attempt, queued);
CREATE INDEX outbox_to_seal ON outbox (id) WHERE state = 'queued' AND is_sealed = 0;
CREATE INDEX outbox_message_id ON outbox (message_id);
CREATE INDEX outbox_ticket ON outbox (ticket) WHERE ticket IS NOT NULL;
CREATE INDEX outbox_recipient ON outbox (recipient, template, queued);
CREATE INDEX outbox_to_member ON outbox (recipient, id) WHERE to_team = 1;
CREATE INDEX outbox_sent_to ON outbox (recipient COLLATE NOCASE, queued) WHERE to_team = 0 AND state = 'sent';

CREATE TABLE sealed (
    outbox INTEGER PRIMARY KEY REFERENCES outbox,
    bytes  BLOB    NOT NULL
) STRICT;
CREATE TRIGGER sealed_stays BEFORE UPDATE ON sealed
BEGIN SELECT RAISE(ABORT, 'a sealed mail is never changed'); END;

-- One row for each try to send.
CREATE TABLE attempt (
    id       INTEGER PRIMARY KEY,
    outbox   INTEGER NOT NULL REFERENCES outbox,
    started  INTEGER NOT NULL,
    phase    TEXT    NOT NULL CHECK (phase IN ('before-final-dot', 'at-final-dot')),
    code     INTEGER,
    text     TEXT,
    finished INTEGER
) STRICT;
CREATE INDEX attempt_outbox ON attempt (outbox, id);

CREATE TABLE imap_cursor (
    mailbox       TEXT    NOT NULL,
    folder        TEXT    NOT NULL,
    uid_validity  INTEGER NOT NULL CHECK (uid_validity BETWEEN 0 AND 4294967295),
    next_uid      INTEGER NOT NULL CHECK (next_uid BETWEEN 0 AND 4294967295),
    start         INTEGER,
    last_contact  INTEGER,
    last_compared INTEGER,
    missing       INTEGER NOT NULL,
    missing_since INTEGER,
    uid_next      INTEGER NOT NULL DEFAULT 0 CHECK (uid_next BETWEEN 0 AND 4294967295),  -- as the server said it last
    trouble       TEXT    NOT NULL,
    PRIMARY KEY (mailbox, folder)
) STRICT, WITHOUT ROWID;

-- What is to be changed on a mail server once a mail was finished there, or sent. A mail is filed with its sealed
-- bytes; 'begun' says that the server may have done it already.
CREATE TABLE server_action (
    id           INTEGER PRIMARY KEY,
    mailbox      TEXT    NOT NULL,
    what         TEXT    NOT NULL CHECK (what IN ('seen', 'move', 'file')),
    folder       TEXT    NOT NULL,  -- where the mail lies, or where it is to be filed
    uid_validity INTEGER NOT NULL DEFAULT 0,
    uid          INTEGER NOT NULL DEFAULT 0,
    target       TEXT    NOT NULL DEFAULT '',
    outbox       INTEGER REFERENCES outbox,
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'begun', 'done', 'given-up')),
    tries        INTEGER NOT NULL DEFAULT 0,
    next_try     INTEGER NOT NULL,
    asked        INTEGER NOT NULL,
    why          TEXT    NOT NULL DEFAULT '',
    CHECK ((what = 'file') = (outbox IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX server_action_mail ON server_action (mailbox, folder, uid_validity, uid, what) WHERE outbox IS NULL;
CREATE UNIQUE INDEX server_action_filed ON server_action (outbox) WHERE outbox IS NOT NULL;
CREATE INDEX server_action_waiting ON server_action (mailbox, next_try) WHERE state IN ('waiting', 'begun');

-- Each server that we log in to: 'mailbox:NAME' or 'submission'.
CREATE TABLE peer (
    name             TEXT    PRIMARY KEY,
    last_contact     INTEGER,
    trouble          TEXT    NOT NULL DEFAULT '',
    trouble_since    INTEGER,
    refused          INTEGER NOT NULL DEFAULT 0 CHECK (refused IN (0, 1)),  -- it said no to our login
    certificate_ends INTEGER
) STRICT, WITHOUT ROWID;

-- What is wrong and who was told: one open row for each trouble, and one mail at its beginning and one at its end.
CREATE TABLE trouble (
    id    INTEGER PRIMARY KEY,
    name  TEXT    NOT NULL,
    words TEXT    NOT NULL,
    since INTEGER NOT NULL,
    over  INTEGER
) STRICT;
CREATE UNIQUE INDEX trouble_open ON trouble (name) WHERE over IS NULL;

-- Mail to ourselves, which proves the whole way round.
CREATE TABLE canary (
    message_id TEXT    PRIMARY KEY,
    mailbox    TEXT    NOT NULL,
    sent       INTEGER NOT NULL,
    came       INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX canary_sent ON canary (sent);

-- Automatic mail to people outside, counted against budgets.
CREATE TABLE auto_mail (
    id      INTEGER PRIMARY KEY,
    address TEXT    NOT NULL,
    domain  TEXT    NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX auto_mail_address ON auto_mail (address, at);
CREATE INDEX auto_mail_domain ON auto_mail (domain, at);
CREATE INDEX auto_mail_at ON auto_mail (at, domain);

-- Reports whose sender has had her daily number of acknowledgements; told of together.
CREATE TABLE collected (
    ticket    INTEGER PRIMARY KEY REFERENCES ticket,
    address   TEXT    NOT NULL,  -- its identity
    recipient TEXT    NOT NULL,
    language  TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    told      INTEGER
) STRICT;
CREATE INDEX collected_address ON collected (address, told);
CREATE INDEX collected_waiting ON collected (address, since) WHERE told IS NULL;

-- Mail of strangers that answers a ticket and waits for a human.
CREATE TABLE held_mail (
    journal     INTEGER PRIMARY KEY REFERENCES journal,
    ticket      INTEGER NOT NULL REFERENCES ticket,
    sender      TEXT    NOT NULL,
    held        INTEGER NOT NULL,
    ask_again   INTEGER NOT NULL,
    asked_again INTEGER,
    settled     INTEGER
) STRICT;
CREATE INDEX held_mail_waiting ON held_mail (ask_again) WHERE settled IS NULL AND asked_again IS NULL;
CREATE INDEX held_mail_ticket ON held_mail (ticket);

-- Addresses that a mail of ours did not reach.
CREATE TABLE unreachable (
    address TEXT    PRIMARY KEY,  -- its identity
    since   INTEGER NOT NULL,
    status  TEXT    NOT NULL,
    hard    INTEGER NOT NULL CHECK (hard IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Certificates of people outside: the first one of an address is bound, another later waits for a human.
CREATE TABLE key (
    id          INTEGER PRIMARY KEY,
    protocol    TEXT    NOT NULL CHECK (protocol IN ('openpgp', 'smime')),
    fingerprint TEXT    NOT NULL,
    address     TEXT    NOT NULL,  -- its identity
    ticket      INTEGER REFERENCES ticket,
    origin      TEXT    NOT NULL,  -- how it came here: 'signature', 'autocrypt', 'attached', 'administrator'
    state       TEXT    NOT NULL CHECK (state IN ('bound', 'proposed', 'retired')),
    certificate BLOB    NOT NULL,
    since       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX key_of_address ON key (protocol, fingerprint, address);
CREATE INDEX key_address ON key (address, state);

-- What tocsinctl asks the daemon to do.
CREATE TABLE request (
    id        INTEGER PRIMARY KEY,
    verb      TEXT    NOT NULL,
    arguments TEXT    NOT NULL,  -- JSON, as the answer
    asked_by  TEXT    NOT NULL,
    asked     INTEGER NOT NULL,
    state     TEXT    NOT NULL CHECK (state IN ('asked', 'done', 'refused')),
    answer    TEXT,
    finished  INTEGER
) STRICT;
CREATE INDEX request_asked ON request (id) WHERE state = 'asked';

-- What counts once: a signed text, the answer to a question.
CREATE TABLE spent (
    what TEXT    PRIMARY KEY,
    at   INTEGER NOT NULL
) STRICT;

-- What was decided of a mail, beside what was known of it then.
CREATE TABLE rating (
    journal      INTEGER PRIMARY KEY REFERENCES journal,
    received     INTEGER NOT NULL,
    view         TEXT    NOT NULL,  -- JSON: ids, numbers and flags
    kind         TEXT    NOT NULL,
    acknowledged INTEGER NOT NULL CHECK (acknowledged IN (0, 1)),
    policy       TEXT    NOT NULL,
    severity     TEXT    CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    score        INTEGER NOT NULL,
    rules        TEXT    NOT NULL   -- hash of the rule set
) STRICT;

-- Members whose own automatic answer said that they are away; their reminders go to the others.
CREATE TABLE absence (
    member TEXT    PRIMARY KEY,  -- the address's identity
    since  INTEGER NOT NULL,
    until  INTEGER NOT NULL
) STRICT;

-- When something of the house happened last or is to happen next, and words about it.
CREATE TABLE noted (
    name  TEXT    PRIMARY KEY,
    at    INTEGER NOT NULL,
    words TEXT    NOT NULL
) STRICT;

-- Keyed digests of session keys: the same one from a second person is an alarm.
CREATE TABLE ciphertext (
    digest  BLOB    NOT NULL CHECK (length(digest) = 32),
    journal INTEGER NOT NULL REFERENCES journal,
    ticket  INTEGER REFERENCES ticket,
    sender  TEXT    NOT NULL,  -- the address's identity
    seen    INTEGER NOT NULL,
    PRIMARY KEY (digest, journal)
) STRICT, WITHOUT ROWID;

)sql";

constexpr std::array migrations{first_migration};

}  // namespace

int newest_schema() { return static_cast<int>(migrations.size()); }

int schema_of(Database& database) { return database.prepare("PRAGMA user_version").first<int>().value_or(0); }

void migrate(Database& database) {
    for (int version = schema_of(database) + 1; version <= newest_schema(); ++version) {
        Transaction transaction{database};
        database.execute(migrations.at(static_cast<std::size_t>(version - 1)));
        database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, version));
        transaction.commit();
    }
}

}  // namespace tocsin::store
