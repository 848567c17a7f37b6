#include "crypto/smime.hpp"

#include <gnutls/gnutls.h>
#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/encoding.hpp"
#include "base/text.hpp"

namespace tocsin::crypto {

namespace {

using openpgp::Signature;
using openpgp::SignatureState;

constexpr int most_signers = 8;
constexpr int most_certificates = 16;

struct MessageReleaser {
    void operator()(gnutls_pkcs7_int* message) const noexcept { gnutls_pkcs7_deinit(message); }
};
using SignedMessage = std::unique_ptr<gnutls_pkcs7_int, MessageReleaser>;

struct CertificateReleaser {
    void operator()(gnutls_x509_crt_int* certificate) const noexcept { gnutls_x509_crt_deinit(certificate); }
};
using Certificate = std::unique_ptr<gnutls_x509_crt_int, CertificateReleaser>;

std::string_view view_of(const gnutls_datum_t& bytes) {
    return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

// What GnuTLS gave out, and wants back.
struct Datum {
    Datum() = default;
    Datum(const Datum&) = delete;
    Datum& operator=(const Datum&) = delete;
    ~Datum() { gnutls_free(held.data); }
    std::string_view view() const { return view_of(held); }
    gnutls_datum_t held{nullptr, 0};
};

struct SignerInfo {
    SignerInfo() = default;
    SignerInfo(const SignerInfo&) = delete;
    SignerInfo& operator=(const SignerInfo&) = delete;
    ~SignerInfo() { gnutls_pkcs7_signature_info_deinit(&held); }
    gnutls_pkcs7_signature_info_st held{};
};

gnutls_datum_t lent(std::string_view bytes) {
    return {reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data())), static_cast<unsigned>(bytes.size())};
}

SignedMessage read_message(std::string_view der) {
    gnutls_pkcs7_t raw = nullptr;
    if (gnutls_pkcs7_init(&raw) < 0) throw std::bad_alloc{};
    SignedMessage message{raw};
    const gnutls_datum_t bytes = lent(der);
    if (gnutls_pkcs7_import(raw, &bytes, GNUTLS_X509_FMT_DER) < 0) message.reset();
    return message;
}

std::vector<Certificate> certificates_in(gnutls_pkcs7_int* message) {
    std::vector<Certificate> certificates;
    const int count = std::min(gnutls_pkcs7_get_crt_count(message), most_certificates);
    for (int at = 0; at < count; ++at) {
        Datum der;
        gnutls_x509_crt_t raw = nullptr;
        if (gnutls_pkcs7_get_crt_raw2(message, static_cast<unsigned>(at), &der.held) < 0) continue;
        if (gnutls_x509_crt_init(&raw) < 0) throw std::bad_alloc{};
        Certificate certificate{raw};
        if (gnutls_x509_crt_import(raw, &der.held, GNUTLS_X509_FMT_DER) >= 0)
            certificates.push_back(std::move(certificate));
    }
    return certificates;
}

std::string fingerprint_of(gnutls_x509_crt_int* certificate) {
    std::array<char, 32> bytes{};
    std::size_t size = bytes.size();
    if (gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256, bytes.data(), &size) < 0) return {};
    std::string text = to_hex(std::string_view{bytes.data(), size});
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

bool has_ended(gnutls_x509_crt_int* certificate) {
    const auto now = to_micros(SystemClock{}.now()) / 1'000'000;
    return gnutls_x509_crt_get_expiration_time(certificate) < now ||
           gnutls_x509_crt_get_activation_time(certificate) > now;
}

bool is_weak(gnutls_sign_algorithm_t algorithm) {
    const auto hash = gnutls_sign_get_hash_algorithm(algorithm);
    return hash == GNUTLS_DIG_MD2 || hash == GNUTLS_DIG_MD5 || hash == GNUTLS_DIG_SHA1 || hash == GNUTLS_DIG_RMD160;
}

// RFC 5652 section 5.3: issuer and serial number, or the key's identifier.
bool is_named(gnutls_x509_crt_int* certificate, const gnutls_pkcs7_signature_info_st& about) {
    std::array<char, 64> bytes{};
    std::size_t size = bytes.size();
    if (about.issuer_keyid.size > 0)
        return gnutls_x509_crt_get_subject_key_id(certificate, bytes.data(), &size, nullptr) >= 0 &&
               view_of(about.issuer_keyid) == std::string_view{bytes.data(), size};
    Datum issuer;
    return gnutls_x509_crt_get_raw_issuer_dn(certificate, &issuer.held) >= 0 &&
           gnutls_x509_crt_get_serial(certificate, bytes.data(), &size) >= 0 &&
           view_of(about.issuer_dn) == issuer.view() &&
           view_of(about.signer_serial) == std::string_view{bytes.data(), size};
}

// GnuTLS 3.7 reads no parameters of RSASSA-PSS: of what it does not find good it cannot say that it is bad.
bool is_beyond_us(gnutls_sign_algorithm_t algorithm) {
    const char* oid = gnutls_sign_get_oid(algorithm);
    return oid != nullptr && std::string_view{oid} == "1.2.840.113549.1.1.10";
}

// By whichever of the certificates that came along it holds. None: it is bad, or nobody can tell.
Signature check_one(gnutls_pkcs7_int* message, unsigned number, const gnutls_datum_t* content,
                    const std::vector<Certificate>& certificates) {
    Signature signature;
    SignerInfo signer;
    if (gnutls_pkcs7_get_signature_info(message, number, &signer.held) < 0) return signature;
    if (signer.held.signing_time > 0)
        signature.made = from_micros(static_cast<std::int64_t>(signer.held.signing_time) * 1'000'000);
    const auto came_along = [&](const Certificate& one) { return is_named(one.get(), signer.held); };
    if (is_beyond_us(signer.held.algo) || std::ranges::none_of(certificates, came_along))
        signature.state = SignatureState::UnknownKey;
    // A weak one is to be told apart from one that does not hold.
    constexpr unsigned flags = GNUTLS_VERIFY_ALLOW_BROKEN;
    for (const Certificate& certificate : certificates) {
        if (gnutls_pkcs7_verify_direct(message, certificate.get(), number, content, flags) < 0) continue;
        signature.state = is_weak(signer.held.algo)      ? SignatureState::Weak
                          : has_ended(certificate.get()) ? SignatureState::ExpiredKey
                                                         : SignatureState::UnknownKey;
        signature.fingerprint = fingerprint_of(certificate.get());
        break;
    }
    return signature;
}

std::vector<Signature> check_all(gnutls_pkcs7_int* message, const gnutls_datum_t* content) {
    std::vector<Signature> signatures;
    const auto certificates = certificates_in(message);
    const int count = std::min(gnutls_pkcs7_get_signature_count(message), most_signers);
    for (int at = 0; at < count; ++at)
        signatures.push_back(check_one(message, static_cast<unsigned>(at), content, certificates));
    return signatures;
}

}  // namespace

