// A member's words are compared with what only the team has seen, before anything is decided.
//
// On the main thread; the examiner reads the mails. What is found stands in the mail: nothing leaves the house that was
// not compared. A disk that fails throws store::Failure; any other failing costs this mail alone its leave to go on.
#pragma once

#include "daemon/journal/examined_mail.hpp"

namespace tocsin::daemon {

boost::asio::awaitable<void> compare_words(House& house, ExaminedMail& mail);

}  // namespace tocsin::daemon
