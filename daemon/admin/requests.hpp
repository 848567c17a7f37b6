// Asking the daemon to do something (daemon/requests/requests.hpp), from the command line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "daemon/admin/admin.hpp"
#include "daemon/requests/requests.hpp"

namespace tocsin::daemon {

// Waits for the answer, ten seconds at most, and takes the request back when none comes. When no daemon runs, it is
// carried out here, under the database's lock. Prints the answer and returns a sysexits code: 0 done, 65 refused,
// 75 no answer.
int ask_daemon(const AdminContext& context, std::string_view verb, const nlohmann::json& arguments);

// The same without printing: for verbs that show more than the answer's words. Empty: `code` says why, and it was told.
std::optional<RequestAnswer> request_answer(const AdminContext& context, const Configuration& configuration,
                                            std::string_view verb, const nlohmann::json& arguments, int& code);

// What destroys asks: yes at the terminal, or `--yes`. Without a terminal it is no.
bool confirmed(std::string_view question, bool yes);

}  // namespace tocsin::daemon
