#include "mail/automatic/bounce_reason.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/text/letters.hpp"
#include "mail/text/phrase_search.hpp"

namespace tocsin::mail {
namespace {

// Packed by hand: one phrase a line would hide what is missing.
// clang-format off

// What speaks of the mail, its sender, the connection or the moment: not of the address.
constexpr std::string_view soft_words[] = {
    "exceeded storage", "insufficient system storage", "too many messages", "over limit", "out of storage", "spam",
    "blacklist", "blocklist", "block list", "black list", "rbl", "reputation", "dmarc", " spf", "dkim",
    "authentication", "reverse dns", "ptr record", "no ptr", "ip name lookup", "virus", "content rejected",
    "message content", "greylist", "too large", "size limit", "exceeds", "too big", "loop", "too many hops",
    "hop count", "disabled", "inactive", "suspended", "deactivated", "locked", "not active", "access denied",
    "purported", "helo", "prohibited", "unsolicited", " ube,", "client host", "not allowed", "not permitted",
    "restricted", "permission", "preferences", "禁止", "容量", "quarantin", "authenticated", "not authorized",
    "unauthorized", "banned", "bulk mail", "junk", "mail refused", "content filter", "attachment", "sender verify",
    "sender address", "sender domain", "domain of sender", "sender's domain", "verify sender", "from address",
    "return path", "too many connections", "try later"};

// What is also said in passing beside a plain "user unknown".
constexpr std::string_view passing_words[] = {
    "could not be delivered within", "too long in queue", "in the queue too long", "retry time", "expired",
    "timed out", "timeout", "timed-out", "time out", "connection refused", "try again", "temporarily", "temporary",
    "deferred", "relay", "policy", "not accepted due to", "sender", "rate limit", "too many", "starttls",
    "service unavailable", "sorry, your message"};

// A full mailbox exists, and a name that cannot be looked up now may, whatever else is said around it.
constexpr std::string_view full_words[] = {
    "mailbox full", "mailbox is full", "mailbox exceeded", "quota", "not found, try again", "mailfolder is full",
    "inbox full", "inbox is full", "mailbox over", "storage full", "disk full", "no space left", "full mailbox",
    "mailbox size", "exceeded the space", "maximum storage", "full)", "postfach ist voll", "postfach voll",
    "postfach des empfängers ist voll", "speicherplatz", "boîte aux lettres du destinataire est pleine",
    "boîte aux lettres est pleine", "boîte aux lettres pleine", "boîte pleine", "buzón lleno", "buzón está lleno",
    "casella piena", "casella di posta piena", "casella è piena", "caixa cheia", "caixa de correio cheia",
    "caixa de entrada cheia", "caixa postal cheia", "postvak is vol", "postvak vol", "brevlådan är full",
    "postkassen er full", "skrzynka jest pełna", "skrzynka pełna", "przepełnion", "переполнен", "kutusu dolu", "空间已满",
    "空間已滿", "邮箱已满", "郵箱已滿", "容量オーバー", "容量を超え", "いっぱい", "용량을 초과", "가득 찼"};

constexpr std::string_view hard_words[] = {
    "user unknown", "unknown user", "unknown-user", "user is unknown", "no such user", "no such person",
    "no such recipient", "no such mailbox", "no such address", "no such account", "no mailbox here",
    "no mailbox by that name", "mailbox not found", "mailbox name not", "user not found", "user not known",
    "user does not have a", "user doesn't have a", "unknown recipient", "recipient unknown", "recipient not found",
    "recipnotfound", "recipient no longer", "unknown address", "address unknown", "address not found",
    "addressee unknown", "unknown local", "unknown mailbox", "invalid recipient", "invalid mailbox", "invalid user",
    "invalid address", "not a valid mailbox", "not a valid recipient", "not a valid user", "bad destination mailbox",
    "bad recipient", "no account by that name", "no valid recipients", "doesn't exist", "unrouteable address",
    "unroutable address", "not listed in", "no longer valid", "no longer exists", "no longer with",
    "not our customer", "badrecipient", "recipient rejected", "can't create user output", "list unknown",
    "unknown virtual", "nobody here", "not known here", "could not be found", "wasn't found",
    "not found by smtp address lookup", "wasn’t found", "could not find", "was not found", "host unknown",
    "unknown host", "host not found", "domain not found", "no such domain", "unrouteable mail domain",
    "unrouteable domain", "name or service not known", "cannot find your", "couldn't find any host", "nxdomain",
    "non-existent", "nonexistent", "no mx", "null mx", "nullmx", "does not accept mail", "does not accept email",
    "not accept any mail", "moved to", "user has moved", "deaktiviert", "utilisateur inconnu", "destinataire inconnu",
    "existiert nicht", "見つかりません", "存在しません", "宛先不明", "お客様のお探しの", "リストにありません", "couldn't be found", "couldn’t be found",
    "not recognized", "invalid final delivery", "no smtp service", "mailbox unavailable", "unknown account",
    "account not found", "no such email", "not a known user", "user is not known", "undeliverable address",
    "no such local user", "no local mailbox", "there is no such", "no one at this address", "illegal alias",
    "recipient does not match", "recipients unknown", "recipient undeliverable", "mailbox invalid",
    "mailbox not present", "mailbox doesn’t exist", "mail box not found", "destination address rejected",
    "address invalid", "user is invalid", "recipient is invalid", "bad address", "bad-address", "vrfy failed",
    "not registered here", "this address no longer", "unknown e-mail", "unknown email", "no longer in use",
    "address is no longer", "no longer available at", "unable to validate recipient", "ldap lookup failed",
    "user invalid", "not exist", "no mailbox for", "no mail box", "is not a mailbox", "not a local mailbox",
    "non esiste", "inesistente", "no existe", "não existe", "n'existe pas", "n’existe pas", "destinataire invalide",
    "adresse inconnue", "nicht bekannt", "unbekannt", "empfänger existiert", "bestaat niet", "finns inte",
    "findes ikke", "finnes ikke", "ei ole olemassa", "nie istnieje", "neexistuje", "nem létezik", "не существует",
    "не найден", "нет такого", "пользователь не", "не знайден", "bulunamadı", "不存在", "無此", "找不到", "没有找到", "該当するユーザ",
    "존재하지", "illegal host/domain name", "invalid domain name", "domain must exist", "domain name not found",
    "mail domain mentioned is unknown", "unknown mail domain", "unknown domain", "recipient domain must",
    "could not be resolved", "nincs ilyen", "kullanici bulunamadi", "inexistente", "can't be resolved",
    "cannot be resolved", "unable to resolve", "not local; please try", "has been replaced by",
    "changed their address", "new address is", "please use the new", "doesn't accept mail", "do not accept mail",
    "not accepting mail for", "does not receive mail", "domain does not receive", "nicht gefunden", "nicht existiert",
    "nicht im domino", "nicht aufgeführt", "introuvable", "pas été trouvé", "est inconnu", "no se ha encontrado",
    "no se encontró", "no se encuentra", "desconocid", "sconosciut", "non trovat", "impossibile trovare",
    "non è stato possibile trovare", "não encontrad", "não foi encontrad", "desconhecid",
    "não foi possível encontrar", "niet gevonden", "onbekend", "hittades inte", "kunde inte hittas", "ikke fundet",
    "ikke funnet", "ei löydy", "ei löytynyt", "nieznan", "nie znaleziono", "nenalezen", "nebyla nalezena", "neznám",
    "nem található", "ismeretlen", "nu a fost găsit", "necunoscut", "δεν βρέθηκε", "неизвест", "невідом", "찾을 수 없",
    "알 수 없는 사용자", "không tìm thấy", "không tồn tại", "לא נמצא", "לא קיים", "لم يتم العثور", "غير موجود",
    "does not appear to be registered", "dns hard error", "not present in directory", "found in directory",
    "user in directory", "can't accept user", "rejected recipients", "nessun utente", "no mailbox found",
    "not a local address", "badrcptto", "validrcptto", "name is not found", "missing home directory",
    "an account by that name", "> not found", "not known to this", "not known at", "recipient not known",
    "mailbox is not known", "by that name", "account closed", "account has been closed", "account is closed",
    "account was closed", "invalid domain", "bad destination", "non-existing", "no longer here", "no longer employed",
    "left the company", "no recipients found", "inexistant", "no encontrad", "non valid", "okänd", "ukjent", "ukendt",
    "tuntematon", "bilinmeyen", "geçersiz", "알 수 없는", "nieprawidłowy adres", "address no longer", "mailbox no longer",
    "no active mailbox", "not a registered", "is not registered", "user doesn't exist", "unknown name",
    "no such alias", "no such destination"};

constexpr std::string_view waiting_words[] = {
    "will keep trying", "delivery attempts will continue", "temporary failure report", "has not yet been delivered",
    "warning message only", "will retry", "do not need to resend", "do not need to re-send", "will continue to try",
    "still trying to deliver", "will be retried", "attempts will be made", "message is delayed", "delivery incomplete",
    "not yet been able to deliver", "weiterhin versucht", "noch nicht zugestellt", "weitere zustellversuche",
    "pas encore été", "nouvelles tentatives", "todavía no se ha", "aún no se ha", "seguirá intentando",
    "non è ancora stato", "ulteriori tentativi", "ainda não foi", "nog niet bezorgd", "попытки доставки будут"};

constexpr std::string_view giving_up_words[] = {
    "given up", "giving up", "gave up", "not going to try again", "will not be retried", "no further attempts",
    "permanent error", "in the queue too long", "could not be delivered", "couldn't be delivered", "delivery failed",
    "aufgegeben", "dauerhafter fehler", "endgültig", "konnte nicht zugestellt", "erreur permanente", "n'a pas pu être",
    "error permanente", "no se ha podido entregar",
    "no se pudo entregar", "errore permanente", "non è stato consegnato",
    "erro permanente", "não pôde ser entregue", "не может быть доставлен", "не удалось доставить"};

// clang-format on

// RFC 3463 section 3.2 and 3.5, and 5.1.10 and 5.4.4 as they are used.
constexpr std::string_view hard_statuses[] = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"};

}  // namespace

bool says_that_it_goes_on(std::string_view report) {
    static const PhraseSearch waiting{waiting_words};
    return waiting.finds_one_in(lower_letters(cut_utf8(report, 4096)));
}

bool says_that_it_gave_up(std::string_view report) {
    static const PhraseSearch giving_up{giving_up_words};
    return giving_up.finds_one_in(lower_letters(cut_utf8(report, 4096))) && !says_that_it_goes_on(report);
}

bool is_hard_failure(std::string_view diagnostic, std::string_view status, bool after_data) {
    static const PhraseSearch full{full_words}, hard{hard_words}, soft{soft_words}, passing{passing_words};
    const std::string words = lower_letters(cut_utf8(diagnostic, 4096));
    if (status.starts_with("4.") || status.starts_with("2.")) return false;
    if (full.finds_one_in(words)) return false;
    // RFC 3463: the sender's address (5.1.7, 5.1.8), a mailbox that exists (5.2.0), the system (3.4), the content (3.7)
    // or a policy (3.8) is to blame. Servers that say "unknown user" with these mean to tell strangers nothing.
    for (const auto* other : {"5.1.7", "5.1.8", "5.2.0", "5.3.", "5.6.", "5.7."})
        if (status.starts_with(other)) return false;
    if (after_data) return false;
    // Mobile carriers say so of what their filters take out, without naming anybody.
    if (words.find("550 : user unknown") != std::string::npos) return false;
    // Exchange Online says so of an address that its directory does not have.
    if (status == "5.4.1" && words.find("recipient address rejected: access denied") != std::string::npos) return true;
    const bool hard_said = hard.finds_one_in(words);
    if (soft.finds_one_in(words)) {
        if (!hard_said) return false;
    } else if (hard_said) {
        return true;
    } else if (passing.finds_one_in(words)) {
        return false;
    }
    // Postfix's word for an address that its tables refuse, when no reason of another kind follows.
    const std::string_view said = trim(words);
    if (said.ends_with("recipient address rejected.") || said.ends_with("recipient address rejected")) return true;
    return std::ranges::find(hard_statuses, status) != std::end(hard_statuses);
}

}  // namespace tocsin::mail
