// A day as people write it in a sentence, in English, German, French and Spanish.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace tocsin::mail {

struct NamedDay {
    int year = 0;  // 0: none was named
    unsigned month = 0;
    unsigned day = 0;
    bool back = false;  // of an absence: the day on which she is back, not the last one on which she is away
    friend bool operator==(const NamedDay&, const NamedDay&) = default;
};

// At a word of a text in lower case: "1 December 2026", "1. Dezember", "December 1st, 2026", "1 de diciembre de 2026",
// "2026-12-01", "1.12.2026". What could be day or month ("1/2/2026") is read as the day first.
std::optional<NamedDay> day_at(const std::vector<std::string_view>& words, std::size_t at);

// The word without the punctuation and brackets around it.
std::string_view without_marks(std::string_view word);

}  // namespace tocsin::mail
