#include "crypto/keys.hpp"

#include <gpgme.h>

#include <algorithm>

#include "base/text.hpp"
#include "crypto/gpg.hpp"
#include "mail/header/address.hpp"
#include "openpgp/armor.hpp"
#include "openpgp/packets.hpp"

namespace tocsin::crypto {

namespace {

constexpr std::size_t most_certificate_bytes = 4u << 20;
constexpr std::size_t most_keyring_bytes = 64u << 20;

std::string text_of(const char* text) { return text == nullptr ? std::string{} : std::string{text}; }

std::optional<Instant> expiry_of(long seconds) {
    if (seconds <= 0) return std::nullopt;
    return from_micros(static_cast<std::int64_t>(seconds) * 1'000'000);
}

bool address_is_usable(const gpgme_user_id_t uid) {
    return uid->revoked == 0 && uid->invalid == 0 && uid->address != nullptr &&
           mail::Address::from(uid->address).has_value();
}

tl::unexpected<Error> key_failure(const char* what, gpgme_error_t error) {
    return temporary(Code::System, std::string{what} + ": " + in_words(error));
}

struct PassphraseGiver {
    std::string passphrase;
    static gpgme_error_t give(void* self, const char*, const char*, int, int fd) {
        const std::string line = static_cast<PassphraseGiver*>(self)->passphrase + "\n";
        return gpgme_io_writen(fd, line.data(), line.size()) == 0 ? 0 : gpgme_error(GPG_ERR_CANCELED);
    }
};

bool takes_all(const std::filesystem::path& home, std::string_view certificates) {
    const Context context = open_context(home);
    const Buffer source = reading_from(certificates);
    if (gpgme_op_import(context.get(), source.get())) return false;
    const auto* result = gpgme_op_import_result(context.get());
    return result != nullptr && result->considered > 0 && result->imported == result->considered;
}

}  // namespace

openpgp::Key key_from(const _gpgme_key& listed, const std::vector<std::string>& keygrips) {
    openpgp::Key key;
    key.fingerprint = text_of(listed.fpr);
    key.revoked = listed.revoked != 0;
    key.usable = listed.invalid == 0 && listed.disabled == 0;
    for (gpgme_subkey_t one = listed.subkeys; one != nullptr; one = one->next) {
        openpgp::Subkey subkey;
        subkey.fingerprint = text_of(one->fpr);
        subkey.ours =
            one->keygrip != nullptr && std::ranges::find(keygrips, std::string_view{one->keygrip}) != keygrips.end();
        subkey.encrypts = one->can_encrypt != 0;
        subkey.signs = one->can_sign != 0;
        subkey.usable = one->revoked == 0 && one->invalid == 0 && one->disabled == 0;
        subkey.expires = expiry_of(one->expires);
        if (key.subkeys.empty()) key.expires = subkey.expires;
        if (!subkey.fingerprint.empty()) key.subkeys.push_back(std::move(subkey));
    }
    if (key.fingerprint.empty() && !key.subkeys.empty()) key.fingerprint = key.subkeys.front().fingerprint;
    for (gpgme_user_id_t uid = listed.uids; uid != nullptr; uid = uid->next)
        if (address_is_usable(uid)) key.addresses.push_back(lower(uid->address));
    return key;
}

Result<openpgp::Keyring> list_keys(const std::filesystem::path& home, const std::vector<std::string>& keygrips) {
    const Context context = open_context(home);
    gpgme_set_keylist_mode(context.get(), GPGME_KEYLIST_MODE_LOCAL | GPGME_KEYLIST_MODE_WITH_KEYGRIP);
    if (const auto error = gpgme_op_keylist_start(context.get(), nullptr, 0))
        return key_failure("keys cannot be listed", error);
    std::vector<openpgp::Key> keys;
    for (;;) {
        gpgme_key_t raw = nullptr;
        const auto error = gpgme_op_keylist_next(context.get(), &raw);
        if (gpgme_err_code(error) == GPG_ERR_EOF) break;
        if (error) return key_failure("keys cannot be listed", error);
        const KeyHandle key{raw};
        openpgp::Key listed = key_from(*raw, keygrips);
        if (!listed.fingerprint.empty()) keys.push_back(std::move(listed));
    }
    return openpgp::Keyring{std::move(keys)};
}

Result<std::vector<Imported>> import_keys(const std::filesystem::path& home, std::string_view bytes) {
    const Context context = open_context(home);
    const Buffer source = reading_from(bytes);
    if (const auto error = gpgme_op_import(context.get(), source.get()))
        return key_failure("no key was taken in", error);
    const auto* result = gpgme_op_import_result(context.get());
    // A gpg that was killed looks like one that found nothing.
    if (result == nullptr || result->considered < 1) return permanent(Code::BadInput, "it holds no OpenPGP key");
    std::vector<Imported> imported;
    for (gpgme_import_status_t one = result->imports; one != nullptr; one = one->next) {
        if (one->result != GPG_ERR_NO_ERROR || one->fpr == nullptr) continue;
        const bool secret = (one->status & GPGME_IMPORT_SECRET) != 0;
        const auto known = std::ranges::find(imported, std::string_view{one->fpr}, &Imported::fingerprint);
        if (known == imported.end())
            imported.push_back({one->fpr, (one->status & GPGME_IMPORT_NEW) != 0, secret});
        else
            known->secret = known->secret || secret;
    }
    // Of a revocation alone gpg tells that it counted, and not whose it was.
    if (imported.empty() && result->new_revocations > 0)
        for (const auto& packet : openpgp::signature_packets(openpgp::without_armor(bytes)))
            imported.push_back({packet.issuer, false, false});
    if (imported.empty())
        return permanent(Code::BadInput, "none of its keys can be used: a key needs a user id that it signed itself");
    return imported;
}

Result<std::string> export_key(const std::filesystem::path& home, const std::string& fingerprint, bool armored) {
    const Context context = open_context(home);
    gpgme_set_armor(context.get(), armored ? 1 : 0);
    Sink sink{most_certificate_bytes};
    if (const auto error =
            gpgme_op_export(context.get(), fingerprint.c_str(), GPGME_EXPORT_MODE_MINIMAL, sink.handle()))
        return key_failure("a key cannot be given out", error);
    std::string bytes = sink.take();
    if (bytes.empty()) return permanent(Code::BadInput, "there is no key " + fingerprint);
    return bytes;
}

Result<void> check_once(const std::filesystem::path& home) {
    std::error_code error;
    const auto keyring = home / "pubring.kbx";
    // Beside a keyring of the old kind gpg would take them into that one.
    if (!std::filesystem::exists(keyring, error) || std::filesystem::exists(home / "pubring.gpg", error)) return {};
    Sink sink{most_keyring_bytes};
    const Context context = open_context(home);
    if (gpgme_op_export(context.get(), nullptr, 0, sink.handle())) return {};
    const std::string certificates = sink.take();
    const auto as_it_was = home / "pubring.unchecked";
    std::filesystem::rename(keyring, as_it_was, error);
    if (error) return temporary(Code::System, keyring.string() + ": " + error.message());
    if (takes_all(home, certificates))
        std::filesystem::remove(as_it_was, error);
    else
        std::filesystem::rename(as_it_was, keyring, error);
    if (error) return temporary(Code::System, as_it_was.string() + ": " + error.message());
    return {};
}

Result<std::string> make_key(const std::filesystem::path& home, const NewKey& key) {
    const Context context = open_context(home);
    PassphraseGiver giver{key.passphrase};
    unsigned int flags = GPGME_CREATE_FORCE;  // beside another one of the same name too: whoever asks has looked
    if (key.passphrase.empty()) {
        flags |= GPGME_CREATE_NOPASSWD;
    } else {
        gpgme_set_pinentry_mode(context.get(), GPGME_PINENTRY_MODE_LOOPBACK);
        gpgme_set_passphrase_cb(context.get(), &PassphraseGiver::give, &giver);
    }
    const std::string user = key.name + " <" + key.address + ">";
    const auto lasts = static_cast<unsigned long>(key.lasts.count());
    if (lasts == 0) flags |= GPGME_CREATE_NOEXPIRE;
    if (const auto error = gpgme_op_createkey(context.get(), user.c_str(), "future-default", 0, lasts, nullptr, flags))
        return key_failure("no key was made", error);
    const auto* made = gpgme_op_genkey_result(context.get());
    if (made == nullptr || made->fpr == nullptr) return permanent(Code::System, "no key was made");
    return std::string{made->fpr};
}

Result<std::vector<openpgp::Key>> keys_in(const std::filesystem::path& home, std::string_view certificate) {
    const Context context = open_context(home);
    const Buffer source = reading_from(certificate);
    std::vector<openpgp::Key> keys;
    if (gpgme_op_keylist_from_data_start(context.get(), source.get(), 0)) return keys;
    while (keys.size() < 4) {
        gpgme_key_t raw = nullptr;
        if (gpgme_op_keylist_next(context.get(), &raw)) break;
        const KeyHandle key{raw};
        openpgp::Key found = key_from(*raw, {});
        if (!found.fingerprint.empty() && raw->secret == 0) keys.push_back(std::move(found));
    }
    return keys;
}

}  // namespace tocsin::crypto
