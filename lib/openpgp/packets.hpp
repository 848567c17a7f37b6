// OpenPGP packets counted before anything else reads them (RFC 9580 sections 4 and 5, RFC 4880 for what is older).
//
// Never looks inside a packet further than its first bytes. What a message may hold is decided from the counts, so
// that gpg is started for no message that is refused anyway.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::openpgp {

struct PacketCounts {
    std::vector<std::string> recipients;  // key ids of public-key encrypted session keys, 16 upper-case digits
    std::size_t anonymous = 0;            // session keys whose recipient is hidden
    std::size_t nameless = 0;             // session keys of a version of which not even that can be told
    std::size_t passphrases = 0;          // session keys under a passphrase
    std::size_t protected_data = 0;       // with integrity protection
    std::size_t unprotected_data = 0;     // without it
    std::size_t newer_data = 0;           // protected in a way that GnuPG 2.2 does not know, counted there too
    std::size_t newer = 0;                // what it does not know besides: of session keys and padding
    std::size_t other = 0;                // neither of these, markers and padding apart
    bool damaged = false;                 // a length or a header that does not hold
};

PacketCounts count_packets(std::string_view bytes);

// Session keys for public keys, named and hidden.
inline std::size_t recipients_of(const PacketCounts& counts) { return counts.recipients.size() + counts.anonymous; }

struct SignaturePacket {
    int version = 0;
    int hash = 0;             // RFC 9580 section 9.5
    std::string issuer;       // fingerprint where it says one, else key id; may be empty
    std::string certificate;  // the signer's own, where it travels in the signature (subpacket 38)
};
// Of a detached signature; what is no signature packet is passed over.
std::vector<SignaturePacket> signature_packets(std::string_view bytes);

// The same packets without those of a version that GnuPG 2.2 does not read: one of these spoils all others for it, and
// is to be passed over (RFC 9580 section 5.2).
constexpr int newest_signature_version = 4;
std::string signatures_for_gpg(std::string_view bytes);

// MD5, SHA-1 and RIPEMD-160 prove nothing any more (RFC 9580 section 9.5).
bool is_weak_hash(int hash);

// Bytes that begin with a public key packet.
bool looks_like_certificate(std::string_view bytes);

// A keyring's certificates, each by itself; the bytes as they are where their packets do not hold.
std::vector<std::string> certificates_in(std::string_view keyring);

// One of its user IDs bears the address; whether that holds is another question.
bool names_address(std::string_view certificate, std::string_view address);

// A certificate with those of its user IDs alone that bear the address, each with its signatures (RFC 9580 section
// 10.1.1); as it is where none does, or where its packets do not hold.
std::string certificate_for(std::string_view address, std::string_view certificate);

}  // namespace tocsin::openpgp
