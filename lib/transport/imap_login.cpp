// ImapDialogue's way in: AUTHENTICATE (RFC 3501 section 6.2.2), LOGIN where there is nothing else.
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "transport/imap_dialogue.hpp"
#include "transport/wire_text.hpp"

namespace tocsin::transport {
namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

tl::unexpected<Error> login_fails(Error error) { return tl::unexpected<Error>{std::move(error)}; }

}  // namespace

Result<void> ImapDialogue::log_in(const Login& login, const Endpoint& endpoint) {
    std::vector<std::string> offered;
    for (const auto& capability : capabilities_)
        if (starts_ignoring_case(capability, "AUTH=")) offered.push_back(capability.substr(5));
    learnt_ = false;
    auto& connection = wire_.connection();
    auto exchanges = choose_exchanges(login, endpoint, offered);
    if (!exchanges) {
        const bool may_say_it = offered.empty() && login.method == LoginMethod::Password && !can("LOGINDISABLED");
        if (!may_say_it || exchanges.error().code != Code::Refused)
            return connection.fail(exchanges.error().code, exchanges.error().permanence, exchanges.error().what);
        if (auto done = plain_login(login); !done) return done;
    } else {
        for (std::size_t at = 0;; ++at) {
            auto tried = authenticate(*(*exchanges)[at]);
            if (!tried) return login_fails(std::move(tried.error()));
            if (*tried == Tried::Accepted) break;
            if (at + 1 < exchanges->size()) continue;
            const auto refusal = imap_refusal("login", wire_.last_status());
            return connection.fail(refusal.code, refusal.permanence, refusal.what);
        }
    }
    return learnt_ ? Result<void>{} : ask_capabilities();
}

Result<ImapDialogue::Tried> ImapDialogue::authenticate(SaslExchange& exchange) {
    auto& connection = wire_.connection();
    const auto tag = next_tag();
    const auto opening = exchange.opening();
    bool said = !opening;
    auto line = fmt::format("{} AUTHENTICATE {}", tag, exchange.mechanism());
    if (opening && can("SASL-IR")) {  // RFC 4959
        line += opening->empty() ? " =" : " " + to_base64(*opening);
        said = true;
    }
    if (auto sent = wire_.send(line + "\r\n"); !sent) return login_fails(std::move(sent.error()));
    for (;;) {
        auto reply = answer(tag);
        if (!reply) return login_fails(std::move(reply.error()));
        if (!reply->continues) {
            if (reply->ok() && exchange.satisfied()) return Tried::Accepted;
            if (reply->ok())
                return connection.fail(Code::Untrusted, Permanence::Permanent,
                                       "the server took a login without its own proof");
            if (exchange.may_give_way()) return Tried::GiveWay;
            const auto refusal = imap_refusal("login", reply->text);
            return connection.fail(refusal.code, refusal.permanence, refusal.what);
        }
        std::string words;
        if (!said) {
            words = *opening;
            said = true;
        } else {
            const auto challenge = from_base64(reply->text);
            if (!challenge)
                return connection.fail(Code::BadInput, Permanence::Temporary, "a challenge that is no base64");
            auto next = exchange.answer(*challenge);
            if (!next) return connection.fail(next.error().code, next.error().permanence, next.error().what);
            words = std::move(*next);
        }
        if (auto sent = wire_.send(to_base64(words) + "\r\n"); !sent) return login_fails(std::move(sent.error()));
    }
}

Result<void> ImapDialogue::plain_login(const Login& login) {
    auto& connection = wire_.connection();
    auto user = wire_safe(login.user, "the user name");
    auto password = wire_safe(login.password.reveal(), "the password");
    if (!user || !password) {
        const auto& error = user ? password.error() : user.error();
        return connection.fail(error.code, error.permanence, error.what);
    }
    auto reply = command(fmt::format("LOGIN {} {}", quoted(*user), quoted(*password)));
    if (!reply) return login_fails(std::move(reply.error()));
    if (reply->ok()) return {};
    const auto refusal = imap_refusal("login", reply->text);
    return connection.fail(refusal.code, refusal.permanence, refusal.what);
}

}  // namespace tocsin::transport
