// tocsin-examine: the process that reads what strangers send.
//
// A zygote: it loads the rules, forks one process for each mail, so that a mail that takes over its process owns
// nothing but itself, and warms the rules up while it has nothing else to do. It has no passwords, no database and no
// configuration file. Past its deadline a mail's process is killed with its whole group.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/file.hpp"
#include "base/handle.hpp"
#include "crypto/gpg.hpp"
#include "crypto/gpg_engine.hpp"
#include "crypto/smime.hpp"
#include "daemon/examine/agent_start.hpp"
#include "daemon/examine/key_work.hpp"
#include "daemon/examine/lockdown.hpp"
#include "daemon/examiner_link.hpp"
#ifdef TOCSIN_PLANTED_FAULTS
#include "daemon/examine/planted_faults.hpp"
#endif
#include "intake/examine/frame.hpp"

namespace {

using namespace tocsin;
using SteadyTime = std::chrono::steady_clock::time_point;

struct Work {
    std::uint64_t number = 0;
    SteadyTime deadline;
    bool out_of_time = false;
};

bool read_whole(int fd, char* into, std::size_t count) {
    while (count > 0) {
        const ssize_t got = ::read(fd, into, count);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        into += got;
        count -= static_cast<std::size_t>(got);
    }
    return true;
}

bool write_whole(int fd, const void* bytes, std::size_t count) {
    const char* from = static_cast<const char*>(bytes);
    while (count > 0) {
        const ssize_t written = ::send(fd, from, count, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        from += written;
        count -= static_cast<std::size_t>(written);
    }
    return true;
}

void say_not_begun(int socket) {
    intake::FrameHead head;
    head.fill(daemon::not_begun);
    (void)write_whole(socket, head.data(), head.size());
}

// One mail: a frame in, a frame out.
int examine_one(int socket, const rules::RuleSet& rule_set, const intake::ExaminationLimits& limits,
                openpgp::Engine& engine, bool about_keys) {
    intake::FrameHead head{};
    if (!read_whole(socket, reinterpret_cast<char*>(head.data()), head.size())) return 1;
    const auto lengths = intake::lengths_of(head, intake::largest_request);
    if (!lengths) return 1;
    intake::Frame request{std::string(lengths->json, '\0'), std::string(lengths->bytes, '\0')};
    if (!read_whole(socket, request.json.data(), request.json.size())) return 1;
    if (!read_whole(socket, request.bytes.data(), request.bytes.size())) return 1;

#ifdef TOCSIN_PLANTED_FAULTS
    if (!about_keys && daemon::do_what_was_planted(request.bytes)) return 99;
#endif
    intake::Frame answer =
        about_keys ? daemon::work_on_keys(request) : intake::carry_out(request, rule_set, limits, engine);
#ifdef TOCSIN_PLANTED_FAULTS
    if (!about_keys) daemon::change_what_was_planted(request.bytes, answer);
#endif
    const intake::FrameHead answer_head = intake::head_of(answer);
    const bool sent = write_whole(socket, answer_head.data(), answer_head.size()) &&
                      write_whole(socket, answer.json.data(), answer.json.size()) &&
                      write_whole(socket, answer.bytes.data(), answer.bytes.size());
    return sent ? 0 : 1;
}

// One mail's process: what it may use up is bounded apart from everybody else's. A mail's process writes no file at
// all.
void limit_resources(bool writes_files) {
    const rlimit descriptors{64, 64};
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    const rlimit locked{1u << 20, 1u << 20};
    ::setrlimit(RLIMIT_MEMLOCK, &locked);
#ifdef TOCSIN_PLANTED_FAULTS
    const rlimit seconds{2, 2};  // which a test waits for
#else
    const rlimit seconds{20, 20};
#endif
    ::setrlimit(RLIMIT_CPU, &seconds);
#ifndef __SANITIZE_ADDRESS__  // whose shadow alone is larger
    const rlimit memory{rlim_t{1} << 30, rlim_t{1} << 30};
    ::setrlimit(RLIMIT_AS, &memory);
    if (!writes_files) {
        const rlimit nothing{0, 0};
        ::setrlimit(RLIMIT_FSIZE, &nothing);
    }
    // A log that is a file would end us at the first word, and words of a mail's process are nobody's.
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(null, STDERR_FILENO);
    ::close(null);
#endif
}

// A fork copies the table of pages, and what was written beside a living child lies in small ones: gathered into
// large pages again, a heap of forty megabytes is twenty entries of it in place of ten thousand. A kernel that cannot
// do it (before 6.1) leaves all as it is.
class Heap {
public:
    Heap() : begin_{(reinterpret_cast<std::uintptr_t>(::sbrk(0)) + large_page - 1) & ~(large_page - 1)} {}
    void gather() const {
        const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0)) & ~(large_page - 1);
        if (begin_ < end) (void)::madvise(reinterpret_cast<void*>(begin_), end - begin_, collapse);
    }

private:
    static constexpr std::uintptr_t large_page = 2u << 20;
    static constexpr int collapse = 25;  // MADV_COLLAPSE, which the headers of this release do not name
    std::uintptr_t begin_;
};

