#include "certificates.hpp"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>

#include "base/handle.hpp"

namespace tocsin::transport::testing {
namespace {

using Key = std::unique_ptr<gnutls_x509_privkey_int, Releaser<&gnutls_x509_privkey_deinit>>;
using Crt = std::unique_ptr<gnutls_x509_crt_int, Releaser<&gnutls_x509_crt_deinit>>;

void must(int code) {
    if (code < 0) throw std::runtime_error{gnutls_strerror(code)};
}

Key make_key(bool is_short = false) {
    gnutls_x509_privkey_t key = nullptr;
    must(gnutls_x509_privkey_init(&key));
    Key owner{key};
    must(is_short
             ? gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 1024, 0)
             : gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    return owner;
}

Crt make_certificate(gnutls_x509_privkey_t key, const char* name, unsigned serial) {
    gnutls_x509_crt_t crt = nullptr;
    must(gnutls_x509_crt_init(&crt));
    Crt owner{crt};
    must(gnutls_x509_crt_set_version(crt, 3));
    must(gnutls_x509_crt_set_serial(crt, &serial, sizeof serial));
    const auto now = std::time(nullptr);
    must(gnutls_x509_crt_set_activation_time(crt, now - 3 * 86400));
    must(gnutls_x509_crt_set_expiration_time(crt, now + 86400));
    must(gnutls_x509_crt_set_key(crt, key));
    must(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                       static_cast<unsigned>(std::string{name}.size())));
    return owner;
}

struct Authority {
    Key key = make_key();
    Crt certificate;

    explicit Authority(const char* name) : certificate{make_certificate(key.get(), name, 1)} {
        must(gnutls_x509_crt_set_basic_constraints(certificate.get(), 1, -1));
        must(gnutls_x509_crt_set_key_usage(certificate.get(), GNUTLS_KEY_KEY_CERT_SIGN));
        must(gnutls_x509_crt_sign2(certificate.get(), certificate.get(), key.get(), GNUTLS_DIG_SHA256, 0));
    }
};

std::string to_pem(gnutls_x509_crt_t crt) {
    gnutls_datum_t out{};
    must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &out));
    std::string pem{reinterpret_cast<const char*>(out.data), out.size};
    gnutls_free(out.data);
    return pem;
}

std::string to_pem(gnutls_x509_privkey_t key) {
    gnutls_datum_t out{};
    must(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &out));
    std::string pem{reinterpret_cast<const char*>(out.data), out.size};
    gnutls_free(out.data);
    return pem;
}

Authority& our_authority() {
    static Authority authority{"Test authority"};
    return authority;
}

Identity make_identity(Flaw flaw) {
    static Authority stranger{"Another authority"};
    auto& issuer = flaw == Flaw::UnknownAuthority ? stranger : our_authority();
    const auto key = make_key(flaw == Flaw::ShortKey);
    const auto crt = make_certificate(key.get(), "localhost", 2 + static_cast<unsigned>(flaw));
    if (flaw != Flaw::NoSubjectAltName) {
        const std::string host = flaw == Flaw::WrongHost ? "mail.elsewhere.test" : "localhost";
        must(gnutls_x509_crt_set_subject_alt_name(crt.get(), GNUTLS_SAN_DNSNAME, host.data(),
                                                  static_cast<unsigned>(host.size()), GNUTLS_FSAN_SET));
        const unsigned char loopback[] = {127, 0, 0, 1};
        if (flaw != Flaw::WrongHost)
            must(gnutls_x509_crt_set_subject_alt_name(crt.get(), GNUTLS_SAN_IPADDRESS, loopback, sizeof loopback,
                                                      GNUTLS_FSAN_APPEND));
    }
    if (flaw == Flaw::Expired) must(gnutls_x509_crt_set_expiration_time(crt.get(), std::time(nullptr) - 86400));
    if (flaw == Flaw::NotForServers) must(gnutls_x509_crt_set_key_purpose_oid(crt.get(), GNUTLS_KP_TLS_WWW_CLIENT, 0));
    must(gnutls_x509_crt_sign2(crt.get(), issuer.certificate.get(), issuer.key.get(), GNUTLS_DIG_SHA256, 0));
    return {to_pem(crt.get()), to_pem(key.get())};
}

struct AuthorityFile {
    std::string path = "/tmp/tocsin-test-ca." + std::to_string(::getpid()) + ".pem";
    AuthorityFile() { std::ofstream{path} << to_pem(our_authority().certificate.get()); }
    ~AuthorityFile() { std::remove(path.c_str()); }
};

}  // namespace

const Identity& identity(Flaw flaw) {
    static std::map<Flaw, Identity> made;
    const auto found = made.find(flaw);
    return found != made.end() ? found->second : made.emplace(flaw, make_identity(flaw)).first->second;
}

const std::string& authority_file() {
    static const AuthorityFile file;
    return file.path;
}

}  // namespace tocsin::transport::testing
