#include "daemon/configuration/configuration.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.hpp"
#include "daemon/configuration/configuration_parts.hpp"
#include "daemon/configuration/configured_values.hpp"

namespace tocsin::daemon {

using rules::TomlTable;
using rules::TomlValue;

namespace {

void read_openpgp(TomlTable& root, Configuration& configuration) {
    constexpr std::size_t longest_home = 80;  // gpg makes the names of sockets from it
    auto table = root.table("openpgp");
    if (!table) return;
    OpenPgpConfiguration openpgp;
    openpgp.home = table->required_text("home");
    openpgp.key = table->required_text("key");
    openpgp.place = table->place_of("key");
    if (openpgp.home.string().size() > longest_home)
        refuse(*table, "home",
               "longer than 80 characters, more than gpg can work with; a shorter path such as /var/lib/tocsin/gnupg");
    else if (!openpgp.home.empty() && !openpgp.home.is_absolute())
        refuse(*table, "home", "a path that begins with /");
    if (table->has("passphrase")) {
        openpgp.passphrase = read_password_source(*table, "passphrase");
        if (openpgp.passphrase)
            if (const std::string complaint = complaint_about(*openpgp.passphrase); !complaint.empty())
                table->warn_at("passphrase", complaint);
    }
    one_of(*table, "reply", {"as-received"});
    table->done();
    configuration.openpgp = std::move(openpgp);
}

void read_limits(TomlTable& root, Configuration& configuration) {
    auto table = root.table("limits");
    if (!table) return;
    constexpr std::uint64_t largest_mail = std::uint64_t{64} << 20;
    if (const auto size = read_size(*table, "message_bytes")) {
        if (*size > largest_mail) refuse(*table, "message_bytes", "at most 64 MiB");
        configuration.message_bytes = *size;
    }
    read_count(*table, "mime_depth", configuration.limits.parse.max_depth, 100);
    read_count(*table, "mime_parts", configuration.limits.parse.max_parts, 10'000);
    intake::AutomaticMailLimits& budget = configuration.organisation.automatic_mail;
    read_count(*table, "acknowledgements_per_sender_per_day", budget.per_sender_per_day, 1'000'000);
    read_count(*table, "automatic_mail_per_domain_per_hour", budget.per_domain_per_hour, 1'000'000);
    read_count(*table, "automatic_mail_per_hour", budget.per_hour, 1'000'000);
    table->done();
}

// 127.0.0.0/8 and ::1.
std::optional<MetricsListen> loopback_in(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view address = text.substr(0, colon);
    const auto port = to_whole_number(text.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return std::nullopt;
    if (address == "localhost") address = "127.0.0.1";
    if (address == "[::1]") return MetricsListen{"::1", static_cast<std::uint16_t>(*port)};
    in_addr parsed{};
    if (::inet_pton(AF_INET, std::string{address}.c_str(), &parsed) != 1 || (ntohl(parsed.s_addr) >> 24) != 127)
        return std::nullopt;
    return MetricsListen{std::string{address}, static_cast<std::uint16_t>(*port)};
}

void read_store_and_rules(TomlTable& root, Configuration& configuration) {
    configuration.store = "/var/lib/tocsin/tocsin.db";
    if (auto table = root.table("store")) {
        configuration.store = table->required_text("path");
        table->done();
    }
    if (auto table = root.table("rules")) {
        for (const std::string& path : table->texts("path")) configuration.rules_path.emplace_back(path);
        table->done();
    } else {
        configuration.rules_path = {"/usr/share/tocsin/rules"};
    }
    if (auto table = root.table("metrics")) {
        const std::string listen = table->required_text("listen");
        configuration.metrics = loopback_in(listen);
        if (!listen.empty() && !configuration.metrics)
            refuse(*table, "listen",
                   "'" + listen +
                       "' is not accepted; 127.0.0.1:PORT or [::1]:PORT: what they tell is for this machine alone");
        table->done();
    }
}

void read_alarms(TomlTable& root, Configuration& configuration) {
    auto table = root.table("alarms");
    if (!table) return;
    intake::AlarmRules& alarms = configuration.alarms;
    read_span(*table, "canary", alarms.canary);
    read_span(*table, "silence", alarms.silence);
    for (const auto& [key, into] : {std::pair{"unreachable", &alarms.unreachable},
                                    {"outbox", &alarms.outbox},
                                    {"certificate", &alarms.certificate}}) {
        std::optional<Micros> given;
        read_span(*table, key, given);
        if (given) *into = *given;
    }
    table->done();
}

// What stands where nothing is said.
Configuration nothing_configured(const std::filesystem::path& file) {
    return {.file = file,
            .organisation = {.name = {},
                             .address = *mail::Address::from("nobody@invalid"),
                             .aliases = {},
                             .mode = intake::Mode::Live,
                             .languages = {"en"},
                             .policy_url = {},
                             .numbers = {},
                             .team = {}},
            .mailboxes = {},
            .submission = {},
            .store = {},
            .rules_path = {},
            .limits = {},
            .alarms = {},
            .metrics = {}};
}

}  // namespace

const MailboxConfiguration* Configuration::mailbox(std::string_view name) const {
    const auto found =
        std::ranges::find(mailboxes, name, [](const auto& mailbox) -> std::string_view { return mailbox.rules.name; });
    return found == mailboxes.end() ? nullptr : &*found;
}

std::vector<std::string> Configuration::mailbox_names() const {
    std::vector<std::string> names;
    for (const MailboxConfiguration& mailbox : mailboxes) names.push_back(mailbox.rules.name);
    return names;
}

rules::LoadOptions rules_named_in(const std::filesystem::path& file) {
    rules::Mistakes told_elsewhere;
    rules::TomlFile toml{file, told_elsewhere};
    rules::LoadOptions options;
    if (auto table = toml.root().table("rules"))
        for (const std::string& path : table->texts("path")) options.path.emplace_back(path);
    if (auto table = toml.root().table("organisation"))
        if (auto languages = table->texts("languages"); !languages.empty()) options.languages = std::move(languages);
    return options;
}

std::optional<Configuration> load_configuration(const std::filesystem::path& file, rules::Mistakes& mistakes) {
    rules::Mistakes own;
    rules::TomlFile toml{file, own};
    TomlTable& root = toml.root();
    Configuration configuration = nothing_configured(file);
    // A file that is no TOML has one mistake, not a dozen missing tables beside it.
    if (!own.any_error()) {
        if (auto address = read_organisation(root, configuration)) configuration.organisation.address = *address;
        read_mailboxes(root, configuration);
        read_submission(root, configuration);
        read_store_and_rules(root, configuration);
        read_openpgp(root, configuration);
        read_team(root, configuration);
        read_limits(root, configuration);
        read_alarms(root, configuration);
        root.done();
    }
    const bool whole = !own.any_error();
    mistakes.add(std::move(own));
    if (!whole) return std::nullopt;
    return configuration;
}

Configuration configuration_for_rules_alone(std::vector<std::string> languages) {
    Configuration configuration = nothing_configured({});
    configuration.organisation.name = "Example";
    configuration.organisation.address = *mail::Address::from("security@ours.test");
    if (!languages.empty()) configuration.organisation.languages = std::move(languages);
    configuration.mailboxes.emplace_back().rules.name = "security";
    return configuration;
}

}  // namespace tocsin::daemon
