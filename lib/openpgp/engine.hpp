// What opens, verifies and seals: the seam between mail and GnuPG, so that reading mail needs no GnuPG to be linked.
//
// A Result that holds an Error says that the engine failed (its agent is gone, gpg was killed): nothing is known of
// the mail, which is tried again later. What is the matter with the mail itself is a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "openpgp/keyring.hpp"

namespace tocsin::openpgp {

// Why a message was not opened (INTERFACES section 2, `crypto.error`).
enum class OpenError { NoSecretKey, NoIntegrityProtection, BadPassphrase, Damaged, Limit, Unsupported };
std::string_view to_text(OpenError error);

// What became of one signature before anybody asks who should have made it. Bad is what it is until it is proven
// to be something else.
enum class SignatureState { Bad, Valid, UnknownKey, ExpiredKey, RevokedKey, Expired, Weak };

struct Signature {
    SignatureState state = SignatureState::Bad;
    std::string fingerprint;             // of the primary key where it is known, else what the signature says
    std::vector<std::string> addresses;  // that the key bears
    std::optional<Instant> made{};       // as the signature itself says
};

// Only what was opened whole, with its integrity proven, is one of these.
struct Opened {
    std::string plaintext;
    std::vector<Signature> signatures;  // made together with the encryption
    Digest session{};                   // of the session key: the same for the same ciphertext under another wrapping
};
using Opening = tl::expected<Opened, OpenError>;

// What a signature holds in itself.
struct SignedContent {
    std::string content;
    std::vector<Signature> signatures;
};

class Engine {
public:
    virtual ~Engine() = default;
    virtual const Keyring& keyring() const = 0;
    // An Error where nothing can be asked of it now: what is to be signed or sealed waits.
    virtual Result<void> ready() const { return {}; }

    // `message` without armor. At most `most_bytes` come out, and at most 200 times as many as went in.
    virtual Result<Opening> open(std::string_view message, std::size_t most_bytes) = 0;
    // A detached signature over exactly these bytes; without armor.
    virtual Result<std::vector<Signature>> verify(std::string_view content, std::string_view signature) = 0;
    // What is signed and hidden from nobody: text with a signature below it (RFC 9580 section 7), or a signed message
    // without armor. An Error that is permanent: there is no signature in it.
    virtual Result<SignedContent> open_signed(std::string_view message, std::size_t most_bytes) = 0;
    // RFC 8551 section 3.5: a detached CMS signature, or one that holds its content.
    virtual Result<std::vector<Signature>> verify_smime(std::string_view content, std::string_view signature) = 0;
    virtual Result<SignedContent> open_smime_signed(std::string_view message, std::size_t most_bytes) = 0;

    struct MadeSignature {
        std::string armor;
        std::string micalg;  // RFC 3156 section 5: "pgp-sha256"
    };
    virtual bool signs() const = 0;
    virtual Result<MadeSignature> sign(std::string_view content) = 0;
    // Signed where a key of ours is configured, and encrypted to exactly these keys; armored. Code::Refused: one of
    // them cannot be encrypted to.
    virtual Result<std::string> seal(std::string_view content, const std::vector<std::string>& fingerprints) = 0;
    // Our own certificate, minimal, as bytes.
    virtual Result<std::string> own_certificate() = 0;

    // The keys in a certificate that somebody offers; nothing is kept of them.
    virtual Result<std::vector<Key>> look_at(std::string_view certificate) = 0;
};

// For a house without a key: opens nothing, knows no key, signs nothing.
class NoEngine : public Engine {
public:
    const Keyring& keyring() const override { return keyring_; }
    Result<Opening> open(std::string_view message, std::size_t most_bytes) override;
    Result<std::vector<Signature>> verify(std::string_view content, std::string_view signature) override;
    Result<SignedContent> open_signed(std::string_view message, std::size_t most_bytes) override;
    Result<std::vector<Signature>> verify_smime(std::string_view content, std::string_view signature) override;
    Result<SignedContent> open_smime_signed(std::string_view message, std::size_t most_bytes) override;
    bool signs() const override { return false; }
    Result<MadeSignature> sign(std::string_view content) override;
    Result<std::string> seal(std::string_view content, const std::vector<std::string>& fingerprints) override;
    Result<std::string> own_certificate() override;
    Result<std::vector<Key>> look_at(std::string_view certificate) override;

private:
    Keyring keyring_;
};

// For a house with keys that are not in reach now. Nothing is known of what it is asked about: that waits.
class AwayEngine final : public Engine {
public:
    const Keyring& keyring() const override { return keyring_; }
    Result<void> ready() const override;
    Result<Opening> open(std::string_view message, std::size_t most_bytes) override;
    Result<std::vector<Signature>> verify(std::string_view content, std::string_view signature) override;
    Result<SignedContent> open_signed(std::string_view message, std::size_t most_bytes) override;
    Result<std::vector<Signature>> verify_smime(std::string_view content, std::string_view signature) override;
    Result<SignedContent> open_smime_signed(std::string_view message, std::size_t most_bytes) override;
    bool signs() const override { return true; }
    Result<MadeSignature> sign(std::string_view content) override;
    Result<std::string> seal(std::string_view content, const std::vector<std::string>& fingerprints) override;
    Result<std::string> own_certificate() override;
    Result<std::vector<Key>> look_at(std::string_view certificate) override;

private:
    Keyring keyring_;
};

// What a message's packets say before it is opened: why it is refused without trying, if it is.
std::optional<OpenError> refused_by_packets(std::string_view message, const Keyring& keyring);

}  // namespace tocsin::openpgp
