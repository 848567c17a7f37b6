#include "base/digest.hpp"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <stdexcept>

namespace tocsin {

namespace {

constexpr std::size_t shortest_key = 16;

void require(int code, const char* step) {
    if (code < 0) throw std::runtime_error{std::string{step} + ": " + gnutls_strerror(code)};
}

}  // namespace

Digest sha256(std::string_view bytes) {
    Digest digest{};
    require(gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes.data(), bytes.size(), digest.data()), "SHA-256");
    return digest;
}

struct Sha256::State {
    gnutls_hash_hd_t handle = nullptr;
    State() { require(gnutls_hash_init(&handle, GNUTLS_DIG_SHA256), "SHA-256"); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { gnutls_hash_deinit(handle, nullptr); }
};

Sha256::Sha256() : state_{std::make_unique<State>()} {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
    require(gnutls_hash(state_->handle, bytes.data(), bytes.size()), "SHA-256");
}

Digest Sha256::finish() {
    Digest digest{};
    gnutls_hash_output(state_->handle, digest.data());
    return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
    if (key.size() < shortest_key) throw std::logic_error{"HMAC key too short"};  // GnuTLS takes an empty one
    Digest digest{};
    require(gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.data(), key.size(), bytes.data(), bytes.size(), digest.data()),
            "HMAC");
    return digest;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && gnutls_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    require(gnutls_rnd(GNUTLS_RND_KEY, bytes.data(), bytes.size()), "random bytes");
    return bytes;
}

}  // namespace tocsin
