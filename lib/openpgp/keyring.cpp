#include "openpgp/keyring.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::openpgp {

namespace {

// A key id is the end of a version 4 fingerprint (RFC 9580 section 5.5.4).
bool names(std::string_view id, std::string_view fingerprint) {
    return id.size() >= 16 && id.size() <= fingerprint.size() &&
           equal_ignoring_case(fingerprint.substr(fingerprint.size() - id.size()), id);
}

std::string without_blanks(std::string_view text) {
    std::string result;
    for (const char c : text)
        if (c != ' ') result += c;
    return result.starts_with("0x") ? result.substr(2) : result;
}

std::string seconds_of(const std::optional<Instant>& at) {
    return at ? std::to_string(to_micros(*at) / 1'000'000) : std::string{"-"};
}

bool read_instant(std::string_view word, std::optional<Instant>& at) {
    if (word == "-") return true;
    const auto seconds = to_whole_number(word);
    if (!seconds || *seconds < 0 || *seconds > 253'402'300'800) return false;
    at = from_micros(*seconds * 1'000'000);
    return true;
}

bool is_fingerprint(std::string_view word) {
    return word.size() >= 16 && word.size() <= 64 &&
           std::ranges::all_of(word, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); });
}

}  // namespace

bool Key::ours() const {
    return std::ranges::any_of(subkeys, [](const Subkey& subkey) { return subkey.ours; });
}

bool Key::bears(std::string_view address) const {
    return std::ranges::find(addresses, lower(address)) != addresses.end();
}

bool Key::encrypts_at(Instant at) const {
    return usable && !revoked && (!expires || *expires > at) &&
           std::ranges::any_of(subkeys, [&](const Subkey& subkey) { return subkey.encrypts && subkey.usable_at(at); });
}

bool Key::signs_at(Instant at) const {
    return usable && !revoked && (!expires || *expires > at) &&
           std::ranges::any_of(subkeys, [&](const Subkey& subkey) { return subkey.signs && subkey.usable_at(at); });
}

std::optional<Instant> Key::ends() const {
    std::optional<Instant> end = expires;
    // Of several subkeys for one purpose the last one counts.
    for (const bool Subkey::*purpose : {&Subkey::encrypts, &Subkey::signs}) {
        bool any = false;
        bool for_ever = false;
        std::optional<Instant> last;
        for (const Subkey& subkey : subkeys) {
            if (!(subkey.*purpose) || !subkey.usable) continue;
            any = true;
            if (!subkey.expires) for_ever = true;
            if (subkey.expires && (!last || *subkey.expires > *last)) last = subkey.expires;
        }
        if (any && !for_ever && last && (!end || *last < *end)) end = last;
    }
    return end;
}

const Key* Keyring::find(std::string_view id) const {
    for (const Key& key : keys_)
        if (names(id, key.fingerprint) ||
            std::ranges::any_of(key.subkeys, [&](const Subkey& subkey) { return names(id, subkey.fingerprint); }))
            return &key;
    return nullptr;
}

std::vector<const Key*> Keyring::with_address(std::string_view address) const {
    std::vector<const Key*> found;
    for (const Key& key : keys_)
        if (key.bears(address)) found.push_back(&key);
    return found;
}

const Key* Keyring::named(std::string_view name) const {
    if (name.find('@') == std::string_view::npos) return find(without_blanks(name));
    const Key* best = nullptr;
    for (const Key* key : with_address(name))
        if (best == nullptr || (key->ours() && !best->ours()) ||
            (best->revoked && !key->revoked && key->ours() == best->ours()))
            best = key;
    return best;
}

bool Keyring::opens(std::string_view key_id) const {
    for (const Key& key : keys_)
        for (const Subkey& subkey : key.subkeys)
            if (subkey.ours && names(key_id, subkey.fingerprint)) return true;
    return false;
}

std::string to_text(const Keyring& keyring) {
    std::string text;
    for (const Key& key : keyring.keys()) {
        text += "key " + key.fingerprint + " " + seconds_of(key.expires) + " " + (key.revoked ? "r" : "-") +
                (key.usable ? "u" : "-") + "\n";
        for (const Subkey& subkey : key.subkeys)
            text += "sub " + subkey.fingerprint + " " + seconds_of(subkey.expires) + " " + (subkey.ours ? "o" : "-") +
                    (subkey.encrypts ? "e" : "-") + (subkey.signs ? "s" : "-") + (subkey.usable ? "u" : "-") + "\n";
        for (const std::string& address : key.addresses) text += "uid " + address + "\n";
    }
    return text;
}

Result<Keyring> keyring_from(std::string_view text) {
    std::vector<Key> keys;
    for (const std::string_view line : split(text, '\n')) {
        if (line.empty()) continue;
        const auto parts = words(line);
        const auto broken = [] { return permanent(Code::BadInput, "the list of keys does not hold"); };
        if (parts.size() == 2 && parts[0] == "uid" && !keys.empty()) {
            keys.back().addresses.emplace_back(parts[1]);
            continue;
        }
        if (parts.size() != 4 || !is_fingerprint(parts[1])) return broken();
        std::optional<Instant> expires;
        if (!read_instant(parts[2], expires)) return broken();
        const auto has = [&](char flag) { return parts[3].find(flag) != std::string_view::npos; };
        if (parts[0] == "key")
            keys.push_back({std::string{parts[1]}, {}, has('r'), has('u'), expires, {}});
        else if (parts[0] == "sub" && !keys.empty())
            keys.back().subkeys.push_back({std::string{parts[1]}, has('o'), has('e'), has('s'), has('u'), expires});
        else
            return broken();
    }
    return Keyring{std::move(keys)};
}

}  // namespace tocsin::openpgp
