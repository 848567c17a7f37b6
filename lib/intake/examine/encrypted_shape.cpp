#include "intake/examine/encrypted_shape.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "mail/text/body_text.hpp"
#include "openpgp/armor.hpp"
#include "openpgp/packets.hpp"

namespace tocsin::intake {

namespace {

bool is_pkcs7(const mail::MediaType& type) {
    return type.is("application/pkcs7-mime") || type.is("application/x-pkcs7-mime");
}

// The content type that the message itself begins with (RFC 5652 section 3): SEQUENCE, its length, the OID.
std::optional<ShapeKind> kind_of_cms(std::string_view der) {
    using namespace std::string_view_literals;
    const std::string_view head = der.substr(0, 32);
    if (!head.starts_with('\x30')) return std::nullopt;
    if (head.find("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"sv) != std::string_view::npos)
        return ShapeKind::SmimeSigned;
    if (head.find("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03"sv) != std::string_view::npos ||
        head.find("\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17"sv) != std::string_view::npos)
        return ShapeKind::SmimeEnveloped;
    return std::nullopt;
}

// RFC 8551 section 3.2.2: smime-type is optional; section 3.9: some gateways leave the name of the file alone.
std::optional<EncryptedShape> smime_shape(const mail::Message& message, const mail::Entity& entity,
                                          std::size_t most_bytes) {
    const bool typed = is_pkcs7(entity.media_type);
    if (!typed && !(entity.media_type.is("application/octet-stream") && lower(entity.file_name).ends_with(".p7m")))
        return std::nullopt;
    const auto smime_type = entity.media_type.parameter("smime-type");
    if (smime_type && equal_ignoring_case(*smime_type, "certs-only")) return std::nullopt;  // nothing is signed
    std::string bytes = mail::decode_body(message, entity, most_bytes).bytes;
    auto kind = kind_of_cms(bytes);
    if (!kind && !typed) return std::nullopt;
    if (!kind) {
        const bool is_signed = smime_type && equal_ignoring_case(*smime_type, "signed-data");
        kind = is_signed ? ShapeKind::SmimeSigned : ShapeKind::SmimeEnveloped;
    }
    return EncryptedShape{*kind, std::move(bytes)};
}

constexpr std::size_t most_markup_around_nothing = 64u << 10;
constexpr std::size_t most_words_with_armor = 8u << 20;

bool looks_encrypted(std::string_view bytes) {
    const auto counts = openpgp::count_packets(bytes);
    return !counts.damaged && counts.protected_data + counts.unprotected_data > 0 &&
           openpgp::recipients_of(counts) + counts.passphrases > 0;
}

// Or a part of what was: cut off, with packets that nobody here knows, or with others beside it.
bool is_left_of_encrypted(std::string_view bytes) {
    const auto counts = openpgp::count_packets(bytes);
    return counts.protected_data + counts.unprotected_data + openpgp::recipients_of(counts) + counts.passphrases +
               counts.newer >
           0;
}

// RFC 3156 section 4; servers that do not know the type make it a file of bytes. Desktops give the same type to every
// file that ends in .pgp, .gpg or .asc: that is no version.
bool is_pgp_version(const mail::Message& message, std::size_t at) {
    const mail::Entity& entity = message.entities[at];
    const bool typed = entity.media_type.is("application/pgp-encrypted");
    if (!typed && !entity.media_type.is("application/octet-stream")) return false;
    if (entity.body.end - entity.body.begin >= (typed ? 1000 : 100)) return false;
    const std::string bytes = mail::decode_body(message, entity, 1000).bytes;
    if (trim(bytes) == "Version: 1") return true;
    return typed && !looks_encrypted(openpgp::without_armor(bytes));
}

// Nothing that a person would see: white space, no-break spaces, marks of no width.
std::string_view trim_unseen(std::string_view text) {
    constexpr std::string_view unseen[] = {"\xC2\xA0", "\xE2\x80\x8B", "\xEF\xBB\xBF"};
    for (bool again = true; again;) {
        again = false;
        text = trim(text);
        for (const std::string_view one : unseen) {
            if (text.starts_with(one)) text.remove_prefix(one.size()), again = true;
            if (text.ends_with(one)) text.remove_suffix(one.size()), again = true;
        }
    }
    return text;
}

mail::BodyText read_words(const mail::Message& message, const mail::Entity& entity, std::size_t most_bytes) {
    mail::ParseLimits limits;
    limits.max_part_text_bytes = limits.max_html_bytes = most_bytes;
    std::vector<std::string> defects;
    return mail::body_text(message, entity, limits, defects);
}

bool is_blank_text(const mail::Message& message, std::size_t at) {
    const mail::Entity& entity = message.entities[at];
    if (entity.media_type.type != "text" || entity.body.end - entity.body.begin > most_markup_around_nothing)
        return false;
    const mail::BodyText words = read_words(message, entity, most_markup_around_nothing);
    return words.files.empty() && trim_unseen(words.text).empty();
}

// The parts of a multipart that say anything.
std::vector<std::size_t> parts_that_speak(const mail::Message& message, const mail::Entity& entity) {
    constexpr std::size_t most = 6;  // nobody mangles a mail into more
    std::vector<std::size_t> parts;
    if (entity.children.size() > most) return entity.children;
    std::ranges::copy_if(entity.children, std::back_inserter(parts),
                         [&](std::size_t at) { return !is_blank_text(message, at); });
    return parts;
}

// Cheap, since it is asked of every mail: a file beside it is never nothing.
bool may_be_one_part(const mail::Message& message, const mail::Entity& entity) {
    return std::ranges::all_of(entity.children, [&](std::size_t at) {
        const std::string& type = message.entities[at].media_type.type;
        return type == "text" || type == "multipart";
    });
}

std::string ciphertext_of(const mail::Message& message, std::size_t at, std::size_t most_bytes) {
    return openpgp::without_armor(mail::decode_body(message, message.entities[at], most_bytes).bytes);
}

// The second part is the data, unless a server put words in front, or changed their places.
std::size_t data_among(const mail::Message& message, const std::vector<std::size_t>& parts) {
    constexpr std::size_t enough = 64u << 10, most = 6;
    if (is_pgp_version(message, parts[0]) || parts.size() > most) return parts[1];
    for (const std::size_t at : parts)
        if (is_left_of_encrypted(ciphertext_of(message, at, enough))) return at;
    return parts[1];
}

// RFC 3156 section 4: the version part, then the data; what a list puts behind the two is no part of it. Exchange turns
// the multipart into a mixed one, and may put an empty text before the two.
std::optional<std::size_t> data_part(const mail::Message& message, const mail::Entity& entity) {
    if (entity.media_type.is("multipart/encrypted")) {
        if (const auto protocol = entity.media_type.parameter("protocol");
            protocol && !equal_ignoring_case(*protocol, "application/pgp-encrypted"))
            return std::nullopt;
        if (entity.children.size() < 2) return std::nullopt;
        return data_among(message, entity.children);
    }
    if (!entity.media_type.is("multipart/mixed") || entity.children.size() < 2 ||
        std::ranges::none_of(entity.children, [&](std::size_t at) { return is_pgp_version(message, at); }))
        return std::nullopt;
    const auto parts = parts_that_speak(message, entity);
    if (parts.size() != 2 || !is_pgp_version(message, parts[0])) return std::nullopt;
    return parts[1];
}

bool is_multipart(const mail::Entity& entity) {
    return entity.media_type.type == "multipart" && !entity.children.empty();
}

// A character set in which ASCII is not itself.
bool is_wide(const mail::Entity& entity) {
    const std::string charset = lower(entity.media_type.parameter("charset").value_or(""));
    return charset.starts_with("utf-16") || charset.starts_with("utf-32") || charset.starts_with("ucs-") ||
           charset.starts_with("iso-10646");
}

// The text in which armor may stand, as a person would copy it out of her mail program; empty: there is none in it.
std::string text_with_armor(const mail::Message& message, const mail::Entity& entity, std::size_t most_bytes) {
    const bool is_markup = entity.media_type.is("text/html"), wide = is_wide(entity);
    std::string text = mail::decode_body(message, entity, most_bytes).bytes;
    if (!is_markup && !wide) return text;
    // What stands between these words in markup may be anything: a new line, a tag, a space of another kind.
    if (!wide && text.find("BEGIN") == std::string::npos) return {};
    return read_words(message, entity, std::min(most_bytes, most_words_with_armor)).text;
}

// Signed, and hidden from nobody: gpg --armor --sign writes that as a message too.
bool hides_nothing(std::string_view bytes) {
    const auto counts = openpgp::count_packets(bytes);
    return !counts.damaged && counts.other > 0 && counts.protected_data + counts.unprotected_data == 0 &&
           openpgp::recipients_of(counts) + counts.passphrases == 0;
}

std::optional<EncryptedShape> inline_shape(const mail::Message& message, const mail::Entity& entity,
                                           std::size_t most_bytes) {
    if (entity.media_type.type != "text" || entity.disposition == "attachment" || !may_hold_armor(message, entity))
        return std::nullopt;
    const std::string text = text_with_armor(message, entity, most_bytes);
    auto armor = openpgp::only_armor(trim_unseen(text), "MESSAGE");
    if (!armor || hides_nothing(armor->bytes)) return std::nullopt;
    return EncryptedShape{ShapeKind::Inline, std::move(armor->bytes)};
}

// The same armor in each form, as some servers make it of a plain text.
std::optional<EncryptedShape> shape_of_alternative(const mail::Message& message, const mail::Entity& entity,
                                                   std::size_t most_bytes) {
    std::optional<EncryptedShape> shape;
    for (const std::size_t at : entity.children) {
        auto one = inline_shape(message, message.entities[at], most_bytes);
        if (!one || (shape && shape->ciphertext != one->ciphertext)) return std::nullopt;
        shape = std::move(one);
    }
    return shape;
}

bool named_like_ciphertext(std::string_view name) {
    const std::string low = lower(name);
    return low.ends_with(".asc") || low.ends_with(".pgp") || low.ends_with(".gpg");
}

}  // namespace

bool may_hold_armor(const mail::Message& message, const mail::Entity& entity) {
    // A line may be broken anywhere in both of these.
    if (entity.transfer_encoding == "base64" || entity.transfer_encoding == "quoted-printable") return true;
    if (is_wide(entity)) return true;
    return message.body_of(entity).find(entity.media_type.is("text/html") ? "BEGIN" : "BEGIN PGP ") !=
           std::string_view::npos;
}

std::optional<EncryptedShape> shape_of(const mail::Message& message, std::size_t at, std::size_t most_bytes) {
    const mail::Entity& entity = message.entities[at];
    if (const auto data = data_part(message, entity))
        return EncryptedShape{ShapeKind::PgpMime, ciphertext_of(message, *data, most_bytes)};
    if (entity.media_type.is("multipart/encrypted")) return EncryptedShape{ShapeKind::PgpMime, {}};
    if (auto smime = smime_shape(message, entity, most_bytes)) return smime;
    if (!is_multipart(entity)) return inline_shape(message, entity, most_bytes);
    if (entity.media_type.is("multipart/alternative") && entity.children.size() > 1)
        return shape_of_alternative(message, entity, most_bytes);
    // A multipart that holds nothing else.
    if (!may_be_one_part(message, entity)) return std::nullopt;
    const auto parts = parts_that_speak(message, entity);
    if (parts.size() != 1) return std::nullopt;
    const mail::Entity& only = message.entities[parts.front()];
    if (const auto data = data_part(message, only))
        return EncryptedShape{ShapeKind::PgpMime, ciphertext_of(message, *data, most_bytes)};
    if (only.media_type.is("multipart/alternative")) return shape_of_alternative(message, only, most_bytes);
    return inline_shape(message, only, most_bytes);
}

std::optional<std::string> signed_text_of(const mail::Message& message, std::size_t most_bytes) {
    const mail::Entity* entity = &message.root();
    if (is_multipart(*entity)) {
        if (!entity->media_type.is("multipart/mixed") || !may_be_one_part(message, *entity)) return std::nullopt;
        const auto parts = parts_that_speak(message, *entity);
        if (parts.size() != 1) return std::nullopt;
        entity = &message.entities[parts.front()];
    }
    if (!entity->media_type.is("text/plain") || entity->disposition == "attachment" ||
        !may_hold_armor(message, *entity))
        return std::nullopt;
    const std::string shown = text_with_armor(message, *entity, most_bytes);
    const std::string_view text = trim_unseen(shown);
    if (const auto clear = openpgp::only_clear_signed(text)) return std::string{*clear} + "\n";
    auto armor = openpgp::only_armor(text, "MESSAGE");
    if (!armor || !hides_nothing(armor->bytes)) return std::nullopt;
    return std::move(armor->bytes);
}

std::vector<std::string> signed_stretches_of(const mail::Message& message, std::size_t most, std::size_t most_bytes) {
    std::vector<std::string> found;
    for (const mail::Entity& entity : message.entities) {
        if (!entity.media_type.is("text/plain") || entity.disposition == "attachment") continue;
        if (!may_hold_armor(message, entity)) continue;
        const std::string text = text_with_armor(message, entity, most_bytes);
        std::size_t from = 0;
        while (found.size() < most) {
            const auto one = openpgp::find_clear_signed(text, from);
            if (!one) break;
            from = static_cast<std::size_t>(one->data() - text.data()) + one->size();
            found.push_back(std::string{*one} + "\n");
        }
    }
    return found;
}

std::vector<StrayCiphertext> stray_ciphertexts(const mail::Message& message, std::size_t most, std::size_t most_bytes) {
    std::vector<StrayCiphertext> found;
    const auto is_new = [&](std::string_view ciphertext) {  // each form of an alternative may hold it
        return std::ranges::find(found, ciphertext, &StrayCiphertext::ciphertext) == found.end();
    };
    for (std::size_t at = 0; at < message.entities.size() && found.size() < most; ++at) {
        const mail::Entity& entity = message.entities[at];
        if (is_multipart(entity)) {
            if (const auto data = at == 0 ? std::nullopt : data_part(message, entity))
                found.push_back(
                    {"multipart/encrypted", {}, ciphertext_of(message, *data, most_bytes), ShapeKind::PgpMime});
            continue;
        }
        const bool inside_encrypted =
            entity.parent && *entity.parent != 0 && data_part(message, message.entities[*entity.parent]).has_value();
        // What could not be read as a mail (a server has encoded it) is a file.
        const bool is_mail = entity.media_type.type == "message";
        if (inside_encrypted || (is_mail && !entity.children.empty()) || is_pgp_version(message, at)) continue;
        const std::string label = !entity.file_name.empty() ? entity.file_name : entity.media_type.full();
        if (const auto smime = smime_shape(message, entity, most_bytes)) {
            found.push_back({label, entity.file_name, smime->ciphertext, smime->kind});
            continue;
        }
        const bool text = entity.media_type.type == "text";
        if (!text && !is_mail && !named_like_ciphertext(entity.file_name) && entity.media_type.type != "application")
            continue;
        if (text && !may_hold_armor(message, entity)) continue;
        const std::string bytes = text_with_armor(message, entity, most_bytes);
        if (!text && !bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0x80) != 0) {
            if (looks_encrypted(bytes) || (named_like_ciphertext(entity.file_name) && is_left_of_encrypted(bytes)))
                found.push_back({label, entity.file_name, bytes});
            continue;
        }
        std::size_t from = 0;
        while (found.size() < most) {
            auto armor = openpgp::find_armor(bytes, from);
            if (!armor) break;
            from = std::max(armor->end, armor->begin + 1);
            if (armor->kind == "MESSAGE" && is_left_of_encrypted(armor->bytes) && is_new(armor->bytes))
                found.push_back({label, entity.file_name, std::move(armor->bytes)});
        }
    }
    return found;
}

}  // namespace tocsin::intake
