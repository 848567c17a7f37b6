// The team: who could do what and since when, which is in the history whenever it has changed, and who is called how.
#pragma once

#include <string>
#include <string_view>

#include "intake/decide/organisation.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// At start and after a reload, within a store::Transaction. Nothing where the last one noted says the same.
void note_roster(store::Store& store, const Organisation& organisation, Instant now);

// A member as people call one another: "me", the address, the whole name, or one word of it that fits nobody else.
const Member* member_called(const Organisation& organisation, std::string_view name, const Member& me);
std::string names_of_team(const Organisation& organisation);

}  // namespace tocsin::intake
