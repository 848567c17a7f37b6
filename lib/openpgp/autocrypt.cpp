#include "openpgp/autocrypt.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "mail/structure/transfer_encoding.hpp"

namespace tocsin::openpgp {

namespace {

constexpr std::size_t most_field_bytes = 32u << 10;

std::optional<Autocrypt> read_field(std::string_view field) {
    if (field.size() > most_field_bytes) return std::nullopt;
    Autocrypt found;
    for (std::string_view attribute : split(field, ';')) {
        attribute = trim(attribute);
        if (attribute.empty()) continue;
        const std::size_t equals = attribute.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const std::string name = lower(trim(attribute.substr(0, equals)));
        const std::string_view value = trim(attribute.substr(equals + 1));
        if (name == "addr")
            found.address = lower(value);
        else if (name == "keydata")
            found.certificate = mail::decode_base64(value);
        else if (name != "prefer-encrypt" && !name.starts_with("_"))
            return std::nullopt;
    }
    if (found.address.empty() || found.certificate.empty()) return std::nullopt;
    return found;
}

}  // namespace

std::optional<Autocrypt> read_autocrypt(const std::vector<std::string_view>& fields, std::string_view author) {
    std::optional<Autocrypt> only;
    for (const std::string_view field : fields) {
        auto found = read_field(field);
        if (!found || found->address != lower(author)) continue;
        if (only) return std::nullopt;
        only = std::move(found);
    }
    return only;
}

std::string autocrypt_field(std::string_view address, std::string_view certificate) {
    std::string value = "addr=" + std::string{address} + "; prefer-encrypt=mutual; keydata=";
    const std::string base64 = to_base64(certificate);
    for (std::size_t at = 0; at < base64.size(); at += 76) value.append("\r\n ").append(base64, at, 76);
    return value;
}

}  // namespace tocsin::openpgp
