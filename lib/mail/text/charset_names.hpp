// What iconv calls a character set that a mail names.
#pragma once

#include <string_view>

namespace tocsin::mail {

struct CharsetName {
    std::string_view label;  // lower case, without blanks and quotes
    const char* converter;   // a name for iconv_open
};

// Empty when the label is unknown. Windows sets stand in for the ISO sets that they extend, as browsers do
// (Encoding Standard, "Names and labels"): mail programs have mislabelled them for decades.
const char* converter_for(std::string_view label);

const CharsetName* charset_names_begin() noexcept;
const CharsetName* charset_names_end() noexcept;

}  // namespace tocsin::mail
