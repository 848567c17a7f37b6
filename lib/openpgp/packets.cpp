#include "openpgp/packets.hpp"

#include <cstdint>

#include "base/encoding.hpp"
#include "base/text.hpp"

namespace tocsin::openpgp {

namespace {

constexpr std::size_t most_packets = 10'000;

enum Tag {
    PublicKeySession = 1,
    SignatureTag = 2,
    SymmetricKeySession = 3,
    PublicKey = 6,
    Unprotected = 9,
    Marker = 10,
    UserId = 13,
    UserAttribute = 17,
    Protected = 18,
    ProtectedByAead = 20,  // OCB, as GnuPG 2.3 and later write it (draft-koch-librepgp section 5.16)
    Padding = 21
};

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

std::string upper_hex(std::string_view bytes) {
    std::string text = to_hex(bytes);
    for (char& c : text)
        if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

struct Packet {
    int tag = 0;
    std::string_view start;  // of its body: all of it, or what stands before the first partial length's end
};

// One packet after the other. `failed` once a header or a length does not hold.
class PacketReader {
public:
    explicit PacketReader(std::string_view bytes) : rest_{bytes} {}

    bool failed() const { return failed_; }
    std::size_t left() const { return rest_.size(); }  // bytes

    std::optional<Packet> next() {
        if (rest_.empty() || failed_) return std::nullopt;
        const std::uint8_t head = take();
        if ((head & 0x80) == 0) return fail();
        Packet packet;
        if ((head & 0x40) != 0) {
            packet.tag = head & 0x3F;
            return new_body(packet);
        }
        packet.tag = (head >> 2) & 0x0F;
        return old_body(packet, head & 3);
    }

private:
    std::uint8_t take() {
        const std::uint8_t byte = byte_at(rest_, 0);
        rest_.remove_prefix(1);
        return byte;
    }

    std::optional<Packet> fail() {
        failed_ = true;
        return std::nullopt;
    }

    bool take_number(std::size_t bytes, std::size_t& number) {
        if (rest_.size() < bytes) return false;
        number = 0;
        for (std::size_t i = 0; i < bytes; ++i) number = number << 8 | take();
        return true;
    }

    std::optional<Packet> body_of(Packet packet, std::size_t length) {
        if (length > rest_.size()) return fail();
        packet.start = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return packet;
    }

    std::optional<Packet> old_body(Packet packet, int kind) {
        if (kind == 3) {  // an indeterminate length: to the end
            packet.start = rest_;
            rest_ = {};
            return packet;
        }
        std::size_t length = 0;
        if (!take_number(std::size_t{1} << kind, length)) return fail();
        return body_of(packet, length);
    }

    // RFC 9580 section 4.2.1: 0-191 one octet, 192-223 two, 224-254 a part of it, 255 four more.
    std::optional<Packet> new_body(Packet packet) {
        bool first = true;
        for (;;) {
            if (rest_.empty()) return fail();
            const std::uint8_t head = take();
            std::size_t length = head;
            const bool part = head >= 224 && head < 255;
            if (part) {
                length = std::size_t{1} << (head & 0x1F);
            } else if (head == 255) {
                if (!take_number(4, length)) return fail();
            } else if (head >= 192) {
                std::size_t low = 0;
                if (!take_number(1, low)) return fail();
                length = ((head - std::size_t{192}) << 8) + low + 192;
            }
            if (length > rest_.size()) return fail();
            if (first) packet.start = rest_.substr(0, length);
            first = false;
            rest_.remove_prefix(length);
            if (!part) return packet;
        }
    }

    std::string_view rest_;
    bool failed_ = false;
};

// RFC 9580 section 5.1: version 3 holds a key id, version 6 a fingerprint behind its length.
void count_recipient(PacketCounts& counts, std::string_view body) {
    if (body.size() >= 9 && byte_at(body, 0) == 3) {
        const std::string_view id = body.substr(1, 8);
        if (id.find_first_not_of('\0') == std::string_view::npos)
            ++counts.anonymous;
        else
            counts.recipients.push_back(upper_hex(id));
    } else if (body.size() >= 3 && byte_at(body, 0) == 6) {
        ++counts.newer;
        const std::size_t length = byte_at(body, 1);
        if (length == 0)
            ++counts.anonymous;
        else if (body.size() >= 2 + length)
            counts.recipients.push_back(upper_hex(body.substr(3, length - 1)));
        else
            counts.damaged = true;
    } else if (!body.empty() && byte_at(body, 0) > 3) {
        ++counts.nameless;
        ++counts.newer;
    } else {
        counts.damaged = true;
    }
}

// One subpacket area (RFC 9580 section 5.2.3.7).
void read_subpackets(SignaturePacket& signature, std::string_view area) {
    while (!area.empty()) {
        std::size_t length = byte_at(area, 0);
        std::size_t head = 1;
        if (length >= 192 && length < 255) {
            if (area.size() < 2) return;
            length = ((length - 192) << 8) + byte_at(area, 1) + 192;
            head = 2;
        } else if (length == 255) {
            if (area.size() < 5) return;
            length = 0;
            for (std::size_t i = 1; i < 5; ++i) length = length << 8 | byte_at(area, i);
            head = 5;
        }
        if (length == 0 || length > area.size() - head) return;
        const int type = byte_at(area, head) & 0x7F;
        const std::string_view body = area.substr(head + 1, length - 1);
        if (type == 33 && body.size() > 1) signature.issuer = upper_hex(body.substr(1));
        if (type == 16 && body.size() == 8 && signature.issuer.empty()) signature.issuer = upper_hex(body);
        if (type == 38 && body.size() > 1) signature.certificate = std::string{body.substr(1)};
        area.remove_prefix(head + length);
    }
}

std::optional<SignaturePacket> read_signature(std::string_view body) {
    SignaturePacket signature;
    if (!body.empty()) signature.version = byte_at(body, 0);
    if (body.size() >= 19 && byte_at(body, 0) == 3) {
        signature.issuer = upper_hex(body.substr(7, 8));
        signature.hash = byte_at(body, 16);
        return signature;
    }
    if (body.size() < 8 || byte_at(body, 0) < 4 || byte_at(body, 0) > 6) return std::nullopt;
    signature.hash = byte_at(body, 3);
    const std::size_t width = byte_at(body, 0) == 6 ? 4 : 2;  // of an area's length
    body.remove_prefix(4);
    for (int area = 0; area < 2; ++area) {
        if (body.size() < width) break;
        std::size_t length = 0;
        for (std::size_t i = 0; i < width; ++i) length = length << 8 | byte_at(body, i);
        body.remove_prefix(width);
        if (length > body.size()) break;
        read_subpackets(signature, body.substr(0, length));
        body.remove_prefix(length);
    }
    return signature;
}

}  // namespace

PacketCounts count_packets(std::string_view bytes) {
    PacketCounts counts;
    PacketReader reader{bytes};
    std::size_t packets = 0;
    while (const auto packet = reader.next()) {
        if (++packets > most_packets) {
            counts.damaged = true;
            return counts;
        }
        switch (packet->tag) {
            case PublicKeySession:
                count_recipient(counts, packet->start);
                break;
            case SymmetricKeySession:
                ++counts.passphrases;
                break;
            case Protected:
            case ProtectedByAead:
                if (!packet->start.empty() && packet->start.front() != '\x01') ++counts.newer_data;
                ++counts.protected_data;
                break;
            case Unprotected:
                ++counts.unprotected_data;
                break;
            case Padding:
                ++counts.newer;
                break;
            case Marker:
                break;
            default:
                ++counts.other;
        }
    }
    counts.damaged = counts.damaged || reader.failed() || packets == 0;
    return counts;
}

std::vector<SignaturePacket> signature_packets(std::string_view bytes) {
    std::vector<SignaturePacket> signatures;
    PacketReader reader{bytes};
    while (const auto packet = reader.next()) {
        if (signatures.size() >= 32) break;
        if (packet->tag != SignatureTag) continue;
        if (auto signature = read_signature(packet->start)) signatures.push_back(std::move(*signature));
    }
    return signatures;
}

std::string signatures_for_gpg(std::string_view bytes) {
    std::string kept;
    PacketReader reader{bytes};
    std::size_t from = 0;
    while (const auto packet = reader.next()) {
        const std::size_t to = bytes.size() - reader.left();
        const bool newer = packet->tag == SignatureTag && !packet->start.empty() &&
                           byte_at(packet->start, 0) > newest_signature_version;
        if (!newer) kept += bytes.substr(from, to - from);
        from = to;
    }
    return kept.append(bytes.substr(from));
}

bool is_weak_hash(int hash) { return hash >= 1 && hash <= 3; }

bool looks_like_certificate(std::string_view bytes) {
    const auto packet = PacketReader{bytes}.next();
    return packet && packet->tag == PublicKey;
}

namespace {

bool bears(std::string_view user_id, std::string_view address) {
    const std::string id = lower(user_id), wanted = lower(address);
    return id == wanted || id.ends_with("<" + wanted + ">");
}

}  // namespace

std::vector<std::string> certificates_in(std::string_view keyring) {
    std::vector<std::string> certificates;
    PacketReader reader{keyring};
    std::size_t from = 0;
    while (const auto packet = reader.next()) {
        const std::size_t to = keyring.size() - reader.left();
        if (certificates.empty() || packet->tag == PublicKey) certificates.emplace_back();
        certificates.back() += keyring.substr(from, to - from);
        from = to;
    }
    if (reader.failed()) return {std::string{keyring}};
    return certificates;
}

bool names_address(std::string_view certificate, std::string_view address) {
    PacketReader reader{certificate};
    while (const auto packet = reader.next())
        if (packet->tag == UserId && bears(packet->start, address)) return true;
    return false;
}

std::string certificate_for(std::string_view address, std::string_view certificate) {
    std::string kept;
    bool keeps = true, found = false;
    PacketReader reader{certificate};
    std::size_t from = 0;
    while (const auto packet = reader.next()) {
        const std::size_t to = certificate.size() - reader.left();
        // A signature belongs to what stands in front of it.
        if (packet->tag == UserId) {
            keeps = bears(packet->start, address);
            found = found || keeps;
        } else if (packet->tag == UserAttribute) {
            keeps = false;
        } else if (packet->tag != SignatureTag) {
            keeps = true;
        }
        if (keeps) kept += certificate.substr(from, to - from);
        from = to;
    }
    return found && !reader.failed() ? kept : std::string{certificate};
}

}  // namespace tocsin::openpgp
