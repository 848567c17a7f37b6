// What a mail says for a field, as texts; and glob words for `in`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/conditions/facts.hpp"
#include "rules/conditions/field.hpp"

namespace tocsin::rules {

// Views of the facts, or of `text`, which is subject and body joined.
std::vector<std::string_view> values_of(Field field, std::string_view name, const MailFacts& facts,
                                        std::string_view text);

// Whether the value is one of the words: the same without regard to ASCII case, or fitting one with a '*' in it, as in
// "*@cert.example". The words are in lower case.
bool is_in(std::string_view value, const std::vector<std::string>& words);

}  // namespace tocsin::rules
