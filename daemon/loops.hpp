// The loops of the daemon. Each runs until the house is stopping, and ends within moments then.
//
// What each of them does once is a function of its own, for `--once`.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "daemon/house.hpp"
#include "daemon/mailbox/mailbox_watch.hpp"
#include "daemon/outbox/submission_line.hpp"

namespace tocsin::daemon {

boost::asio::awaitable<void> watch_mailbox(House& house, MailboxWatch& watch);

boost::asio::awaitable<void> process_journal(House& house);
// Examines and admits what is pending, in groups; returns when nothing is left that could be tried now.
boost::asio::awaitable<Result<void>> process_pending(House& house);

boost::asio::awaitable<void> deliver_outbox(House& house, SubmissionLine& line);
// Seals and sends what is due; the Error says that the server could not be reached.
boost::asio::awaitable<Result<void>> deliver_due(House& house, SubmissionLine& line);

boost::asio::awaitable<void> run_clocks(House& house);
void remind_due(House& house);
void do_what_waited(House& house);  // held mail, reports acknowledged together

boost::asio::awaitable<void> watch_over(House& house);
// The canary, and what the team has to hear of.
void look_after(House& house);

boost::asio::awaitable<void> serve_requests(House& house);
// What tocsinctl has asked for, each answered in a transaction of its own.
void carry_out_requests(House& house);

}  // namespace tocsin::daemon
