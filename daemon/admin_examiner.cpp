#include "daemon/admin_examiner.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "daemon/examiner.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds patience{30};

asio::awaitable<void> ask_once(Examiner& examiner, const intake::Frame& request, std::optional<Result<intake::Frame>>& answer) {
    answer.emplace(co_await examiner.ask(request, patience));
    examiner.close();
}

Result<intake::Frame> ask(const Loaded& loaded, const intake::Frame& request) {
    asio::io_context io{1};
    auto examiner = Examiner::start(io.get_executor(), examiner_program(), examiner_setup(loaded.configuration));
    if (!examiner) return tl::unexpected{examiner.error()};
    std::optional<Result<intake::Frame>> answer;
    std::exception_ptr failure;
    asio::co_spawn(io, ask_once(**examiner, request, answer), [&failure](const std::exception_ptr& thrown) { failure = thrown; });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*answer);
}

}  // namespace

Result<intake::Examination> examine_now(const Loaded& loaded, std::string bytes) {
    const MailboxConfiguration& mailbox = loaded.configuration.mailboxes.front();
    const intake::ExamineOptions options{.recipient = loaded.configuration.organisation.address.text(),
                                         .via_list = mailbox.rules.via_list,
                                         .authserv_id = loaded.configuration.organisation.authserv_id,
                                         .with_text = true};
    const auto answer = ask(loaded, intake::ask_to_examine(options, std::move(bytes)));
    if (!answer) return tl::unexpected{answer.error()};
    return intake::examination_in(*answer);
}

Result<std::string> compose_now(const Loaded& loaded, const std::string& recipe, const std::optional<std::string>& mail) {
    const auto answer = ask(loaded, intake::ask_to_compose({recipe}, mail.value_or(""), mail.has_value()));
    if (!answer) return tl::unexpected{answer.error()};
    auto mails = intake::mails_in(*answer, 1);
    if (!mails) return tl::unexpected{mails.error()};
    return std::move(mails->front());
}

}  // namespace tocsin::daemon
