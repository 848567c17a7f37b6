// SCRAM-SHA-256: the server proves that it knows the password too, and never hears it.
#include <fmt/format.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <array>
#include <stdexcept>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "transport/sasl.hpp"

namespace tocsin::transport {
namespace {

// RFC 7677 section 4 sets the floor; the ceiling keeps a server from setting us to work for minutes.
constexpr std::int64_t least_iterations = 4096;
constexpr std::int64_t most_iterations = 1'000'000;

// base's HMAC refuses short keys, and a password may be one.
Digest keyed_hash(std::string_view key, std::string_view text) {
    Digest digest{};
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.data(), key.size(), text.data(), text.size(), digest.data()) < 0)
        throw std::runtime_error{"HMAC-SHA-256 failed"};
    return digest;
}

Digest stretch(std::string_view password, std::string_view salt, unsigned iterations) {
    const auto datum = [](std::string_view bytes) {
        return gnutls_datum_t{reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data())),
                              static_cast<unsigned>(bytes.size())};
    };
    const auto key = datum(password);
    const auto grain = datum(salt);
    Digest digest{};
    if (gnutls_pbkdf2(GNUTLS_MAC_SHA256, &key, &grain, iterations, digest.data(), digest.size()) < 0)
        throw std::runtime_error{"PBKDF2 failed"};
    return digest;
}

// "r=...,s=...,i=..." by its letters (RFC 5802 section 7); a mandatory extension (m=) is unknown to us.
std::optional<std::string_view> attribute(std::string_view message, char letter) {
    for (const auto part : split(message, ','))
        if (part.size() > 1 && part[0] == letter && part[1] == '=') return part.substr(2);
    return std::nullopt;
}

class ScramExchange final : public SaslExchange {
public:
    ScramExchange(const Login& login, std::string nonce) : login_{login}, nonce_{std::move(nonce)} {}

    std::string_view mechanism() const override { return "SCRAM-SHA-256"; }
    bool satisfied() const override { return state_ == State::Proven; }
    // A server that keeps another kind of hash for this account refuses at once. One that sent a salt has what it
    // needs: its no means the password, which a second try in the clear would only give away and count twice.
    bool may_give_way() const override { return state_ == State::Opened; }

    std::optional<std::string> opening() override {
        std::string user;
        for (const char c : login_.user) user += c == ',' ? "=2C" : c == '=' ? "=3D" : std::string(1, c);
        bare_ = fmt::format("n={},r={}", user, nonce_);
        return "n,," + bare_;
    }

    Result<std::string> answer(std::string_view challenge) override {
        switch (state_) {
            case State::Opened:
                return prove(challenge);
            case State::Answered:
                return judge(challenge);
            case State::Proven:
            case State::Lied:
                break;
        }
        return lie("says more than the exchange has");
    }

private:
    enum class State { Opened, Answered, Proven, Lied };

    tl::unexpected<Error> lie(std::string_view what) {
        state_ = State::Lied;
        return permanent(Code::Untrusted, fmt::format("SCRAM-SHA-256: the server {}", what));
    }

    Result<std::string> prove(std::string_view challenge) {
        const auto nonce = attribute(challenge, 'r');
        const auto salt_text = attribute(challenge, 's');
        const auto count = attribute(challenge, 'i');
        const auto salt = salt_text ? from_base64(*salt_text) : std::nullopt;
        const auto iterations = count ? to_whole_number(*count) : std::nullopt;
        if (attribute(challenge, 'm') || !nonce || !salt || salt->empty() || !iterations)
            return lie("breaks the grammar");
        if (!nonce->starts_with(nonce_) || nonce->size() == nonce_.size()) return lie("answers another exchange");
        if (*iterations < least_iterations || *iterations > most_iterations)
            return lie(fmt::format("wants {} iterations", *iterations));

        const auto salted = stretch(login_.password.reveal(), *salt, static_cast<unsigned>(*iterations));
        const auto client_key = keyed_hash(view(salted), "Client Key");
        const auto stored_key = sha256(view(client_key));
        const auto ending = fmt::format("c=biws,r={}", *nonce);  // biws is "n,,": no channel binding
        const auto whole = fmt::format("{},{},{}", bare_, challenge, ending);
        auto proof = keyed_hash(view(stored_key), whole);
        for (std::size_t at = 0; at < proof.size(); ++at) proof[at] ^= client_key[at];
        expected_ = keyed_hash(view(keyed_hash(view(salted), "Server Key")), whole);
        state_ = State::Answered;
        return fmt::format("{},p={}", ending, to_base64(view(proof)));
    }

    Result<std::string> judge(std::string_view challenge) {
        if (attribute(challenge, 'e')) return std::string{};  // its no; the protocol says it next
        const auto signature = attribute(challenge, 'v');
        const auto proof = signature ? from_base64(*signature) : std::nullopt;
        if (!proof || !equal_in_constant_time(*proof, view(expected_))) return lie("does not know the password itself");
        state_ = State::Proven;
        return std::string{};
    }

    const Login& login_;
    std::string nonce_;
    std::string bare_;
    Digest expected_{};
    State state_ = State::Opened;
};

}  // namespace

std::unique_ptr<SaslExchange> scram_sha_256(const Login& login, std::string nonce) {
    return std::make_unique<ScramExchange>(login, std::move(nonce));
}

}  // namespace tocsin::transport
