// What the daemon ends with, in the words of sysexits(3).
#pragma once

#include "base/result.hpp"

namespace tocsin::daemon {

int exit_code_of(const Error& error);
// Nonsense from a server is that server's, not an input of ours.
int exit_code_for_server(const Error& error);

}  // namespace tocsin::daemon
