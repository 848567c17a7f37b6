// `/forget`: the reporter of a closed ticket leaves it, with her address, her name and all that she wrote.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "intake/decide/organisation.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

struct Forgetting {
    store::Erased erased;
    std::vector<std::string> out_of_reach;  // where copies are that we cannot erase, a line each
};

// Call within a Transaction, and `store.erasure.empty_log()` after its commit. Refused (Code::BadInput, in words for
// the member) while the ticket is open, while mail of it waits to go out, and when nobody is left to forget. `by` is
// the member's address, or "administrator".
Result<Forgetting> forget_reporter(store::Store& store, TicketId ticket, const std::string& by, Instant now);

}  // namespace tocsin::intake
