#include "transport/smtp_sink.hpp"

#include <fmt/format.h>

#include "transport/smtp_dialogue.hpp"
#include "transport/submission.hpp"
#include "transport/wire_text.hpp"

namespace tocsin::transport {
namespace {

// What EHLO may say of us: a domain or an address literal (RFC 5321 section 4.1.1.1).
std::string presentable(std::string_view own_name) {
    const auto safe = wire_safe(own_name, "own name");
    return safe && !own_name.empty() && own_name.find(' ') == std::string_view::npos ? *safe : "[127.0.0.1]";
}

}  // namespace

struct SmtpSink::Session {
    Session(std::unique_ptr<Connection> connection, const SmtpDeadlines& its_deadlines)
        : deadlines{its_deadlines}, dialogue{std::move(connection)} {}

    void arm(std::chrono::milliseconds span) { dialogue.connection().arm(Deadline::after(span)); }
    Result<void> log_in(const Endpoint& endpoint, const Login& login, const Trust& trust, const std::string& own_name);

    SmtpDeadlines deadlines;
    SmtpDialogue dialogue;
};

Result<void> SmtpSink::Session::log_in(const Endpoint& endpoint, const Login& login, const Trust& trust,
                                       const std::string& own_name) {
    if (endpoint.tls == TlsStart::Implicit) {
        arm(deadlines.tls);
        if (auto done = dialogue.connection().start_tls(trust); !done) return done;
    }
    arm(deadlines.greeting);
    if (auto done = dialogue.greeting(); !done) return done;
    if (auto done = dialogue.ehlo(own_name); !done) return done;
    if (endpoint.tls == TlsStart::StartTls) {
        if (auto done = dialogue.start_tls(trust, deadlines.tls); !done) return done;
        arm(deadlines.greeting);
        if (auto done = dialogue.ehlo(own_name); !done) return done;
    }
    arm(deadlines.login);
    return dialogue.log_in(login, endpoint);
}

SmtpSink::SmtpSink(std::unique_ptr<Session> session) : session_{std::move(session)} {}
SmtpSink::SmtpSink(SmtpSink&&) noexcept = default;
SmtpSink& SmtpSink::operator=(SmtpSink&&) noexcept = default;
SmtpSink::~SmtpSink() = default;

Result<SmtpSink> SmtpSink::connect(const Endpoint& endpoint, const Login& login, const Trust& trust,
                                   const Interrupt& interrupt, std::string_view own_name,
                                   const SmtpDeadlines& deadlines) {
    auto connection = Connection::open(endpoint.host, endpoint.port, interrupt, Deadline::after(deadlines.connect));
    if (!connection) return tl::unexpected<Error>{std::move(connection.error())};
    auto session = std::make_unique<Session>(std::move(*connection), deadlines);
    if (auto done = session->log_in(endpoint, login, trust, presentable(own_name)); !done)
        return tl::unexpected<Error>{std::move(done.error())};
    return SmtpSink{std::move(session)};
}

Submitted SmtpSink::submit(const Envelope& envelope, std::string_view bytes,
                           const std::function<bool()>& before_final_dot) {
    return submit_mail(session_->dialogue, session_->deadlines, envelope, bytes, before_final_dot);
}

std::optional<Instant> SmtpSink::certificate_expiry() const {
    return session_->dialogue.connection().certificate_expiry();
}

bool SmtpSink::usable() const {
    auto& connection = session_->dialogue.connection();
    if (connection.dead()) return false;
    // A server that closes an idle connection says 421 first, or nothing: either way there is something to read.
    session_->arm(session_->deadlines.quit);
    const auto early = session_->dialogue.early_reply();
    if (!early) return false;
    if (!*early) return true;
    [[maybe_unused]] auto dead = connection.fail(Code::Unavailable, Permanence::Temporary,
                                                 fmt::format("the server says {} unasked", (*early)->code));
    return false;
}

void SmtpSink::quit() {
    auto& connection = session_->dialogue.connection();
    if (!connection.dead()) {
        session_->arm(session_->deadlines.quit);
        [[maybe_unused]] const auto reply = session_->dialogue.command("QUIT");
    }
    connection.close();
}

}  // namespace tocsin::transport
