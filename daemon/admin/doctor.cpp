// `doctor`: tries each server, template and file mode for real, and says what to mend.
//
// To add a check: a function that takes a Patient and appends to its findings, named in `examine_patient`.
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "base/utf8.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/admin/examiner.hpp"
#include "daemon/examiner.hpp"
#include "daemon/keys/key_checks.hpp"
#include "daemon/landlock.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/outgoing/recipe.hpp"
#include "store/backup.hpp"
#include "transport/imap_source.hpp"
#include "transport/smtp_sink.hpp"

namespace tocsin::daemon {

namespace {

enum class Finding { Well, Remark, Ill };

struct Diagnosis {
    std::string what;
    Finding finding = Finding::Well;
    std::string words;
    int code = EX_OK;  // what doctor ends with because of it
};

struct Patient {
    const AdminContext& context;
    const Configuration& configuration;
    std::optional<Loaded> loaded;
    std::vector<Diagnosis> findings;

    void well(std::string what, std::string words) {
        findings.push_back({std::move(what), Finding::Well, std::move(words)});
    }
    void remark(std::string what, std::string words) {
        findings.push_back({std::move(what), Finding::Remark, std::move(words)});
    }
    void ill(std::string what, std::string words, int code) {
        findings.push_back({std::move(what), Finding::Ill, std::move(words), code});
    }
};

void look_at_rules(Patient& patient) {
    rules::Mistakes mistakes;
    patient.loaded = load(patient.configuration.file, mistakes);
    for (const rules::Mistake& mistake : mistakes.all()) {
        if (mistake.warning)
            patient.remark("rules", mistake.in_one_line());
        else
            patient.ill("rules", mistake.in_one_line(), EX_CONFIG);
    }
    if (patient.loaded)
        patient.well("rules", fmt::format("{} tests of their own, all policies and templates",
                                          patient.loaded->rule_set.tests().size()));
}

// A holidays file ends one day, and nobody notices until a promise falls on a holiday.
void look_at_calendars(Patient& patient) {
    if (!patient.loaded) return;
    const auto today = std::chrono::floor<std::chrono::days>(patient.context.clock.now());
    const auto closed_between = [](const sla::Calendar& calendar, std::chrono::sys_days from,
                                   std::chrono::sys_days to) {
        int closed = 0;
        for (auto day = from; day < to; day += std::chrono::days{1})
            if (!calendar.is_business_day(day) && (calendar.is_business_day(day - std::chrono::days{7}) ||
                                                   calendar.is_business_day(day + std::chrono::days{7})))
                ++closed;
        return closed;
    };
    std::set<std::string> seen;
    for (const MailboxConfiguration& mailbox : patient.configuration.mailboxes) {
        const rules::Policy* policy = patient.loaded->rule_set.policy(mailbox.rules.policy);
        if (policy == nullptr) continue;
        for (const auto& [name, calendar] : policy->calendars) {
            if (!seen.insert(name).second) continue;
            constexpr std::chrono::days year{365};
            const int coming = closed_between(calendar, today, today + year);
            if (coming == 0 && closed_between(calendar, today - 2 * year, today) > 0)
                patient.remark("calendar " + name,
                               "no closed day is known in the year that comes, as there were before: are its holidays "
                               "up to date?");
            else
                patient.well("calendar " + name, fmt::format("{} closed days in the year that comes", coming));
        }
    }
}

// Nobody else may write it; `others_read`: nor read it.
void look_at_mode(Patient& patient, const std::filesystem::path& path, bool others_read, bool needed) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (needed)
            patient.ill("file " + path.string(), "cannot be looked at; does it exist, and may this account see it?",
                        EX_IOERR);
        return;
    }
    const mode_t mode = status.st_mode & 07777;
    const std::string shown = fmt::format("mode {:04o}", mode);
    if ((mode & S_IWOTH) != 0 || (!others_read && (mode & (S_IROTH | S_IXOTH)) != 0))
        patient.ill(
            "file " + path.string(),
            shown + ": others can " + ((mode & S_IWOTH) != 0 ? "write" : "read") + " it; chmod o= " + path.string(),
            EX_CONFIG);
    else
        patient.well("file " + path.string(), shown);
}

void look_at_files(Patient& patient) {
    const Configuration& configuration = patient.configuration;
    look_at_mode(patient, configuration.file, true, true);
    look_at_mode(patient, configuration.state_directory(), false, true);
    look_at_mode(patient, configuration.store, false, false);
    look_at_mode(patient, configuration.state_directory() / "message-id.key", false, false);
    std::vector<const PasswordSource*> sources{&configuration.submission.password};
    for (const MailboxConfiguration& mailbox : configuration.mailboxes) sources.push_back(&mailbox.password);
    std::set<std::string> seen;
    for (const PasswordSource* source : sources)
        if (const auto* file = std::get_if<PasswordFile>(source); file != nullptr && seen.insert(file->path).second)
            look_at_mode(patient, file->path, false, true);
}

