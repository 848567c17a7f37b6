#include "daemon/admin/examiner.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <thread>

#include "daemon/admin/admin.hpp"
#include "daemon/examiner.hpp"
#include "daemon/keys/keychain.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds patience{30};

// Nothing where there is none to be had: then mail is looked at as by a house without keys.
void keychain_of(const Loaded& loaded, std::optional<Keychain>& keychain) {
    if (!loaded.configuration.openpgp) return;
    keychain.emplace(*loaded.configuration.openpgp);
    const auto home = keychain->check_home();
    if (home) return;
    complain(home.error().what, 0);
    keychain.reset();
}

struct Session {
    Examiner& examiner;
    Keychain* keychain;  // nothing: no [openpgp]
    const std::vector<store::KnownKey>& known;
};

asio::awaitable<void> read_keys(Session session) {
    if (session.keychain == nullptr) co_return;
    const auto read = co_await session.keychain->renew(session.examiner, session.known);
    // Mail that needs no key is looked at all the same.
    if (!read) complain(read.error().what, 0);
}

asio::awaitable<void> ask_once(Session session, const intake::Frame& request,
                               std::optional<Result<intake::Frame>>& answer) {
    co_await read_keys(session);
    answer.emplace(co_await session.examiner.ask(request, patience));
    session.examiner.close();
}

intake::ExamineOptions options_of(const Loaded& loaded, bool with_text) {
    const MailboxConfiguration& mailbox = loaded.configuration.mailboxes.front();
    return {.recipient = loaded.configuration.organisation.address.text(),
            .via_list = mailbox.rules.via_list,
            .authserv_id = loaded.configuration.organisation.authserv_id,
            .addresses = intake::all_addresses_of(loaded.configuration.organisation),
            .certificates = intake::certificates_of(loaded.configuration.organisation),
            .with_text = with_text};
}

constexpr std::size_t most_together = 32;
constexpr std::size_t most_bytes_together = 4u << 20;

// What the lanes share: the next mail, and how many of them are still at work.
struct Lanes {
    const Loaded& loaded;
    Examiner& examiner;
    std::size_t count;
    std::size_t together;  // mails that one process reads, at most
    const BytesOf& bytes_of;
    const DoneWith& done;
    std::size_t next = 0;
    std::size_t at_work = 0;
};

asio::awaitable<void> examine_alone(Lanes& lanes, std::size_t number, std::string bytes) {
    const intake::Frame request = intake::ask_to_examine(options_of(lanes.loaded, false), std::move(bytes));
    const auto answer = co_await lanes.examiner.ask(request, patience);
    lanes.done(number,
               answer ? intake::examination_in(*answer) : Result<intake::Examination>{tl::unexpected{answer.error()}});
}

// One that ends its process is found by asking of each alone.
asio::awaitable<void> examine_together(Lanes& lanes, std::size_t first, std::vector<std::string> mails) {
    const intake::Frame request = intake::ask_to_examine_all(options_of(lanes.loaded, false), mails);
    const auto answer = co_await lanes.examiner.ask(request, patience);
    const auto examinations = answer ? intake::examinations_in(*answer, mails.size())
                                     : Result<std::vector<Result<intake::Examination>>>{tl::unexpected{answer.error()}};
    for (std::size_t i = 0; i < mails.size(); ++i)
        if (examinations)
            lanes.done(first + i, (*examinations)[i]);
        else
            co_await examine_alone(lanes, first + i, std::move(mails[i]));
}

asio::awaitable<void> examine_lane_of(Lanes& lanes) {
    while (lanes.next < lanes.count) {
        const std::size_t first = lanes.next;
        std::vector<std::string> mails;
        for (std::size_t bytes = 0; lanes.next < lanes.count && mails.size() < lanes.together &&
                                    (mails.empty() || bytes < most_bytes_together);
             ++lanes.next) {
            mails.push_back(lanes.bytes_of(lanes.next));
            bytes += mails.back().size();
        }
        if (mails.size() == 1)
            co_await examine_alone(lanes, first, std::move(mails.front()));
        else
            co_await examine_together(lanes, first, std::move(mails));
    }
    if (--lanes.at_work == 0) lanes.examiner.close();
}

