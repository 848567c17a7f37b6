// The names of months in Date fields that programs wrote in the language of their user.
#pragma once

#include <optional>
#include <string_view>

namespace tocsin::mail {

struct NamedMonth {
    unsigned month = 0;
    bool may_be_a_day = false;  // "mar" is a Tuesday in French, Italian, Spanish and Romanian as well
};

// The month that the word is, whole or shortened, in any case; none when it is no name of one.
std::optional<NamedMonth> named_month(std::string_view word);

}  // namespace tocsin::mail
