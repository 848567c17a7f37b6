// A policy in plain words, as a company could put them on its page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/policies/policy.hpp"

namespace tocsin::rules {

// Whose policy it is.
struct PolicyOwner {
    std::string organisation;
    std::string address;
};

struct PolicyWords {
    struct Section {
        std::string title;  // may be empty
        std::string words;  // before the points
        std::vector<std::string> points;
    };
    std::string title;
    std::vector<Section> sections;

    std::string to_text() const;  // Markdown
};

// In English or German ("de", "de-AT"); promises and questions in that language, or else in `fallback`.
PolicyWords in_plain_words(const Policy& policy, const PolicyOwner& owner, std::string_view language,
                           std::string_view fallback);

// "3 business days", "3 Arbeitstage"
std::string span_in_words(const sla::Span& span, std::string_view language);

}  // namespace tocsin::rules
