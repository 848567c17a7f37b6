// Taking back what was commanded last: history goes on, and the ticket is again what it was. Pure.
#pragma once

#include "intake/team/desk.hpp"

namespace tocsin::intake {

void undo_last(Desk& desk, CommandOutcome& outcome);

}  // namespace tocsin::intake
