// A group of examined mails is decided on and admitted: in journal order, all in one transaction, each in a savepoint
// of its own.
//
// On the main thread. A bug that one mail brings out costs that mail a try; a disk that fails throws store::Failure.
#pragma once

#include <cstddef>
#include <vector>

#include "daemon/journal/examined_mail.hpp"

namespace tocsin::daemon {

// Of the group: how many are settled, or have failed; and how many were not begun, through no fault of theirs.
struct GroupResult {
    std::size_t moved = 0;
    std::size_t not_begun = 0;
};

// `hold`: our keys do (see keys_hold), so that a mail which says that OpenPGP is out of order says so of itself.
GroupResult admit_group(House& house, const std::vector<ExaminedMail>& mails, bool hold);

}  // namespace tocsin::daemon
