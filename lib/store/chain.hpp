// How the history is chained, so that a change to any line of it shows.
//
// The commitment is HMAC-SHA-256 of the value under a salt of its own: it binds the words without telling them, and
// once salt and value are deleted nobody can try names against it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "cvd/event.hpp"

namespace tocsin::store {

inline constexpr std::size_t salt_length = 32;

struct ChainLink {
    std::int64_t seq = 0;
    std::int64_t ticket = 0;  // 0: none
    std::int64_t at = 0;
    Digest commitment{};
    std::string_view kind{};
};

Digest commitment_to(std::string_view salt, std::string_view value);

// The first line follows a digest of zeros.
Digest hash_after(const Digest& before, const ChainLink& link);

// An event's words as JSON, {"actor": …, "detail": {…}} with the names in order; and back. What is no such JSON
// gives nothing.
std::string value_of(const cvd::Event& event);
bool read_value(std::string_view value, cvd::Event& event);

}  // namespace tocsin::store
