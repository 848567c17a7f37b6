// What a test says of a mail.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tocsin::rules {

enum class Answer : unsigned char { No, Yes, CouldNotTell, NotAsked };

// One for each test in the rule set, in its order; `words` holds what the matching tests hit.
struct Answers {
    struct Words {
        std::size_t test = 0;
        std::string hit;  // at most 80 bytes of the mail
    };
    std::vector<Answer> tests;
    std::vector<Words> words;
};

}  // namespace tocsin::rules
