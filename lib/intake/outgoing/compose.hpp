// From a recipe to final bytes. Runs in `tocsin-examine`, since a notice shows what strangers wrote.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/outgoing/recipe.hpp"
#include "openpgp/engine.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::intake {

// `mail` is the mail that a notice shows. Signed where there is a key; what shows an encrypted mail goes out encrypted,
// or without the words of that mail. An Error that is temporary: the engine failed, and later it may do.
Result<std::string> compose(const Recipe& recipe, std::optional<std::string_view> mail, const rules::RuleSet& rule_set,
                            const ExaminationLimits& limits, openpgp::Engine& engine);
// In a house without keys: the same recipe and mail give the same bytes.
Result<std::string> compose(const Recipe& recipe, std::optional<std::string_view> mail, const rules::RuleSet& rule_set,
                            const ExaminationLimits& limits);

// Subject and text of it, as somebody reads it who may read all of it.
Result<std::string> text_of_mail(const Recipe& recipe, std::optional<std::string_view> mail,
                                 const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                                 openpgp::Engine& engine);

}  // namespace tocsin::intake
