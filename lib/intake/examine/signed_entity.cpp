#include "intake/examine/signed_entity.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "openpgp/armor.hpp"
#include "openpgp/packets.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t most_signed_entities = 4;
constexpr std::size_t most_proof_bytes = 256u << 10;

std::string_view status_of(openpgp::SignatureState state, bool bears_author) {
    switch (state) {
        case openpgp::SignatureState::Valid:
            return bears_author ? "good" : "good-other";
        case openpgp::SignatureState::UnknownKey:
            return "unknown-key";
        case openpgp::SignatureState::ExpiredKey:
            return "expired-key";
        case openpgp::SignatureState::RevokedKey:
            return "revoked-key";
        case openpgp::SignatureState::Expired:
            return "expired";
        case openpgp::SignatureState::Weak:
            return "weak";
        case openpgp::SignatureState::Bad:
            return "bad";
    }
    return "bad";
}

// RFC 3156 section 5: a signature is over text with CRLF line ends, whatever the mail went through.
std::string canonical(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\n' && (at == 0 || text[at - 1] != '\r')) result += '\r';
        result += text[at];
    }
    return result;
}

bool is_smime(const mail::MediaType& type) {
    return type.is("application/pkcs7-signature") || type.is("application/x-pkcs7-signature");
}

}  // namespace

SignatureVerdict verdict_on(const openpgp::Signature& signature, const mail::Reading& reading,
                            std::string_view covers) {
    const auto author = author_of(reading);
    const bool doubled = std::ranges::find(reading.defects, "duplicate-from") != reading.defects.end();
    const bool bears = author && !doubled && std::ranges::any_of(signature.addresses, [&](const std::string& one) {
                           const auto address = mail::Address::from(one);
                           return address && *address == *author;
                       });
    SignatureVerdict verdict;
    verdict.status = status_of(signature.state, bears);
    verdict.fingerprint = signature.fingerprint;
    verdict.address = bears                         ? author->text()
                      : signature.addresses.empty() ? std::string{}
                                                    : signature.addresses.front();
    const bool proves_nothing =
        signature.state == openpgp::SignatureState::Bad || signature.state == openpgp::SignatureState::UnknownKey;
    verdict.covers = proves_nothing ? "none" : covers;
    verdict.reaches = covers;
    verdict.made = signature.made;
    return verdict;
}

void vouch_for_certificates(CryptoVerdict& crypto, const mail::Reading& reading,
                            const std::vector<NamedCertificate>& named) {
    const auto author = author_of(reading);
    const bool doubled = std::ranges::find(reading.defects, "duplicate-from") != reading.defects.end();
    if (crypto.protocol != "smime" || !author || doubled) return;
    for (SignatureVerdict& signature : crypto.signatures) {
        const bool is_hers = std::ranges::any_of(named, [&](const NamedCertificate& one) {
            const auto address = mail::Address::from(one.address);
            return address && *address == *author && equal_ignoring_case(one.fingerprint, signature.fingerprint);
        });
        if (!is_hers || signature.status != "unknown-key") continue;
        signature.status = "good";
        signature.address = author->text();
        signature.covers = signature.reaches;
        if (!crypto.encrypted && crypto.covers != "all") crypto.covers = signature.covers;
    }
}

Result<SignedEntities> check_signatures(const mail::Message& message, const mail::Reading& reading,
                                        openpgp::Engine& engine) {
    SignedEntities found;
    std::size_t looked_at = 0;
    for (std::size_t at = 0; at < message.entities.size() && looked_at < most_signed_entities; ++at) {
        const mail::Entity& entity = message.entities[at];
        if (!entity.media_type.is("multipart/signed") || entity.children.size() < 2) continue;
        ++looked_at;
        const mail::Entity& content = message.entities[entity.children[0]];
        const mail::Entity& proof = message.entities[entity.children[1]];
        const bool smime = is_smime(proof.media_type);
        if (!smime && !proof.media_type.is("application/pgp-signature")) continue;
        // Exactly the bytes of the first part, its header with it (RFC 1847 section 2.1).
        const std::string text = canonical(mail::Span{content.header.begin, content.body.end}.of(message.bytes));
        const std::string signature = mail::decode_body(message, proof, most_proof_bytes).bytes;
        const std::string bare = smime ? signature : openpgp::without_armor(signature);
        const auto checked = smime ? engine.verify_smime(text, bare) : engine.verify(text, bare);
        if (!checked) return tl::unexpected{checked.error()};
        if (found.protocol.empty()) found.protocol = smime ? "smime" : "openpgp";
        const bool all = at == 0 && entity.children.size() == 2;
        const std::string digest = to_hex(view(sha256(text)));
        for (const openpgp::Signature& one : *checked) {
            SignatureVerdict verdict = verdict_on(one, reading, all ? "all" : "part");
            verdict.signed_text = digest;
            if (smime) verdict.covers = "none";  // before somebody names its certificate: anybody can make one
            found.signatures.push_back(std::move(verdict));
        }
        if (smime) continue;
        for (const auto& packet : openpgp::signature_packets(bare))
            if (!packet.certificate.empty()) found.certificates.push_back(packet.certificate);
    }
    return found;
}

}  // namespace tocsin::intake
