// The verbs of tocsinctl about time: what a policy would do, and how the deadlines stand.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "daemon/admin/admin.hpp"
#include "intake/promises/account.hpp"

namespace tocsin::daemon {

struct SimulateOptions {
    std::string policy;
    std::string received;
    std::string severity;
    std::string svg;
    std::vector<std::string> rules;  // these folders instead of the configured ones
};
int simulate_policy(const AdminContext& context, const SimulateOptions& options);

struct BoardOptions {
    std::string html;
    bool titles = false;
};
int show_board(const AdminContext& context, const BoardOptions& options);

// What the clock says now is right: reminders that a jump held go on.
int believe_the_clock(const AdminContext& context);

nlohmann::ordered_json account_json(const std::vector<intake::AccountedTime>& account);

}  // namespace tocsin::daemon
