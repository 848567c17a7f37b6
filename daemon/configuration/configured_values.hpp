// Values of the configuration file, read from a table of it: a mistake in one is told at its place, and the value is
// then not there.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/configuration/configuration.hpp"
#include "rules/loading/toml_file.hpp"

namespace tocsin::daemon {

// A mistake at the value, where the eye has to go; at the table where there is none.
void refuse(rules::TomlTable& table, std::string_view key, std::string what);

std::optional<mail::Address> read_address(rules::TomlTable& table, std::string_view key, bool required);
std::optional<std::string> one_of(rules::TomlTable& table, std::string_view key,
                                  std::initializer_list<std::string_view> accepted);
// "50 MiB", "20 MB", "1024": bytes.
std::optional<std::uint64_t> read_size(rules::TomlTable& table, std::string_view key);
// From 1 to `most`; what stood in `count` stays otherwise.
void read_count(rules::TomlTable& table, std::string_view key, std::size_t& count, std::int64_t most);
// "30 minutes", "14 days".
void read_span(rules::TomlTable& table, std::string_view key, std::optional<Micros>& into);
std::optional<PasswordSource> read_password_source(rules::TomlTable& table, std::string_view key = "password");
std::optional<transport::Endpoint> read_server(rules::TomlTable& table, transport::Protocol protocol);
std::optional<std::string> read_ca_file(rules::TomlTable& table);

}  // namespace tocsin::daemon
