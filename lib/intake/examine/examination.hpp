// What is known of a mail from its bytes alone: the value that `examine` gives and `decide` rests on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "cvd/command.hpp"
#include "cvd/cvss.hpp"
#include "cvd/stated_embargo.hpp"
#include "intake/examine/similarity.hpp"
#include "mail/automatic/absence.hpp"
#include "mail/automatic/delivery_status.hpp"
#include "mail/header/authentication_results.hpp"
#include "mail/reading.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::intake {

struct SignatureVerdict {
    std::string status;  // INTERFACES section 2
    std::string fingerprint;
    std::string address;
    std::string covers = "none";
    std::string reaches{};          // what it would cover if its key were known; told to nobody
    std::optional<Instant> made{};  // what the signature itself says
    std::string signed_text{};      // hex SHA-256 of the signed entity: one text counts once, however often it is sent
};

struct CryptoVerdict {
    bool encrypted = false;
    std::string protocol;  // "openpgp", "smime" or empty
    bool decrypted = false;
    std::optional<std::string> error;
    std::string covers = "none";
    std::vector<SignatureVerdict> signatures;
    std::string protected_subject;
    std::vector<std::string> keys_offered;
};

// As a whole: in the clear there is its header alone. What holds an encrypted part, opened apart, came in the clear.
inline bool came_encrypted(const CryptoVerdict& crypto) { return crypto.encrypted && crypto.covers != "part"; }

// A key that a mail brings along, not looked into yet beyond its name.
struct OfferedKey {
    std::string fingerprint;
    std::vector<std::string> addresses;  // lower case
    std::string origin;                  // "autocrypt", "attached", "signature"
    bool outside = false;                // everybody on the way could see it
    bool encrypts = false;               // can be encrypted to, now
    std::string certificate;
    bool renews = false;        // the key is known, and there is something new in it; the daemon's own finding
    bool among_others = false;  // in a file that holds several keys
    std::size_t left_out = 0;   // keys of that file that nobody has looked at
};

// What an automatic answer to an encrypted mail may be worked out from: nothing that lay inside.
struct OuterMail {
    std::string message_id;
    std::vector<std::string> in_reply_to;
    std::vector<std::string> references;
    std::vector<mail::Mailbox> from;
    std::vector<mail::Mailbox> reply_to;
    std::vector<std::string> delivered_to;  // as servers on the way noted it
    std::string subject;
};

// Facts that rules and people look for in a report.
struct ReportFacts {
    std::vector<std::string> cve;  // "CVE-2026-1234", each once
    std::vector<std::string> cwe;  // "CWE-79"
    std::vector<std::string> urls;
    std::vector<cvd::FoundCvss> cvss;
};

// What a mail of the team's asks for. It is looked for in every mail, and means nothing before `authority_of` says so.
struct TeamText {
    cvd::CommandLines commands;                     // in what was newly written
    bool says_yes = false;                          // which begins with "yes"
    std::vector<std::string> numbers;               // of tickets, anywhere in the text
    std::vector<std::string> written_numbers;       // of those, the ones in what was newly written
    std::vector<std::string> codes;                 // what looks like a notice's reference code, anywhere in the text
    std::optional<mail::Mailbox> forwarded_author;  // of the first mail that is forwarded in it
    std::string forwarded_subject;
    std::string forwarded_id;        // its Message-ID, where it is attached whole
    bool files = false;              // some of them go along with her words
    bool embeds_mail = false;        // another mail stands at its end, with header lines and without marks
    bool attaches_mail = false;      // a mail, or the header of one, is among its files
    bool dkim_over_a_part = false;   // a DKIM signature with l=: anybody may add to the text (RFC 6376 section 8.2)
    bool dkim_without_type = false;  // one that leaves Content-Type open: what it covers may be shown as something else
};

struct Examination {
    // Text, quotation and header fields are there only where they were asked for: the daemon never needs them.
    mail::Reading reading;
    OuterMail outer;
    CryptoVerdict crypto;
    std::vector<std::string> signs;                // the rules' field `sign`
    std::optional<mail::DeliveryStatus> delivery;  // what it tells of another mail
    std::vector<OfferedKey> offers;
    std::vector<Digest> sessions;           // of session keys: the same ciphertext gives the same one
    std::vector<std::string> foreign_keys;  // ids, of a mail that names every key it is encrypted to, and none is ours
    mail::AuthenticationClaims authentication;  // as they stand there; `proof_of_sender` says what is believed
    ReportFacts facts;
    std::optional<mail::NamedDay>
        away_until;  // the day that an answer names: of an automatic one, when its author is back
    TeamText team;
    rules::Answers answers;
    rules::Answers
        outer_answers;  // of a mail with anything encrypted: by what is in the clear; answering rests on these
    std::string rules_hash;
    Digest content{};                     // of what stays the same when one mail is delivered twice
    TextSketch sketch;                    // of a text that came in the clear
    std::vector<cvd::StatedDay> embargo;  // of such a text: until when its author says that she keeps quiet
    bool asks_status = false;             // all that she newly wrote, in the clear or signed by her, is `status`
    bool unreadable = false;              // damaged beyond reading, or encrypted and not opened to its words
};

bool has_sign(const Examination& examination, std::string_view sign);

// The one mailbox that wrote a mail; nothing where there is none, or more than one (RFC 5322 section 3.6.2).
std::optional<mail::Address> author_of(const mail::Reading& reading);

// What our own mail server says of its author's domain; nothing where it says nothing, or may not be believed.
std::optional<mail::DomainVerdict> proof_of_sender(const Examination& examination, std::string_view authserv_id);

}  // namespace tocsin::intake
