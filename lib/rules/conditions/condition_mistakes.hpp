// What is wrong with a word of a condition, in words that say what is accepted: fields, values, patterns.
//
// Each gives nothing where all is well.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/conditions/condition.hpp"
#include "rules/conditions/field.hpp"

namespace tocsin::rules {

// An unknown field: what other programs call it, the nearest name, or all of them.
std::string unknown_field(std::string_view name, const std::vector<std::string_view>& known, bool of_attachment);
std::string unknown_list(std::string_view name, const Vocabulary& vocabulary);

// That no mail has this value: an error, since the values are few and known.
std::optional<std::string> no_value_of(const FieldKind& field, std::string_view metric, std::string_view text,
                                       std::string_view name, const Vocabulary& vocabulary);
// That a value of this form is never found: a warning, since it may be a form of tomorrow.
std::optional<std::string> never_a_value_of(Field field, std::string_view text, std::string_view name);

// A pattern that RE2 refuses is told as an error, and false given; what may cost too much or never hold as a warning.
// Offsets are into the pattern, after `at`.
bool tell_of_pattern(std::string_view pattern, bool ignore_case, std::size_t at, const MistakeSink& mistake);

}  // namespace tocsin::rules
