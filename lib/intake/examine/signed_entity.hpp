// Signed entities of a mail (RFC 1847, RFC 3156 section 5, RFC 8551 section 3.5) and what their signatures prove.
#pragma once

#include <vector>

#include "intake/decide/organisation.hpp"
#include "intake/examine/examination.hpp"
#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"
#include "openpgp/engine.hpp"

namespace tocsin::intake {

// The one place where a signature becomes a verdict. Good needs a valid signature of a known key that bears the one
// address that the mail is from; `covers` is how much of what is shown stands under it, and "none" for what proves
// nothing.
SignatureVerdict verdict_on(const openpgp::Signature& signature, const mail::Reading& reading, std::string_view covers);

// A valid signature by the very certificate that the roster names for the author is good; other certificates stay
// unknown.
void vouch_for_certificates(CryptoVerdict& crypto, const mail::Reading& reading,
                            const std::vector<NamedCertificate>& named);

struct SignedEntities {
    std::vector<SignatureVerdict> signatures;
    std::string protocol;                   // of the first: "openpgp", "smime" or empty
    std::vector<std::string> certificates;  // that travelled in signatures
};

// Of every multipart/signed in the message; the root's covers all of it.
Result<SignedEntities> check_signatures(const mail::Message& message, const mail::Reading& reading,
                                        openpgp::Engine& engine);

}  // namespace tocsin::intake
