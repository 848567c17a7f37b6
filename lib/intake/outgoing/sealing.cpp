#include "intake/outgoing/sealing.hpp"

#include <array>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "mail/structure/entity.hpp"
#include "openpgp/autocrypt.hpp"

namespace tocsin::intake {

namespace {

// A mail of ours in two: what the servers read, and the entity that is signed or hidden.
struct Halves {
    std::vector<mail::Field> outer;
    std::vector<mail::Field> content;  // Content-Type and the like
    std::string_view body;
};

Halves halves_of(const mail::Message& message) {
    Halves halves;
    for (const mail::Field& field : message.root().fields.fields()) {
        if (equal_ignoring_case(field.name, "mime-version")) continue;
        (starts_ignoring_case(field.name, "content-t") ? halves.content : halves.outer).push_back(field);
    }
    halves.body = message.body_of(message.root());
    return halves;
}

void write_line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(trim(value)).append("\r\n");
}

// RFC 9788 section 2.2: every field that is not about the structure of the message.
bool is_protected(std::string_view name) {
    static constexpr std::array<std::string_view, 9> inside{
        "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "reply-to", "content-language"};
    for (const std::string_view one : inside)
        if (equal_ignoring_case(name, one)) return true;
    return false;
}

// The entity with the header inside it: RFC 9788 section 4 says so with "hp", older clients know "protected-headers".
std::string entity_with_header(const Halves& halves, bool encrypted, std::string_view outer_subject) {
    std::string entity;
    for (const mail::Field& field : halves.content) {
        std::string value{trim(field.value)};
        if (equal_ignoring_case(field.name, "content-type"))
            value.append(";\r\n protected-headers=\"v1\"; hp=\"").append(encrypted ? "cipher" : "clear").append("\"");
        write_line(entity, field.name, value);
    }
    for (const mail::Field& field : halves.outer)
        if (is_protected(field.name)) write_line(entity, field.name, field.value);
    if (encrypted)  // section 2.2.1: what everybody on the way sees of each of them
        for (const mail::Field& field : halves.outer) {
            if (!is_protected(field.name) || equal_ignoring_case(field.name, "content-language")) continue;
            const bool subject = equal_ignoring_case(field.name, "subject");
            write_line(entity, "HP-Outer",
                       std::string{field.name} + ": " + std::string{subject ? outer_subject : trim(field.value)});
        }
    entity.append("\r\n").append(halves.body);
    return entity;
}

void write_outer_header(std::string& out, const Halves& halves, const std::string* subject) {
    for (const mail::Field& field : halves.outer) {
        if (subject != nullptr && equal_ignoring_case(field.name, "content-language")) continue;
        if (subject != nullptr && equal_ignoring_case(field.name, "subject"))
            write_line(out, "Subject", *subject);
        else
            write_line(out, field.name, field.value);
    }
    out.append("MIME-Version: 1.0\r\n");
}

std::string with_crlf_lines(std::string_view armor) {
    std::string out;
    for (const char c : armor) {
        if (c == '\r') continue;
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

std::string boundary_from(const std::string& seed, std::string_view purpose) {
    return "=_" + to_hex(view(sha256(seed + std::string{purpose}))).substr(0, 32);
}

Result<std::string> encrypted_mail(const Halves& halves, const Sealing& sealing, openpgp::Engine& engine) {
    const auto armor = engine.seal(entity_with_header(halves, true, sealing.outer_subject), sealing.encrypt_to);
    if (!armor) return tl::unexpected{armor.error()};
    const std::string boundary = boundary_from(sealing.seed, "encrypted");
    std::string out;
    write_outer_header(out, halves, &sealing.outer_subject);
    // RFC 3156 section 4.
    out.append("Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n boundary=\"" + boundary +
               "\"\r\n\r\n");
    out.append("--" + boundary + "\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n");
    out.append("--" + boundary +
               "\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
               "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n");
    return out.append(with_crlf_lines(*armor)).append("\r\n--" + boundary + "--\r\n");
}

Result<std::string> signed_mail(const Halves& halves, const Sealing& sealing, openpgp::Engine& engine) {
    const std::string entity = entity_with_header(halves, false, {});
    const auto signature = engine.sign(entity);
    if (!signature) return tl::unexpected{signature.error()};
    const std::string boundary = boundary_from(sealing.seed, "signed");
    std::string out;
    write_outer_header(out, halves, nullptr);
    // RFC 3156 section 5.
    out.append("Content-Type: multipart/signed; micalg=" + signature->micalg +
               "; protocol=\"application/pgp-signature\";\r\n boundary=\"" + boundary + "\"\r\n\r\n");
    out.append("--" + boundary + "\r\n").append(entity).append("\r\n--" + boundary + "\r\n");
    out.append(
        "Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n"
        "Content-Description: OpenPGP digital signature\r\n\r\n");
    return out.append(with_crlf_lines(signature->armor)).append("\r\n--" + boundary + "--\r\n");
}

}  // namespace

Result<std::string> seal_mail(std::string_view plain, const Sealing& sealing, openpgp::Engine& engine) {
    if (sealing.encrypt_to.empty() && !engine.signs()) return std::string{plain};
    const mail::Message message = mail::parse(plain);
    const Halves halves = halves_of(message);
    return sealing.encrypt_to.empty() ? signed_mail(halves, sealing, engine) : encrypted_mail(halves, sealing, engine);
}

Result<std::string> autocrypt_header(std::string_view address, openpgp::Engine& engine) {
    if (!engine.signs()) return std::string{};
    const auto certificate = engine.own_certificate();
    if (!certificate) return tl::unexpected{certificate.error()};
    return "Autocrypt: " + openpgp::autocrypt_field(address, *certificate) + "\r\n";
}

}  // namespace tocsin::intake
