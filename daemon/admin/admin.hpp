// The verbs of tocsinctl (INTERFACES section 1). Each returns a sysexits code.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "daemon/admin/terminal.hpp"
#include "daemon/configuration/loaded.hpp"
#include "store/store.hpp"

namespace tocsin::daemon {

// What every verb is given.
struct AdminContext {
    std::filesystem::path configuration;
    bool json = false;
    Palette palette;
    const Clock& clock;
};

struct ListOptions {
    std::string state;
    std::string severity;
    bool overdue = false;
    bool automatic = false;  // no tickets: the mails that have none
    std::string owner;
    std::size_t limit = 100;
};

struct ImportOptions {
    std::string path;     // a Maildir, an mbox, a mail or a folder of mails
    std::string mailbox;  // or one of the configured ones
    std::string folder;   // in it; empty: its inbox
    std::string since;
};

struct PreviewOptions {
    std::string name;
    std::string ticket;  // empty: a made-up one
    std::string language;
};

int show_status(const AdminContext& context);
int list_tickets(const AdminContext& context, const ListOptions& options);
int list_automatic(const AdminContext& context, const ListOptions& options);
int show_ticket(const AdminContext& context, const std::string& number, bool decrypt);
int explain_mail(const AdminContext& context, const std::string& file, bool decrypt);
int export_hall_of_fame(const AdminContext& context, const std::string& format);
int import_mail(const AdminContext& context, const ImportOptions& options);
int preview_template(const AdminContext& context, const PreviewOptions& options);
int list_outbox(const AdminContext& context, bool failed);
int change_outbox(const AdminContext& context, const std::string& verb, std::int64_t id,
                  bool yes);  // hold release drop
int list_quarantine(const AdminContext& context);
int show_quarantined(const AdminContext& context, std::int64_t id, bool raw);
int release_quarantined(const AdminContext& context, std::int64_t id);
int back_up_store(const AdminContext& context, const std::string& file);
int verify_audit(const AdminContext& context);
int show_roster(const AdminContext& context);
int examine_patient(const AdminContext& context);  // doctor

// Reads the configuration and the rules, or says every mistake on standard error.
std::optional<Loaded> load_or_complain(const AdminContext& context);
// The configuration alone: a mistake in a rules file keeps nobody from looking at the tickets.
std::optional<Configuration> configuration_or_complain(const AdminContext& context);
// Opens the database as a visitor, or says why not; `code` is what to end with then.
std::unique_ptr<store::Store> open_store(const Configuration& configuration, int& code);
int complain(std::string_view what, int code);

// Colours that mean the same everywhere.
Colour colour_of(cvd::Severity severity);

}  // namespace tocsin::daemon
