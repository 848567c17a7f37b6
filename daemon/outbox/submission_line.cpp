#include "daemon/outbox/submission_line.hpp"

#include <boost/asio/post.hpp>
#include <future>

#include "daemon/event_log.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

SubmissionLine::SubmissionLine(House& house, transport::Trust trust) : house_{house}, trust_{std::move(trust)} {}

asio::awaitable<Result<void>> SubmissionLine::ready() {
    if (sink_ && sink_->usable()) co_return Result<void>{};
    sink_.reset();
    const SubmissionConfiguration& submission = house_.configuration.submission;
    std::optional<Result<transport::SmtpSink>> made;
    const std::function<void()> work = [this, &submission, &made] {
        auto password = read_password(submission.password);
        if (!password) {
            made.emplace(tl::unexpected{password.error()});
            return;
        }
        const transport::Login login{submission.user, std::move(*password), login_method(submission.password)};
        const auto domain = house_.organisation().address.domain();
        made.emplace(transport::SmtpSink::connect(submission.server, login, trust_, interrupt_, domain));
        if (*made || made->error().code != Code::Refused || !is_token(submission.password)) return;
        // A token that was refused may have run out since it was made: asked for again, once.
        password = read_password(submission.password);
        if (!password) return;
        const transport::Login again{submission.user, std::move(*password), login_method(submission.password)};
        made.emplace(transport::SmtpSink::connect(submission.server, again, trust_, interrupt_, domain));
    };
    co_await worker_.run(work);
    if (!*made) {
        log_event(Level::Warning, event::submission_unreachable,
                  {{"server", submission.server.host}, {"why", made->error().what}});
        if (made->error().code != Code::Interrupted)
            house_.store.peers.in_trouble("submission", made->error().what, made->error().code == Code::Refused,
                                          house_.now());
        co_return tl::unexpected{made->error()};
    }
    sink_.emplace(std::move(**made));
    house_.store.peers.well("submission", sink_->certificate_expiry(), house_.now());
    log_event(Level::Information, event::submission_connected, {{"server", submission.server.host}});
    co_return Result<void>{};
}

asio::awaitable<transport::Submitted> SubmissionLine::submit(const transport::Envelope& envelope,
                                                             const std::string& bytes,
                                                             const std::function<void()>& before_final_dot) {
    std::optional<transport::Submitted> submitted;
    // The state belongs to the main thread: the worker hands the commit over and waits until it is on the disk.
    auto commit_phase = [this, &before_final_dot] {
        std::promise<bool> committed;
        asio::post(house_.io, [&before_final_dot, &committed] {
            try {
                before_final_dot();
                committed.set_value(true);
            } catch (...) {
                committed.set_exception(std::current_exception());
            }
        });
        return committed.get_future().get();
    };
    const std::function<void()> work = [this, &envelope, &bytes, &commit_phase, &submitted] {
        submitted.emplace(sink_->submit(envelope, bytes, commit_phase));
    };
    co_await worker_.run(work);
    if (submitted->connection_lost) sink_.reset();
    co_return std::move(*submitted);
}

asio::awaitable<void> SubmissionLine::quit() {
    if (!sink_) co_return;
    const std::function<void()> work = [this] { sink_->quit(); };
    co_await worker_.run(work);
    sink_.reset();
}

}  // namespace tocsin::daemon