void look_at_store(Patient& patient) {
    const Configuration& configuration = patient.configuration;
    struct statvfs space {};
    const std::uint64_t wanted = std::max<std::uint64_t>(std::uint64_t{256} << 20, 4 * configuration.message_bytes);
    if (::statvfs(configuration.state_directory().c_str(), &space) == 0) {
        const std::uint64_t free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
        if (free_bytes < wanted)
            patient.ill("disk",
                        fmt::format("{} MiB are left, {} MiB should be: a full disk ends the daemon", free_bytes >> 20,
                                    wanted >> 20),
                        EX_IOERR);
        else
            patient.well("disk", fmt::format("{} MiB are left", free_bytes >> 20));
    }
    if (!std::filesystem::exists(configuration.store)) {
        patient.remark("database", "there is none yet: tocsind makes it at its first start");
        return;
    }
    auto database = store::Database::open(configuration.store, store::Database::Use::Visitor);
    if (!database) {
        patient.ill("database", database.error().what, EX_IOERR);
        return;
    }
    store::Store store{std::move(*database)};
    {
        const store::Snapshot moment{store.database};
        const auto broken = store.tickets.first_broken_line();
        const std::string damage = store::damage_of(store.database);
        if (broken)
            patient.ill("database", fmt::format("the history is broken at line {}; see `audit verify`", *broken),
                        EX_DATAERR);
        else if (!damage.empty())
            patient.ill("database", "damaged: " + damage + "; restore a backup", EX_IOERR);
        else
            patient.well("database", "whole, and its history holds");
    }
    const auto outbox = store.outbox.counts();
    if (outbox.failed > 0)
        patient.remark("outbox", fmt::format("{} mails failed; `outbox list --failed` shows them", outbox.failed));
    if (const auto journal = store.journal.counts(); journal.quarantined > 0)
        patient.remark("quarantine",
                       fmt::format("{} mails could not be read; `quarantine list` shows them", journal.quarantined));
    for (const store::Trouble& trouble : store.troubles.open()) patient.remark("trouble", trouble.words);
}

void look_at_certificate(Patient& patient, const std::string& what, const std::optional<Instant>& ends) {
    if (!ends) return;
    const Micros left = *ends - patient.context.clock.now();
    const auto days = std::chrono::duration_cast<std::chrono::days>(left).count();
    const std::string words = fmt::format("its certificate ends in {} days", days);
    if (left < patient.configuration.alarms.certificate)
        patient.remark(what, words + ": have it renewed");
    else
        patient.well(what, words);
}

void look_at_folder(Patient& patient, const std::string& what, transport::ImapSource& source,
                    const MailboxConfiguration& mailbox, const std::string& folder) {
    const auto selected = source.select(folder);
    if (!selected) {
        patient.ill(what, "folder '" + folder + "': " + selected.error().what, EX_UNAVAILABLE);
        return;
    }
    if (selected->read_only && folder == mailbox.inbox && mailbox.after.what != AfterProcessing::What::Keep)
        patient.ill(what, "folder '" + folder + "' may only be read: `after` cannot be carried out", EX_CONFIG);
    else
        patient.well(what, fmt::format("folder '{}': {} mails{}", folder, selected->exists,
                                       selected->read_only ? ", read-only" : ""));
}

void look_at_mailbox(Patient& patient, const MailboxConfiguration& mailbox) {
    const std::string what = "mailbox " + mailbox.rules.name;
    const auto trust = transport::Trust::load(mailbox.ca_file);
    if (!trust) return patient.ill(what, trust.error().what, EX_CONFIG);
    auto password = read_password(mailbox.password);
    if (!password) return patient.ill(what, "its password: " + password.error().what, EX_CONFIG);
    const transport::Interrupt never;
    const transport::Login login{mailbox.user, std::move(*password), login_method(mailbox.password)};
    auto source = transport::ImapSource::connect(mailbox.server, login, *trust, never, {});
    if (!source) return patient.ill(what, source.error().what, EX_UNAVAILABLE);
    patient.well(what, "logged in at " + mailbox.server.host +
                           (source->can_idle() ? "" : "; without IDLE: looked at every 5 minutes"));
    look_at_certificate(patient, what, source->certificate_expiry());
    look_at_folder(patient, what, *source, mailbox, mailbox.inbox);
    source->log_out();
    std::vector<std::string> beside = mailbox.also;
    if (!mailbox.sent.empty()) beside.push_back(mailbox.sent);
    // A folder that is refused ends the session, so each has its own.
    for (const std::string& folder : beside) {
        auto again = read_password(mailbox.password);
        if (!again) return;
        const transport::Login own{mailbox.user, std::move(*again), login_method(mailbox.password)};
        auto other = transport::ImapSource::connect(mailbox.server, own, *trust, never, {});
        if (!other) return patient.ill(what, other.error().what, EX_UNAVAILABLE);
        look_at_folder(patient, what, *other, mailbox, folder);
        other->log_out();
    }
}

