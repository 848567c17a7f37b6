// HMAC-SHA-256 (RFC 2104) of many short texts under one key, which is set up once and wiped at the end.
//
// The same values as hmac_sha256, of which each sets up and wipes anew. For one thread.
#pragma once

#include <memory>
#include <string_view>

#include "base/digest.hpp"

namespace tocsin {

class KeyedHash {
public:
    explicit KeyedHash(std::string_view key);  // 16 bytes or more
    KeyedHash(KeyedHash&&) noexcept;
    KeyedHash& operator=(KeyedHash&&) noexcept;
    ~KeyedHash();
    Digest of(std::string_view bytes);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tocsin
