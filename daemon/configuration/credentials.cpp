#include "daemon/configuration/credentials.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/file.hpp"
#include "base/handle.hpp"

extern char** environ;

namespace tocsin::daemon {

namespace {

constexpr std::size_t longest_secret = 64 << 10;
constexpr std::chrono::seconds command_deadline{30};

Result<Secret> first_line(std::string text, const std::string& where) {
    text.resize(std::min(text.find_first_of("\r\n"), text.size()));
    if (text.empty()) return permanent(Code::Configuration, where + ": no secret in its first line");
    return Secret{std::move(text)};
}

Result<Secret> from_file(const std::string& path) {
    auto text = read_file(path, longest_secret);
    if (!text) return tl::unexpected{text.error()};
    return first_line(std::move(*text), path);
}

std::string credential_path(const PasswordCredential& credential) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    return folder == nullptr ? std::string{} : std::string{folder} + "/" + credential.name;
}

// Reads until the end of the output, the first line end or the deadline.
bool read_until(int fd, std::string& text, std::chrono::steady_clock::time_point deadline) {
    while (text.find('\n') == std::string::npos && text.size() < longest_secret) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        pollfd waiting{fd, POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(left.count())) < 0 && errno != EINTR) return false;
        if (waiting.revents == 0) continue;
        char piece[4096];
        const ssize_t got = ::read(fd, piece, sizeof piece);
        if (got < 0 && errno != EINTR) return false;
        if (got == 0) return true;
        if (got > 0) text.append(piece, static_cast<std::size_t>(got));
    }
    return true;
}

// The child's wait status, or nothing when it still runs at the deadline.
std::optional<int> status_by(pid_t child, std::chrono::steady_clock::time_point deadline) {
    do {
        int status = 0;
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child) return status;
        if (ended < 0 && errno != EINTR) return std::nullopt;
        ::poll(nullptr, 0, 10);
    } while (std::chrono::steady_clock::now() < deadline);
    return std::nullopt;
}

Result<Secret> from_command(const PasswordCommand& command) {
    const std::string& program = command.arguments.front();
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return temporary(Code::System, "pipe: " + std::string{std::strerror(errno)});
    const Descriptor reading{ends[0]};
    Descriptor writing{ends[1]};

    std::vector<char*> arguments;
    for (const std::string& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
    // A group of its own, so that what it starts ends with it when it takes too long; and not deaf to SIGPIPE, as we
    // are.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t heard;
    sigemptyset(&heard);
    sigaddset(&heard, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &heard);
    pid_t child = 0;
    const int failed = ::posix_spawnp(&child, program.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return temporary(Code::System, program + ": " + std::strerror(failed));
    writing.reset();

    std::string text;
    const auto deadline = std::chrono::steady_clock::now() + command_deadline;
    const bool in_time = read_until(reading.get(), text, deadline);
    const std::optional<int> status = in_time ? status_by(child, deadline) : std::nullopt;
    if (!status) {
        ::kill(-child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    if (!status) return temporary(Code::Deadline, program + ": gave no secret in time");
    if (!WIFEXITED(*status))
        return temporary(Code::System, fmt::format("{}: ended by signal {}", program, WTERMSIG(*status)));
    if (WEXITSTATUS(*status) != 0)
        return temporary(Code::System, fmt::format("{}: ended with status {}", program, WEXITSTATUS(*status)));
    return first_line(std::move(text), program);
}

}  // namespace

Result<Secret> read_password(const PasswordSource& source) {
    if (const auto* file = std::get_if<PasswordFile>(&source)) return from_file(file->path);
    if (const auto* command = std::get_if<PasswordCommand>(&source)) return from_command(*command);
    const auto& credential = std::get<PasswordCredential>(source);
    const std::string path = credential_path(credential);
    if (path.empty())
        return permanent(Code::Configuration,
                         "credential '" + credential.name + "': $CREDENTIALS_DIRECTORY is not set");
    return from_file(path);
}

transport::LoginMethod login_method(const PasswordSource& source) {
    const auto* command = std::get_if<PasswordCommand>(&source);
    return command != nullptr && command->oauth2 ? transport::LoginMethod::BearerToken
                                                 : transport::LoginMethod::Password;
}

bool is_token(const PasswordSource& source) {
    const auto* command = std::get_if<PasswordCommand>(&source);
    return command != nullptr && command->oauth2;
}

std::string complaint_about(const PasswordSource& source) {
    const auto* file = std::get_if<PasswordFile>(&source);
    struct stat status {};
    if (file == nullptr) return {};
    if (::stat(file->path.c_str(), &status) != 0)  // whoever looks may be another user than the daemon's
        return errno == ENOENT ? "there is no file '" + file->path + "'" : std::string{};
    if ((status.st_mode & 0007) == 0) return {};
    return fmt::format("{} can be read by everybody (mode {:04o}); chmod 0600 it", file->path, status.st_mode & 07777);
}

}  // namespace tocsin::daemon
