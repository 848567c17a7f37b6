#include "base/keyed_hash.hpp"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <stdexcept>
#include <string>

namespace tocsin {

namespace {

constexpr std::size_t shortest_hash_key = 16;

void require_hashed(int code) {
    if (code < 0) throw std::runtime_error{std::string{"HMAC: "} + gnutls_strerror(code)};
}

}  // namespace

struct KeyedHash::State {
    gnutls_hmac_hd_t handle = nullptr;
    explicit State(std::string_view key) {
        require_hashed(gnutls_hmac_init(&handle, GNUTLS_MAC_SHA256, key.data(), key.size()));
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { gnutls_hmac_deinit(handle, nullptr); }
};

KeyedHash::KeyedHash(std::string_view key) {
    if (key.size() < shortest_hash_key) throw std::logic_error{"HMAC key too short"};
    state_ = std::make_unique<State>(key);
}
KeyedHash::~KeyedHash() = default;
KeyedHash::KeyedHash(KeyedHash&&) noexcept = default;
KeyedHash& KeyedHash::operator=(KeyedHash&&) noexcept = default;

Digest KeyedHash::of(std::string_view bytes) {
    Digest digest{};
    require_hashed(gnutls_hmac(state_->handle, bytes.data(), bytes.size()));
    gnutls_hmac_output(state_->handle, digest.data());  // and begins anew under the same key
    return digest;
}

}  // namespace tocsin