class Zygote {
public:
    Zygote(Heap heap, rules::RuleSet rule_set, intake::ExaminationLimits limits, daemon::Reach reach)
        : heap_{heap}, rule_set_{std::move(rule_set)}, limits_{limits}, reach_{std::move(reach)} {
        sigset_t children;
        sigemptyset(&children);
        sigaddset(&children, SIGCHLD);
        sigprocmask(SIG_BLOCK, &children, nullptr);
        children_ = Descriptor{::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK)};
    }

    // Until the other side goes away.
    int serve() {
        for (;;) {
            pollfd waiting[] = {{daemon::examiner_link_fd, POLLIN, 0}, {children_.get(), POLLIN, 0}};
            const int ready = ::poll(waiting, 2, milliseconds_left());
            if (ready < 0 && errno != EINTR) return 1;
            if (is_time_to_warm_up()) warm_up();
            if (waiting[1].revents != 0) reap();
            if (waiting[0].revents != 0 && !take_order()) break;
            kill_overdue();
        }
        for (const auto& [child, work] : working_) ::kill(-child, SIGKILL);
        while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
        }
        return 0;
    }

private:
    // Nobody waits for it: the first mails build for themselves what they need of the automata. And who comes with a
    // mail or two and goes, as `tocsinctl explain` does, has no use for it.
    bool is_time_to_warm_up() const {
        return !warm_ && (orders_ > few_orders || std::chrono::steady_clock::now() >= warm_from_);
    }

    // All at once: what is written while a mail's process lives is copied for it, and lies in small pages afterwards.
    void warm_up() {
        for (std::size_t pattern = 0; rule_set_.warm_up(pattern); ++pattern) {
        }
        warm_ = true;
        heap_.gather();
    }

    int milliseconds_left() const {
        if (is_time_to_warm_up()) return 0;
        std::optional<SteadyTime> nearest;
        if (!warm_) nearest = warm_from_;
        for (const auto& [child, work] : working_)
            if (!work.out_of_time && (!nearest || work.deadline < *nearest)) nearest = work.deadline;
        if (!nearest) return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*nearest - std::chrono::steady_clock::now());
        return static_cast<int>(std::max<std::int64_t>(0, left.count()));
    }

    // False when the other side has gone.
    bool take_order() {
        daemon::Order order;
        std::array<char, 1024> packet{};
        iovec part{packet.data(), packet.size()};
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        const ssize_t got = ::recvmsg(daemon::examiner_link_fd, &message, MSG_CMSG_CLOEXEC);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
        if (got <= 0) return false;
        const cmsghdr* rights = CMSG_FIRSTHDR(&message);
        if (rights == nullptr) take_keys({packet.data(), static_cast<std::size_t>(got)});
        if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) return true;
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
        const Descriptor socket{fd};
        if (static_cast<std::size_t>(got) != sizeof order) return true;
        std::memcpy(&order, packet.data(), sizeof order);
        ++orders_;
        begin(order, socket);
        return true;
    }

    // Narrower than what the zygote may: the keys that are read now, no other file, and few calls.
    bool confine_child(std::uint32_t kind) const {
        const bool about_keys = kind != daemon::order_about_mail;
        daemon::Reach reach;
        if (kind == daemon::order_about_offered_key) {
            reach.keys = reach_.keys + "/" + daemon::offered_keys_folder;
            reach.writes_keys = true;
        } else if (about_keys) {
            reach.keys = reach_.keys;
            reach.writes_keys = true;
            reach.workshop = reach_.workshop;
        } else {
            reach.keys = keys_home_;
        }
        if (!daemon::confine_files(reach)) return false;
#ifdef __SANITIZE_ADDRESS__  // whose own calls are many
        return true;
#else
        // In an administrator's workshop gpg starts its agent, which takes many more.
        return (about_keys && !reach_.workshop.empty()) || daemon::confine_calls(about_keys).has_value();
#endif
    }

    // Which keys are in reach from now on.
    void take_keys(std::string_view words) {
        if (words.empty() || words.front() != daemon::keys_in_reach) return;
        words.remove_prefix(1);
        const std::size_t end = words.find('\n');
        if (end == std::string_view::npos) return;
        const std::string home{words.substr(0, end)};
        const auto text = read_file(home + "/keys");
        auto keyring = text ? openpgp::keyring_from(*text) : Result<openpgp::Keyring>{tl::unexpected{text.error()}};
        keys_home_ = home;
        if (const auto begun = crypto::begin(home); !begun) keyring = tl::unexpected{begun.error()};
        if (keyring) engine_.emplace(home, std::move(*keyring), std::string{words.substr(end + 1)});
    }

    // Where keys are configured and none was shown yet, mail that needs one waits: it is not mail to a house without.
    openpgp::Engine& engine() {
        if (engine_) return *engine_;
        if (reach_.keys.empty()) return none_;
        return away_;
    }

    void begin(const daemon::Order& order, const Descriptor& socket) {
        const pid_t child = ::fork();
        if (child < 0) return say_not_begun(socket.get());
        if (child == 0) {
            ::setpgid(0, 0);
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::close(daemon::examiner_link_fd);
            const bool about_keys = order.kind != daemon::order_about_mail;
            limit_resources(about_keys);
            children_.reset();
            if (!confine_child(order.kind)) {
                say_not_begun(socket.get());
                ::_exit(71);
            }
            int status = 1;
            try {
                status = examine_one(socket.get(), rule_set_, limits_, engine(), about_keys);
            } catch (...) {
                status = 70;
            }
            ::_exit(status);  // no destructor of the zygote runs here
        }
        ::setpgid(child, child);
        working_[child] = {order.number,
                           std::chrono::steady_clock::now() + std::chrono::milliseconds{order.deadline_ms}, false};
    }

    void reap() {
        signalfd_siginfo information;
        while (::read(children_.get(), &information, sizeof information) > 0) {
        }
        int status = 0;
        for (pid_t child = ::waitpid(-1, &status, WNOHANG); child > 0; child = ::waitpid(-1, &status, WNOHANG)) {
            const auto found = working_.find(child);
            if (found == working_.end()) continue;  // what a mail's process left behind
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || found->second.out_of_time) {
                const daemon::Verdict verdict{.number = found->second.number,
                                              .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                                              .exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                                              .out_of_time = found->second.out_of_time ? 1 : 0,
                                              .reserved = 0};
                // Word for the log alone; the closed socket has already told the rest.
                (void)::send(daemon::examiner_link_fd, &verdict, sizeof verdict, MSG_NOSIGNAL | MSG_DONTWAIT);
            }
            ::kill(-child, SIGKILL);  // whatever else is left of its group
            working_.erase(found);
        }
    }

    void kill_overdue() {
        const SteadyTime now = std::chrono::steady_clock::now();
        for (auto& [child, work] : working_) {
            if (work.out_of_time || now < work.deadline) continue;
            work.out_of_time = true;
            ::kill(-child, SIGKILL);
        }
    }

    Heap heap_;
    rules::RuleSet rule_set_;
    intake::ExaminationLimits limits_;
    daemon::Reach reach_;
    std::string keys_home_;
    std::optional<crypto::GpgEngine> engine_;
    crypto::SmimeEngine none_;
    openpgp::AwayEngine away_;
    Descriptor children_;
    std::map<pid_t, Work> working_;
    static constexpr std::size_t few_orders = 8;
    const SteadyTime warm_from_ = std::chrono::steady_clock::now() + std::chrono::seconds{2};
    std::size_t orders_ = 0;
    bool warm_ = false;
};

