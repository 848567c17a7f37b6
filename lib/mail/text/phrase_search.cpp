#include "mail/text/phrase_search.hpp"

#include <algorithm>
#include <cstddef>

namespace tocsin::mail {
namespace {

std::uint16_t first_two_bytes(std::string_view text) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(text[0]) << 8 | static_cast<unsigned char>(text[1]));
}

}  // namespace

PhraseSearch::PhraseSearch(std::span<const std::string_view> phrases) {
    for (const auto phrase : phrases) {
        pairs_.set(first_two_bytes(phrase));
        by_pair_[first_two_bytes(phrase)].push_back(phrase);
    }
}

bool PhraseSearch::finds_one_in(std::string_view text) const {
    for (; text.size() >= 2; text.remove_prefix(1)) {
        const auto pair = first_two_bytes(text);
        if (!pairs_.test(pair)) continue;
        const auto& phrases = by_pair_.find(pair)->second;
        if (std::ranges::any_of(phrases, [&](auto phrase) { return text.starts_with(phrase); })) return true;
    }
    return false;
}

}  // namespace tocsin::mail
