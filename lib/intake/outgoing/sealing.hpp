// A composed mail signed and encrypted (RFC 3156), with its header protected (RFC 9788 and the draft before it).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "openpgp/engine.hpp"

namespace tocsin::intake {

struct Sealing {
    std::vector<std::string> encrypt_to;  // fingerprints; empty: signed alone
    std::string outer_subject;            // of what is encrypted
    std::string seed;                     // from which the boundaries follow
};

// `plain` is as mail::compose made it. Signed where the engine signs. An Error that is temporary: the engine failed.
Result<std::string> seal_mail(std::string_view plain, const Sealing& sealing, openpgp::Engine& engine);

// The field that tells our own key (Autocrypt Level 1), with its line end; empty where we have none.
Result<std::string> autocrypt_header(std::string_view address, openpgp::Engine& engine);

}  // namespace tocsin::intake
