// tocsinctl: what an administrator does by hand (INTERFACES section 1).
#include <sys/stat.h>
#include <sysexits.h>
#include <clocale>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/admin/clocks.hpp"
#include "daemon/admin/keys.hpp"
#include "daemon/admin/rules.hpp"
#include "rules/conditions/field.hpp"
#include "store/failure.hpp"

namespace {

using namespace tocsin;

// CLI11 tells that a word is no verb; we also say which one was most likely meant.
void suggest_verb(const CLI::App& app, int argc, char** argv) {
    const CLI::App* at = &app;
    std::string path = "tocsinctl";
    for (int i = 1; i < argc; ++i) {
        const std::string_view word{argv[i]};
        if (word.starts_with("-")) {
            i += word == "--config" || word == "--color" || word == "--now" ? 1 : 0;  // their value is no verb
            continue;
        }
        std::vector<std::string> names;
        for (const CLI::App* verb : at->get_subcommands({})) names.push_back(verb->get_name());
        const std::vector<std::string_view> known{names.begin(), names.end()};
        if (known.empty()) return;
        if (const auto verb = std::ranges::find(known, word); verb != known.end()) {
            at = at->get_subcommands({}).at(static_cast<std::size_t>(verb - known.begin()));
            path += " " + std::string{word};
            continue;
        }
        const auto meant = nearest(word, known);
        std::fprintf(stderr, "%s: there is no '%s'; %s\n", path.c_str(), for_one_line(word, 60).c_str(),
                     meant.empty() ? ("accepted: " + rules::in_a_row(known)).c_str()
                                   : ("did you mean '" + std::string{meant} + "'?").c_str());
        return;
    }
}

int run(int argc, char** argv) {
    std::string configuration = "/etc/tocsin/tocsin.toml";
    std::string color = "auto";
    bool json = false;
    daemon::ListOptions listing;
    daemon::PreviewOptions preview;
    daemon::BoardOptions boarding;
    daemon::SimulateOptions simulation;
    std::string number;
    std::string file;
    bool yes = false;
    bool failed = false;
    bool raw = false;
    std::int64_t id = 0;

    CLI::App app{"Looks after Tocsin, the daemon behind a security@ address."};
    app.require_subcommand(1);
    app.fallthrough();  // --config, --json, --color and --now stand before or after the verb
    app.add_option("--config", configuration, "The configuration file")->capture_default_str();
    app.add_option("--color", color, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}));
    app.add_flag("--json", json, "One JSON document on standard output");
    std::string standing;
    app.add_option("--now", standing, "The time to look from, after tocsind --once --now (RFC 3339)");
    app.add_flag("--yes", yes, "Do not ask before something is destroyed");
    app.set_version_flag("--version", "tocsinctl " TOCSIN_VERSION);

    auto* status =
        app.add_subcommand("status", "How it stands: mailboxes, journal, outbox, tickets, the next deadline");
    auto* list = app.add_subcommand("list", "Tickets, newest first");
    list->add_option("--state", listing.state, "Only those in this state");
    list->add_option("--severity", listing.severity, "Only those of this severity");
    list->add_flag("--overdue", listing.overdue, "Only those with a promise that was missed and is open");
    list->add_flag("--automatic", listing.automatic, "Mails that were taken for automatic and have no ticket, instead");
    list->add_option("--owner", listing.owner, "Only those of this member");
    list->add_option("--limit", listing.limit, "At most so many")
        ->capture_default_str()
        ->check(CLI::Range(1, 1'000'000));
    auto* show = app.add_subcommand("show", "One ticket: facts, clocks, history");
    show->add_option("number", number, "Such as SEC-2026-0001")->required();
    bool decrypt = false;
    show->add_flag("--decrypt", decrypt, "Open its encrypted mails once more and show what they say");
    auto* explain =
        app.add_subcommand("explain", "What the daemon would do with this mail, and why; writes and sends nothing");
    explain->add_option("file", file, "A mail; - is standard input")->required();
    explain->add_flag("--decrypt", decrypt, "Show the words that rules hit in decrypted text, too");
    auto* board = app.add_subcommand("board", "The open tickets by their next deadline");
    board->add_option("--html", boarding.html, "Write it as one HTML file, without scripts, in light and dark");
    board->add_flag("--titles", boarding.titles, "With the titles, which strangers wrote");
    auto* clock_verb = app.add_subcommand("clock", "The machine's clock, where it jumped");
    clock_verb->require_subcommand(1);
    auto* believe = clock_verb->add_subcommand("believe", "It is right now: reminders that a jump held go on");
    auto* templates = app.add_subcommand("template", "Mail that goes out");
    templates->require_subcommand(1);
    auto* previewing = templates->add_subcommand("preview", "A mail as it would go out");
    previewing->add_option("name", preview.name, "Such as acknowledgement")->required();
    previewing->add_option("--ticket", preview.ticket, "For this ticket; a made-up one otherwise");
    previewing->add_option("--language", preview.language, "The configured first one otherwise");
    auto* outbox = app.add_subcommand("outbox", "Mail that waits to go out");
    outbox->require_subcommand(1);
    auto* outbox_list = outbox->add_subcommand("list", "What waits, and what is held");
    outbox_list->add_flag("--failed", failed, "What was refused for good or given up instead");
    std::vector<CLI::App*> outbox_changes{outbox->add_subcommand("hold", "Keep a mail back"),
                                          outbox->add_subcommand("release", "Let a mail go that was held"),
                                          outbox->add_subcommand("drop", "Take a mail out for good")};
    for (CLI::App* change : outbox_changes) change->add_option("id", id, "Its number in `outbox list`")->required();
    auto* backup = app.add_subcommand("backup", "A consistent copy of the database while the daemon runs");
    backup->add_option("file", file, "A file that is not there yet")->required();
    auto* audit = app.add_subcommand("audit", "The history of all tickets");
    audit->require_subcommand(1);
    auto* audit_verify = audit->add_subcommand("verify", "Check the hash chain of the history");
    auto* audit_roster = audit->add_subcommand("roster", "Who could do what, and since when");
    auto* doctor =
        app.add_subcommand("doctor", "Try each server, template and file mode for real, and say what to mend");
    auto* quarantine = app.add_subcommand("quarantine", "Mail that could not be examined");
    quarantine->require_subcommand(1);
    auto* quarantine_list = quarantine->add_subcommand("list", "What was given up");
    auto* quarantine_show = quarantine->add_subcommand("show", "One mail, as it came");
    quarantine_show->add_flag("--raw", raw, "Its bytes and nothing else");
    auto* quarantine_release = quarantine->add_subcommand("release", "Examine a mail again");
    for (CLI::App* verb : {quarantine_show, quarantine_release})
        verb->add_option("id", id, "Its number in `quarantine list`")->required();

    daemon::ImportOptions importing;
    auto* imports =
        app.add_subcommand("import", "Old mail: journaled and threaded with its real dates; nobody is answered");
    imports->add_option("path", importing.path, "A Maildir, an mbox, a mail or a folder of mails");
    imports->add_option("--mailbox", importing.mailbox, "Or a folder of this configured mailbox");
    imports->add_option("--folder", importing.folder, "Its inbox otherwise");
    imports->add_option("--since", importing.since, "Only what was received from then on, such as 2026-01-31");
    daemon::KeyOptions key;
    auto* keys = app.add_subcommand("key", "The keys that mail is opened, signed and encrypted with");
    keys->require_subcommand(1);
    auto* key_init = keys->add_subcommand("init", "Make our key, in a home that is ours alone");
    key_init->add_option("--name", key.name, "The name in it; the organisation's otherwise");
    key_init->add_option("--expires", key.lasts, "Such as 2 years, 90 days, never")->capture_default_str();
    key_init->add_flag("--another", key.another, "Even where there is one; the older one stays, and opens old mail");
    auto* key_list = keys->add_subcommand("list", "Ours, the team's, and those of reporters");
    auto* key_export = keys->add_subcommand("export", "A public key, armored; ours where none is named");
    key_export->add_option("key", key.key, "A fingerprint or an address");
    auto* key_import = keys->add_subcommand("import", "A key, public or secret, into the home");
    key_import->add_option("file", key.file, "A key; - is standard input")->required();
    auto* key_accept = keys->add_subcommand("accept", "A key that somebody offered in place of the known one");
    key_accept->add_option("key", key.key, "Its fingerprint, or the address")->required();
    auto* key_clear = keys->add_subcommand("clear", "Let words out again in a ticket whose ciphertext came twice");
    key_clear->add_option("number", key.key, "Such as SEC-2026-0001")->required();
    auto* key_retire = keys->add_subcommand("retire", "Encrypt nothing to this key any more");
    key_retire->add_option("key", key.key, "Its fingerprint, or the address")->required();

    auto* exports = app.add_subcommand("export", "Documents for other programs and people");
    exports->require_subcommand(1);
    std::string format = "markdown";
    auto* hall = exports->add_subcommand("hall-of-fame", "Whom we thank: the names that the team confirmed");
    hall->add_option("--format", format, "markdown, html or json")->check(CLI::IsMember({"markdown", "html", "json"}));
    daemon::RulesOptions rules_options;
    std::string policy_name;
    std::string policy_language;
    auto* rules = app.add_subcommand("rules", "Looks after the rules");
    rules->require_subcommand(1);
    const auto wants_rules = [&](CLI::App* verb) {
        verb->add_option(
            "--rules", rules_options.rules,
            "This folder instead of the configured ones; may be given again, a later one adds to an earlier");
        return verb;
    };
    const auto wants_mails = [&](CLI::App* verb) {
        verb->add_option("--reports", rules_options.reports,
                         "A folder of mails with labels.jsonl, instead of the journal");
        verb->add_option("--half", rules_options.half, "Of these: fitted, held-out or all, by the digest of the name")
            ->check(CLI::IsMember({"fitted", "held-out", "all"}));
        verb->add_option("--policy", rules_options.policy, "The policy by which reports are rated")
            ->capture_default_str();
        return wants_rules(verb);
    };
    auto* rules_check = wants_rules(rules->add_subcommand("check", "Every mistake in them, with its place"));
    auto* rules_test = wants_rules(rules->add_subcommand("test", "Runs their [[test]] tables"));
    auto* rules_schema = rules->add_subcommand("schema", "A JSON Schema of rules files, for editors");
    auto* rules_backtest = wants_mails(
        rules->add_subcommand("backtest", "Decides every journaled mail again, and says what would change"));
    auto* rules_learn =
        wants_mails(rules->add_subcommand("learn", "New scores, fitted to the severities that the team gave"));
    rules_learn->add_option("--pull", rules_options.pull, "How strongly scores stay where they are")
        ->check(CLI::Range(0.0, 1000.0));
    auto* policy = app.add_subcommand("policy", "Looks after the policies");
    policy->require_subcommand(1);
    auto* policy_show = wants_rules(policy->add_subcommand("show", "What is promised, in plain words"));
    policy_show->add_option("name", policy_name, "Such as default")->required();
    policy_show->add_option("--language", policy_language, "The configured first one otherwise");
    auto* simulate =
        policy->add_subcommand("simulate", "Each deadline and each reminder of a report that would come at a time");
    simulate->add_option(
        "--rules", simulation.rules,
        "This folder instead of the configured ones; may be given again, a later one adds to an earlier");
    simulate->add_option("policy", simulation.policy, "Such as default")->required();
    simulate->add_option("--received", simulation.received, "When the report comes, such as 2026-03-06T15:30:00+01:00")
        ->required();
    simulate->add_option("--severity", simulation.severity, "How it is rated; every clock otherwise");
    simulate->add_option("--svg", simulation.svg, "Write a picture of the weeks");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (app.exit(error) == 0) return EX_OK;
        suggest_verb(app, argc, argv);
        return EX_USAGE;
    }
    const SystemClock running;
    std::optional<StandingClock> stopped;
    if (!standing.empty()) {
        const auto at = from_rfc3339(standing);
        if (!at) {
            std::fputs("tocsinctl: --now takes a time such as 2026-11-22T10:00:00Z\n", stderr);
            return EX_USAGE;
        }
        stopped.emplace(*at);
    }
    const Clock& clock = stopped ? static_cast<const Clock&>(*stopped) : running;
    const daemon::AdminContext context{configuration, json, daemon::Palette::for_standard_output(color), clock};
    if (status->parsed()) return daemon::show_status(context);
    if (list->parsed())
        return listing.automatic ? daemon::list_automatic(context, listing) : daemon::list_tickets(context, listing);
    if (show->parsed()) return daemon::show_ticket(context, number, decrypt);
    if (explain->parsed()) return daemon::explain_mail(context, file, decrypt);
    if (imports->parsed()) return daemon::import_mail(context, importing);
    if (key_init->parsed()) return daemon::make_own_key(context, key);
    if (key_list->parsed()) return daemon::list_keys(context);
    if (key_export->parsed()) return daemon::export_key(context, key);
    if (key_import->parsed()) return daemon::import_key(context, key);
    if (key_accept->parsed()) return daemon::accept_key(context, key);
    if (key_clear->parsed()) return daemon::clear_relays(context, key);
    if (key_retire->parsed()) return daemon::retire_key(context, key);
    if (hall->parsed()) return daemon::export_hall_of_fame(context, format);
    if (outbox_list->parsed()) return daemon::list_outbox(context, failed);
    for (const CLI::App* change : outbox_changes)
        if (change->parsed()) return daemon::change_outbox(context, change->get_name(), id, yes);
    if (backup->parsed()) return daemon::back_up_store(context, file);
    if (audit_verify->parsed()) return daemon::verify_audit(context);
    if (audit_roster->parsed()) return daemon::show_roster(context);
    if (doctor->parsed()) return daemon::examine_patient(context);
    if (quarantine_list->parsed()) return daemon::list_quarantine(context);
    if (quarantine_show->parsed()) return daemon::show_quarantined(context, id, raw);
    if (quarantine_release->parsed()) return daemon::release_quarantined(context, id);
    if (rules_check->parsed()) return daemon::check_rules(context, rules_options);
    if (rules_test->parsed()) return daemon::test_rules(context, rules_options);
    if (rules_schema->parsed()) return daemon::print_rules_schema();
    if (rules_backtest->parsed()) return daemon::backtest_rules(context, rules_options);
    if (rules_learn->parsed()) return daemon::learn_rules(context, rules_options);
    if (policy_show->parsed()) return daemon::show_policy(context, rules_options, policy_name, policy_language);
    if (believe->parsed()) return daemon::believe_the_clock(context);
    if (board->parsed()) return daemon::show_board(context, boarding);
    if (simulate->parsed()) return daemon::simulate_policy(context, simulation);
    return daemon::preview_template(context, preview);
}

}  // namespace

int main(int argc, char** argv) {
    ::umask(0077);
    std::setlocale(LC_CTYPE, "C.UTF-8");  // for the width of characters alone
    try {
        return run(argc, argv);
    } catch (const store::Busy& busy) {
        return daemon::complain(std::string{"nothing was done: "} + busy.what(), EX_TEMPFAIL);
    } catch (const store::Failure& failure) {
        return daemon::complain(failure.what(), EX_IOERR);
    } catch (const std::exception& error) {
        return daemon::complain(error.what(), EX_SOFTWARE);
    }
}
