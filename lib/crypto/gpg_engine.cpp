#include "crypto/gpg_engine.hpp"

#include <gpgme.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"
#include "crypto/gpg.hpp"
#include "crypto/keys.hpp"
#include "crypto/smime.hpp"
#include "openpgp/packets.hpp"

namespace tocsin::crypto {

namespace {

using openpgp::OpenError;
using openpgp::Signature;
using openpgp::SignatureState;

constexpr std::size_t most_ratio = 200;                 // plaintext to ciphertext
constexpr std::size_t always_allowed_bytes = 1u << 20;  // where the ratio says nothing yet
constexpr std::size_t most_signature_bytes = 64u << 10;
constexpr Micros clocks_differ = std::chrono::hours{24};

SignatureState state_of(gpgme_signature_t signature) {
    if ((signature->summary & GPGME_SIGSUM_KEY_REVOKED) != 0) return SignatureState::RevokedKey;
    switch (gpgme_err_code(signature->status)) {
        case GPG_ERR_NO_ERROR:
            break;
        case GPG_ERR_SIG_EXPIRED:
            return SignatureState::Expired;
        case GPG_ERR_KEY_EXPIRED:
            return SignatureState::ExpiredKey;
        case GPG_ERR_CERT_REVOKED:
            return SignatureState::RevokedKey;
        case GPG_ERR_NO_PUBKEY:
        case GPG_ERR_UNSUPPORTED_ALGORITHM:  // nobody here can tell, for or against
            return SignatureState::UnknownKey;
        case GPG_ERR_DIGEST_ALGO:
            return SignatureState::Weak;
        default:
            return SignatureState::Bad;
    }
    if (openpgp::is_weak_hash(static_cast<int>(signature->hash_algo))) return SignatureState::Weak;
    return SignatureState::Valid;
}

// The return code of a verification says nothing of validity: each signature is looked at for itself.
std::vector<Signature> signatures_of(gpgme_context* context, const openpgp::Keyring& keyring) {
    std::vector<Signature> signatures;
    const auto* result = gpgme_op_verify_result(context);
    if (result == nullptr) return signatures;
    for (gpgme_signature_t one = result->signatures; one != nullptr; one = one->next) {
        Signature signature;
        signature.state = state_of(one);
        if (one->fpr != nullptr) signature.fingerprint = one->fpr;
        if (one->timestamp > 0) signature.made = from_micros(static_cast<std::int64_t>(one->timestamp) * 1'000'000);
        // For gpg it is good; nothing proves when it was really made, or that it was not made for later.
        if (signature.state == SignatureState::Valid && signature.made &&
            *signature.made > SystemClock{}.now() + clocks_differ)
            signature.state = SignatureState::Bad;
        const openpgp::Key* key = keyring.find(signature.fingerprint);
        if (key != nullptr) {
            signature.fingerprint = key->fingerprint;
            signature.addresses = key->addresses;
        } else if (signature.state != SignatureState::Bad && signature.state != SignatureState::Weak) {
            signature.state = SignatureState::UnknownKey;  // nothing is known of who could have made it
        }
        signatures.push_back(std::move(signature));
    }
    return signatures;
}

bool says_passphrase(gpgme_error_t error) {
    switch (gpgme_err_code(error)) {
        case GPG_ERR_BAD_PASSPHRASE:
        case GPG_ERR_NO_PASSPHRASE:
        case GPG_ERR_NO_PIN_ENTRY:
        case GPG_ERR_BAD_PIN:
        case GPG_ERR_CANCELED:
            return true;
        default:
            return false;
    }
}

bool wants_a_passphrase(gpgme_context* context, gpgme_error_t error) {
    if (says_passphrase(error)) return true;
    const auto* result = gpgme_op_decrypt_result(context);
    if (result == nullptr) return false;
    for (gpgme_recipient_t one = result->recipients; one != nullptr; one = one->next)
        if (says_passphrase(one->status)) return true;
    return false;
}

// Answers that a missing agent, a killed gpg and a deleted key give as well.
bool may_be_ours(gpgme_error_t error) {
    switch (gpgme_err_code(error)) {
        case GPG_ERR_NO_SECKEY:
        case GPG_ERR_UNUSABLE_SECKEY:
        case GPG_ERR_NO_AGENT:
        case GPG_ERR_AGENT:
        case GPG_ERR_NO_DATA:
        case GPG_ERR_EOF:
        case GPG_ERR_GENERAL:
            return true;
        default:
            return false;
    }
}

std::size_t recipients_in(const _gpgme_op_decrypt_result* result) {
    std::size_t count = 0;
    for (gpgme_recipient_t one = result->recipients; one != nullptr; one = one->next) ++count;
    return count;
}

tl::unexpected<Error> out_of_order(std::string what) {
    return temporary(Code::System, "OpenPGP is out of order: " + std::move(what));
}

}  // namespace

Result<void> GpgEngine::works() {
    if (own_.empty()) return {};
    const auto made = sign("proof\r\n");
    if (!made) return tl::unexpected{made.error()};
    return {};
}

Result<openpgp::Opening> GpgEngine::open(std::string_view message, std::size_t most_bytes) {
    if (const auto refused = openpgp::refused_by_packets(message, keyring_))
        return openpgp::Opening{tl::unexpected{*refused}};
    const Context context = open_context(home_);
    gpgme_set_ctx_flag(context.get(), "export-session-key", "1");
    const Buffer cipher = reading_from(message);
    Sink plain{std::min(most_bytes, std::max(always_allowed_bytes, message.size() * most_ratio))};
    const auto error = gpgme_op_decrypt_verify(context.get(), cipher.get(), plain.handle());
    if (plain.overflowed()) return openpgp::Opening{tl::unexpected{OpenError::Limit}};
    const auto* result = gpgme_op_decrypt_result(context.get());
    // Bytes reach the sink before anybody knows whether they hold (EFAIL): nothing of them is used after an error.
    if (!error && result != nullptr && result->legacy_cipher_nomdc == 0 && result->unsupported_algorithm == nullptr) {
        // One layer: the session key that gpg tells of would be that of a message inside, and not its own.
        if (recipients_in(result) > openpgp::recipients_of(openpgp::count_packets(message)))
            return openpgp::Opening{tl::unexpected{OpenError::Unsupported}};
        openpgp::Opened opened;
        opened.plaintext = plain.take();
        opened.signatures = signatures_of(context.get(), keyring_);
        if (result->session_key != nullptr) opened.session = sha256(result->session_key);
        return openpgp::Opening{std::move(opened)};
    }
    if (result != nullptr && result->legacy_cipher_nomdc != 0)
        return openpgp::Opening{tl::unexpected{OpenError::NoIntegrityProtection}};
    if (result != nullptr && result->unsupported_algorithm != nullptr)
        return openpgp::Opening{tl::unexpected{OpenError::Unsupported}};
    if (wants_a_passphrase(context.get(), error)) return openpgp::Opening{tl::unexpected{OpenError::BadPassphrase}};
    const bool no_key = gpgme_err_code(error) == GPG_ERR_NO_SECKEY;
    if (may_be_ours(error)) {
        if (const auto proof = works(); !proof) return tl::unexpected{proof.error()};
        const auto counts = openpgp::count_packets(message);
        // A key that lay in our home when it was read, and opens nothing now, is gone.
        if (no_key && std::ranges::any_of(counts.recipients, [&](const std::string& id) { return keyring_.opens(id); }))
            return out_of_order("a secret key is missing");
    }
    if (no_key) return openpgp::Opening{tl::unexpected{OpenError::NoSecretKey}};
    const bool is_newer = openpgp::count_packets(message).newer > 0;  // of which it says what it says of damage
    return openpgp::Opening{tl::unexpected{is_newer ? OpenError::Unsupported : OpenError::Damaged}};
}

Result<std::vector<Signature>> GpgEngine::verify(std::string_view content, std::string_view signature) {
    auto packets = openpgp::signature_packets(signature);
    if (packets.empty()) return std::vector<Signature>{Signature{}};  // there is none where one should be
    std::vector<Signature> newer;                                     // which nobody here can tell, for or against
    for (const openpgp::SignaturePacket& one : packets)
        if (one.version > openpgp::newest_signature_version)
            newer.push_back({SignatureState::UnknownKey, one.issuer, {}, {}});
    if (newer.size() == packets.size()) return newer;
    std::erase_if(packets, [](const auto& one) { return one.version > openpgp::newest_signature_version; });
    const std::string readable = openpgp::signatures_for_gpg(signature);
    const Context context = open_context(home_);
    const Buffer signed_bytes = reading_from(content);
    const Buffer proof = reading_from(readable);
    (void)gpgme_op_verify(context.get(), proof.get(), signed_bytes.get(), nullptr);
    auto signatures = signatures_of(context.get(), keyring_);
    // A gpg that was killed says "success" and shows no signature.
    if (signatures.empty()) {
        if (const auto alive = works(); !alive) return tl::unexpected{alive.error()};
        signatures.emplace_back();
    }
    for (Signature& one : signatures)
        if (one.state == SignatureState::Bad && one.fingerprint.empty()) one.fingerprint = packets.front().issuer;
    // gpg stops listing at the first that does not hold: the rest is not proven either.
    for (std::size_t i = signatures.size(); i < packets.size(); ++i)
        signatures.push_back({SignatureState::Bad, packets[i].issuer, {}, {}});
    signatures.insert(signatures.end(), newer.begin(), newer.end());
    return signatures;
}

Result<openpgp::SignedContent> GpgEngine::open_signed(std::string_view message, std::size_t most_bytes) {
    const Context context = open_context(home_);
    const Buffer source = reading_from(message);
    Sink plain{std::min(most_bytes, std::max(always_allowed_bytes, message.size() * most_ratio))};
    (void)gpgme_op_verify(context.get(), source.get(), nullptr, plain.handle());
    if (plain.overflowed()) return permanent(Code::Limit, "a signed message: its content is too large");
    openpgp::SignedContent found{plain.take(), signatures_of(context.get(), keyring_)};
    if (!found.signatures.empty()) return found;
    if (const auto alive = works(); !alive) return tl::unexpected{alive.error()};
    return permanent(Code::BadInput, "a signed message: there is no signature in it");
}

Result<std::vector<Signature>> GpgEngine::verify_smime(std::string_view content, std::string_view signature) {
    return check_smime(content, signature);
}

Result<openpgp::SignedContent> GpgEngine::open_smime_signed(std::string_view message, std::size_t most_bytes) {
    return open_smime(message, most_bytes);
}

Result<openpgp::Engine::MadeSignature> GpgEngine::sign(std::string_view content) {
    const Context context = open_context(home_);
    gpgme_set_armor(context.get(), 1);
    const Buffer source = reading_from(content);
    Sink sink{most_signature_bytes};
    const auto error = gpgme_op_sign(context.get(), source.get(), sink.handle(), GPGME_SIG_MODE_DETACH);
    const auto* result = gpgme_op_sign_result(context.get());
    if (error || result == nullptr || result->signatures == nullptr)
        return out_of_order("no signature: " + in_words(error));
    const char* hash = gpgme_hash_algo_name(result->signatures->hash_algo);
    return MadeSignature{sink.take(), "pgp-" + lower(hash == nullptr ? "sha256" : hash)};
}

Result<std::string> GpgEngine::seal(std::string_view content, const std::vector<std::string>& fingerprints) {
    std::string recipients = "--\n";
    for (const std::string& fingerprint : fingerprints) recipients += fingerprint + "\n";
    const Context context = open_context(home_);
    gpgme_set_armor(context.get(), 1);
    const Buffer source = reading_from(content);
    Sink sink{content.size() * 2 + (1u << 20)};
    constexpr auto flags = static_cast<gpgme_encrypt_flags_t>(GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO |
                                                              GPGME_ENCRYPT_NO_COMPRESS);
    const auto error =
        own_.empty()
            ? gpgme_op_encrypt_ext(context.get(), nullptr, recipients.c_str(), flags, source.get(), sink.handle())
            : gpgme_op_encrypt_sign_ext(context.get(), nullptr, recipients.c_str(), flags, source.get(), sink.handle());
    if (error) {
        if (const auto alive = works(); !alive) return tl::unexpected{alive.error()};
        return permanent(Code::Refused, "a key cannot be encrypted to: " + in_words(error));
    }
    std::string sealed = sink.take();
    if (sealed.empty()) return out_of_order("gpg encrypted nothing");
    return sealed;
}

Result<std::string> GpgEngine::own_certificate() {
    auto kept = read_file(home_ / "own.pgp");  // which saves a run of gpg
    return kept ? std::move(kept) : export_key(home_, own_, false);
}

Result<std::vector<openpgp::Key>> GpgEngine::look_at(std::string_view certificate) {
    return keys_in(home_, certificate);
}

}  // namespace tocsin::crypto
