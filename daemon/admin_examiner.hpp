// One job for `tocsin-examine`, for a program that has no loops: the command line goes through it like the daemon.
#pragma once

#include <string>
#include <vector>

#include "daemon/loaded.hpp"
#include "intake/examination.hpp"

namespace tocsin::daemon {

// With the words of the mail in the result.
Result<intake::Examination> examine_now(const Loaded& loaded, std::string bytes);
// The mail that a recipe makes; `mail` is the one that a notice shows.
Result<std::string> compose_now(const Loaded& loaded, const std::string& recipe, const std::optional<std::string>& mail);

}  // namespace tocsin::daemon
