#include "transport/imap_dialogue.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "transport/wire_text.hpp"

namespace tocsin::transport {
namespace {

// RFC 3501 section 7.1 and RFC 5530: these say that the same may work later.
constexpr std::string_view passing_codes[] = {"UNAVAILABLE", "INUSE",     "LIMIT",
                                              "SERVERBUG",   "OVERQUOTA", "CONTACTADMIN"};

constexpr std::size_t most_found = 2'000'000;

std::string_view response_code(std::string_view text) {
    if (!text.starts_with('[')) return {};
    text.remove_prefix(1);
    return text.substr(0, text.find_first_of(" ]"));
}

// RFC 3501 section 9, quoted: what is printable ASCII stands for itself but for two characters.
std::string quoted_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

tl::unexpected<Error> pass_on(Error error) { return tl::unexpected<Error>{std::move(error)}; }

}  // namespace

Error imap_refusal(std::string_view doing, std::string_view status) {
    const auto word = status.substr(0, status.find(' '));
    const auto text = trim(status.substr(word.size()));
    const auto code = response_code(text);
    const bool passing =
        std::ranges::any_of(passing_codes, [&](std::string_view p) { return equal_ignoring_case(code, p); });
    return {Code::Refused, passing ? Permanence::Temporary : Permanence::Permanent,
            fmt::format("{} refused: {} {}", doing, word, for_operators(text))};
}

bool ImapDialogue::Answer::ok() const {
    return !continues && (equal_ignoring_case(text, "OK") || starts_ignoring_case(text, "OK "));
}

std::string ImapDialogue::next_tag() { return fmt::format("T{}", ++tag_); }

bool ImapDialogue::can(std::string_view capability) const {
    return std::ranges::any_of(capabilities_, [&](const auto& c) { return equal_ignoring_case(c, capability); });
}

void ImapDialogue::learn(std::string_view capabilities) {
    capabilities_.clear();
    for (const auto word : words(capabilities)) capabilities_.emplace_back(word);
    learnt_ = true;
}

Result<void> ImapDialogue::untagged(std::string_view line) {
    if (starts_ignoring_case(line, "* CAPABILITY ")) learn(line.substr(13));
    if (!starts_ignoring_case(line, "* SEARCH ")) return {};
    // Number by number: a list of the words would take many times what they take themselves.
    for (auto rest = line.substr(9); !rest.empty();) {
        const auto number = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), number.size() + 1));
        if (number.empty()) continue;
        if (found_.size() >= most_found)
            return wire_.connection().fail(Code::Limit, Permanence::Temporary, "SEARCH finds more mails than are read");
        const auto uid = to_whole_number(number);
        if (!uid || *uid < 1 || *uid > std::numeric_limits<std::uint32_t>::max())
            return wire_.connection().fail(Code::BadInput, Permanence::Temporary, "SEARCH found what is no UID");
        found_.push_back(static_cast<std::uint32_t>(*uid));
    }
    return {};
}

Result<ImapDialogue::Answer> ImapDialogue::answer(std::string_view tag) {
    for (;;) {
        auto line = wire_.read_line();
        if (!line) return pass_on(std::move(line.error()));
        if (line->starts_with('+')) return Answer{true, std::string{trim(std::string_view{*line}.substr(1))}};
        if (line->starts_with("* ")) {
            if (starts_ignoring_case(*line, "* BYE"))
                return wire_.connection().fail(Code::Unavailable, Permanence::Temporary,
                                               "the server says BYE: " + for_operators(line->substr(5)));
            if (auto taken = untagged(*line); !taken) return pass_on(std::move(taken.error()));
            continue;
        }
        if (!line->starts_with(fmt::format("{} ", tag)))
            return wire_.connection().fail(Code::BadInput, Permanence::Temporary, "an answer to what was never asked");
        Answer answer{false, line->substr(tag.size() + 1)};
        if (const auto open = answer.text.find("[CAPABILITY "); answer.ok() && open == 3) {
            const auto list = std::string_view{answer.text}.substr(open + 12);
            learn(list.substr(0, list.find(']')));
        }
        return answer;
    }
}

Result<ImapDialogue::Answer> ImapDialogue::command(std::string_view line) {
    const auto tag = next_tag();
    if (auto sent = wire_.send(fmt::format("{} {}\r\n", tag, line)); !sent) return pass_on(std::move(sent.error()));
    auto reply = answer(tag);
    if (reply && reply->continues)
        return wire_.connection().fail(Code::BadInput, Permanence::Temporary,
                                       "the server waits for what is not to come");
    return reply;
}

Result<void> ImapDialogue::greeting() {
    auto line = wire_.read_line();
    if (!line) return pass_on(std::move(line.error()));
    auto& connection = wire_.connection();
    if (starts_ignoring_case(*line, "* PREAUTH"))
        return connection.fail(Code::Untrusted, Permanence::Permanent, "the server wants no login (PREAUTH)");
    if (starts_ignoring_case(*line, "* BYE"))
        return connection.fail(Code::Unavailable, Permanence::Temporary,
                               "the server says BYE: " + for_operators(line->substr(5)));
    if (!starts_ignoring_case(*line, "* OK"))
        return connection.fail(Code::BadInput, Permanence::Temporary, "no IMAP server greets like this");
    return {};
}

