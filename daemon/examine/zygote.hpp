// Forks one process for each request, watches it, and ends it at its deadline with its whole group.
#pragma once

#include "daemon/examine/heap.hpp"
#include "daemon/examine/lockdown.hpp"
#include "intake/examine/frame.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::daemon {

// Takes orders over examiner_link_fd until the other side goes away. Returns the exit status of the program. `heap` was
// made when the program began.
int serve_orders(Heap& heap, rules::RuleSet rule_set, const intake::ExaminationLimits& limits, const Reach& reach);

}  // namespace tocsin::daemon
