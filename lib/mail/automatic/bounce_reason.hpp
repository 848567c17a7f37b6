// Whether a failure is the address's own: no such mailbox or host, against everything that may pass.
#pragma once

#include <string_view>

namespace tocsin::mail {

// From the words of the server first, since they are more exact than most servers' codes; then from the codes.
// A server that took the address and refused only after the text (`after_data`) had other reasons than it says.
bool is_hard_failure(std::string_view diagnostic, std::string_view status, bool after_data);

// Whether the report is a warning: the system that sent it has not given up.
bool says_that_it_goes_on(std::string_view report);
// Whether it says that nothing more is tried, whatever kind of failure it names.
bool says_that_it_gave_up(std::string_view report);

}  // namespace tocsin::mail
