// tocsinctl: what an administrator does by hand (INTERFACES section 1).
#include <clocale>
#include <sys/stat.h>
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "daemon/admin.hpp"

namespace {

using namespace tocsin;

// CLI11 tells that a word is no verb; we also say which one was most likely meant.
void suggest_verb(const CLI::App& app, int argc, char** argv) {
    std::vector<std::string> names;
    for (const CLI::App* verb : app.get_subcommands({})) names.push_back(verb->get_name());
    const std::vector<std::string_view> known{names.begin(), names.end()};
    for (int i = 1; i < argc; ++i) {
        const std::string_view word{argv[i]};
        if (word.starts_with("-")) continue;
        if (std::ranges::find(known, word) != known.end()) return;
        if (const auto meant = nearest(word, known); !meant.empty())
            std::fprintf(stderr, "Did you mean '%.*s'?\n", static_cast<int>(meant.size()), meant.data());
        return;
    }
}

int run(int argc, char** argv) {
    std::string configuration = "/etc/tocsin/tocsin.toml";
    std::string color = "auto";
    bool json = false;
    daemon::ListOptions listing;
    daemon::PreviewOptions preview;
    std::string number;
    std::string file;

    CLI::App app{"Looks after Tocsin, the daemon behind a security@ address."};
    app.require_subcommand(1);
    app.fallthrough();  // --config, --json and --color stand before or after the verb
    app.add_option("--config", configuration, "The configuration file")->capture_default_str();
    app.add_option("--color", color, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}));
    app.add_flag("--json", json, "One JSON document on standard output");
    app.set_version_flag("--version", "tocsinctl " TOCSIN_VERSION);

    auto* status = app.add_subcommand("status", "How it stands: mailboxes, journal, outbox, tickets, the next deadline");
    auto* list = app.add_subcommand("list", "Tickets, newest first");
    list->add_option("--state", listing.state, "Only those in this state");
    list->add_option("--severity", listing.severity, "Only those of this severity");
    list->add_flag("--overdue", listing.overdue, "Only those with a promise that was missed and is open");
    list->add_option("--owner", listing.owner, "Only those of this member");
    list->add_option("--limit", listing.limit, "At most so many")->capture_default_str()->check(CLI::Range(1, 1'000'000));
    auto* show = app.add_subcommand("show", "One ticket: facts, clocks, history");
    show->add_option("number", number, "Such as SEC-2026-0001")->required();
    auto* explain = app.add_subcommand("explain", "What the daemon would do with this mail, and why; writes and sends nothing");
    explain->add_option("file", file, "A mail; - is standard input")->required();
    auto* templates = app.add_subcommand("template", "Mail that goes out");
    templates->require_subcommand(1);
    auto* previewing = templates->add_subcommand("preview", "A mail as it would go out");
    previewing->add_option("name", preview.name, "Such as acknowledgement")->required();
    previewing->add_option("--ticket", preview.ticket, "For this ticket; a made-up one otherwise");
    previewing->add_option("--language", preview.language, "The configured first one otherwise");

    auto* exports = app.add_subcommand("export", "Documents for other programs and people");
    exports->require_subcommand(1);
    std::string format = "markdown";
    auto* hall = exports->add_subcommand("hall-of-fame", "Whom we thank: the names that the team confirmed");
    hall->add_option("--format", format, "markdown, html or json")->check(CLI::IsMember({"markdown", "html", "json"}));

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (app.exit(error) == 0) return EX_OK;
        suggest_verb(app, argc, argv);
        return EX_USAGE;
    }
    const SystemClock clock;
    const daemon::AdminContext context{configuration, json, daemon::Palette::for_standard_output(color), clock};
    if (status->parsed()) return daemon::show_status(context);
    if (list->parsed()) return daemon::list_tickets(context, listing);
    if (show->parsed()) return daemon::show_ticket(context, number);
    if (explain->parsed()) return daemon::explain_mail(context, file);
    if (hall->parsed()) return daemon::export_hall_of_fame(context, format);
    return daemon::preview_template(context, preview);
}

}  // namespace

int main(int argc, char** argv) {
    ::umask(0077);
    std::setlocale(LC_CTYPE, "C.UTF-8");  // for the width of characters alone
    try {
        return run(argc, argv);
    } catch (const store::Failure& failure) {
        return daemon::complain(failure.what(), EX_IOERR);
    } catch (const std::exception& error) {
        return daemon::complain(error.what(), EX_SOFTWARE);
    }
}
