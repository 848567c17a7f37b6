// Whether the keys are what the configuration says they are: for `tocsind --check` and `tocsinctl doctor`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "daemon/configuration/loaded.hpp"
#include "openpgp/keyring.hpp"
#include "rules/mistake.hpp"

namespace tocsin::daemon {

struct KeyComplaint {
    bool severe = false;  // the daemon does not start with it, or cannot do what it is there for
    std::string what;
    rules::Place place;
};

struct KeysLookedAt {
    openpgp::Keyring keyring;
    std::string own;  // fingerprint
};

// Reads the home as the daemon would, with an agent and an examiner of its own.
Result<KeysLookedAt> look_at_keys(const Loaded& loaded);

// What is wrong with them at that time; none: all is well.
std::vector<KeyComplaint> complaints_about_keys(const Configuration& configuration, const Result<KeysLookedAt>& keys,
                                                Instant now);

// Nothing without an [openpgp] table.
void check_keys(const Loaded& loaded, Instant now, rules::Mistakes& mistakes);

}  // namespace tocsin::daemon
