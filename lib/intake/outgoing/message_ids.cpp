#include "intake/outgoing/message_ids.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/keyed_hash.hpp"
#include "base/text.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t nonce_bytes = 10;
constexpr std::size_t hash_bytes = 10;  // 80 bits
constexpr std::string_view reference_prefix = "ref-";
constexpr std::size_t reference_half = 5;  // symbols of base 32: 50 bits in all
constexpr std::size_t most_references_found = 10;

bool is_base32_symbol(char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); }

bool is_word_symbol(char c) { return is_letter(c) || is_digit(c) || c == '-'; }

// "k7qm2-x4n7t" at the beginning of the text, and nothing that goes on.
bool begins_with_reference(std::string_view text) {
    constexpr std::size_t length = 2 * reference_half + 1;
    if (text.size() < length || (text.size() > length && is_word_symbol(text[length]))) return false;
    for (std::size_t i = 0; i < length; ++i)
        if (i == reference_half ? text[i] != '-' : !is_base32_symbol(text[i])) return false;
    return true;
}

std::string reference_with(const Secret& key, std::string_view number, std::string_view address_identity) {
    std::string covered{"reference|"};
    covered.append(number).append("|").append(address_identity);
    const Digest digest = hmac_sha256(key.reveal(), covered);
    const std::string symbols = to_base32(view(digest).substr(0, hash_bytes));
    return std::string{reference_prefix} + symbols.substr(0, reference_half) + '-' +
           symbols.substr(reference_half, reference_half);
}

std::int64_t keyed_with(KeyedHash& key, std::uint64_t hash) {
    std::string covered{"shingle|"};
    for (int shift = 56; shift >= 0; shift -= 8)
        covered += static_cast<char>(hash >> static_cast<unsigned>(shift) & 0xffU);
    const Digest digest = key.of(covered);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8U | digest[i];
    return static_cast<std::int64_t>(value);
}

Digest keyed_with(const Secret& key, const Digest& digest) {
    return hmac_sha256(key.reveal(), "session key " + std::string{view(digest)});
}

}  // namespace

std::string MessageIds::hash_of(const Secret& key, std::string_view use, std::string_view subject,
                                std::string_view nonce) {
    std::string covered{use};
    covered.append("|").append(subject).append("|").append(nonce);
    const Digest digest = hmac_sha256(key.reveal(), covered);
    return to_base32(view(digest).substr(0, hash_bytes));
}

bool MessageIds::is_hash_of(std::string_view hash, std::string_view use, std::string_view subject,
                            std::string_view nonce) const {
    bool is_ours = equal_in_constant_time(hash, hash_of(key_, use, subject, nonce));
    for (const Secret& key : earlier_)
        is_ours = equal_in_constant_time(hash, hash_of(key, use, subject, nonce)) || is_ours;
    return is_ours;
}

std::string MessageIds::token_for(std::string_view number) const {
    const std::string low = lower(number);
    return low + '.' + lower(hash_of(key_, "reply", low, ""));
}

std::optional<std::string> MessageIds::number_of_token(std::string_view token) const {
    const std::string low = lower(token);
    const std::size_t point = low.rfind('.');
    if (point == std::string::npos) return std::nullopt;
    const std::string number = low.substr(0, point);
    std::string hash = low.substr(point + 1);
    // Servers fold the case of a local part: the hash is compared in one case.
    const auto is_made_with = [&](const Secret& key) {
        return equal_in_constant_time(hash, lower(hash_of(key, "reply", number, "")));
    };
    bool is_ours = is_made_with(key_);
    for (const Secret& key : earlier_) is_ours = is_made_with(key) || is_ours;
    return is_ours ? std::optional{number} : std::nullopt;
}

mail::MessageId MessageIds::mint(std::string_view subject) const {
    const std::string nonce = to_base32(random_bytes(nonce_bytes));
    auto id = mail::MessageId::from(std::string{subject} + '.' + nonce + '.' +
                                    hash_of(key_, "message-id", subject, nonce) + '@' + domain_);
    if (!id) throw std::logic_error{"a Message-ID of ours is not one"};
    return *id;
}

std::string MessageIds::reference_for(std::string_view number, std::string_view address_identity) const {
    return reference_with(key_, number, address_identity);
}

std::vector<std::string> MessageIds::references_for(std::string_view number, std::string_view address_identity) const {
    std::vector<std::string> references{reference_for(number, address_identity)};
    for (const Secret& key : earlier_) references.push_back(reference_with(key, number, address_identity));
    return references;
}

std::vector<std::int64_t> MessageIds::keyed_by_all(const std::vector<std::uint64_t>& hashes) const {
    std::vector<std::int64_t> all;
    const auto add = [&](const Secret& secret) {
        KeyedHash key{secret.reveal()};
        for (const std::uint64_t hash : hashes) all.push_back(keyed_with(key, hash));
    };
    add(key_);
    for (const Secret& key : earlier_) add(key);
    return all;
}

std::optional<std::string> MessageIds::subject_of(std::string_view message_id) const {
    const std::size_t at = message_id.rfind('@');
    if (at == std::string_view::npos || !equal_ignoring_case(message_id.substr(at + 1), domain_)) return std::nullopt;
    const auto parts = split(message_id.substr(0, at), '.');
    if (parts.size() != 3 || !is_hash_of(parts[2], "message-id", parts[0], parts[1])) return std::nullopt;
    return std::string{parts[0]};
}

std::vector<std::string> find_references(std::string_view text) {
    const std::string searched = lower(text);
    std::vector<std::string> found;
    for (std::size_t at = searched.find(reference_prefix);
         at != std::string::npos && found.size() < most_references_found;
         at = searched.find(reference_prefix, at + 1)) {
        if (at > 0 && is_word_symbol(searched[at - 1])) continue;
        const std::string_view rest = std::string_view{searched}.substr(at + reference_prefix.size());
        if (!begins_with_reference(rest)) continue;
        std::string reference = searched.substr(at, reference_prefix.size() + 2 * reference_half + 1);
        if (std::ranges::find(found, reference) == found.end()) found.push_back(std::move(reference));
    }
    return found;
}

Digest MessageIds::keyed(const Digest& digest) const { return keyed_with(key_, digest); }

std::vector<Digest> MessageIds::keyed_by_all(const Digest& digest) const {
    std::vector<Digest> all{keyed(digest)};
    for (const Secret& key : earlier_) all.push_back(keyed_with(key, digest));
    return all;
}

}  // namespace tocsin::intake
