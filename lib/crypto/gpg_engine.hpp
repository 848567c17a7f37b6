// The Engine that asks GnuPG, through GPGME (notes on its traps stand where they are obeyed).
//
// `home` holds gpg.conf, the public keyring and the way to the agent, and no secret. Belongs to one thread.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "openpgp/engine.hpp"

namespace tocsin::crypto {

class GpgEngine final : public openpgp::Engine {
public:
    // `own` is the fingerprint that signs; empty: nothing is signed.
    GpgEngine(std::filesystem::path home, openpgp::Keyring keyring, std::string own)
        : home_{std::move(home)}, keyring_{std::move(keyring)}, own_{std::move(own)} {}

    const openpgp::Keyring& keyring() const override { return keyring_; }
    Result<openpgp::Opening> open(std::string_view message, std::size_t most_bytes) override;
    Result<std::vector<openpgp::Signature>> verify(std::string_view content, std::string_view signature) override;
    Result<openpgp::SignedContent> open_signed(std::string_view message, std::size_t most_bytes) override;
    Result<std::vector<openpgp::Signature>> verify_smime(std::string_view content, std::string_view signature) override;
    Result<openpgp::SignedContent> open_smime_signed(std::string_view message, std::size_t most_bytes) override;
    bool signs() const override { return !own_.empty(); }
    Result<MadeSignature> sign(std::string_view content) override;
    Result<std::string> seal(std::string_view content, const std::vector<std::string>& fingerprints) override;
    Result<std::string> own_certificate() override;
    Result<std::vector<openpgp::Key>> look_at(std::string_view certificate) override;

private:
    // Proof that gpg, its agent and our key are all there, where a mail's failing may be theirs.
    Result<void> works();

    std::filesystem::path home_;
    openpgp::Keyring keyring_;
    std::string own_;
};

}  // namespace tocsin::crypto
