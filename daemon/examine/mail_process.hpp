// What the process that was forked for one request does: it answers one frame with another and ends.
#pragma once

#include "intake/examine/frame.hpp"
#include "openpgp/engine.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::daemon {

// What it may use up is bounded apart from everybody else's. A mail's process writes no file at all.
void limit_resources(bool writes_files);

// A frame in, a frame out, over the socket that came with the order. Its exit status: 0 when the answer was sent.
int answer_one(int socket, const rules::RuleSet& rule_set, const intake::ExaminationLimits& limits,
               openpgp::Engine& engine, bool about_keys);

// Says over it that nothing was begun, for a reason that is not the mail's.
void say_not_begun(int socket);

}  // namespace tocsin::daemon
