#include "intake/examine/offered_keys.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "intake/examine/encrypted_shape.hpp"
#include "mail/header/unfold.hpp"
#include "openpgp/armor.hpp"
#include "openpgp/autocrypt.hpp"
#include "openpgp/packets.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t most_offers = 3;
constexpr std::size_t most_certificate_bytes = 256u << 10;

struct Certificate {
    std::string origin;
    std::string bytes;
    bool among_others = false;
    std::size_t left_out = 0;
};

void add_autocrypt(std::vector<Certificate>& found, const mail::Message& message, const mail::Reading& outer) {
    const auto author = author_of(outer);
    if (!author) return;
    std::vector<std::string> fields;
    for (const std::string_view value : message.root().fields.all("autocrypt")) fields.push_back(mail::unfold(value));
    const std::vector<std::string_view> views{fields.begin(), fields.end()};
    if (auto autocrypt = openpgp::read_autocrypt(views, author->text()))
        found.push_back({"autocrypt", std::move(autocrypt->certificate)});
}

bool may_hold_key(const mail::Entity& entity) {
    const std::string name = lower(entity.file_name);
    return entity.media_type.is("application/pgp-keys") || entity.media_type.is("application/x-pgp-keys") ||
           entity.media_type.is("application/x-pgp-key") || name.ends_with(".asc") || name.ends_with(".gpg") ||
           name.ends_with(".pub") || name.ends_with(".key") || name.ends_with(".pgp");
}

// Several keys in one file: an old and a new one, or a colleague's beside hers. Those that bear her address come first.
void add_each(std::vector<Certificate>& found, std::string_view keyring, const std::optional<mail::Address>& author) {
    std::vector<std::string> keys = openpgp::certificates_in(keyring);
    if (author)
        std::ranges::stable_partition(
            keys, [&](const std::string& one) { return openpgp::names_address(one, author->text()); });
    const std::size_t count = std::min(keys.size(), most_offers - found.size());
    for (std::size_t at = 0; at < count; ++at)
        found.push_back({"attached", std::move(keys[at]), keys.size() > 1, at + 1 == count ? keys.size() - count : 0});
}

void add_attached(std::vector<Certificate>& found, const mail::Message& message,
                  const std::optional<mail::Address>& author) {
    for (const mail::Entity& entity : message.entities) {
        if (found.size() >= most_offers) return;
        if (!entity.children.empty() || entity.body.end - entity.body.begin > most_certificate_bytes * 2) continue;
        // Some desktops know no better type for any file.
        const bool text = entity.media_type.type == "text" || entity.media_type.is("application/octet-stream");
        const bool is_named_so = may_hold_key(entity);
        if (!is_named_so && (!text || !may_hold_armor(message, entity))) continue;
        const auto body = mail::decode_body(message, entity, most_certificate_bytes * 2);
        std::string bytes;
        for (std::size_t from = 0;;) {
            auto armor = openpgp::find_armor(body.bytes, from);
            if (!armor) break;
            from = std::max(armor->end, armor->begin + 1);
            // What she quotes, somebody else has written.
            if (armor->kind != "PUBLIC KEY BLOCK" || armor->quoted) continue;
            if (bytes.size() + armor->bytes.size() > most_certificate_bytes && !bytes.empty()) break;
            bytes += armor->bytes;
        }
        if (bytes.empty() && is_named_so && openpgp::looks_like_certificate(body.bytes)) bytes = body.bytes;
        if (!bytes.empty() && bytes.size() <= most_certificate_bytes) add_each(found, bytes, author);
    }
}

}  // namespace

Result<std::vector<OfferedKey>> offered_keys(const mail::Message& message, const mail::Reading& outer,
                                             std::vector<std::string> in_signatures, bool outside,
                                             openpgp::Engine& engine) {
    std::vector<Certificate> certificates;
    if (outside) add_autocrypt(certificates, message, outer);
    const auto author = author_of(outer);
    add_attached(certificates, message, author);
    for (std::string& bytes : in_signatures) certificates.push_back({"signature", std::move(bytes)});
    std::vector<OfferedKey> offers;
    for (Certificate& certificate : certificates) {
        if (offers.size() >= most_offers) break;
        if (certificate.bytes.size() > most_certificate_bytes || !openpgp::looks_like_certificate(certificate.bytes))
            continue;
        const auto keys = engine.look_at(certificate.bytes);
        if (!keys) return tl::unexpected{keys.error()};
        // One certificate, one key: of several nobody says which one is meant.
        if (keys->size() != 1) continue;
        const openpgp::Key& key = keys->front();
        const openpgp::Key* known = engine.keyring().find(key.fingerprint);
        if (certificate.among_others && known != nullptr && known->ours()) continue;  // she has it from us
        // Whether its time is over is asked again when something is encrypted to it.
        const bool encrypts = !key.revoked && std::ranges::any_of(key.subkeys, [](const openpgp::Subkey& subkey) {
            return subkey.encrypts && subkey.usable;
        });
        std::vector<std::string> addresses = key.addresses;
        const auto is_hers = [&](const std::string& one) { return equal_ignoring_case(one, author->text()); };
        // What lay inside stays inside: who else she is nobody needs to write to her.
        if (!outside && author && std::ranges::any_of(addresses, is_hers)) {
            std::erase_if(addresses, std::not_fn(is_hers));
            certificate.bytes = openpgp::certificate_for(author->text(), certificate.bytes);
        }
        offers.push_back({key.fingerprint, std::move(addresses), certificate.origin, outside, encrypts,
                          std::move(certificate.bytes)});
        offers.back().among_others = certificate.among_others;
        offers.back().left_out = certificate.left_out;
    }
    return offers;
}

}  // namespace tocsin::intake
