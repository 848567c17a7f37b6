// Keys that a mail brings along: in an Autocrypt field, as a file or in its text, or in its signature.
#pragma once

#include <string>
#include <vector>

#include "intake/examine/examination.hpp"
#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"
#include "openpgp/engine.hpp"

namespace tocsin::intake {

// Of those that can be used, the first three. `in_signatures` are certificates that stood there.
Result<std::vector<OfferedKey>> offered_keys(const mail::Message& message, const mail::Reading& outer,
                                             std::vector<std::string> in_signatures, bool outside,
                                             openpgp::Engine& engine);

}  // namespace tocsin::intake
