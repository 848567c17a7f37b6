// tocsind: the daemon behind a security@ address (INTERFACES section 1).
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "daemon/event_log.hpp"
#include "daemon/service.hpp"
#include "store/database.hpp"
#include "store/failure.hpp"

namespace {

using namespace tocsin;

int run(int argc, char** argv) {
    daemon::ServiceOptions options;
    std::string configuration = "/etc/tocsin/tocsin.toml";
    std::string now;
    CLI::App app{"The daemon behind a security@ address. Runs in the foreground."};
    app.add_option("--config", configuration, "The configuration file")->capture_default_str();
    app.add_flag("--check", options.check, "Say every mistake in configuration, rules and templates, and end");
    app.add_flag("--once", options.once, "Fetch, process, remind and send what is due, and end");
    app.add_option("--now", now, "With --once: the time at which the clock stands (RFC 3339)");
    app.set_version_flag("--version", "tocsind " TOCSIN_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? EX_OK : EX_USAGE;
    }
    options.configuration = configuration;
    if (!now.empty()) {
        options.now = from_rfc3339(now);
        if (!options.now || !options.once) {
            std::fputs("tocsind: --now takes a time such as 2026-11-22T10:00:00Z, and only together with --once\n",
                       stderr);
            return EX_USAGE;
        }
    }
    return daemon::serve(options);
}

// What must never be on disk or in another process's hands: no core, no ptrace, no file that others may read.
void close_the_doors() {
    ::umask(0077);
    ::prctl(PR_SET_DUMPABLE, 0);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

int main(int argc, char** argv) {
    close_the_doors();
    try {
        return run(argc, argv);
    } catch (const store::Busy& busy) {
        // Somebody held the file for longer than we wait; nothing of ours was written.
        daemon::log_event(daemon::Level::Error, daemon::event::failed, {{"why", busy.what()}});
        return EX_TEMPFAIL;
    } catch (const store::Failure& failure) {
        // Whether the last commit is there is known after a restart alone; every step can be done twice.
        daemon::log_event(daemon::Level::Error, daemon::event::failed, {{"why", failure.what()}});
        return EX_IOERR;
    } catch (const std::exception& error) {
        daemon::log_event(daemon::Level::Error, daemon::event::failed, {{"why", error.what()}});
        return EX_SOFTWARE;
    }
}
