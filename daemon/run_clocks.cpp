#include "daemon/crash_point.hpp"
#include "daemon/event_log.hpp"
#include "daemon/loops.hpp"
#include "intake/tick.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::size_t reminded_together = 100;
// A machine that slept, or whose clock was set: the wall clock is looked at again after this time at the latest.
constexpr std::chrono::hours longest_sleep{1};

}  // namespace

void remind_due(House& house) {
    for (;;) {
        const auto due = house.store.tickets.reminders_due(house.now(), reminded_together);
        if (due.empty()) return;
        store::Transaction transaction{house.store.database};
        for (const store::DueReminder& reminder : due) {
            const std::size_t queued = intake::remind(house.store, reminder, house.rule_set, house.organisation(), house.ids,
                                                      house.now());
            log_event(Level::Information, event::reminded, {{"clock", reminder.clock}, {"mails", queued}});
        }
        crash_point("remind-open");
        transaction.commit();
        crash_point("reminded");
        house.outbox_changed.ring();
    }
}

asio::awaitable<void> run_clocks(House& house) {
    while (!house.stopping) {
        remind_due(house);
        std::optional<std::chrono::milliseconds> most;
        if (const auto next = house.store.tickets.next_reminder())
            most = std::min<std::chrono::milliseconds>(until(house, *next), longest_sleep);
        co_await house.clocks_changed.sleep(most);
    }
}

}  // namespace tocsin::daemon
