// Keys in a home: listed, taken in, given out, made. For the processes that may write to that home.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "openpgp/keyring.hpp"

struct _gpgme_key;

namespace tocsin::crypto {

// All public keys. `keygrips` are those of the secret keys that are ours (upper-case hexadecimal digits).
Result<openpgp::Keyring> list_keys(const std::filesystem::path& home, const std::vector<std::string>& keygrips);

struct Imported {
    std::string fingerprint;
    bool is_new = false;
    bool secret = false;
};
// An Error where gpg did not take one certificate out of it.
Result<std::vector<Imported>> import_keys(const std::filesystem::path& home, std::string_view bytes);

// Public, without the signatures of others; as bytes, or armored.
Result<std::string> export_key(const std::filesystem::path& home, const std::string& fingerprint, bool armored);

// Takes the keyring of `home` in anew. gpg keeps with a key that it takes in that it checked its self-signatures
// (RFC 9580 section 5.10: a trust packet, which holds in one keyring alone); a key that was made there it checks
// whenever it meets it, which is most of what opening a mail costs. Where gpg would not take in all of it, it stays as
// it was. An Error: there may be no keyring left.
Result<void> check_once(const std::filesystem::path& home);

struct NewKey {
    std::string name;
    std::string address;
    std::string passphrase;  // empty: none
    std::chrono::seconds lasts{};
};
// Ed25519 to sign, Curve25519 to encrypt; returns the fingerprint. Starts gpg's agent in that home.
Result<std::string> make_key(const std::filesystem::path& home, const NewKey& key);

// The keys in a certificate, without taking it in.
Result<std::vector<openpgp::Key>> keys_in(const std::filesystem::path& home, std::string_view certificate);

openpgp::Key key_from(const _gpgme_key& listed, const std::vector<std::string>& keygrips);

}  // namespace tocsin::crypto
