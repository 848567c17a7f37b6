// The tables of the configuration file, each read into its part of the Configuration.
#pragma once

#include "daemon/configuration/configuration.hpp"
#include "rules/loading/toml_file.hpp"

namespace tocsin::daemon {

// The address that the house is written to; nothing where none is given.
std::optional<mail::Address> read_organisation(rules::TomlTable& root, Configuration& configuration);
void read_mailboxes(rules::TomlTable& root, Configuration& configuration);
void read_submission(rules::TomlTable& root, Configuration& configuration);
// After [openpgp], which it adds the places of the members' keys to.
void read_team(rules::TomlTable& root, Configuration& configuration);

}  // namespace tocsin::daemon
