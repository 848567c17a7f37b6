// S/MIME signatures (RFC 8551, RFC 5652). Checked in memory by GnuTLS: gpgsm writes every certificate that it meets
// into a file before it looks at a signature, and a mail's process writes none (docs/decisions/0032).
#pragma once

#include <string_view>
#include <vector>

#include "openpgp/engine.hpp"

namespace tocsin::crypto {

// A detached signature over exactly these bytes. No authority is believed, so the best is UnknownKey; its fingerprint
// is the SHA-256 of the certificate, which a roster may name.
std::vector<openpgp::Signature> check_smime(std::string_view content, std::string_view signature);

// A signature that holds its content; an Error where there is none in it.
Result<openpgp::SignedContent> open_smime(std::string_view message, std::size_t most_bytes);

// For a house without an OpenPGP key: what is signed by S/MIME is checked all the same.
class SmimeEngine final : public openpgp::NoEngine {
public:
    Result<std::vector<openpgp::Signature>> verify_smime(std::string_view content, std::string_view signature) override;
    Result<openpgp::SignedContent> open_smime_signed(std::string_view message, std::size_t most_bytes) override;
};

}  // namespace tocsin::crypto