Result<void> ImapDialogue::ask_capabilities() {
    capabilities_.clear();
    auto reply = command("CAPABILITY");
    if (!reply) return pass_on(std::move(reply.error()));
    if (reply->ok() && learnt_) return {};
    return wire_.connection().fail(Code::BadInput, Permanence::Temporary, "the server does not tell its capabilities");
}

Result<void> ImapDialogue::start_tls() {
    auto& connection = wire_.connection();
    // No look at the capabilities first: whoever sits between could have struck it out, and there is no way without.
    auto reply = command("STARTTLS");
    if (!reply) return pass_on(std::move(reply.error()));
    if (!reply->ok())
        return connection.fail(Code::Untrusted, Permanence::Permanent, imap_refusal("STARTTLS", reply->text).what);
    // What came in the clear behind the OK would be taken for the server's word under TLS.
    if (!wire_.nothing_read_ahead())
        return connection.fail(Code::Untrusted, Permanence::Permanent, "something was said between STARTTLS and TLS");
    capabilities_.clear();  // RFC 3501 section 6.2.1
    learnt_ = false;
    return {};
}

Result<std::vector<std::uint32_t>> ImapDialogue::search_uids(std::uint32_t from) {
    found_.clear();
    auto reply = command(fmt::format("UID SEARCH UID {}:*", from));
    if (!reply) return pass_on(std::move(reply.error()));
    if (!reply->ok()) {
        const auto refusal = imap_refusal("UID SEARCH", reply->text);
        return wire_.connection().fail(refusal.code, refusal.permanence, refusal.what);
    }
    auto uids = std::exchange(found_, {});
    std::ranges::sort(uids);
    uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
    // RFC 3501 section 6.4.8: "5:*" finds the last mail even when its UID is below 5.
    uids.erase(uids.begin(), std::ranges::lower_bound(uids, from));
    return uids;
}

Result<void> ImapDialogue::noop() {
    auto reply = command("NOOP");
    if (!reply) return pass_on(std::move(reply.error()));
    if (reply->ok()) return {};
    const auto refusal = imap_refusal("NOOP", reply->text);
    return wire_.connection().fail(refusal.code, refusal.permanence, refusal.what);
}

Result<bool> ImapDialogue::create(const std::string& mailbox) {
    auto reply = command("CREATE " + quoted_string(mailbox));
    if (!reply) return pass_on(std::move(reply.error()));
    return reply->ok();
}

Result<void> ImapDialogue::append(const std::string& mailbox, std::string_view bytes, bool seen) {
    const auto tag = next_tag();
    const auto refused = [&](std::string_view status) {
        const auto refusal = imap_refusal("APPEND", status);
        return wire_.connection().fail(refusal.code, refusal.permanence, refusal.what);
    };
    const std::string flags = seen ? "(\\Seen) " : "";
    auto sent = wire_.send(fmt::format("{} APPEND {} {}{{{}}}\r\n", tag, quoted_string(mailbox), flags, bytes.size()));
    if (!sent) return sent;
    auto ready = answer(tag);
    if (!ready) return pass_on(std::move(ready.error()));
    if (!ready->continues) return refused(ready->text);
    if (sent = wire_.send(bytes); !sent) return sent;
    if (sent = wire_.send("\r\n"); !sent) return sent;
    auto reply = answer(tag);
    if (!reply) return pass_on(std::move(reply.error()));
    if (reply->continues)
        return wire_.connection().fail(Code::BadInput, Permanence::Temporary,
                                       "APPEND: the server wants more than there is");
    if (!reply->ok()) return refused(reply->text);
    return {};
}

Result<void> ImapDialogue::idle(Deadline until, std::chrono::milliseconds closing, const std::function<bool()>& ends) {
    const auto tag = next_tag();
    auto& connection = wire_.connection();
    if (auto sent = wire_.send(tag + " IDLE\r\n"); !sent) return sent;
    auto ready = answer(tag);
    if (!ready) return pass_on(std::move(ready.error()));
    if (!ready->continues && !ready->ok()) {  // announced and not granted: from now on it is asked like one without
        std::erase_if(capabilities_, [](const auto& one) { return equal_ignoring_case(one, "IDLE"); });
        return {};
    }
    if (!ready->continues) {
        const auto refusal = imap_refusal("IDLE", ready->text);
        return connection.fail(refusal.code, refusal.permanence, refusal.what);
    }
    while (!ends()) {
        auto line = wire_.read_line_before(until);
        if (!line) return pass_on(std::move(line.error()));
        if (!*line) break;
        if (starts_ignoring_case(**line, "* BYE"))
            return connection.fail(Code::Unavailable, Permanence::Temporary, "the server says BYE while idle");
        if (!(*line)->starts_with("* "))
            return connection.fail(Code::BadInput, Permanence::Temporary, "IDLE ended by itself");
    }
    connection.arm(Deadline::after(closing));
    if (auto sent = wire_.send("DONE\r\n"); !sent) return sent;
    auto reply = answer(tag);
    if (!reply) return pass_on(std::move(reply.error()));
    if (reply->ok()) return {};
    const auto refusal = imap_refusal("IDLE", reply->text);
    return connection.fail(refusal.code, refusal.permanence, refusal.what);
}

void ImapDialogue::logout() {
    const auto tag = next_tag();
    if (!wire_.send(tag + " LOGOUT\r\n")) return;
    // The answer is read to its end: closing on unread bytes sends a reset, which can overtake our own last words.
    for (;;) {
        auto line = wire_.read_line();
        if (!line || line->starts_with(tag)) return;
    }
}

}  // namespace tocsin::transport
