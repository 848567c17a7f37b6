// tocsin-examine: the process that reads what strangers send.
//
// It loads the rules, locks itself down and forks one process for each mail, so that a mail that takes over its process
// owns nothing but itself. It has no passwords, no database and no configuration file.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/letter_case.hpp"
#include "crypto/gpg.hpp"
#include "daemon/examine/agent_start.hpp"
#include "daemon/examine/lockdown.hpp"
#include "daemon/examine/zygote.hpp"
#include "daemon/examiner_link.hpp"
#include "intake/examine/frame.hpp"

namespace {

using namespace tocsin;

void answer_setup(char word, const std::string& words) {
    const std::string packet = std::string(1, word) + words.substr(0, daemon::largest_setup - 1);
    (void)::send(daemon::examiner_link_fd, packet.data(), packet.size(), MSG_NOSIGNAL);
}

int run() {
    daemon::Heap heap;
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
    (void)folded(U'\u00DF');  // what knows letters is a file, too
    auto confined = daemon::prepare_filters();
    if (confined) confined = daemon::confine_files(reach);
    if (!confined) {
        answer_setup(daemon::examiner_refused, confined.error().what);
        return 71;
    }
    answer_setup(daemon::examiner_ready, hash);
    return daemon::serve_orders(heap, std::move(*rule_set), setup->limits, reach);
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
