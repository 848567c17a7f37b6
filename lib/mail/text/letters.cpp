#include "mail/text/letters.hpp"

#include "base/letter_case.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
std::string lower_letters(std::string_view text) {
    if (is_ascii(text)) return lower(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) append_utf8(out, small_letter(next_code_point(text, at)));
    return out;
}

}  // namespace tocsin::mail
