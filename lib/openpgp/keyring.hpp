// What is known of the keys in reach, as a value: read once from gpg, then asked without starting it again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tocsin::openpgp {

struct Subkey {
    std::string fingerprint;
    bool ours = false;  // its secret half lies in our home
    bool encrypts = false;
    bool signs = false;
    bool usable = true;  // neither revoked nor disabled nor broken
    std::optional<Instant> expires{};
    bool usable_at(Instant at) const { return usable && (!expires || *expires > at); }
};

struct Key {
    std::string fingerprint;
    std::vector<std::string> addresses;  // of user ids that hold; lower case
    bool revoked = false;
    bool usable = true;
    std::optional<Instant> expires{};
    std::vector<Subkey> subkeys;  // the primary key is the first one

    bool ours() const;
    bool bears(std::string_view address) const;
    bool encrypts_at(Instant at) const;
    bool signs_at(Instant at) const;
    // When it stops being of use for reading or writing mail: the earliest of the ends that matter.
    std::optional<Instant> ends() const;
};

class Keyring {
public:
    Keyring() = default;
    explicit Keyring(std::vector<Key> keys) : keys_{std::move(keys)} {}

    const std::vector<Key>& keys() const noexcept { return keys_; }
    // By fingerprint or 16-digit key id, of the key or of a subkey, in any case; nothing for less than 16 digits.
    const Key* find(std::string_view id) const;
    // An address or a fingerprint, as an administrator names a key: the one of ours where there are several.
    const Key* named(std::string_view name) const;
    std::vector<const Key*> with_address(std::string_view address) const;
    // Whether the secret half of this (sub)key is ours.
    bool opens(std::string_view key_id) const;

private:
    std::vector<Key> keys_;
};

// Lines of words; how a Keyring crosses between processes.
std::string to_text(const Keyring& keyring);
Result<Keyring> keyring_from(std::string_view text);

}  // namespace tocsin::openpgp
