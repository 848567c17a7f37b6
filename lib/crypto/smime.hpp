// S/MIME signatures (RFC 8551, RFC 5652). Checked in memory by GnuTLS: gpgsm writes every certificate that it meets
// into a file before it looks at a signature, and a mail's process writes none.
#pragma once

#include <string_view>
#include <vector>

#include "openpgp/engine.hpp"

namespace tocsin::crypto {

// A detached signature over exactly these bytes. Nobody's certificate is known, so the best is UnknownKey.
std::vector<openpgp::Signature> check_smime(std::string_view content, std::string_view signature);

// A signature that holds its content; an Error where there is none in it.
Result<openpgp::SignedContent> open_smime(std::string_view message, std::size_t most_bytes);

}  // namespace tocsin::crypto
