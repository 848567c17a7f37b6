#include "daemon/examine/zygote.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <string>

#include "base/file.hpp"
#include "base/handle.hpp"
#include "crypto/gpg.hpp"
#include "crypto/gpg_engine.hpp"
#include "crypto/smime.hpp"
#include "daemon/examine/mail_process.hpp"
#include "daemon/examiner_link.hpp"
#include "intake/examine/examine.hpp"

namespace tocsin::daemon {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Work {
    std::uint64_t number = 0;
    SteadyTime deadline;
    bool out_of_time = false;
};

class Zygote {
public:
    Zygote(Heap& heap, rules::RuleSet rule_set, intake::ExaminationLimits limits, Reach reach,
           FileConfinement files_of_mail)
        : heap_{heap},
          rule_set_{std::move(rule_set)},
          limits_{limits},
          reach_{std::move(reach)},
          files_of_mail_{std::move(files_of_mail)} {
        sigset_t children;
        sigemptyset(&children);
        sigaddset(&children, SIGCHLD);
        sigprocmask(SIG_BLOCK, &children, nullptr);
        children_ = Descriptor{::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK)};
    }

    // Until the other side goes away.
    int serve() {
        for (;;) {
            pollfd waiting[] = {{examiner_link_fd, POLLIN, 0}, {children_.get(), POLLIN, 0}};
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
        intake::warm_up(rule_set_, limits_);
        warm_ = true;
        heap_.settle();
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
        Order order;
        std::array<char, 1024> bytes{};
        PacketWithSocket packet{bytes.data(), bytes.size()};
        const ssize_t got = ::recvmsg(examiner_link_fd, &packet.message, MSG_CMSG_CLOEXEC);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
        if (got <= 0) return false;
        const cmsghdr* rights = CMSG_FIRSTHDR(&packet.message);
        if (rights == nullptr) take_keys({bytes.data(), static_cast<std::size_t>(got)});
        if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) return true;
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
        const Descriptor socket{fd};
        if (static_cast<std::size_t>(got) != sizeof order) return true;
        std::memcpy(&order, bytes.data(), sizeof order);
        ++orders_;
        begin(order, socket);
        return true;
    }

    // Narrower than what the zygote may: the keys that are read now, no other file, and few calls.
    bool confine_child(std::uint32_t kind) const {
        const bool about_keys = kind != order_about_mail;
        Reach reach;
        reach.writes_keys = true;
        reach.keys = reach_.keys;
        if (kind == order_about_offered_key)
            reach.keys += std::string{"/"} + offered_keys_folder;
        else
            reach.workshop = reach_.workshop;
        if (!(about_keys ? confine_files(reach) : files_of_mail_.enforce())) return false;
#ifdef __SANITIZE_ADDRESS__  // whose own calls are many
        return true;
#else
        // In an administrator's workshop gpg starts its agent, which takes many more.
        return (about_keys && !reach_.workshop.empty()) || confine_calls(about_keys).has_value();
#endif
    }

    // Which keys are in reach from now on.
    void take_keys(std::string_view words) {
        if (words.empty() || words.front() != keys_in_reach) return;
        words.remove_prefix(1);
        const std::size_t end = words.find('\n');
        if (end == std::string_view::npos) return;
        const std::string home{words.substr(0, end)};
        const auto text = read_file(home + "/keys");
        auto keyring = text ? openpgp::keyring_from(*text) : Result<openpgp::Keyring>{tl::unexpected{text.error()}};
        auto files = FileConfinement::of({.keys = home, .workshop = {}});
        if (!files) keyring = tl::unexpected{files.error()};
        if (files) files_of_mail_ = std::move(*files);
        if (const auto begun = crypto::begin(home); !begun) keyring = tl::unexpected{begun.error()};
        if (keyring) engine_.emplace(home, std::move(*keyring), std::string{words.substr(end + 1)});
    }

    // Where keys are configured and none was shown yet, mail that needs one waits: it is not mail to a house without.
    openpgp::Engine& engine() {
        if (engine_) return *engine_;
        if (reach_.keys.empty()) return none_;
        return away_;
    }

    void begin(const Order& order, const Descriptor& socket) {
        const pid_t child = ::fork();
        if (child < 0) return say_not_begun(socket.get());
        if (child == 0) {
            ::setpgid(0, 0);
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::close(examiner_link_fd);
            const bool about_keys = order.kind != order_about_mail;
            limit_resources(about_keys);
            children_.reset();
            if (!confine_child(order.kind)) {
                say_not_begun(socket.get());
                ::_exit(71);
            }
            int status = 1;
            try {
                status = answer_one(socket.get(), rule_set_, limits_, engine(), about_keys);
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
                const Verdict verdict{.number = found->second.number,
                                      .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                                      .exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                                      .out_of_time = found->second.out_of_time ? 1 : 0,
                                      .reserved = 0};
                // Word for the log alone; the closed socket has already told the rest.
                (void)::send(examiner_link_fd, &verdict, sizeof verdict, MSG_NOSIGNAL | MSG_DONTWAIT);
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

    Heap& heap_;
    rules::RuleSet rule_set_;
    intake::ExaminationLimits limits_;
    Reach reach_;
    FileConfinement files_of_mail_;  // with the keys that are read now
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

}  // namespace

int serve_orders(Heap& heap, rules::RuleSet rule_set, const intake::ExaminationLimits& limits, const Reach& reach) {
    auto files_of_mail = FileConfinement::of({});
    if (!files_of_mail) return 71;
    Zygote zygote{heap, std::move(rule_set), limits, reach, std::move(*files_of_mail)};
    return zygote.serve();
}

}  // namespace tocsin::daemon
