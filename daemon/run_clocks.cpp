#include "daemon/crash_point.hpp"
#include "daemon/event_log.hpp"
#include "daemon/loops.hpp"
#include "intake/budget.hpp"
#include "intake/tick.hpp"
#include "intake/waiting.hpp"

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

// What was put off: held mail that nobody decided on, reports that are acknowledged together.
void do_what_waited(House& house) {
    store::Transaction transaction{house.store.database};
    std::size_t queued = intake::ask_again_about_held(house.store, house.organisation(), house.ids, house.now());
    queued += intake::acknowledge_together(house.store, house.organisation(), house.ids, house.now());
    transaction.commit();
    if (queued > 0) house.outbox_changed.ring();
}

asio::awaitable<void> run_clocks(House& house) {
    while (!house.stopping) {
        remind_due(house);
        do_what_waited(house);
        std::optional<std::chrono::milliseconds> most;
        for (const auto next : {house.store.tickets.next_reminder(), house.store.held.next(),
                                intake::next_acknowledged_together(house.store)})
            if (next) most = std::min({most.value_or(longest_sleep), until(house, *next), std::chrono::milliseconds{longest_sleep}});
        co_await house.clocks_changed.sleep(most);
    }
}

}  // namespace tocsin::daemon
