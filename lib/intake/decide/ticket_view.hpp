// What the store knows that bears on one mail, read before deciding, so that deciding needs no store.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "cvd/ticket.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/examine/examination.hpp"
#include "intake/examine/similarity.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "openpgp/keyring.hpp"
#include "rules/policies/policy.hpp"
#include "rules/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// A ticket with all that its clocks depend on.
struct OpenTicket {
    TicketId id{0};
    cvd::Ticket ticket;
    std::map<cvd::EventKind, Instant> happened;              // the last time of each event
    std::vector<std::pair<cvd::EventKind, Instant>> course;  // every event that moves clocks, in order
    rules::Policy policy;                                    // the one it was promised
};

// Where the conversation with the reporter stands, so that the next mail stands in it (RFC 5322 section 3.6.4).
struct ReporterThread {
    std::string in_reply_to;  // without angle brackets; empty: none
    std::vector<std::string> references;
};

// A mail of ours that a mail answers.
struct Answered {
    OutboxId id{0};
    std::string message_id;
    std::string template_name;
    std::string recipient;
    bool to_team = false;
    Instant queued;
    std::optional<TicketId> ticket;
    std::optional<JournalId> cause;  // the mail that it tells of
    bool inside = false;             // it shows a colleague's note: what answers it stays inside too
};

// What was commanded last in a ticket, for /undo.
struct LastCommand {
    std::int64_t seq = 0;
    std::string by;  // a member's address
    std::string line;
    std::vector<cvd::Event> brought;      // all that happened because of it
    cvd::Ticket before;                   // the ticket as it was
    cvd::Ticket after;                    // and as the command left it
    std::vector<OutboxId> waiting;        // its mails that still wait to go out
    std::optional<TicketId> merged_from;  // it was a merge into this ticket, `line` is the other's number
    std::vector<std::string> sent;        // templates of those that do not
    std::optional<JournalId> split_off;   // it was a split: the mail that left, and the number of its own ticket
    std::string split_into;
};

struct TicketView {
    bool sent_by_us = false;                   // its Message-ID is one of ours
    std::optional<TicketId> delivered_before;  // another delivery of this very mail opened or joined this ticket
    std::optional<OpenTicket> thread;          // the ticket whose mail it answers
    std::optional<store::Part> part;           // that its sender takes in it
    std::optional<std::string> claims;         // the number that it names without answering anything
    bool claims_own_answer = false;            // which went to its author within a day, and whose subject it bears
    std::int64_t reporter_reports = 0;         // tickets that its sender opened before
    std::int64_t reporter_valid = 0;           // of them, those that the team found to be true
    // Of a mail that says it is the team's.
    std::optional<Answered> answered;
    std::optional<OpenTicket> named;   // the ticket whose number it has in it, where it answers nothing
    bool bears_reference = false;      // its text holds the reference of a notice to its author
    bool spent = false;                // its signed text counted before
    std::string bounced;               // why a mail of ours to its author came back; empty: none did
    bool blocked = false;              // a member wants its author to get no automatic answers
    bool again = false;                // a member wants it examined again: it stands in its ticket already
    bool granted = false;              // a member said yes to it
    std::vector<std::string> exposes;  // Message-IDs of mails to members alone that somebody outside has in its header
    bool exposed = false;              // people outside have seen the Message-ID of the mail that it answers
    int questions_today = 0;           // that went to its author because of unproven mail
    std::string relayed_meanwhile;     // a colleague's name, whose words went out after the mail that it answers
    std::optional<JournalId> relayed_meanwhile_in;  // the colleague's mail
    ReporterThread reporter_thread;
    std::map<std::string, std::pair<TicketId, cvd::Ticket>> others;  // tickets that its commands name, by number
    std::optional<mail::Address> held_sender;                        // of the held mail that the answered notice shows
    std::optional<LastCommand> last_command;
    bool relays_blocked = false;            // its ciphertext came from somebody else too, and nobody has looked at it
    bool reporter_has_key = false;          // that can be encrypted to now
    std::vector<std::string> offered_keys;  // fingerprints, of addresses that are written to in the ticket
    bool buried = false;                    // words of hers stand where nothing tells them from a quotation; as `leak`
    bool bares = false;                     // it quotes in the clear what came encrypted; as `leak`
    std::string leak;                       // why its words may not leave the house; whoever compared them fills it in

    bool automatic = false;                    // a member's address wrote it, but not the member
    std::string seems_automatic;               // why it looks as if; empty: it does not
    bool from_us = false;                      // names one of our addresses as its author
    bool answered_before = false;              // the ticket of `delivered_before` was acknowledged, or is about to be
    bool reused_id = false;                    // another mail bore its Message-ID
    int proof_at_opening = 0;                  // of its sender in `thread`
    bool bears_token = false;                  // it is written to the reply address of `thread`
    std::optional<store::OutboxRow> returned;  // the mail of ours that it tells of
    std::string own_subject;                   // what the Message-ID of ours says that it is about
    std::optional<OpenTicket> joins;           // the ticket of its first delivery, or of its sender's flood
    bool flood = false;                        // one of very many from one unproven sender
    std::size_t flood_count = 0;
    std::size_t held_of_sender = 0;         // mails that were held for `thread` within an hour, and are undecided
    std::vector<openpgp::Key> author_keys;  // that are bound to its author
    std::vector<std::string> retired_keys;  // fingerprints; that were
    struct Elsewhere {
        TicketId ticket{0};
        std::string number;
        std::size_t times_blocked = 0;  // for that, before this mail
    };
    std::vector<Elsewhere> same_ciphertext;             // tickets to which somebody else sent what lies in this mail
    std::map<std::string, std::string> last_notice_to;  // member's address → Message-ID, for threading
    std::map<std::string, std::vector<std::string>> notices_to;  // all of them, from the first
    std::string subject_severity;  // that the first of them bears: one thread has one subject
    // Of a report that would open a ticket: the keyed hashes of its text, and whose text is like it.
    std::vector<std::int64_t> shingles;
    std::vector<SimilarTicket> similar;
};

// How well the mail's sender is proven: -1 refuted by our own server, 0 not at all, 1 his domain, 2 by a signature.
int level_of_proof(const Examination& examination, const Organisation& organisation);

// `entry` is the mail's own place in the journal, where it has one; `now` counts what happened lately.
TicketView look_up(const store::Store& store, const Examination& examination, const Organisation& organisation,
                   const MessageIds& ids, const rules::RuleSet& rule_set, std::optional<JournalId> entry = {},
                   Instant now = {}, const openpgp::Keyring& keyring = {});

// The lines that tell of what was taken back: it has not happened.
std::set<std::int64_t> undone_lines(const std::vector<store::HistoryLine>& history);

// Throws where the store has lost a ticket or its policy: that is a bug or a broken file.
OpenTicket load_ticket(const store::Store& store, TicketId id, const rules::RuleSet& rule_set);

// The mail that opened the ticket; nothing where its words were forgotten.
std::optional<JournalId> opening_mail(const store::Store& store, TicketId ticket);

}  // namespace tocsin::intake
