#include "transport/imap_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "transport/imap_session.hpp"
#include "transport/mailbox_name.hpp"

namespace tocsin::transport {
namespace {

using namespace std::chrono_literals;

// RFC 2177 section 3 says 29 minutes; some servers hang up after 25.
constexpr auto longest_idle = std::chrono::milliseconds{24min};

// One UID takes eleven bytes of a SEARCH answer, and the answer is one line: room for 1.5 million mails.
constexpr WireBudget search_budget{.framing_bytes = 17u << 20, .line_bytes = 16u << 20, .bytes = 17u << 20};

// Others may read and flag for as long as we wait, and each change is a line.
constexpr WireBudget idle_budget{.framing_bytes = 1u << 20, .bytes = 1u << 20};

tl::unexpected<Error> hand_on(Error error) { return tl::unexpected<Error>{std::move(error)}; }

}  // namespace

Result<void> ImapSource::Session::log_in(const Endpoint& endpoint, const Login& login, const Trust& trust) {
    const auto& deadlines = limits.deadlines;
    const bool start_tls = endpoint.tls == TlsStart::StartTls;
    const auto begin_tls = [&] {
        arm(deadlines.tls);
        return wire.connection().start_tls(trust);
    };
    if (!start_tls)
        if (auto done = begin_tls(); !done) return done;
    arm(deadlines.greeting);
    if (auto done = dialogue.greeting(); !done) return done;
    if (start_tls) {
        if (auto done = dialogue.start_tls(); !done) return done;
        if (auto done = begin_tls(); !done) return done;
    }
    arm(deadlines.command);
    if (auto done = dialogue.ask_capabilities(); !done) return done;
    arm(deadlines.login);
    if (auto done = dialogue.log_in(login, endpoint); !done) return done;
    arm(deadlines.command);
    etpan.emplace(wire);
    return etpan->begin();
}

ImapSource::ImapSource(std::unique_ptr<Session> session) : session_{std::move(session)} {}
ImapSource::ImapSource(ImapSource&&) noexcept = default;
ImapSource& ImapSource::operator=(ImapSource&&) noexcept = default;
ImapSource::~ImapSource() = default;

Result<ImapSource> ImapSource::connect(const Endpoint& endpoint, const Login& login, const Trust& trust,
                                       const Interrupt& interrupt, const ImapLimits& limits) {
    auto connection =
        Connection::open(endpoint.host, endpoint.port, interrupt, Deadline::after(limits.deadlines.connect));
    if (!connection) return hand_on(std::move(connection.error()));
    auto session = std::make_unique<Session>(std::move(*connection), limits);
    if (auto done = session->log_in(endpoint, login, trust); !done) return hand_on(std::move(done.error()));
    return ImapSource{std::move(session)};
}

std::optional<Instant> ImapSource::certificate_expiry() const {
    return session_->wire.connection().certificate_expiry();
}

bool ImapSource::can_idle() const { return session_->dialogue.can("IDLE"); }

Result<Selected> ImapSource::select(std::string_view mailbox) {
    auto& connection = session_->wire.connection();
    const auto name = to_modified_utf7(mailbox);
    if (!name) return hand_on(name.error());
    session_->arm(session_->limits.deadlines.command);
    auto answer = session_->etpan->select(*name);
    if (!answer) return hand_on(std::move(answer.error()));
    // RFC 3501 section 6.3.1: without it UIDs mean nothing from one session to the next.
    if (answer->uid_validity == 0)
        return connection.fail(Code::BadInput, Permanence::Temporary, "SELECT: the server gives no UIDVALIDITY");
    session_->wire.take_news();
    const bool read_only = contains_ignoring_case(session_->wire.last_status(), "[READ-ONLY]");
    return Selected{answer->uid_validity, answer->uid_next, answer->exists, read_only};
}

Result<std::vector<std::uint32_t>> ImapSource::all_uids() {
    session_->arm(session_->limits.deadlines.listing, search_budget);
    return session_->dialogue.search_uids(1);
}

Result<std::vector<Listing>> ImapSource::list_from(std::uint32_t from) {
    from = std::max<std::uint32_t>(from, 1);
    // Taken before the question: what arrives while it is answered is news for the next wait.
    session_->wire.take_news();
    session_->arm(session_->limits.deadlines.listing, search_budget);
    auto uids = session_->dialogue.search_uids(from);
    if (!uids) return hand_on(std::move(uids.error()));
    return session_->list(*uids);
}

Result<Word> ImapSource::wait(std::chrono::milliseconds most) {
    auto& session = *session_;
    const auto until = Deadline::after(most);
    const auto command = session.limits.deadlines.command;
    bool news = session.wire.take_news();
    const auto heard = [&] { return news = news || session.wire.take_news(); };
    const auto nudged = [&] { return session.wire.connection().nudged(); };
    while (!heard() && !until.passed() && !nudged()) {
        const auto pause = std::min(until.left(), longest_idle);
        session.arm(pause + command, idle_budget);
        if (can_idle()) {
            if (auto done = session.dialogue.idle(Deadline::after(pause), command, heard); !done)
                return hand_on(std::move(done.error()));
        } else {
            auto line = session.wire.read_line_before(Deadline::after(pause));
            if (!line) return hand_on(std::move(line.error()));
        }
        session.arm(command, idle_budget);
        if (auto done = session.dialogue.noop(); !done) return hand_on(std::move(done.error()));
    }
    if (heard()) return Word::Changed;
    return nudged() ? Word::Nudged : Word::Nothing;
}

Result<void> ImapSource::mark_seen(std::uint32_t uid) {
    session_->arm(session_->limits.deadlines.command);
    return session_->etpan->add_flag(uid, "\\Seen");
}

Result<void> ImapSource::move(std::uint32_t uid, std::string_view mailbox) {
    auto& session = *session_;
    const auto name = to_modified_utf7(mailbox);
    if (!name) return hand_on(name.error());
    session.arm(session.limits.deadlines.command);
    if (session.dialogue.can("MOVE")) return session.etpan->move(uid, *name);
    // RFC 6851 section 1 says what MOVE stands for. EXPUNGE takes away whatever others marked as deleted too, so it
    // is never sent: without UID EXPUNGE (RFC 4315) the old copy stays, marked.
    if (auto done = session.etpan->copy(uid, *name); !done) return done;
    session.arm(session.limits.deadlines.command);
    if (auto done = session.etpan->add_flag(uid, "\\Deleted"); !done) return done;
    if (!session.dialogue.can("UIDPLUS")) return {};
    session.arm(session.limits.deadlines.command);
    return session.etpan->expunge(uid);
}

Result<bool> ImapSource::create(std::string_view mailbox) {
    const auto name = to_modified_utf7(mailbox);
    if (!name) return hand_on(name.error());
    session_->arm(session_->limits.deadlines.command);
    return session_->dialogue.create(*name);
}

Result<void> ImapSource::append(std::string_view mailbox, std::string_view bytes, bool seen) {
    const auto name = to_modified_utf7(mailbox);
    if (!name) return hand_on(name.error());
    session_->arm(with_size(session_->limits.deadlines.body, bytes.size()));
    return session_->dialogue.append(*name, bytes, seen);
}

void ImapSource::log_out() {
    auto& connection = session_->wire.connection();
    if (!connection.dead()) {
        session_->arm(session_->limits.deadlines.logout);
        session_->dialogue.logout();
    }
    connection.close();
}

}  // namespace tocsin::transport
