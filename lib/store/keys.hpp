// Certificates of people outside, and digests of session keys that were seen.
//
// The first key of an address is bound to it; another one is a proposal that a human accepts. The keyring that mails
// are read with is made from these. Call what writes within a Transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/id.hpp"
#include "store/database.hpp"

namespace tocsin::store {

enum class KeyState { Bound, Proposed, Retired };
std::string_view to_text(KeyState state);

struct KnownKey {
    std::string fingerprint;
    std::string address;               // its identity
    std::optional<TicketId> ticket{};  // with which it came
    std::string origin;
    KeyState state = KeyState::Bound;
    std::string certificate;
    Instant since{};
};

class Keys {
public:
    explicit Keys(Database& database) : database_{database} {}

    // A key that is known for that address keeps its state, and gets the newer certificate.
    void add(const KnownKey& key, Instant now);
    std::vector<KnownKey> all() const;  // the certificates with them
    // Changes whenever something is bound, proposed or retired.
    std::string stamp() const;
    std::vector<KnownKey> of(std::string_view address_identity) const;
    std::vector<KnownKey> with_fingerprint(std::string_view fingerprint) const;
    // The proposals of that key are bound, and what was bound to their addresses is retired. How many that were.
    std::size_t accept(std::string_view fingerprint, Instant now);
    std::size_t retire(std::string_view fingerprint, Instant now);

private:
    Database& database_;
};

struct SeenCiphertext {
    JournalId journal{0};
    std::optional<TicketId> ticket;
    std::string sender;  // the address's identity
};

// Keyed digests of session keys: the same ciphertext gives the same one, whatever is wrapped around it.
class Ciphertexts {
public:
    explicit Ciphertexts(Database& database) : database_{database} {}
    void note(const Digest& digest, const SeenCiphertext& seen, Instant now);
    std::vector<SeenCiphertext> with(const Digest& digest) const;  // oldest first

private:
    Database& database_;
};

}  // namespace tocsin::store
