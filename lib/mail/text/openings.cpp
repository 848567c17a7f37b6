#include "mail/text/openings.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/text/letters.hpp"

namespace tocsin::mail {
namespace {

bool begins_in_ascii(std::string_view text) { return text.size() >= 2 && ((text[0] | text[1]) & 0x80) == 0; }

std::size_t pair_of(std::string_view text) {
    return static_cast<std::size_t>(ascii_lower(text[0])) * 128 + static_cast<std::size_t>(ascii_lower(text[1]));
}

}  // namespace

Openings::Openings(std::span<const std::string_view> phrases) {
    for (const auto phrase : phrases) {
        by_first_byte_[static_cast<unsigned char>(phrase.front())].push_back(phrase);
        if (begins_in_ascii(phrase)) pairs_.set(pair_of(phrase));
        longest_ = std::max(longest_, phrase.size());
    }
}

// Most lines are told apart by their first two bytes, without being copied.
bool Openings::none_begins_like(std::string_view line) const {
    return line.size() < 2 || (begins_in_ascii(line) && !pairs_.test(pair_of(line)));
}

bool Openings::begin(std::string_view line) const {
    if (none_begins_like(line)) return false;
    const auto small = lower_letters(cut_utf8(line, 2 * longest_));  // a capital may be twice as long
    return std::ranges::any_of(by_first_byte_[static_cast<unsigned char>(small.front())],
                               [&](auto phrase) { return small.starts_with(phrase); });
}

}  // namespace tocsin::mail
