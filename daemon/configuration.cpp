#include "daemon/configuration.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "rules/toml_file.hpp"
#include "sla/span.hpp"

namespace tocsin::daemon {

namespace {

using rules::TomlTable;
using rules::TomlValue;

// At the value, where the eye has to go.
void refuse(TomlTable& table, std::string_view key, std::string what) {
    if (const auto value = table.value(key))
        value->mistake(std::move(what));
    else
        table.mistake(std::move(what));
}

std::optional<mail::Address> read_address(TomlTable& table, std::string_view key, bool required) {
    if (!table.has(key)) {
        if (required) table.mistake("'" + std::string{key} + "' is missing; an address such as security@example.org");
        return std::nullopt;
    }
    const auto text = table.text(key);
    if (!text) return std::nullopt;
    auto address = mail::Address::from(*text);
    if (!address) refuse(table, key, "'" + *text + "' is no address; accepted is local-part@domain");
    return address;
}

std::optional<std::string> one_of(TomlTable& table, std::string_view key,
                                  std::initializer_list<std::string_view> accepted) {
    const auto text = table.text(key);
    if (!text) return std::nullopt;
    if (std::ranges::find(accepted, *text) != accepted.end()) return text;
    std::string list;
    for (const std::string_view word : accepted)
        list.append(list.empty() ? "" : ", ").append("\"").append(word).append("\"");
    refuse(table, key, "'" + *text + "' is not accepted; one of " + list);
    return std::nullopt;
}

// "50 MiB", "20 MB", "1024": bytes.
std::optional<std::uint64_t> read_size(TomlTable& table, std::string_view key) {
    const auto value = table.value(key);
    if (!value) return std::nullopt;
    if (value->type() == TomlValue::Type::Whole) {
        const auto number = value->whole();
        if (number && *number > 0) return static_cast<std::uint64_t>(*number);
    } else if (const auto text = value->text()) {
        struct Unit {
            std::string_view name;
            std::uint64_t bytes;
        };
        static constexpr Unit units[] = {{"kB", 1000},      {"MB", 1'000'000}, {"GB", 1'000'000'000},
                                         {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}};
        for (const Unit& unit : units) {
            if (!text->ends_with(unit.name)) continue;
            const auto number =
                to_whole_number(trim(std::string_view{*text}.substr(0, text->size() - unit.name.size())));
            if (number && *number > 0 && *number < 1'000'000) return static_cast<std::uint64_t>(*number) * unit.bytes;
        }
    }
    refuse(table, key, "not a size; accepted is a number of bytes, or such as \"50 MiB\" (kB, MB, GB, KiB, MiB, GiB)");
    return std::nullopt;
}

std::optional<PasswordSource> read_password_source(TomlTable& table, std::string_view key = "password") {
    constexpr std::string_view accepted =
        "accepted is { file = \"…\" }, { credential = \"…\" }, { command = [\"…\"] } or { oauth2_command = [\"…\"] }";
    if (!table.has(key)) {
        table.mistake("'" + std::string{key} + "' is missing; " + std::string{accepted});
        return std::nullopt;
    }
    auto source = table.table(key);
    if (!source) return std::nullopt;
    const auto file = source->text("file");
    const auto credential = source->text("credential");
    const auto command = source->texts("command");
    const auto oauth2_command = source->texts("oauth2_command");
    source->done();
    const int given =
        (file ? 1 : 0) + (credential ? 1 : 0) + (command.empty() ? 0 : 1) + (oauth2_command.empty() ? 0 : 1);
    if (given != 1) {
        source->mistake("one way to the secret, and one alone: " + std::string{accepted});
        return std::nullopt;
    }
    if (file) return PasswordFile{*file};
    if (credential) return PasswordCredential{*credential};
    return command.empty() ? PasswordCommand{oauth2_command, true} : PasswordCommand{command, false};
}

std::optional<transport::Endpoint> read_server(TomlTable& table, transport::Protocol protocol) {
    const std::string url = table.required_text("server");
    if (url.empty()) return std::nullopt;
    auto endpoint = transport::parse_endpoint(url, protocol);
    if (endpoint) return *endpoint;
    refuse(table, "server", endpoint.error().what);
    return std::nullopt;
}

std::optional<std::string> read_ca_file(TomlTable& table) {
    auto path = table.text("ca_file");
    if (path && !std::filesystem::exists(*path)) refuse(table, "ca_file", "there is no file '" + *path + "'");
    return path;
}

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

std::optional<mail::Address> read_organisation(TomlTable& root, Configuration& configuration) {
    auto table = root.table("organisation");
    if (!table) {
        root.mistake("[organisation] is missing, with at least 'name' and 'address'");
        return std::nullopt;
    }
    intake::Organisation& house = configuration.organisation;
    house.name = table->required_text("name");
    auto address = read_address(*table, "address", true);
    for (const std::string& text : table->texts("aliases")) {
        if (auto alias = mail::Address::from(text))
            house.aliases.push_back(*alias);
        else
            refuse(*table, "aliases", "'" + text + "' is no address; accepted is local-part@domain");
    }
    if (const auto mode = one_of(*table, "mode", {"live", "team", "shadow"}))
        house.mode = *mode == "live" ? intake::Mode::Live : *mode == "team" ? intake::Mode::Team : intake::Mode::Shadow;
    if (table->has("languages")) house.languages = table->texts("languages");
    if (house.languages.empty()) {
        refuse(*table, "languages", "at least one language, such as [\"en\"]");
        house.languages = {"en"};
    }
    if (const auto reply_address = table->text("reply_address");
        reply_address && reply_address->find("{token}") == std::string::npos)
        refuse(*table, "reply_address", "must hold {token}, as in security+{token}@example.org");
    house.reply_address = table->text("reply_address").value_or("");
    if (!house.reply_address.empty()) {
        std::string filled = house.reply_address;
        if (const auto token = filled.find("{token}"); token != std::string::npos)
            filled.replace(token, 7, "sec-2026-0001.0123456789abcdef");
        if (!mail::Address::from(filled))
            refuse(*table, "reply_address",
                   "'" + house.reply_address + "' makes no address; security+{token}@example.org does");
    }
    house.policy_url = table->text("policy_url").value_or("");
    house.numbers.prefix = table->text("ticket_prefix").value_or("SEC");
    if (house.numbers.prefix.empty() || house.numbers.prefix.size() > 12 ||
        !std::ranges::all_of(house.numbers.prefix, [](char c) { return is_letter(c) || is_digit(c); }))
        refuse(*table, "ticket_prefix", "1 to 12 letters and digits");
    house.numbers.random = one_of(*table, "ticket_numbers", {"sequential", "random"}) == "random";
    table->done();
    return address;
}

Start read_start(TomlTable& table) {
    const auto value = table.value("start");
    if (!value) return StartNow{};
    if (value->type() == TomlValue::Type::Time) return value->time().value_or(Instant{});
    const auto text = value->type() == TomlValue::Type::Text ? value->text() : std::nullopt;
    if (text == "now") return StartNow{};
    if (text == "all") return StartAll{};
    if (const auto at = text ? from_rfc3339(*text) : std::nullopt) return *at;
    refuse(table, "start", "accepted is \"now\", \"all\" or an instant such as 2026-01-01T00:00:00Z");
    return StartNow{};
}

AfterProcessing read_after(TomlTable& table) {
    const std::string text = table.text("after").value_or("keep");
    if (text == "keep") return {};
    if (text == "seen") return {AfterProcessing::What::Seen, {}};
    if (text.starts_with("move:") && text.size() > 5) return {AfterProcessing::What::Move, text.substr(5)};
    refuse(table, "after", "'" + text + "' is not accepted; one of \"keep\", \"seen\", \"move:FOLDER\"");
    return {};
}

void read_mailboxes(TomlTable& root, Configuration& configuration) {
    std::set<std::string> names;
    for (TomlTable& table : root.tables("mailbox")) {
        const std::string name = table.required_text("name");
        if (!name.empty() && !names.insert(name).second)
            refuse(table, "name", "another mailbox is called '" + name + "' too");
        const auto server = read_server(table, transport::Protocol::Imap);
        const std::string user = table.required_text("user");
        const auto password = read_password_source(table);
        auto ca_file = read_ca_file(table);
        const std::string inbox = table.text("inbox").value_or("INBOX");
        const auto also = table.texts("also");
        const std::string sent = table.text("sent").value_or("");
        const AfterProcessing after = read_after(table);
        if (after.what == AfterProcessing::What::Move && after.folder == inbox)
            refuse(table, "after", "'" + after.folder + "' is the inbox itself; accepted is another folder");
        if (!sent.empty() && (sent == inbox || std::ranges::find(also, sent) != also.end()))
            refuse(table, "sent", "'" + sent + "' is watched for mail that comes in; accepted is another folder");
        const Start start = read_start(table);
        const std::string via_list = table.text("via_list").value_or("");
        const std::string policy = table.text("policy").value_or("default");
        table.done();
        if (!server || !password) continue;
        configuration.mailboxes.push_back({.rules = {.name = name, .policy = policy, .via_list = via_list},
                                           .server = *server,
                                           .user = user,
                                           .password = *password,
                                           .ca_file = std::move(ca_file),
                                           .inbox = inbox,
                                           .also = also,
                                           .sent = sent,
                                           .after = after,
                                           .start = start});
        if (const std::string complaint = complaint_about(*password); !complaint.empty())
            table.warn_at("password", complaint);
    }
    if (!root.has("mailbox")) root.mistake("[[mailbox]] is missing: at least one mailbox to watch");
}

void read_submission(TomlTable& root, Configuration& configuration) {
    auto table = root.table("submission");
    if (!table) {
        root.mistake("[submission] is missing, with 'server', 'user' and 'password'");
        return;
    }
    const auto server = read_server(*table, transport::Protocol::Submission);
    const std::string user = table->required_text("user");
    const auto password = read_password_source(*table);
    auto ca_file = read_ca_file(*table);
    table->done();
    if (!server || !password) return;
    configuration.submission = {*server, user, *password, std::move(ca_file)};
    if (const std::string complaint = complaint_about(*password); !complaint.empty())
        table->warn_at("password", complaint);
}

// "0 minutes" is none at all, which a span of a policy never is.
void read_relay_delay(TomlTable& table, const std::string& text, intake::TeamMail& ways) {
    if (text == "0" || text == "0 minutes" || text == "0 hours") return;
    const auto span = sla::parse_span(text);
    if (!span || span->counts_business_time()) {
        refuse(table, "relay_delay",
               "not a length of time; accepted is such as \"10 minutes\", \"1 hour\", \"0 minutes\"");
        return;
    }
    const std::chrono::hours day{24};
    ways.relay_delay = span->unit == sla::Unit::Minute ? Micros{std::chrono::minutes{span->count}}
                       : span->unit == sla::Unit::Hour ? Micros{std::chrono::hours{span->count}}
                                                       : Micros{day * span->count};
}

// "08:30": when the digest goes out on business mornings; "none": it does not.
void read_digest(TomlTable& table, intake::Organisation& organisation) {
    const auto text = table.text("digest");
    if (!text) return;
    organisation.digest.reset();
    if (*text == "none") return;
    const auto hour = text->size() == 5 ? to_whole_number(std::string_view{*text}.substr(0, 2)) : std::nullopt;
    const auto minute = text->size() == 5 ? to_whole_number(std::string_view{*text}.substr(3)) : std::nullopt;
    if (!hour || !minute || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 || (*text)[2] != ':')
        return refuse(table, "digest", "'" + *text + "' is no time of day; accepted is such as \"08:30\", or \"none\"");
    organisation.digest = std::chrono::hours{*hour} + std::chrono::minutes{*minute};
}

void read_team(TomlTable& root, Configuration& configuration) {
    for (TomlTable& table : root.tables("team")) {
        const std::string name = table.required_text("name");
        const auto address = read_address(table, "address", true);
        std::string key;
        for (const char c : table.text("key").value_or(""))
            if (c != ' ') key += c;
        if (key.starts_with("0x")) key.erase(0, 2);
        if (!key.empty() && (key.size() < 16 || key.size() > 64 ||
                             key.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos))
            refuse(table, "key", "'" + key + "' is no fingerprint; accepted are its 40 hexadecimal digits");
        const auto roles = table.texts("roles");
        table.done();
        if (!address) continue;
        if (configuration.organisation.member(address->text()) != nullptr)
            refuse(table, "address", "another member has this address too");
        configuration.organisation.team.push_back({name, *address, roles, key});
        if (configuration.openpgp) configuration.openpgp->member_places[address->text()] = table.place_of("key");
    }
    if (!root.has("team")) root.mistake("[[team]] is missing: nobody would hear of a report");
    if (auto table = root.table("team_mail")) {
        intake::TeamMail& ways = configuration.organisation.team_mail;
        if (table->has("accept"))
            ways.accept_openpgp = ways.accept_smime = ways.accept_notice = ways.accept_authentication_results = false;
        for (const std::string& way : table->texts("accept")) {
            if (way == "openpgp")
                ways.accept_openpgp = true;
            else if (way == "smime")
                ways.accept_smime = true;
            else if (way == "notice")
                ways.accept_notice = true;
            else if (way == "authentication-results")
                ways.accept_authentication_results = true;
            else
                refuse(*table, "accept",
                       "'" + way + "' is not accepted; \"openpgp\", \"smime\", \"notice\", \"authentication-results\"");
        }
        if (ways.accept_authentication_results && !table->has("authserv_id"))
            refuse(*table, "accept",
                   "\"authentication-results\" needs 'authserv_id', the name of your own mail server in that field");
        configuration.organisation.authserv_id = table->text("authserv_id").value_or("");
        configuration.organisation.plain_to_team = one_of(*table, "encrypted", {"withhold", "plain"}) == "plain";
        read_digest(*table, configuration.organisation);
        if (const auto delay = table->text("relay_delay")) read_relay_delay(*table, *delay, ways);
        ways.sign_with_name = one_of(*table, "sign", {"none", "name"}) == "name";
        table->done();
    }
}

void read_count(TomlTable& table, std::string_view key, std::size_t& count, std::int64_t most) {
    const auto number = table.whole(key);
    if (!number) return;
    if (*number < 1 || *number > most)
        refuse(table, key, "a whole number from 1 to " + std::to_string(most));
    else
        count = static_cast<std::size_t>(*number);
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

void read_span(TomlTable& table, std::string_view key, std::optional<Micros>& into) {
    const auto text = table.text(key);
    if (!text) return;
    const auto span = sla::parse_span(*text);
    if (!span || span->counts_business_time()) {
        refuse(table, key, "not a length of time; accepted is such as \"30 minutes\", \"2 hours\", \"14 days\"");
        return;
    }
    const std::chrono::minutes unit = span->unit == sla::Unit::Minute ? std::chrono::minutes{1}
                                      : span->unit == sla::Unit::Hour ? std::chrono::minutes{60}
                                                                      : std::chrono::minutes{24 * 60};
    into = unit * span->count;
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
