// Who could do what, and since when: the roster in the history, whenever it has changed.
#pragma once

#include "intake/organisation.hpp"
#include "store/store.hpp"

namespace tocsin::intake {

// At start and after a reload, within a store::Transaction. Nothing where the last one noted says the same.
void note_roster(store::Store& store, const Organisation& organisation, Instant now);

}  // namespace tocsin::intake
