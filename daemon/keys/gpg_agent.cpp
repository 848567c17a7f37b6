#include "daemon/keys/gpg_agent.hpp"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/handle.hpp"

namespace tocsin::daemon {

namespace {

constexpr int backlog = 64;

tl::unexpected<Error> agent_failure(const std::string& what) { return temporary(Code::System, "gpg-agent: " + what); }

bool name_of_socket(sockaddr_un& name, const std::filesystem::path& path) {
    name = {};
    name.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof name.sun_path) return false;
    std::memcpy(name.sun_path, path.c_str(), path.string().size());
    return true;
}

Descriptor listen_at(const std::filesystem::path& path) {
    sockaddr_un name;
    if (!name_of_socket(name, path)) return {};
    ::unlink(path.c_str());
    Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
        ::chmod(path.c_str(), 0600) != 0 || ::listen(socket.get(), backlog) != 0)
        return {};
    return socket;
}

Result<pid_t> launch(const std::filesystem::path& launcher, const std::filesystem::path& home, int standard, int extra,
                     const std::optional<Secret>& passphrase) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    // By way of high numbers: one of the two may be 3 or 4 already.
    posix_spawn_file_actions_adddup2(&actions, standard, 60);
    posix_spawn_file_actions_adddup2(&actions, extra, 61);
    posix_spawn_file_actions_adddup2(&actions, 60, 3);
    posix_spawn_file_actions_adddup2(&actions, 61, 4);
    posix_spawn_file_actions_addclose(&actions, 60);
    posix_spawn_file_actions_addclose(&actions, 61);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
    std::string name = launcher.filename().string();
    std::string job = "--agent";
    std::string where = home.string();
    std::string locale = "LC_ALL=C.UTF-8";
    std::string secret = "TOCSIN_PASSPHRASE=" + (passphrase ? passphrase->reveal() : std::string{});
    char* arguments[] = {name.data(), job.data(), where.data(), nullptr};
    char* environment[] = {locale.data(), passphrase ? secret.data() : nullptr, nullptr};
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, launcher.c_str(), &actions, nullptr, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    std::fill(secret.begin(), secret.end(), '\0');
    if (failed != 0) return agent_failure(std::strerror(failed));
    return child;
}

bool wait_for(int fd, short events, std::chrono::steady_clock::time_point until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd waiting{fd, events, 0};
    return left > 0 && ::poll(&waiting, 1, static_cast<int>(left)) > 0;
}

// One line of Assuan.
std::string read_line(int fd, std::chrono::steady_clock::time_point until) {
    std::string line;
    while (line.size() < 1000 && wait_for(fd, POLLIN, until)) {
        char byte = 0;
        if (::read(fd, &byte, 1) != 1) return {};
        if (byte == '\n') return line;
        line += byte;
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<GpgAgent>> GpgAgent::start(const std::filesystem::path& launcher,
                                                  const std::filesystem::path& home,
                                                  const std::optional<Secret>& passphrase) {
    static unsigned count = 0;
    const std::string number = std::to_string(::getpid()) + "-" + std::to_string(++count % 1000);
    const std::filesystem::path standard_path = home / ("S." + number + "s");
    const std::filesystem::path extra_path = home / ("S." + number + "e");
    const Descriptor standard = listen_at(standard_path);
    const Descriptor extra = listen_at(extra_path);
    ::unlink(standard_path.c_str());
    if (!standard || !extra) {
        ::unlink(extra_path.c_str());
        return agent_failure("no socket can be made in " + home.string() + ": " + std::strerror(errno));
    }
    const auto child = launch(launcher, home, standard.get(), extra.get(), passphrase);
    if (!child) {
        ::unlink(extra_path.c_str());
        return tl::unexpected{child.error()};
    }
    std::unique_ptr<GpgAgent> agent{new GpgAgent{*child, extra_path}};
    if (!agent->answers(std::chrono::milliseconds{5'000})) return agent_failure("it does not answer");
    return agent;
}

GpgAgent::~GpgAgent() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    ::unlink(socket_.c_str());
}

bool GpgAgent::answers(std::chrono::milliseconds patience) const {
    siginfo_t ended{};
    if (::waitid(P_PID, static_cast<id_t>(child_), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == child_)
        return false;
    const auto until = std::chrono::steady_clock::now() + patience;
    sockaddr_un name;
    const Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket || !name_of_socket(name, socket_) ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
        return false;
    if (!read_line(socket.get(), until).starts_with("OK")) return false;
    constexpr std::string_view question = "GETINFO version\n";
    if (::send(socket.get(), question.data(), question.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(question.size()))
        return false;
    const bool said = read_line(socket.get(), until).starts_with("D ");
    return read_line(socket.get(), until).starts_with("OK") && said;
}

}  // namespace tocsin::daemon