std::vector<Signature> check_smime(std::string_view content, std::string_view signature) {
    const SignedMessage message = read_message(signature);
    std::vector<Signature> signatures;
    const gnutls_datum_t bytes = lent(content);
    if (message) signatures = check_all(message.get(), &bytes);
    if (signatures.empty()) signatures.emplace_back();  // there is none where one should be
    return signatures;
}

Result<openpgp::SignedContent> open_smime(std::string_view bytes, std::size_t most_bytes) {
    const SignedMessage message = read_message(bytes);
    if (!message) return permanent(Code::BadInput, "S/MIME: it cannot be read");
    openpgp::SignedContent found;
    Datum content;
    if (gnutls_pkcs7_get_embedded_data(message.get(), 0, &content.held) < 0)
        return permanent(Code::BadInput, "S/MIME: there is no content in it");
    if (content.view().size() > most_bytes) return permanent(Code::Limit, "S/MIME: its content is too large");
    found.signatures = check_all(message.get(), nullptr);
    if (found.signatures.empty()) return permanent(Code::BadInput, "S/MIME: there is no signature in it");
    found.content = content.view();
    return found;
}

Result<std::vector<Signature>> SmimeEngine::verify_smime(std::string_view content, std::string_view signature) {
    return check_smime(content, signature);
}

Result<openpgp::SignedContent> SmimeEngine::open_smime_signed(std::string_view message, std::size_t most_bytes) {
    return open_smime(message, most_bytes);
}

}  // namespace tocsin::crypto
