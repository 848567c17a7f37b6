#include "daemon/examiner.hpp"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/handle.hpp"
#include "daemon/event_log.hpp"
#include "daemon/examiner_link.hpp"
#include "store/database.hpp"

extern char** environ;

namespace tocsin::daemon {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr auto awaited = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds loading_deadline{60};
// The zygote kills first; this is for a zygote that does not.
constexpr std::chrono::seconds grace{5};

tl::unexpected<Error> lost(const std::string& what) { return temporary(Code::Unavailable, "examiner: " + what); }
tl::unexpected<Error> not_tried(const std::string& what) { return temporary(Code::Interrupted, "examiner: " + what); }

Result<pid_t> spawn(const std::filesystem::path& program, int link) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, link, examiner_link_fd);
    std::string name = program.filename().string();
    std::string locale = "LC_ALL=C.UTF-8";
    // The environment may hold secrets (credentials, tokens of the shell); nothing of it is needed there.
    char* arguments[] = {name.data(), nullptr};
    // What the loader does on first use it would do in each mail's process anew.
    std::string binding = "LD_BIND_NOW=1";
    // A fork copies the table of its pages: of large pages there are few, and all of its heap lies in them.
    std::string pages =
        "GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.top_pad=8388608:glibc.malloc.mmap_threshold=33554432";
    char* environment[] = {locale.data(), binding.data(), pages.data(), nullptr};
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return permanent(Code::System, program.string() + ": " + std::strerror(failed));
    return child;
}

// The link is closed already: the zygote kills what still works and ends by itself. One that does not is killed.
void end(pid_t child) {
    constexpr int moments = 100;
    for (int i = 0; i < moments; ++i) {
        const pid_t ended = ::waitpid(child, nullptr, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR)) return;
        ::poll(nullptr, 0, 5);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

// The zygote's answer to the setup, or nothing when it does not come in time.
std::optional<std::string> hear_answer(int link) {
    pollfd waiting{link, POLLIN, 0};
    const auto until = std::chrono::steady_clock::now() + loading_deadline;
    for (int ready = -1; ready < 0;) {  // a signal, as of a reload, does not end it
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return std::nullopt;
        ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready == 0 || (ready < 0 && errno != EINTR)) return std::nullopt;
    }
    std::string packet(largest_setup, '\0');
    ssize_t got = 0;
    do got = ::recv(link, packet.data(), packet.size(), 0);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return std::nullopt;
    packet.resize(static_cast<std::size_t>(got));
    return packet;
}

bool send_order(int link, const Order& order, int socket) {
    PacketWithSocket packet{const_cast<Order*>(&order), sizeof order};
    cmsghdr* rights = CMSG_FIRSTHDR(&packet.message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &socket, sizeof socket);
    return ::sendmsg(link, &packet.message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof order);
}

}  // namespace

struct Examiner::Link {
    asio::posix::stream_descriptor descriptor;
    std::array<char, sizeof(Verdict)> verdict{};
};

Examiner::Examiner(std::unique_ptr<Link> link, pid_t child, std::string rules_hash)
    : link_{std::move(link)}, child_{child}, rules_hash_{std::move(rules_hash)} {
    hear_verdicts();
}

Examiner::~Examiner() {
    link_.reset();
    end(child_);
}

void Examiner::close() {
    alive_ = false;
    boost::system::error_code ignored;
    link_->descriptor.close(ignored);
}

Result<std::unique_ptr<Examiner>> Examiner::start(asio::any_io_executor executor, const std::filesystem::path& program,
                                                  const intake::ExaminerSetup& setup) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return permanent(Code::System, "socketpair: " + std::string{std::strerror(errno)});
    Descriptor ours{ends[0]};
    Descriptor theirs{ends[1]};
    const auto child = spawn(program, theirs.get());
    if (!child) return tl::unexpected{child.error()};
    theirs.reset();

    const std::string json = intake::to_json(setup);
    std::optional<std::string> answer;
    if (::send(ours.get(), json.data(), json.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(json.size()))
        answer = hear_answer(ours.get());
    if (!answer || answer->front() != examiner_ready) {
        ours.reset();
        end(*child);
        if (!answer) return temporary(Code::System, program.string() + " did not begin its work");
        return permanent(Code::Configuration, answer->substr(1));
    }
    auto link = std::unique_ptr<Link>{new Link{asio::posix::stream_descriptor{executor, ours.release()}, {}}};
    return std::unique_ptr<Examiner>{new Examiner{std::move(link), *child, answer->substr(1)}};
}

// Every packet is one verdict; the end of the link is the end of the zygote.
void Examiner::hear_verdicts() {
    link_->descriptor.async_read_some(asio::buffer(link_->verdict), [this](boost::system::error_code error,
                                                                           std::size_t got) {
        if (error == asio::error::operation_aborted) return;  // closed by us
        if (error) {
            alive_ = false;
            log_event(Level::Error, event::examiner_lost, {{"pid", child_}});
            return;
        }
        if (got == sizeof(Verdict)) {
            Verdict verdict;
            std::memcpy(&verdict, link_->verdict.data(), sizeof verdict);
            log_event(
                Level::Warning, event::examination_ended,
                {{"signal", verdict.signal}, {"status", verdict.exit_status}, {"out_of_time", verdict.out_of_time}});
        }
        hear_verdicts();
    });
}

