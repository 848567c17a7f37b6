// Faults that a mail asks for, in a build of tocsin-examine for tests alone (TOCSIN_PLANTED_FAULTS): what code that was
// taken over would try, and what it does when it goes wrong.
#pragma once

#include <string_view>

#include "intake/examine/frame.hpp"

namespace tocsin::daemon {

// What the field X-Planted of the mail says: `write`, `loop`, `stack`; `socket`, `open PATH`, `exec PATH`, `kill PID`,
// of which it returns true when it could be done.
bool do_what_was_planted(std::string_view mail);
// What it makes of an honest answer: `disorder` says that OpenPGP is out of order, `answers` leaves out what the rules
// ask.
void change_what_was_planted(std::string_view mail, intake::Frame& answer);

}  // namespace tocsin::daemon
