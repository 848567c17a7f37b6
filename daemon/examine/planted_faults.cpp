#include "daemon/examine/planted_faults.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace tocsin::daemon {

namespace {

int deeper(int level) {  // NOLINT(misc-no-recursion)
    volatile char frame[4096];
    frame[level % 4096] = static_cast<char>(level);
    return level == INT_MAX ? 0 : deeper(level + 1) + frame[0];
}

void write_out_of_bounds() {
    volatile std::uintptr_t address = 0x10;  // unknown to the compiler, which would refuse it
    *reinterpret_cast<volatile char*>(address) = 1;
}

bool can_connect() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    if (socket < 0) return false;
    ::close(socket);
    return true;
}

bool can_open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ::close(fd);
    return true;
}

bool can_run(const std::string& path) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl(path.c_str(), path.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) != 127;
}

std::string planted_in(std::string_view mail) {
    constexpr std::string_view name = "X-Planted: ";
    const std::size_t at = mail.find(name);
    if (at == std::string_view::npos) return {};
    return std::string{mail.substr(at + name.size(), mail.find_first_of("\r\n", at) - at - name.size())};
}

}  // namespace

void change_what_was_planted(std::string_view mail, intake::Frame& answer) {
    const std::string what = planted_in(mail);
    if (what == "disorder") answer.json = R"({"out_of_order":true})";
    constexpr std::string_view answers = R"("answers":{"tests":")";
    const std::size_t at = answer.json.find(answers);
    if (what != "answers" || at == std::string::npos) return;
    const std::size_t begin = at + answers.size();
    answer.json.erase(begin, answer.json.find('"', begin) - begin);
}

bool do_what_was_planted(std::string_view mail) {
    const std::string what = planted_in(mail);
    const std::string word = what.substr(0, what.find(' '));
    const std::string rest = word.size() < what.size() ? what.substr(word.size() + 1) : "";
    if (word == "write") write_out_of_bounds();
    if (word == "stack") return deeper(0) != 0;
    if (volatile bool forever = true; word == "loop")
        while (forever) {
        }
    if (word == "socket") return can_connect();
    if (word == "open") return can_open(rest);
    if (word == "exec") return can_run(rest);
    if (word == "kill") return ::kill(static_cast<pid_t>(std::atoi(rest.c_str())), SIGTERM) == 0;
    return false;
}

}  // namespace tocsin::daemon
