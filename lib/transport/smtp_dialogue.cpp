#include "transport/smtp_dialogue.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "transport/wire_text.hpp"

namespace tocsin::transport {
namespace {

// RFC 5321 section 4.5.3.1.5 says 512 bytes; servers that explain themselves say more.
constexpr std::size_t most_reply_line = 8u << 10;
constexpr std::size_t most_reply_lines = 200;
constexpr std::size_t most_reply_text = 2000;

tl::unexpected<Error> fails_with(Error error) { return tl::unexpected<Error>{std::move(error)}; }

}  // namespace

std::string SmtpReply::text() const {
    std::string joined;
    for (const auto& line : lines) {
        if (!joined.empty()) joined += ' ';
        joined += line;
    }
    return for_one_line(joined, most_reply_text);
}

Result<std::string> SmtpDialogue::read_line() {
    for (std::size_t scanned = 0;;) {
        if (const auto end = held_.find('\n', scanned); end != std::string::npos) {
            auto line = held_.substr(0, end);
            held_.erase(0, end + 1);
            if (line.ends_with('\r')) line.pop_back();
            return line;
        }
        scanned = held_.size();
        if (scanned > most_reply_line)
            return connection_->fail(Code::Limit, Permanence::Temporary, "a reply line without end");
        char buffer[4096];
        auto got = connection_->read(buffer);
        if (!got) return fails_with(std::move(got.error()));
        held_.append(buffer, *got);
    }
}

Result<SmtpReply> SmtpDialogue::read_reply() {
    SmtpReply reply;
    for (;;) {
        auto line = read_line();
        if (!line) return fails_with(std::move(line.error()));
        // RFC 5321 section 4.2: Reply-code [ SP text ], with "-" for SP on every line but the last.
        const bool has_code =
            line->size() >= 3 && (*line)[0] >= '2' && (*line)[0] <= '5' && is_digit((*line)[1]) && is_digit((*line)[2]);
        const bool goes_on = line->size() > 3 && (*line)[3] == '-';
        if (!has_code || (line->size() > 3 && !goes_on && !is_blank((*line)[3])))
            return connection_->fail(Code::BadInput, Permanence::Temporary, "no SMTP server replies like this");
        const int code = static_cast<int>(*to_whole_number(line->substr(0, 3)));
        if (!reply.lines.empty() && code != reply.code)
            return connection_->fail(Code::BadInput, Permanence::Temporary, "one reply with two codes");
        reply.code = code;
        reply.lines.push_back(line->size() > 4 ? line->substr(4) : std::string{});
        if (!goes_on) return reply;
        if (reply.lines.size() >= most_reply_lines)
            return connection_->fail(Code::Limit, Permanence::Temporary, "a reply without end");
    }
}

Result<std::optional<SmtpReply>> SmtpDialogue::early_reply() {
    if (held_.empty()) {
        char buffer[4096];
        auto got = connection_->read_before(buffer, Deadline::after(std::chrono::milliseconds{0}));
        if (!got) return fails_with(std::move(got.error()));
        if (!*got) return std::optional<SmtpReply>{};
        held_.append(buffer, **got);
    }
    auto reply = read_reply();
    if (!reply) return fails_with(std::move(reply.error()));
    return std::optional{std::move(*reply)};
}

Result<SmtpReply> SmtpDialogue::command(std::string_view line) {
    auto early = early_reply();
    if (!early) return fails_with(std::move(early.error()));
    if (*early && (*early)->code == 421) return std::move(**early);
    if (*early)
        return connection_->fail(Code::BadInput, Permanence::Temporary,
                                 fmt::format("a reply ({}) to what was never asked", (*early)->code));
    if (auto sent = connection_->write(fmt::format("{}\r\n", line)); !sent) return fails_with(std::move(sent.error()));
    return read_reply();
}

tl::unexpected<Error> SmtpDialogue::refused(std::string_view doing, const SmtpReply& reply, Code code) {
    const auto permanence = reply.severity() == 5 ? Permanence::Permanent : Permanence::Temporary;
    return connection_->fail(code, permanence,
                             fmt::format("{} refused: {} {}", doing, reply.code, for_operators(reply.text())));
}

Result<void> SmtpDialogue::greeting() {
    auto reply = read_reply();
    if (!reply) return fails_with(std::move(reply.error()));
    if (reply->code == 220) return {};
    return refused("connection", *reply, Code::Unavailable);
}

Result<void> SmtpDialogue::ehlo(std::string_view own_name) {
    extensions_.clear();
    auto reply = command(fmt::format("EHLO {}", own_name));
    if (!reply) return fails_with(std::move(reply.error()));
    if (reply->code != 250) return refused("EHLO", *reply, Code::Unavailable);
    for (std::size_t at = 1; at < reply->lines.size(); ++at) {  // the first line is a greeting
        auto parts = words(reply->lines[at]);
        if (parts.empty()) continue;
        // Some old servers write AUTH=LOGIN.
        if (starts_ignoring_case(parts[0], "AUTH=")) {
            parts.insert(parts.begin() + 1, parts[0].substr(5));
            parts[0] = "AUTH";
        }
        Extension extension{std::string{parts[0]}, {}};
        for (std::size_t i = 1; i < parts.size(); ++i) extension.parameters.emplace_back(parts[i]);
        extensions_.push_back(std::move(extension));
    }
    return {};
}

const std::vector<std::string>* SmtpDialogue::parameters(std::string_view keyword) const {
    const auto found =
        std::ranges::find_if(extensions_, [&](const Extension& e) { return equal_ignoring_case(e.keyword, keyword); });
    return found == extensions_.end() ? nullptr : &found->parameters;
}

Result<void> SmtpDialogue::start_tls(const Trust& trust, std::chrono::milliseconds span) {
    // Asked for whether it was offered or not: whoever sits between could have struck it out.
    auto reply = command("STARTTLS");
    if (!reply) return fails_with(std::move(reply.error()));
    if (reply->code != 220)
        return connection_->fail(Code::Untrusted, Permanence::Permanent,
                                 fmt::format("STARTTLS refused: {} {}", reply->code, for_operators(reply->text())));
    // What came in the clear behind the 220 would be taken for the server's word under TLS.
    if (!held_.empty())
        return connection_->fail(Code::Untrusted, Permanence::Permanent, "something was said between STARTTLS and TLS");
    extensions_.clear();  // RFC 3207 section 4.2
    connection_->arm(Deadline::after(span));
    return connection_->start_tls(trust);
}

Result<std::optional<SmtpReply>> SmtpDialogue::authenticate(SaslExchange& exchange) {
    const auto opening = exchange.opening();
    auto line = fmt::format("AUTH {}", exchange.mechanism());
    if (opening) line += " " + (opening->empty() ? "=" : to_base64(*opening));  // RFC 4954 section 4
    for (;;) {
        auto reply = command(line);
        if (!reply) return fails_with(std::move(reply.error()));
        if (reply->code == 235 && exchange.satisfied()) return std::optional<SmtpReply>{};
        if (reply->code == 235)
            return connection_->fail(Code::Untrusted, Permanence::Permanent,
                                     "the server took a login without its own proof");
        if (reply->code != 334) return std::optional{std::move(*reply)};
        const auto challenge = from_base64(trim(reply->lines.back()));
        if (!challenge)
            return connection_->fail(Code::BadInput, Permanence::Temporary, "a challenge that is no base64");
        auto next = exchange.answer(*challenge);
        if (!next) return connection_->fail(next.error().code, next.error().permanence, next.error().what);
        line = to_base64(*next);
    }
}

Result<void> SmtpDialogue::log_in(const Login& login, const Endpoint& endpoint) {
    const auto* offered = parameters("AUTH");
    auto exchanges = choose_exchanges(login, endpoint, offered ? *offered : std::vector<std::string>{});
    if (!exchanges)
        return connection_->fail(exchanges.error().code, exchanges.error().permanence, exchanges.error().what);
    for (std::size_t at = 0;; ++at) {
        auto& exchange = *(*exchanges)[at];
        auto refusal = authenticate(exchange);
        if (!refusal) return fails_with(std::move(refusal.error()));
        if (!*refusal) return {};
        const bool another = at + 1 < exchanges->size() && exchange.may_give_way() && (*refusal)->severity() == 5;
        if (!another) return refused("login", **refusal, Code::Refused);
    }
}

}  // namespace tocsin::transport
