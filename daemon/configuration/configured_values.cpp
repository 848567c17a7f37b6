#include "daemon/configuration/configured_values.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "sla/span.hpp"

namespace tocsin::daemon {

using rules::TomlTable;
using rules::TomlValue;

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

std::optional<PasswordSource> read_password_source(TomlTable& table, std::string_view key) {
    constexpr std::string_view accepted =
        "accepted is { file = \"…\" }, { credential = \"…\" }, { command = [\"…\"] } or { oauth2_command = [\"…\"] }";
    if (!table.has(key)) {
        table.mistake("'" + std::string{key} + "' is missing; " + std::string{accepted});
        return std::nullopt;
    }
    if (const auto value = table.value(key); value && value->type() == TomlValue::Type::Text) {
        value->mistake("a secret does not stand here itself; " + std::string{accepted});
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

void read_count(TomlTable& table, std::string_view key, std::size_t& count, std::int64_t most) {
    const auto number = table.whole(key);
    if (!number) return;
    if (*number < 1 || *number > most)
        refuse(table, key, "a whole number from 1 to " + std::to_string(most));
    else
        count = static_cast<std::size_t>(*number);
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

}  // namespace tocsin::daemon
