// How a mail is made: everything that composing it needs, but for the report that a notice shows.
//
// Kept in the outbox from the moment of the decision, so that a mail can be composed again after a crash. Nothing
// in it came out of a decryption.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "rules/templates/template.hpp"

namespace tocsin::intake {

struct Recipe {
    std::string template_name;
    std::string language;
    std::string fallback_language;
    std::string occasion;  // makes the mail unique beside template and recipient
    bool to_team = false;
    bool shows_report = false;  // composing it needs the bytes of the mail that caused it
    bool answers_mail = false;  // Auto-Submitted: auto-replied, else auto-generated (RFC 3834 section 5)
    bool by_human = false;      // brings a member's words: not automatic at all
    // Whose words composing it takes from the mail: "words" for the reporter, with its files; "copy" of them for
    // colleagues, "note" for colleagues alone, "colleague" in a question. Empty: the mail is shown as a report.
    std::string brings;
    std::optional<JournalId> shown;         // the mail that is shown, where it is not the one that caused this
    std::vector<std::string> member_names;  // that must not stand under relayed words
    bool proven = false;  // answers somebody who is proven to have written; read by `queue_mail`, not kept
    std::optional<Instant> not_before;    // /undo works until then; read by `queue_mail`, not kept
    std::vector<std::string> encrypt_to;  // fingerprints; empty: it goes out readable
    bool confidential = false;            // belongs to a conversation that is encrypted
    bool plain_allowed = false;  // may show an encrypted report to somebody without a key: the administrator said so
    bool attaches_key = false;   // our own
    bool bare = false;           // neither signed nor encrypted: it tells that this is out of order
    std::string accepted_means;  // the event that a server's 250 for it is ("acknowledged"); empty: none

    std::string from_name;
    std::string from_address;
    std::string to_name;
    std::string to_address;
    std::string reply_to;              // an address with a token; empty: From
    std::vector<std::string> tickets;  // numbers, where one mail tells of several tickets
    std::string in_reply_to;           // without angle brackets; empty: none
    std::vector<std::string> references;
    rules::TemplateFields fields;

    // Fixed in `admit`.
    std::string ticket_number;
    std::string message_id;
    Instant date;
};

std::string to_json(const Recipe& recipe);
Result<Recipe> recipe_from_json(std::string_view json);

}  // namespace tocsin::intake
