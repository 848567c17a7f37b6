#include <sysexits.h>

#include <cstdio>

#include "daemon/admin/clocks.hpp"
#include "intake/promises/clock_jump.hpp"

namespace tocsin::daemon {

int believe_the_clock(const AdminContext& context) {
    const auto configuration = configuration_or_complain(context);
    if (!configuration) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(*configuration, code);
    if (!store) return code;
    const bool held = intake::held_by_clock(store->notes).has_value();
    store::Transaction transaction{store->database};
    intake::believe_clock(store->notes);
    transaction.commit();
    if (context.json)
        std::puts(held ? "{\"held\": true}" : "{\"held\": false}");
    else
        std::puts(held ? "The clock is believed; reminders go on within a minute."
                       : "The clock is believed; no reminder was held.");
    return EX_OK;
}

}  // namespace tocsin::daemon