using WhenEnded = std::function<void(const std::exception_ptr&)>;

// The keys first, so that old ciphertexts are opened again; then all lanes at once.
asio::awaitable<void> examine_in_lanes(Session session, Lanes& lanes, const WhenEnded& ended) {
    co_await read_keys(session);
    const auto executor = co_await asio::this_coro::executor;
    for (std::size_t lane = lanes.at_work; lane > 0; --lane) asio::co_spawn(executor, examine_lane_of(lanes), ended);
}

Result<intake::Frame> ask(const Loaded& loaded, const intake::Frame& request,
                          const std::vector<store::KnownKey>& known = {}, KeysNow* keys = nullptr) {
    asio::io_context io{1};
    std::optional<Keychain> keychain;
    keychain_of(loaded, keychain);
    auto setup = examiner_setup(loaded.configuration);
    if (!keychain) setup.keys.clear();
    auto examiner = Examiner::start(io.get_executor(), examiner_program(), setup);
    if (!examiner) return tl::unexpected{examiner.error()};
    std::optional<Result<intake::Frame>> answer;
    std::exception_ptr failure;
    asio::co_spawn(io, ask_once({**examiner, keychain ? &*keychain : nullptr, known}, request, answer),
                   [&failure](const std::exception_ptr& thrown) { failure = thrown; });
    io.run();
    if (failure) std::rethrow_exception(failure);
    if (keys != nullptr && keychain) *keys = {keychain->keyring(), keychain->own_key()};
    return std::move(*answer);
}

}  // namespace

Result<intake::Examination> examine_now(const Loaded& loaded, std::string bytes,
                                        const std::vector<store::KnownKey>& known, KeysNow* keys) {
    const auto answer = ask(loaded, intake::ask_to_examine(options_of(loaded, true), std::move(bytes)), known, keys);
    if (!answer) return tl::unexpected{answer.error()};
    return intake::examination_in(*answer);
}

Result<void> examine_many(const Loaded& loaded, std::size_t count, Process process, const BytesOf& bytes_of,
                          const DoneWith& done, const std::optional<std::vector<store::KnownKey>>& known) {
    if (count == 0) return {};
    asio::io_context io{1};
    std::optional<Keychain> keychain;
    if (known) keychain_of(loaded, keychain);
    auto setup = examiner_setup(loaded.configuration);
    if (!keychain) setup.keys.clear();
    auto examiner = Examiner::start(io.get_executor(), examiner_program(), setup);
    if (!examiner) return tl::unexpected{examiner.error()};
    Lanes lanes{loaded, **examiner, count, process == Process::Shared ? most_together : 1, bytes_of, done};
    std::exception_ptr failure;
    const WhenEnded ended = [&](const std::exception_ptr& thrown) {
        if (!thrown) return;
        failure = thrown;
        io.stop();
    };
    const auto bound = known.value_or(std::vector<store::KnownKey>{});
    // One more than there are cores, so that none waits while we read an answer.
    lanes.at_work = std::min<std::size_t>(count, std::max(1U, std::thread::hardware_concurrency()) + 1U);
    asio::co_spawn(io, examine_in_lanes({**examiner, keychain ? &*keychain : nullptr, bound}, lanes, ended), ended);
    io.run();
    if (failure) std::rethrow_exception(failure);
    return {};
}

Result<std::string> compose_now(const Loaded& loaded, const std::string& recipe,
                                const std::optional<std::string>& mail) {
    const auto answer = ask(loaded, intake::ask_to_compose({recipe}, mail.value_or(""), mail.has_value()));
    if (!answer) return tl::unexpected{answer.error()};
    auto mails = intake::mails_in(*answer, 1);
    if (!mails) return tl::unexpected{mails.error()};
    return std::move(mails->front());
}

}  // namespace tocsin::daemon
