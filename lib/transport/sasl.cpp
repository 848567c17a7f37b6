#include "transport/sasl.hpp"

#include <fmt/format.h>
#include <gnutls/gnutls.h>

#include <algorithm>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "transport/wire_text.hpp"

namespace tocsin::transport {
namespace {

tl::unexpected<Error> out_of_turn(std::string_view mechanism) {
    return temporary(Code::BadInput, fmt::format("{}: the server asks for more than there is to say", mechanism));
}

class Plain final : public SaslExchange {  // RFC 4616
public:
    explicit Plain(const Login& login) : login_{login} {}
    std::string_view mechanism() const override { return "PLAIN"; }
    std::optional<std::string> opening() override {
        return fmt::format("{}{}{}{}", '\0', login_.user, '\0', login_.password.reveal());
    }
    Result<std::string> answer(std::string_view) override { return out_of_turn("PLAIN"); }

private:
    const Login& login_;
};

class LoginExchange final
    : public SaslExchange {  // draft-murchison-sasl-login: obsolete, and still the only one at some
public:
    explicit LoginExchange(const Login& login) : login_{login} {}
    std::string_view mechanism() const override { return "LOGIN"; }
    std::optional<std::string> opening() override { return std::nullopt; }
    Result<std::string> answer(std::string_view) override {
        switch (turn_++) {
            case 0:
                return login_.user;
            case 1:
                return login_.password.reveal();
            default:
                return out_of_turn("LOGIN");
        }
    }

private:
    const Login& login_;
    int turn_ = 0;
};

// Both say the token at once. A server that refuses it first sends its reasons as a challenge, which wants an answer
// without content before the no comes.
class Bearer final : public SaslExchange {
public:
    Bearer(std::string mechanism, std::string opening, std::string dismissal)
        : mechanism_{std::move(mechanism)}, opening_{std::move(opening)}, dismissal_{std::move(dismissal)} {}
    std::string_view mechanism() const override { return mechanism_; }
    std::optional<std::string> opening() override { return opening_; }
    Result<std::string> answer(std::string_view) override {
        if (std::exchange(dismissed_, true)) return out_of_turn(mechanism_);
        return dismissal_;
    }

private:
    std::string mechanism_;
    std::string opening_;
    std::string dismissal_;
    bool dismissed_ = false;
};

std::unique_ptr<SaslExchange> xoauth2(const Login& login) {
    return std::make_unique<Bearer>("XOAUTH2",
                                    fmt::format("user={}\x01"
                                                "auth=Bearer {}\x01\x01",
                                                login.user, login.password.reveal()),
                                    "");
}

std::unique_ptr<SaslExchange> oauthbearer(const Login& login, const Endpoint& endpoint) {  // RFC 7628 section 3.1
    std::string user;
    for (const char c : login.user) user += c == ',' ? "=2C" : c == '=' ? "=3D" : std::string(1, c);
    return std::make_unique<Bearer>("OAUTHBEARER",
                                    fmt::format("n,a={},\x01host={}\x01port={}\x01"
                                                "auth=Bearer {}\x01\x01",
                                                user, endpoint.host, endpoint.port, login.password.reveal()),
                                    "\x01");
}

}  // namespace

Result<std::vector<std::unique_ptr<SaslExchange>>> choose_exchanges(const Login& login, const Endpoint& endpoint,
                                                                    const std::vector<std::string>& offered) {
    if (auto user = wire_safe_utf8(login.user, "the user name"); !user) return tl::unexpected<Error>{user.error()};
    if (auto secret = wire_safe_utf8(login.password.reveal(), "the password"); !secret)
        return tl::unexpected<Error>{secret.error()};
    if (login.user.empty() || login.password.reveal().empty())
        return permanent(Code::Configuration, "the user name or the password is empty");

    const auto offers = [&](std::string_view mechanism) {
        return std::ranges::any_of(offered, [&](const auto& o) { return equal_ignoring_case(o, mechanism); });
    };
    std::vector<std::unique_ptr<SaslExchange>> chosen;
    if (login.method == LoginMethod::BearerToken) {
        if (offers("XOAUTH2"))
            chosen.push_back(xoauth2(login));
        else if (offers("OAUTHBEARER"))
            chosen.push_back(oauthbearer(login, endpoint));
    } else {
        if (offers("SCRAM-SHA-256")) chosen.push_back(scram_sha_256(login, to_base64(random_bytes(18))));
        if (offers("PLAIN"))
            chosen.push_back(std::make_unique<Plain>(login));
        else if (offers("LOGIN"))
            chosen.push_back(std::make_unique<LoginExchange>(login));
    }
    if (!chosen.empty()) return chosen;
    const auto* ours =
        login.method == LoginMethod::BearerToken ? "XOAUTH2, OAUTHBEARER" : "SCRAM-SHA-256, PLAIN, LOGIN";
    std::string theirs;
    for (const auto& mechanism : offered) theirs += (theirs.empty() ? "" : ", ") + for_operators(mechanism);
    return permanent(Code::Refused, fmt::format("no way to log in: the server offers {}, known here: {}",
                                                theirs.empty() ? "none" : theirs, ours));
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.empty()) return std::string{};
    gnutls_datum_t in{reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
                      static_cast<unsigned>(text.size())};
    gnutls_datum_t out{};
    if (gnutls_base64_decode2(&in, &out) < 0) return std::nullopt;
    std::string bytes{reinterpret_cast<const char*>(out.data), out.size};
    gnutls_free(out.data);
    return bytes;
}

}  // namespace tocsin::transport