void look_at_submission(Patient& patient) {
    const SubmissionConfiguration& submission = patient.configuration.submission;
    const std::string what = "submission";
    const auto trust = transport::Trust::load(submission.ca_file);
    if (!trust) return patient.ill(what, trust.error().what, EX_CONFIG);
    auto password = read_password(submission.password);
    if (!password) return patient.ill(what, "its password: " + password.error().what, EX_CONFIG);
    const transport::Interrupt never;
    const transport::Login login{submission.user, std::move(*password), login_method(submission.password)};
    auto sink = transport::SmtpSink::connect(submission.server, login, *trust, never,
                                             patient.configuration.organisation.address.domain());
    if (!sink) return patient.ill(what, sink.error().what, EX_UNAVAILABLE);
    patient.well(what, "logged in at " + submission.server.host);
    look_at_certificate(patient, what, sink->certificate_expiry());
    sink->quit();
}

// Composed by the examiner that the daemon would start, in every language.
void look_at_templates(Patient& patient) {
    if (!patient.loaded) return;
    const intake::Organisation& organisation = patient.loaded->configuration.organisation;
    std::size_t composed = 0;
    for (const char* name : {"alarm", "canary"})
        for (const std::string& language : organisation.languages) {
            if (!patient.loaded->rule_set.templates().has(name, language)) continue;
            rules::TemplateFields fields;
            fields.set("what", "This is a test.");
            auto recipes = intake::alarms(name, fields, "doctor", organisation);
            if (recipes.empty()) continue;
            recipes.front().language = language;
            recipes.front().message_id = "doctor@" + std::string{organisation.address.domain()};
            recipes.front().date = patient.context.clock.now();
            const auto mail = compose_now(*patient.loaded, intake::to_json(recipes.front()), std::nullopt);
            if (!mail) return patient.ill("examiner", mail.error().what, EX_SOFTWARE);
            ++composed;
        }
    patient.well("examiner",
                 fmt::format("{} starts and composes ({} mails tried)", examiner_program().string(), composed));
}

// The agent, the keys, and whether anybody could read an encrypted report.
void look_at_the_keys(Patient& patient) {
    if (!patient.loaded || !patient.configuration.openpgp) return;
    const auto keys = look_at_keys(*patient.loaded);
    for (const KeyComplaint& complaint :
         complaints_about_keys(patient.configuration, keys, patient.context.clock.now()))
        if (complaint.severe || !keys)
            patient.ill("keys", complaint.what, EX_CONFIG);
        else
            patient.remark("keys", complaint.what);
    if (!keys) return;
    const openpgp::Key* own = keys->keyring.find(keys->own);
    const auto ends = own == nullptr ? std::nullopt : own->ends();
    patient.well("keys", "our key " + keys->own + " is there with its secret half, " +
                             (ends ? "until " + to_rfc3339(*ends).substr(0, 10) : std::string{"and does not expire"}));
}

Colour colour_of_finding(Finding finding) {
    return finding == Finding::Well ? Colour::Green : finding == Finding::Remark ? Colour::Yellow : Colour::Red;
}

std::string_view finding_name(Finding finding) {
    return finding == Finding::Well ? "ok" : finding == Finding::Remark ? "remark" : "ill";
}

}  // namespace

int examine_patient(const AdminContext& context) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    Patient patient{context, *configuration, std::nullopt, {}};
    look_at_rules(patient);
    look_at_calendars(patient);
    look_at_files(patient);
    look_at_store(patient);
    for (const MailboxConfiguration& mailbox : configuration->mailboxes) look_at_mailbox(patient, mailbox);
    look_at_submission(patient);
    look_at_templates(patient);
    if (!landlock_works()) patient.remark("examiner", without_landlock);
    look_at_the_keys(patient);

    int code = EX_OK;
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    std::vector<std::vector<Cell>> rows;
    for (const Diagnosis& each : patient.findings) {
        if (code == EX_OK) code = each.code;
        json.push_back({{"check", each.what}, {"state", finding_name(each.finding)}, {"words", each.words}});
        rows.push_back({{std::string{finding_name(each.finding)}, colour_of_finding(each.finding)},
                        {each.what, Colour::Bold},
                        {for_one_line(each.words, 300)}});
    }
    if (context.json)
        std::puts(nlohmann::ordered_json{{"healthy", code == EX_OK}, {"checks", std::move(json)}}
                      .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                      .c_str());
    else
        std::fputs(table({"", "WHAT", "FOUND"}, rows, context.palette).c_str(), stdout);
    return code;
}

}  // namespace tocsin::daemon
