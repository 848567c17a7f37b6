// `tocsind --once`: everything that is there is fetched, decided, reminded of and sent, once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "daemon/house.hpp"
#include "daemon/mailbox/mailbox_watch.hpp"
#include "daemon/outbox/submission_line.hpp"

namespace tocsin::daemon {

// On the main thread; all of it outlives the coroutine. `code` becomes the exit code of what failed; what cannot be
// reached keeps nothing else from being done.
boost::asio::awaitable<void> go_round_once(House& house, const std::vector<std::unique_ptr<MailboxWatch>>& watches,
                                           SubmissionLine& line, int& code);

}  // namespace tocsin::daemon
