// A mail as it lay inside its encryption, and what its signatures prove: worked out once, here.
//
// Shapes: PGP/MIME (RFC 3156), also as Exchange mangles it; inline armor as the whole body; S/MIME (RFC 8551). One
// layer of encryption is opened. Ciphertext anywhere else is opened apart and becomes a labelled part of the text,
// which vouches for nothing around it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "intake/decide/organisation.hpp"
#include "intake/examine/examination.hpp"
#include "mail/composing.hpp"
#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"
#include "openpgp/engine.hpp"

namespace tocsin::intake {

struct OpenedMail {
    mail::Reading outer;                 // from what everybody on the way could read
    mail::Reading reading;               // what a person is shown; the same where nothing was opened
    std::string made;                    // the mail as it would have come in the clear; empty where it came so
    std::vector<mail::Enclosure> apart;  // the files that lay in what was opened apart
    CryptoVerdict crypto;
    std::vector<OfferedKey> offers;
    std::vector<Digest> sessions;  // one for each ciphertext that was opened
    std::vector<std::string> foreign_keys;
    bool whole = false;             // it was encrypted as a whole, opened or not
    bool nothing_was_read = false;  // and was not opened, or all that lay inside is encrypted a second time
};

// An Error where the engine failed, which says nothing of the mail.
Result<OpenedMail> open_mail(const mail::Message& message, const ExaminationLimits& limits, openpgp::Engine& engine);

}  // namespace tocsin::intake
