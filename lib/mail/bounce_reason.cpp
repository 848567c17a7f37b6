#include "mail/bounce_reason.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace tocsin::mail {
namespace {

// What speaks of the mail, its sender, the connection or the moment: not of the address.
constexpr std::string_view soft_words[] = {"exceeded storage",
                                           "insufficient system storage",
                                           "too many messages",
                                           "over limit",
                                           "out of storage",
                                           "spam",
                                           "blacklist",
                                           "blocklist",
                                           "block list",
                                           "black list",
                                           "blocked using",
                                           "rbl",
                                           "reputation",
                                           "dmarc",
                                           " spf",
                                           "dkim",
                                           "authentication",
                                           "unauthenticated",
                                           "reverse dns",
                                           "ptr record",
                                           "no ptr",
                                           "ip name lookup",
                                           "virus",
                                           "content rejected",
                                           "message content",
                                           "greylist",
                                           "too large",
                                           "size limit",
                                           "exceeds",
                                           "too big",
                                           "loop",
                                           "too many hops",
                                           "hop count",
                                           "disabled",
                                           "inactive",
                                           "suspended",
                                           "deactivated",
                                           "locked",
                                           "not active",
                                           "access denied",
                                           "purported",
                                           "helo",
                                           "prohibited",
                                           "unsolicited",
                                           " ube,",
                                           "client host",
                                           "not allowed",
                                           "not permitted",
                                           "restricted",
                                           "permission",
                                           "preferences",
                                           "禁止",
                                           "容量"};

// What is also said in passing beside a plain "user unknown".
constexpr std::string_view passing_words[] = {"could not be delivered within",
                                              "too long in queue",
                                              "in the queue too long",
                                              "delivery time expired",
                                              "retry time",
                                              "expired",
                                              "timed out",
                                              "timeout",
                                              "timed-out",
                                              "time out",
                                              "connection refused",
                                              "try again",
                                              "temporarily",
                                              "temporary",
                                              "deferred",
                                              "relay",
                                              "policy",
                                              "not accepted due to",
                                              "sender",
                                              "rate limit",
                                              "too many",
                                              "starttls",
                                              "sorry, your message"};

// A full mailbox exists, and a name that cannot be looked up now may, whatever else is said around it.
constexpr std::string_view full_words[] = {"mailbox full", "mailbox is full",      "mailbox exceeded",
                                           "quota",        "not found, try again", "mailfolder is full"};

constexpr std::string_view hard_words[] = {"user unknown",
                                           "unknown user",
                                           "unknown-user",
                                           "user is unknown",
                                           "no such user",
                                           "no such person",
                                           "no such recipient",
                                           "no such mailbox",
                                           "no such address",
                                           "no such account",
                                           "no mailbox here",
                                           "no mailbox by that name",
                                           "mailbox not found",
                                           "mailbox does not exist",
                                           "mailbox unavailable or access denied",
                                           "mailbox name not",
                                           "user not found",
                                           "user does not exist",
                                           "user doesn't exist",
                                           "user not known",
                                           "user does not have a",
                                           "user doesn't have a",
                                           "unknown recipient",
                                           "recipient unknown",
                                           "recipient not found",
                                           "recipnotfound",
                                           "recipient does not exist",
                                           "recipient no longer",
                                           "unknown address",
                                           "address unknown",
                                           "address does not exist",
                                           "address not found",
                                           "addressee unknown",
                                           "unknown local",
                                           "unknown mailbox",
                                           "invalid recipient",
                                           "invalid mailbox",
                                           "invalid user",
                                           "invalid address",
                                           "not a valid mailbox",
                                           "not a valid recipient",
                                           "not a valid user",
                                           "bad destination mailbox",
                                           "bad recipient",
                                           "no account by that name",
                                           "no valid recipients",
                                           "does not exist",
                                           "doesn't exist",
                                           "unrouteable address",
                                           "unroutable address",
                                           "not listed in",
                                           "no longer valid",
                                           "no longer exists",
                                           "no longer with",
                                           "not our customer",
                                           "badrecipient",
                                           "recipient rejected",
                                           "can't create user output",
                                           "list unknown",
                                           "unknown virtual",
                                           "nobody here",
                                           "not known here",
                                           "could not be found",
                                           "wasn't found",
                                           "not found by smtp address lookup",
                                           "wasn’t found",
                                           "could not find",
                                           "was not found",
                                           "host unknown",
                                           "unknown host",
                                           "host or domain name not found",
                                           "host not found",
                                           "domain not found",
                                           "no such domain",
                                           "domain does not exist",
                                           "unrouteable mail domain",
                                           "unrouteable domain",
                                           "name or service not known",
                                           "cannot find your",
                                           "couldn't find any host",
                                           "nxdomain",
                                           "non-existent",
                                           "nonexistent",
                                           "no mx",
                                           "null mx",
                                           "nullmx",
                                           "does not accept mail",
                                           "does not accept email",
                                           "not accept any mail",
                                           "has moved to",
                                           "moved to",
                                           "user has moved",
                                           "deaktiviert",
                                           "utilisateur inconnu",
                                           "usuario desconocido",
                                           "utente sconosciuto",
                                           "destinataire inconnu",
                                           "existiert nicht",
                                           "unbekannter",
                                           "見つかりません",
                                           "存在しません",
                                           "宛先不明",
                                           "お客様のお探しの",
                                           "リストにありません",
                                           "couldn't be found",
                                           "couldn’t be found",
                                           "not recognized",
                                           "invalid final delivery",
                                           "no smtp service",
                                           "no mx found",
                                           "mailbox unavailable"};

// RFC 3463 section 3.2 and 3.5, and 5.1.10 and 5.4.4 as they are used.
constexpr std::string_view hard_statuses[] = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"};

bool holds_any(std::string_view text, const std::string_view* begin, const std::string_view* end) {
    return std::any_of(begin, end, [&](auto word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace

bool is_hard_failure(std::string_view diagnostic, std::string_view status, bool after_data) {
    const std::string words = lower(diagnostic.substr(0, 4096));
    if (status.starts_with("4.") || status.starts_with("2.")) return false;
    if (holds_any(words, std::begin(full_words), std::end(full_words))) return false;
    // RFC 3463: the sender's address (5.1.7, 5.1.8), a mailbox that exists (5.2.0), the system (3.4), the content (3.7)
    // or a policy (3.8) is to blame. Servers that say "unknown user" with these mean to tell strangers nothing.
    for (const auto* other : {"5.1.7", "5.1.8", "5.2.0", "5.3.", "5.6.", "5.7."})
        if (status.starts_with(other)) return false;
    if (after_data) return false;
    const bool hard_said = holds_any(words, std::begin(hard_words), std::end(hard_words));
    if (holds_any(words, std::begin(soft_words), std::end(soft_words))) {
        if (!hard_said) return false;
    } else if (hard_said) {
        return true;
    } else if (holds_any(words, std::begin(passing_words), std::end(passing_words))) {
        return false;
    }
    return std::ranges::find(hard_statuses, status) != std::end(hard_statuses);
}

}  // namespace tocsin::mail
