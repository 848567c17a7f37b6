// One job for `tocsin-examine`, for a program that has no loops: the command line goes through it like the daemon.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/configuration/loaded.hpp"
#include "intake/examine/examination.hpp"
#include "openpgp/keyring.hpp"
#include "store/keys.hpp"

namespace tocsin::daemon {

// What was found in the keyring while it was done.
struct KeysNow {
    openpgp::Keyring keyring;
    std::string own_key;  // fingerprint; empty: there is none
};

// With the words of the mail in the result. `known` are the keys that the store has bound.
Result<intake::Examination> examine_now(const Loaded& loaded, std::string bytes,
                                        const std::vector<store::KnownKey>& known = {}, KeysNow* keys = nullptr);
// The mail that a recipe makes; `mail` is the one that a notice shows.
Result<std::string> compose_now(const Loaded& loaded, const std::string& recipe,
                                const std::optional<std::string>& mail);

// Many mails with one examiner, as many at once as there are cores. `bytes_of` gives the mail of a number below
// `count`; `done` is told each examination, in whatever order they come. With `known`, the keys that
// the store has bound, what is encrypted is opened; without, it stays closed.
// Shared, a process reads some of them one after the other, which is quicker by far; a mail that took it over might
// change what is told of those: for tables that an administrator looks at, not for what is kept.
enum class Process { OfItsOwn, Shared };
using BytesOf = std::function<std::string(std::size_t)>;
using DoneWith = std::function<void(std::size_t, Result<intake::Examination>)>;
Result<void> examine_many(const Loaded& loaded, std::size_t count, Process process, const BytesOf& bytes_of,
                          const DoneWith& done,
                          const std::optional<std::vector<store::KnownKey>>& known = std::nullopt);

}  // namespace tocsin::daemon
