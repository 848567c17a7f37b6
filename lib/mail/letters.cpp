#include "mail/letters.hpp"

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/charset.hpp"

namespace tocsin::mail {
namespace {

char32_t small_letter(char32_t c) {
    if (c < 0x80) return static_cast<unsigned char>(ascii_lower(static_cast<char>(c)));
    if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 0x20;
    if (c == 0x130) return U'i';
    if (c == 0x178) return 0xFF;
    // Latin Extended-A has capitals and small letters in turns.
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c + (c & 1);
    if (c == 0x386) return 0x3AC;
    if (c >= 0x388 && c <= 0x38A) return c + 0x25;
    if (c >= 0x391 && c <= 0x3A9) return c + 0x20;
    if (c >= 0x400 && c <= 0x40F) return c + 0x50;
    if (c >= 0x410 && c <= 0x42F) return c + 0x20;
    return c;
}

}  // namespace

std::string lower_letters(std::string_view text) {
    if (is_ascii(text)) return lower(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) append_utf8(out, small_letter(next_code_point(text, at)));
    return out;
}

}  // namespace tocsin::mail
