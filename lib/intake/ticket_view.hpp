// What the store knows that bears on one mail, read before deciding, so that deciding needs no store.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "cvd/ticket.hpp"
#include "intake/examination.hpp"
#include "intake/message_ids.hpp"
#include "intake/organisation.hpp"
#include "intake/similarity.hpp"
#include "rules/policy.hpp"
#include "rules/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// A ticket with all that its clocks depend on.
struct OpenTicket {
    TicketId id{0};
    cvd::Ticket ticket;
    std::map<cvd::EventKind, Instant> happened;  // the last time of each event
    rules::Policy policy;                        // the one it was promised
};

struct TicketView {
    bool sent_by_us = false;                  // its Message-ID is one of ours
    std::optional<TicketId> delivered_before;  // another delivery of this very mail opened or joined this ticket
    std::optional<OpenTicket> thread;         // the ticket whose mail it answers
    std::optional<store::Part> part;          // that its sender takes in it
    std::optional<std::string> claims;        // the number that it names without answering anything
    std::int64_t reporter_reports = 0;
    std::map<std::string, std::string> last_notice_to;  // member's address → Message-ID, for threading
    std::map<std::string, std::vector<std::string>> notices_to;  // all of them, from the first
    std::string subject_severity;  // that the first of them bears: one thread has one subject
    // Of a report that would open a ticket: the keyed hashes of its text, and whose text is like it.
    std::vector<std::int64_t> shingles;
    std::vector<SimilarTicket> similar;
};

TicketView look_up(const store::Store& store, const Examination& examination, const Organisation& organisation,
                   const MessageIds& ids, const rules::RuleSet& rule_set);

// Throws where the store has lost a ticket or its policy: that is a bug or a broken file.
OpenTicket load_ticket(const store::Store& store, TicketId id, const rules::RuleSet& rule_set);

// The mail that opened the ticket; nothing where its words were forgotten.
std::optional<JournalId> opening_mail(const store::Store& store, TicketId ticket);

}  // namespace tocsin::intake