namespace {

using Socket = asio::local::stream_protocol::socket;

struct Waiting {
    explicit Waiting(std::size_t& counted) : count{counted} { ++count; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() { --count; }
    std::size_t& count;
};

// Sends the request and reads the answer; an Error where the other side goes away or says what it may not.
asio::awaitable<Result<intake::Frame>> exchange(Socket& socket, const intake::Frame& request, const LargeBody* body) {
    const intake::FrameHead head =
        intake::head_of(request.json.size(), body == nullptr ? request.bytes.size() : body->size);
    const std::array parts{asio::buffer(head), asio::buffer(request.json), asio::buffer(request.bytes)};
    const auto [first_error, written] = co_await asio::async_write(socket, parts, awaited);
    boost::system::error_code write_error = first_error;
    for (std::uint64_t sent = 0, part = 0; !write_error && body != nullptr && sent < body->size; ++part) {
        const std::string piece = body->part(part);
        if (piece.empty() || piece.size() > body->size - sent)
            throw store::Failure{"a journaled mail is not what was received"};
        const auto [piece_error, piece_written] = co_await asio::async_write(socket, asio::buffer(piece), awaited);
        write_error = piece_error;
        sent += piece.size();
    }
    // Who takes no mail may have said why.
    intake::FrameHead answer_head{};
    const auto [head_error, head_got] = co_await asio::async_read(socket, asio::buffer(answer_head), awaited);
    if (!head_error && std::ranges::all_of(answer_head, [](std::uint8_t byte) { return byte == not_begun; }))
        co_return not_tried("no process could be made for the mail");
    if (write_error) co_return lost("ended while the mail was handed over");
    if (head_error) co_return lost("ended without an answer");
    const auto lengths = intake::lengths_of(answer_head, intake::largest_answer);
    if (!lengths) co_return lost("answered more than it may");
    intake::Frame answer;
    answer.json.resize(lengths->json);
    answer.bytes.resize(lengths->bytes);
    const std::array into{asio::buffer(answer.json), asio::buffer(answer.bytes)};
    const auto [body_error, body_got] = co_await asio::async_read(socket, into, awaited);
    if (body_error) co_return lost("ended in the middle of an answer");
    co_return answer;
}

}  // namespace

asio::awaitable<Result<intake::Frame>> Examiner::ask(const intake::Frame& request, std::chrono::seconds deadline,
                                                     const LargeBody* body) {
    return order(request, deadline, order_about_mail, body);
}

asio::awaitable<Result<intake::Frame>> Examiner::ask_about_keys(const intake::Frame& request,
                                                                std::chrono::seconds deadline) {
    return order(request, deadline, order_about_keys, nullptr);
}

asio::awaitable<Result<intake::Frame>> Examiner::ask_about_offered_key(const intake::Frame& request,
                                                                       std::chrono::seconds deadline) {
    return order(request, deadline, order_about_offered_key, nullptr);
}

bool Examiner::use_keys(const std::filesystem::path& home, const std::string& own) {
    if (!alive_) return false;
    const std::string packet = keys_in_reach + home.string() + "\n" + own;
    return ::send(link_->descriptor.native_handle(), packet.data(), packet.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(packet.size());
}

asio::awaitable<Result<intake::Frame>> Examiner::order(const intake::Frame& request, std::chrono::seconds deadline,
                                                       std::uint32_t kind, const LargeBody* body) {
    if (!alive_) co_return not_tried("is not running");
    const Waiting waiting{awaited_};
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) co_return not_tried(std::strerror(errno));
    const auto executor = co_await asio::this_coro::executor;
    Socket socket{executor, asio::local::stream_protocol{}, ends[0]};
    Descriptor theirs{ends[1]};
    Order paper;
    paper.kind = kind;
    paper.number = next_number_++;
    paper.deadline_ms = static_cast<std::uint32_t>(std::chrono::milliseconds{deadline}.count());
    if (!send_order(link_->descriptor.native_handle(), paper, theirs.get())) {
        alive_ = false;
        co_return not_tried("takes no mail");
    }
    theirs.reset();

    asio::steady_timer timer{executor, deadline + grace};
    auto outcome = co_await (exchange(socket, request, body) || timer.async_wait(asio::use_awaitable));
    if (outcome.index() != 0) {
        // The zygote kills what is overdue: one that has not is of no use, and another takes its place.
        alive_ = false;
        ::kill(child_, SIGKILL);
        log_event(Level::Error, event::examiner_lost, {{"pid", child_}, {"why", "it stands still"}});
        co_return not_tried("stands still");
    }
    co_return std::get<0>(std::move(outcome));
}

std::filesystem::path examiner_program() {
    const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    const auto installed = folder / TOCSIN_LIBEXEC_FROM_BIN / "tocsin-examine";
    return std::filesystem::exists(folder / "tocsin-examine") ? folder / "tocsin-examine" : installed;
}

}  // namespace tocsin::daemon