void answer_setup(char word, const std::string& words) {
    const std::string packet = std::string(1, word) + words.substr(0, daemon::largest_setup - 1);
    (void)::send(daemon::examiner_link_fd, packet.data(), packet.size(), MSG_NOSIGNAL);
}

int run() {
    const Heap heap;
    ::prctl(PR_SET_DUMPABLE, 0);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGINT, SIG_IGN);  // a terminal's Ctrl-C is for the daemon, which ends us

    std::string packet(daemon::largest_setup, '\0');
    const ssize_t got = ::recv(daemon::examiner_link_fd, packet.data(), packet.size(), 0);
    if (got <= 0) {
        std::fputs("tocsin-examine: is started by tocsind and tocsinctl, not by hand\n", stderr);
        return 64;
    }
    packet.resize(static_cast<std::size_t>(got));
    const auto setup = intake::setup_from_json(packet);
    if (!setup) {
        answer_setup(daemon::examiner_refused, setup.error().what);
        return 65;
    }
    rules::LoadOptions options;
    options.path.assign(setup->rules_path.begin(), setup->rules_path.end());
    options.languages = setup->languages;
    rules::Mistakes mistakes;
    auto rule_set = rules::RuleSet::load(options, mistakes);
    if (!rule_set) {
        answer_setup(daemon::examiner_refused, mistakes.to_text());
        return 78;
    }
    if (const std::string home = setup->keys + setup->workshop; !home.empty()) {
        const auto begun = crypto::begin(home);
        if (!begun) {
            answer_setup(daemon::examiner_refused, begun.error().what);
            return 69;
        }
    }
    const std::string hash = rule_set->hash();
    const daemon::Reach reach{
        .keys = setup->keys, .writes_keys = true, .workshop = setup->workshop, .agent_home = false};
    if (!setup->keys.empty()) {
        std::error_code error;  // before it is shut: a folder that is not there cannot be let in later
        std::filesystem::create_directories(setup->keys, error);
    }
    auto confined = daemon::prepare_filters();
    if (confined) confined = daemon::confine_files(reach);
    if (!confined) {
        answer_setup(daemon::examiner_refused, confined.error().what);
        return 71;
    }
    Zygote zygote{heap, std::move(*rule_set), setup->limits, reach};
    answer_setup(daemon::examiner_ready, hash);
    return zygote.serve();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc == 3 && std::string_view{argv[1]} == "--agent") return daemon::become_agent(argv[2]);
        if (std::getenv("TOCSIN_PINENTRY") != nullptr) return daemon::answer_as_pinentry();
        return run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tocsin-examine: %s\n", error.what());
        return 70;
    }
}
