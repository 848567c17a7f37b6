#include "daemon/event_log.hpp"
#include "daemon/loops.hpp"
#include "intake/promises/troubles.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::minutes between_rounds{1};
constexpr std::chrono::seconds first_round{15};

}  // namespace

void look_after(House& house) {
    const Instant now = house.now();
    store::Transaction transaction{house.store.database};
    const bool canary =
        intake::send_canary(house.store, house.configuration.alarms, house.organisation(), house.ids, now);
    const std::size_t told =
        intake::tell_troubles(house.store, house.configuration.alarms, house.configuration.mailbox_names(),
                              house.organisation(), house.ids, {now, SystemClock{}.now()});
    transaction.commit();
    if (canary) log_event(Level::Information, event::canary_sent);
    if (told > 0) log_event(Level::Warning, event::troubles_told, {{"troubles", told}});
    if (canary || told > 0) house.outbox_changed.ring();
}

asio::awaitable<void> watch_over(House& house) {
    // After a downtime all looks bad that is well again in a moment.
    co_await house.watched.sleep(first_round);
    while (!house.stopping) {
        look_after(house);
        co_await house.watched.sleep(between_rounds);
    }
}

}  // namespace tocsin::daemon
