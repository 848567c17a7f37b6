// Encoded words in header fields (RFC 2047), and header text that comes as raw 8-bit (RFC 6532, or undeclared).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::mail {

// Decodes every encoded word of one unfolded field value, up to `most`; the rest stays as it is written.
// White space between adjacent words goes; words that share a character set are joined before it is converted,
// since mail programs split words inside characters (against section 5 rule 3).
std::string decode_encoded_words(std::string_view unfolded, std::size_t most, std::vector<std::string>& defects);

}  // namespace tocsin::mail
