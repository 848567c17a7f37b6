#include "intake/team/authority.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::intake {

namespace {

bool accepts_signatures(const TeamMail& ways, std::string_view protocol) {
    return protocol == "smime" ? ways.accept_smime : ways.accept_openpgp;
}

// A good signature over all that a person is shown, by the key that the roster has for its author. A mail with
// two signatures is nobody's: which of them a client shows is chance.
const SignatureVerdict* roster_signature(const Examination& examination, const Member& member, const TeamMail& ways) {
    const CryptoVerdict& crypto = examination.crypto;
    const std::string& key = crypto.protocol == "smime" ? member.smime : member.key;
    if (key.empty() || crypto.signatures.size() != 1 || !accepts_signatures(ways, crypto.protocol)) return nullptr;
    const SignatureVerdict& signature = crypto.signatures.front();
    const bool holds =
        signature.status == "good" && signature.covers == "all" && equal_ignoring_case(signature.fingerprint, key);
    return holds ? &signature : nullptr;
}

// Why a good signature is no proof; empty when it is one. It stays valid for ever and for everybody it was sent to,
// so it has to say when it was made and of what it speaks.
std::string complaint_about(const SignatureVerdict& signature, const Examination& examination, const TicketView& view,
                            Instant received) {
    constexpr Micros clocks_differ = std::chrono::hours{24};
    if (!signature.made || *signature.made < received - oldest_signature) return "its signature is older than 7 days";
    if (*signature.made > received + clocks_differ) return "its signature is from the future";
    const OpenTicket* about = view.thread ? &*view.thread : view.named ? &*view.named : nullptr;
    const auto& numbers = examination.team.numbers;
    const bool names_it = about != nullptr && std::ranges::find(numbers, about->ticket.number) != numbers.end();
    if (!names_it && !view.bears_reference)
        return "what is signed has neither the number of the ticket nor the reference of a notice in it";
    return {};
}

// What our own server says of the author's domain. A signature that does not cover the whole proves nothing of the
// rest.
bool authenticated(const Examination& examination, const Organisation& organisation) {
    const auto verdict = proof_of_sender(examination, organisation.authserv_id);
    if (!verdict || !verdict->proven() || examination.team.dkim_over_a_part) return false;
    // DMARC passes by either (RFC 7489 section 3.1); only SPF says nothing of what the signature leaves open.
    return verdict->spf == "pass" || !examination.team.dkim_without_type;
}

// Why the answer to a mail of ours is no proof; empty when it is one.
std::string complaint_about_answer(const Examination& examination, const TicketView& view, const Member& member,
                                   const Organisation& organisation, Instant received) {
    if (!view.answered) return "it answers no mail of ours";
    const Answered& answered = *view.answered;
    const auto recipient = mail::Address::from(answered.recipient);
    if (!answered.to_team || !recipient || !(*recipient == member.address))
        return "it answers a mail that did not go to " + member.address.text() + " alone";
    if (view.thread && answered.ticket != view.thread->id) return "it answers a mail about another ticket";
    if (received > answered.queued + oldest_answered_notice) return "it answers a mail that is older than 30 days";
    if (view.exposed) return "it answers a mail whose Message-ID people outside have seen";
    // Whoever is asked by name may always say yes.
    if (answered.template_name == "question") return {};
    const TeamMail& ways = organisation.team_mail;
    if (ways.accept_notice) return {};
    if (!ways.accept_authentication_results) return "only a signature is accepted";
    if (!authenticated(examination, organisation)) return "our mail server does not confirm its sender";
    return {};
}

}  // namespace

const Member* author_in_roster(const Examination& examination, const Organisation& organisation) {
    const auto author = author_of(examination.reading);
    return author ? organisation.member(author->text()) : nullptr;
}

Authority authority_of(const Examination& examination, const TicketView& view, const Organisation& organisation,
                       Instant received) {
    Authority authority;
    authority.member = author_in_roster(examination, organisation);
    if (authority.member == nullptr) return authority;
    const Member& member = *authority.member;
    if (view.granted) {
        authority.proof = Proof::Yes;
        authority.why = "confirmed by " + member.name;
        return authority;
    }
    std::string signed_but;
    if (const auto* signature = roster_signature(examination, member, organisation.team_mail)) {
        if (view.spent) {
            authority.why = "this signed text counted before";
            return authority;
        }
        signed_but = complaint_about(*signature, examination, view, received);
        if (signed_but.empty()) {
            authority.proof = Proof::Signature;
            authority.why = "signed by " + member.name;
            authority.spends = signature->signed_text;
            return authority;
        }
    }
    const std::string complaint = complaint_about_answer(examination, view, member, organisation, received);
    if (complaint.empty()) {
        authority.proof = Proof::Answer;
        authority.why = "answers a mail that went to " + member.name + " alone";
        return authority;
    }
    authority.why = signed_but.empty() ? complaint : signed_but;
    return authority;
}

bool only_looks_automatic(const Examination& examination, const TicketView& view, const Authority& authority) {
    return !view.seems_automatic.empty() && examination.team.commands.lines.empty() &&
           examination.team.commands.strays.empty() && !authority.may_destroy();
}

}  // namespace tocsin::intake
