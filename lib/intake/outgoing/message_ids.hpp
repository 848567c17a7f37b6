// Message-IDs under our domain that carry the ticket and a keyed hash: NUMBER.NONCE.HASH@DOMAIN.
//
// The hash shows that we made it; it gives nobody a right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/secret.hpp"
#include "mail/composing.hpp"

namespace tocsin::intake {

class MessageIds {
public:
    // `key` holds at least 32 bytes and stays in the state directory.
    MessageIds(Secret key, std::string domain) : key_{std::move(key)}, domain_{std::move(domain)} {}
    // Keys that were used before `key`: what they made is still understood.
    MessageIds(Secret key, std::vector<Secret> earlier, std::string domain)
        : key_{std::move(key)}, earlier_{std::move(earlier)}, domain_{std::move(domain)} {}

    // A new one each time; `subject` is a ticket's number, or "tocsin" for mail about none.
    mail::MessageId mint(std::string_view subject) const;

    // The reference in a mail to a member: a short code bound to ticket and member, "ref-k7qm2-x4n7t". Whoever signs
    // a mail that holds it has seen that mail; by itself it proves nothing.
    std::string reference_for(std::string_view number, std::string_view address_identity) const;

    // The same under every key, the newest first: what stands in mails that went out before it was made.
    std::vector<std::string> references_for(std::string_view number, std::string_view address_identity) const;

    // Of the hashes of shingles, before they are kept: under every key, those under the newest one first.
    std::vector<std::int64_t> keyed_by_all(const std::vector<std::uint64_t>& hashes) const;

    // The number inside, when the hash is ours.
    std::optional<std::string> subject_of(std::string_view message_id) const;

    // What stands for {token} in the reply address: "sec-2026-0001.k7qm2x4n7tabcdef"; and the number, in lower case,
    // of a token that is ours.
    std::string token_for(std::string_view number) const;
    std::optional<std::string> number_of_token(std::string_view token) const;

    // A digest that nobody without the key can compare with one of his own.
    Digest keyed(const Digest& digest) const;
    std::vector<Digest> keyed_by_all(const Digest& digest) const;

private:
    static std::string hash_of(const Secret& key, std::string_view use, std::string_view subject,
                               std::string_view nonce);
    bool is_hash_of(std::string_view hash, std::string_view use, std::string_view subject,
                    std::string_view nonce) const;
    Secret key_;
    std::vector<Secret> earlier_;
    std::string domain_;
};

// What looks like such a reference, anywhere in the text, in lower case; each once, at most ten.
std::vector<std::string> find_references(std::string_view text);

}  // namespace tocsin::intake
