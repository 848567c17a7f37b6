// Letters of all scripts without regard to case, as the C library knows them in the locale C.UTF-8, whatever locale the
// program runs in. Reads a file of the system at the first use, and throws std::runtime_error where that is missing.
#pragma once

namespace tocsin {

// Stays as it is where it has no small letter.
char32_t small_letter(char32_t letter);

// One for all letters that differ in case alone (Unicode's CaseFolding.txt, status C and S): those that a pattern of RE2
// takes for each other.
char32_t folded(char32_t letter);

}  // namespace tocsin
