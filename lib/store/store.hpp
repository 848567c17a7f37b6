// All tables of the one database, under one roof. The thread that owns the Database owns this.
#pragma once

#include <utility>

#include "store/collected.hpp"
#include "store/database.hpp"
#include "store/erasure.hpp"
#include "store/held_mail.hpp"
#include "store/journal.hpp"
#include "store/keys.hpp"
#include "store/moving.hpp"
#include "store/outbox.hpp"
#include "store/ratings.hpp"
#include "store/requests.hpp"
#include "store/server_actions.hpp"
#include "store/similar.hpp"
#include "store/spent.hpp"
#include "store/tickets.hpp"
#include "store/upkeep.hpp"
#include "store/watch_rows.hpp"

namespace tocsin::store {

struct Store {
    explicit Store(Database opened) : database{std::move(opened)} {}
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    Database database;
    Journal journal{database};
    Tickets tickets{database};
    Conversations conversations{database};
    Outbox outbox{database};
    Similar similar{database};
    Erasure erasure{database};
    Moving moving{database};
    Cursors cursors{database};
    Budgets budgets{database};
    Spent spent{database};
    Requests requests{database};
    ServerActions server_actions{database};
    Peers peers{database};
    Troubles troubles{database};
    Canaries canaries{database};
    Ratings ratings{database};
    Collected collected{database};
    HeldMail held{database};
    Unreachable unreachable{database};
    Absences absences{database};
    Notes notes{database};
    Keys keys{database};
    Ciphertexts ciphertexts{database};
};

}  // namespace tocsin::store
