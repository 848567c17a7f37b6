// SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and random bytes, from GnuTLS.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tocsin {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);

// For bytes that come in pieces; each object hashes one message.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(std::string_view bytes);
    Digest finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// The key holds at least 16 bytes; a shorter one is a bug and throws.
Digest hmac_sha256(std::string_view key, std::string_view bytes);

// Compares without telling by its duration where two differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

std::string random_bytes(std::size_t count);

inline std::string_view view(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace tocsin
