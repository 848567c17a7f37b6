// tocsin.toml as a value (INTERFACES section 3), read whole and checked before anything starts.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "daemon/configuration/credentials.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/promises/troubles.hpp"
#include "rules/mistake.hpp"
#include "rules/rule_set.hpp"
#include "transport/endpoint.hpp"

namespace tocsin::daemon {

// What becomes of processed mail on the server.
struct AfterProcessing {
    enum class What { Keep, Seen, Move };
    What what = What::Keep;
    std::string folder;  // for Move
};

// From when on mail counts; what was received before it is baseline.
struct StartNow {};
struct StartAll {};
using Start = std::variant<StartNow, StartAll, Instant>;

struct MailboxConfiguration {
    intake::MailboxRules rules;
    transport::Endpoint server;
    std::string user;
    PasswordSource password;
    std::optional<std::string> ca_file;
    std::string inbox = "INBOX";
    std::vector<std::string> also;  // looked at too, never acknowledged
    std::string sent;
    AfterProcessing after;
    Start start;
    rules::Place policy_place{};  // where `policy` stands, or the table
    rules::Place ca_place{};
};

struct SubmissionConfiguration {
    transport::Endpoint server;
    std::string user;
    PasswordSource password;
    std::optional<std::string> ca_file;
    rules::Place ca_place{};
};

// [openpgp]. No table: mail goes out unsigned, and what comes encrypted stays so.
struct OpenPgpConfiguration {
    std::filesystem::path home;
    std::string key;  // address or fingerprint
    std::optional<PasswordSource> passphrase;
    rules::Place place{};                                 // where `key` stands
    std::map<std::string, rules::Place> member_places{};  // where each member's stands, or the member; by address

    rules::Place place_of(const intake::Member& member) const {
        const auto found = member_places.find(member.address.text());
        return found == member_places.end() ? place : found->second;
    }
};

// An address of this machine alone, and a port.
struct MetricsListen {
    std::string address;
    std::uint16_t port = 0;
};

struct Configuration {
    std::filesystem::path file;
    intake::Organisation organisation;
    std::vector<MailboxConfiguration> mailboxes;
    SubmissionConfiguration submission;
    std::optional<OpenPgpConfiguration> openpgp{};
    std::filesystem::path store;
    std::vector<std::filesystem::path> rules_path;
    std::uint64_t message_bytes = std::uint64_t{50} << 20;
    intake::ExaminationLimits limits;
    intake::AlarmRules alarms;
    std::optional<MetricsListen> metrics;  // where they are served; nothing: nowhere

    std::filesystem::path state_directory() const { return store.parent_path(); }
    const MailboxConfiguration* mailbox(std::string_view name) const;
    std::vector<std::string> mailbox_names() const;
};

// Nothing where there is an error; every mistake is in `mistakes`, not the first alone.
std::optional<Configuration> load_configuration(const std::filesystem::path& file, rules::Mistakes& mistakes);

// Where a configuration that has mistakes says its rules are, so that theirs can be told together with its own.
rules::LoadOptions rules_named_in(const std::filesystem::path& file);

// For looking at rules where there is no configuration: a made-up organisation with one mailbox.
Configuration configuration_for_rules_alone(std::vector<std::string> languages);

}  // namespace tocsin::daemon
