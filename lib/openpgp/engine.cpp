#include "openpgp/engine.hpp"

#include <algorithm>

#include "openpgp/armor.hpp"
#include "openpgp/packets.hpp"

namespace tocsin::openpgp {

namespace {

constexpr std::size_t most_recipients = 32;
// Each costs one try with every secret key of ours.
constexpr std::size_t most_anonymous = 8;

tl::unexpected<Error> no_key() { return permanent(Code::Configuration, "no key is configured"); }
tl::unexpected<Error> away() { return temporary(Code::System, "OpenPGP is out of order: its keys are not in reach"); }

}  // namespace

std::string_view to_text(OpenError error) {
    switch (error) {
        case OpenError::NoSecretKey:
            return "no-secret-key";
        case OpenError::NoIntegrityProtection:
            return "no-integrity-protection";
        case OpenError::BadPassphrase:
            return "bad-passphrase";
        case OpenError::Damaged:
            return "damaged";
        case OpenError::Limit:
            return "limit";
        case OpenError::Unsupported:
            return "unsupported";
    }
    return "damaged";
}

std::optional<OpenError> refused_by_packets(std::string_view message, const Keyring& keyring) {
    const PacketCounts counts = count_packets(message);
    if (recipients_of(counts) > most_recipients || counts.anonymous > most_anonymous) return OpenError::Limit;
    // One encrypted packet after its session keys and nothing else: no literal beside it, no second message.
    if (counts.damaged || counts.other > 0 || counts.protected_data + counts.unprotected_data != 1)
        return OpenError::Damaged;
    if (counts.unprotected_data > 0) return OpenError::NoIntegrityProtection;
    // A passphrase alone, or keys that are named in a way that nobody here reads.
    if (counts.recipients.empty() && counts.anonymous == 0) return OpenError::Unsupported;
    if (counts.anonymous == 0 &&
        std::ranges::none_of(counts.recipients, [&](const std::string& id) { return keyring.opens(id); }))
        return counts.nameless > 0 ? OpenError::Unsupported : OpenError::NoSecretKey;
    if (counts.newer_data > 0) return OpenError::Unsupported;  // gpg would call it damaged
    return std::nullopt;
}

Result<Opening> NoEngine::open(std::string_view, std::size_t) {
    return Opening{tl::unexpected{OpenError::Unsupported}};
}

Result<std::vector<Signature>> NoEngine::verify(std::string_view, std::string_view signature) {
    std::vector<Signature> signatures;
    for (const SignaturePacket& packet : signature_packets(signature))
        signatures.push_back({SignatureState::UnknownKey, packet.issuer, {}, {}});
    return signatures;
}

// Whoever signs below her text has written it for everybody to read.
Result<SignedContent> NoEngine::open_signed(std::string_view message, std::size_t most_bytes) {
    auto text = clear_signed_text(message);
    if (!text || text->size() > most_bytes) return no_key();
    SignedContent found{std::move(*text), {}};
    const auto armor = find_armor(message.substr(message.rfind("-----BEGIN PGP SIGNATURE")));
    for (const SignaturePacket& packet : signature_packets(armor ? armor->bytes : std::string{}))
        found.signatures.push_back({SignatureState::UnknownKey, packet.issuer, {}, {}});
    return found;
}

Result<std::vector<Signature>> NoEngine::verify_smime(std::string_view, std::string_view) {
    return std::vector<Signature>{Signature{SignatureState::UnknownKey, {}, {}, {}}};
}

Result<SignedContent> NoEngine::open_smime_signed(std::string_view, std::size_t) { return no_key(); }
Result<Engine::MadeSignature> NoEngine::sign(std::string_view) { return no_key(); }
Result<std::string> NoEngine::seal(std::string_view, const std::vector<std::string>&) { return no_key(); }
Result<std::string> NoEngine::own_certificate() { return no_key(); }
Result<std::vector<Key>> NoEngine::look_at(std::string_view) { return std::vector<Key>{}; }

Result<void> AwayEngine::ready() const { return away(); }
Result<Opening> AwayEngine::open(std::string_view, std::size_t) { return away(); }
Result<std::vector<Signature>> AwayEngine::verify(std::string_view, std::string_view) { return away(); }
Result<SignedContent> AwayEngine::open_signed(std::string_view, std::size_t) { return away(); }
Result<std::vector<Signature>> AwayEngine::verify_smime(std::string_view, std::string_view) { return away(); }
Result<SignedContent> AwayEngine::open_smime_signed(std::string_view, std::size_t) { return away(); }
Result<Engine::MadeSignature> AwayEngine::sign(std::string_view) { return away(); }
Result<std::string> AwayEngine::seal(std::string_view, const std::vector<std::string>&) { return away(); }
Result<std::string> AwayEngine::own_certificate() { return away(); }
Result<std::vector<Key>> AwayEngine::look_at(std::string_view) { return away(); }

}  // namespace tocsin::openpgp
