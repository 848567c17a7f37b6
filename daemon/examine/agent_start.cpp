#include "daemon/examine/agent_start.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "daemon/examine/lockdown.hpp"

namespace tocsin::daemon {

namespace {

constexpr const char* agent_program = "/usr/bin/gpg-agent";

// Assuan sends a percent sign, a line feed and a carriage return in hexadecimal.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '%')
            result += "%25";
        else if (c == '\n')
            result += "%0A";
        else if (c == '\r')
            result += "%0D";
        else
            result += c;
    }
    return result;
}

}  // namespace

int become_agent(const char* home) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::signal(SIGPIPE, SIG_IGN);  // kept across exec: a gpg that is killed in the middle must not take the agent along
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "2", 1);
    ::setenv("LISTEN_FDNAMES", "std:extra", 1);
    // Another agent may serve the ordinary socket of the same home, for an administrator's gpg: it is no rival of ours.
    std::vector<std::string> words{"gpg-agent",
                                   "--homedir",
                                   home,
                                   "--supervised",
                                   "--disable-scdaemon",
                                   "--disable-check-own-socket",
                                   "--no-allow-loopback-pinentry",
                                   "--default-cache-ttl",
                                   "315360000",
                                   "--max-cache-ttl",
                                   "315360000",
                                   "--pinentry-program"};
    char self[4096];
    const ssize_t length = ::readlink("/proc/self/exe", self, sizeof self - 1);
    const bool has_passphrase = std::getenv("TOCSIN_PASSPHRASE") != nullptr && length > 0;
    words.emplace_back(has_passphrase ? std::string(self, static_cast<std::size_t>(length))
                                      : std::string{"/bin/false"});
    if (has_passphrase) ::setenv("TOCSIN_PINENTRY", "1", 1);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (const auto confined = confine_files({.keys = home, .writes_keys = false, .workshop = {}, .agent_home = true});
        !confined) {
        std::fprintf(stderr, "%s\n", confined.error().what.c_str());
        return 71;
    }
    ::execv(agent_program, arguments.data());
    std::perror(agent_program);
    return 69;
}

int answer_as_pinentry() {
    const char* passphrase = std::getenv("TOCSIN_PASSPHRASE");
    std::cout << "OK Tocsin answers\n" << std::flush;
    bool said = false;
    for (std::string line; std::getline(std::cin, line);) {
        if (line.starts_with("GETPIN")) {
            if (said || passphrase == nullptr)
                std::cout << "ERR 83886179 Operation cancelled <Pinentry>\n";
            else
                std::cout << "D " << escaped(passphrase) << "\nOK\n";
            said = true;
        } else if (line.starts_with("BYE")) {
            std::cout << "OK\n" << std::flush;
            break;
        } else {
            std::cout << "OK\n";
        }
        std::cout << std::flush;
    }
    return 0;
}

}  // namespace tocsin::daemon
