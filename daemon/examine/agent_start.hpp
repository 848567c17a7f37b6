// The two short jobs that tocsin-examine has beside reading mail: to become the confined gpg-agent, and to answer when
// that asks for the passphrase.
#pragma once

namespace tocsin::daemon {

// Descriptors 3 and 4 are its sockets. Returns only where it could not begin.
int become_agent(const char* home);

// The Assuan side of a pinentry: says TOCSIN_PASSPHRASE once, and no a second time.
int answer_as_pinentry();

}  // namespace tocsin::daemon
