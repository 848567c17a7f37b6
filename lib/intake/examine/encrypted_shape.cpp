#include "intake/examine/encrypted_shape.hpp"

#include "base/text.hpp"
#include "openpgp/armor.hpp"
#include "openpgp/packets.hpp"

namespace tocsin::intake {

namespace {

bool is_pkcs7(const mail::MediaType& type) {
    return type.is("application/pkcs7-mime") || type.is("application/x-pkcs7-mime");
}

bool is_pgp_version(const mail::Message& message, std::size_t at) {
    return message.entities[at].media_type.is("application/pgp-encrypted");
}

bool is_blank_text(const mail::Message& message, std::size_t at) {
    const mail::Entity& entity = message.entities[at];
    return entity.media_type.type == "text" && trim(message.body_of(entity)).empty();
}

// RFC 3156 section 4: the version part, then the data. Exchange turns the multipart into a mixed one, and may put an
// empty text before the two.
std::optional<std::size_t> data_part(const mail::Message& message, const mail::Entity& entity) {
    if (entity.media_type.is("multipart/encrypted")) {
        if (const auto protocol = entity.media_type.parameter("protocol");
            protocol && !equal_ignoring_case(*protocol, "application/pgp-encrypted"))
            return std::nullopt;
        if (entity.children.size() != 2) return std::nullopt;
        return entity.children[1];
    }
    if (!entity.media_type.is("multipart/mixed") || entity.children.size() < 2 || entity.children.size() > 3)
        return std::nullopt;
    const std::size_t count = entity.children.size();
    if (count == 3 && !is_blank_text(message, entity.children[0])) return std::nullopt;
    if (!is_pgp_version(message, entity.children[count - 2])) return std::nullopt;
    return entity.children[count - 1];
}

std::string ciphertext_of(const mail::Message& message, std::size_t at, std::size_t most_bytes) {
    return openpgp::without_armor(mail::decode_body(message, message.entities[at], most_bytes).bytes);
}

bool is_multipart(const mail::Entity& entity) {
    return entity.media_type.type == "multipart" && !entity.children.empty();
}

bool looks_encrypted(std::string_view bytes) {
    const auto counts = openpgp::count_packets(bytes);
    return !counts.damaged && counts.protected_data + counts.unprotected_data > 0 &&
           counts.recipients.size() + counts.anonymous + counts.passphrases > 0;
}

bool named_like_ciphertext(std::string_view name) {
    const std::string low = lower(name);
    return low.ends_with(".asc") || low.ends_with(".pgp") || low.ends_with(".gpg");
}

}  // namespace

bool may_hold_armor(const mail::Message& message, const mail::Entity& entity) {
    return entity.transfer_encoding == "base64" || message.body_of(entity).find("BEGIN PGP ") != std::string_view::npos;
}

std::optional<EncryptedShape> shape_of(const mail::Message& message, std::size_t at, std::size_t most_bytes) {
    const mail::Entity& entity = message.entities[at];
    if (const auto data = data_part(message, entity))
        return EncryptedShape{ShapeKind::PgpMime, ciphertext_of(message, *data, most_bytes)};
    if (entity.media_type.is("multipart/encrypted")) return EncryptedShape{ShapeKind::PgpMime, {}};
    if (is_pkcs7(entity.media_type)) {
        const auto type = entity.media_type.parameter("smime-type");
        const auto kind =
            type && equal_ignoring_case(*type, "signed-data") ? ShapeKind::SmimeSigned : ShapeKind::SmimeEnveloped;
        return EncryptedShape{kind, mail::decode_body(message, entity, most_bytes).bytes};
    }
    if (entity.media_type.type == "text" && entity.disposition != "attachment" && may_hold_armor(message, entity)) {
        const auto text = mail::decode_body(message, entity, most_bytes).bytes;
        if (text.find("-----BEGIN PGP MESSAGE-----") == std::string::npos) return std::nullopt;
        if (auto armor = openpgp::only_armor(text, "MESSAGE"))
            return EncryptedShape{ShapeKind::Inline, std::move(armor->bytes)};
    }
    // A multipart that holds nothing else.
    if (entity.media_type.type == "multipart" && entity.children.size() == 1) {
        const mail::Entity& only = message.entities[entity.children.front()];
        if (!is_multipart(only) && only.media_type.type == "text")
            return shape_of(message, entity.children.front(), most_bytes);
    }
    return std::nullopt;
}

std::vector<StrayCiphertext> stray_ciphertexts(const mail::Message& message, std::size_t most, std::size_t most_bytes) {
    std::vector<StrayCiphertext> found;
    for (std::size_t at = 0; at < message.entities.size() && found.size() < most; ++at) {
        const mail::Entity& entity = message.entities[at];
        if (is_multipart(entity)) {
            if (const auto data = at == 0 ? std::nullopt : data_part(message, entity);
                data && entity.media_type.is("multipart/encrypted"))
                found.push_back({"multipart/encrypted", {}, ciphertext_of(message, *data, most_bytes)});
            continue;
        }
        const bool inside_encrypted =
            entity.parent && message.entities[*entity.parent].media_type.is("multipart/encrypted");
        if (inside_encrypted || entity.media_type.type == "message" || is_pgp_version(message, at)) continue;
        const std::string label = !entity.file_name.empty() ? entity.file_name : entity.media_type.full();
        const bool text = entity.media_type.type == "text";
        if (!text && !named_like_ciphertext(entity.file_name) && entity.media_type.type != "application") continue;
        if (text && !may_hold_armor(message, entity)) continue;
        const std::string bytes = mail::decode_body(message, entity, most_bytes).bytes;
        if (!text && !bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0x80) != 0) {
            if (looks_encrypted(bytes)) found.push_back({label, entity.file_name, bytes});
            continue;
        }
        std::size_t from = 0;
        while (found.size() < most) {
            auto armor = openpgp::find_armor(bytes, from);
            if (!armor) break;
            from = std::max(armor->end, armor->begin + 1);
            if (armor->kind == "MESSAGE" && looks_encrypted(armor->bytes))
                found.push_back({label, entity.file_name, std::move(armor->bytes)});
        }
    }
    return found;
}

}  // namespace tocsin::intake
