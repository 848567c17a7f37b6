// Whose mailbox it is: the part of the configuration that decisions rest on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "cvd/ticket.hpp"
#include "mail/header/address.hpp"
#include "mail/structure/entity.hpp"

namespace tocsin::intake {

enum class Mode {
    Live,
    Team,    // mails the team only
    Shadow,  // decides and keeps, sends nothing
};

struct Member {
    std::string name;
    mail::Address address;
    std::vector<std::string> roles;
    std::string key{};    // fingerprint: hers signs, and her mail goes out encrypted to it; empty: none
    std::string smime{};  // SHA-256 of the certificate that she signs with; empty: none
};

// What proves that a mail is the team's, and how its words go out (INTERFACES section 3, [team_mail]).
struct TeamMail {
    bool accept_openpgp = true;
    bool accept_smime = true;
    bool accept_notice = true;
    bool accept_authentication_results = false;  // besides such an answer
    Micros relay_delay{0};                       // in which /undo still works
    bool sign_with_name = false;
};

// Automatic mail to people outside; the team's own has no part in it.
struct AutomaticMailLimits {
    std::size_t per_sender_per_day = 5;  // acknowledgements
    std::size_t per_domain_per_hour = 30;
    std::size_t per_hour = 60;
};

struct Organisation {
    std::string name;
    mail::Address address;               // researchers write here, we answer from here
    std::vector<mail::Address> aliases;  // also ours
    Mode mode = Mode::Live;
    std::vector<std::string> languages{"en"};  // the first is the fallback
    std::string policy_url;
    cvd::NumberFormat numbers;
    std::vector<Member> team;
    std::string reply_address{};  // "security+{token}@acme.test"; empty: none
    AutomaticMailLimits automatic_mail{};
    std::string authserv_id{};  // whose Authentication-Results are believed (RFC 8601); empty: nobody's
    TeamMail team_mail{};
    std::optional<Micros> digest = std::chrono::hours{8} + std::chrono::minutes{30};  // the time of day; nothing: none

    std::string own_key{};       // fingerprint of the key that signs; empty: mail goes out unsigned
    std::string secrets{};       // a name for the secret keys in reach
    bool plain_to_team = false;  // a member without a key gets an encrypted report in the clear

    // Ours, a detail behind a '+' included.
    bool owns(std::string_view address) const;
    const Member* member(std::string_view address) const;
    // One of `languages`: the wanted one where we speak it, else the fallback.
    const std::string& language_for(std::string_view wanted) const;
};

std::vector<std::string> all_addresses_of(const Organisation& organisation);

// The S/MIME certificate of one address, by the SHA-256 of it, as the roster names it.
struct NamedCertificate {
    std::string address;
    std::string fingerprint;
};
std::vector<NamedCertificate> certificates_of(const Organisation& organisation);

// Of one configured mailbox.
struct MailboxRules {
    std::string name;
    std::string policy = "default";
    std::string via_list;  // List-Id through which our own group hands us mail; empty: none
};

// What the examiner is told once, before it locks itself down.
struct ExaminationLimits {
    mail::ParseLimits parse;
    std::size_t max_plaintext_bytes = 64u << 20;
};

}  // namespace tocsin::intake
