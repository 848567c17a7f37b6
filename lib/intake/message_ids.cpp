#include "intake/message_ids.hpp"

#include <stdexcept>
#include <vector>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t nonce_bytes = 10;
constexpr std::size_t hash_bytes = 10;  // 80 bits

}  // namespace

std::string MessageIds::hash_of(std::string_view subject, std::string_view nonce) const {
    std::string covered{"message-id|"};
    covered.append(subject).append("|").append(nonce);
    const Digest digest = hmac_sha256(key_.reveal(), covered);
    return to_base32(view(digest).substr(0, hash_bytes));
}

mail::MessageId MessageIds::mint(std::string_view subject) const {
    const std::string nonce = to_base32(random_bytes(nonce_bytes));
    auto id = mail::MessageId::from(std::string{subject} + '.' + nonce + '.' + hash_of(subject, nonce) + '@' + domain_);
    if (!id) throw std::logic_error{"a Message-ID of ours is not one"};
    return *id;
}

std::optional<std::string> MessageIds::subject_of(std::string_view message_id) const {
    const std::size_t at = message_id.rfind('@');
    if (at == std::string_view::npos || !equal_ignoring_case(message_id.substr(at + 1), domain_)) return std::nullopt;
    const auto parts = split(message_id.substr(0, at), '.');
    if (parts.size() != 3 || !equal_in_constant_time(parts[2], hash_of(parts[0], parts[1]))) return std::nullopt;
    return std::string{parts[0]};
}

}  // namespace tocsin::intake
