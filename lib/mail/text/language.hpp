// Which language a text is in, by CLD2.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::mail {

// ISO 639-1 code of the text (valid UTF-8); empty when CLD2 is not sure.
std::string language_of(std::string_view text);

}  // namespace tocsin::mail
