#include "base/letter_case.hpp"

#include <locale.h>
#include <wctype.h>

#include <stdexcept>

namespace tocsin {
namespace {

locale_t letters() {
    static const locale_t known = [] {
        const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        if (locale == nullptr) throw std::runtime_error{"the locale C.UTF-8 is missing (libc-bin has it)"};
        return locale;
    }();
    return known;
}

}  // namespace

char32_t small_letter(char32_t letter) { return ::towlower_l(letter, letters()); }

char32_t folded(char32_t letter) {
    // Turkish i with a dot above, and without: each is a letter of its own.
    if (letter == 0x130 || letter == 0x131) return letter;
    return small_letter(::towupper_l(letter, letters()));
}

}  // namespace tocsin
