// A decision as people and programs see it (INTERFACES section 2).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "intake/decide/decision.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/examine/examination.hpp"

namespace tocsin::intake {

// The whole document of `explain --json`. The examination must have been made with its text.
nlohmann::ordered_json explain_in_public(const Examination& examination, const Decision& decision,
                                         const Organisation& organisation, bool signs);

// The same as `examination` in `show --json`: what came out of a decryption is null.
nlohmann::ordered_json examination_in_public(const Examination& examination, const Decision& decision,
                                             const Organisation& organisation, bool signs);

}  // namespace tocsin::intake
