#include "daemon/crash_point.hpp"
#include "daemon/event_log.hpp"
#include "daemon/loops.hpp"
#include "intake/admit/admit.hpp"
#include "intake/decide/budget.hpp"
#include "intake/outgoing/outgoing.hpp"
#include "intake/promises/clock_jump.hpp"
#include "intake/promises/digest.hpp"
#include "intake/promises/tick.hpp"
#include "intake/promises/waiting.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

// A machine that slept, or whose clock was set: the wall clock is looked at again after this time at the latest.
constexpr std::chrono::minutes longest_sleep{1};
constexpr std::chrono::hours budgets_kept{48};  // they count by the day

std::string distance_of(Micros jump) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(jump < Micros{0} ? -jump : jump).count();
    const std::string length =
        minutes < 120 ? std::to_string(minutes) + " minutes" : std::to_string((minutes + 30) / 60) + " hours";
    return length + (jump < Micros{0} ? " back" : " forward");
}

// False while the wall clock is not believed; the administrator is told once.
bool clock_is_believed(House& house) {
    const intake::ClockCheck check = intake::check_clock(house.store.notes, house.clock);
    if (!check.changed) return check.believed;
    if (check.believed) {
        log_event(Level::Information, event::clock_believed, {});
        return true;
    }
    log_event(Level::Error, event::clock_jumped,
              {{"minutes", std::chrono::duration_cast<std::chrono::minutes>(check.jump).count()}});
    rules::TemplateFields fields;
    fields.set("what",
               "The clock of this machine jumped " + distance_of(check.jump) +
                   " without the machine having been asleep. Reminders are held until it is right again; when it is "
                   "right now, say so with: tocsinctl clock believe");
    intake::queue_mail(house.store,
                       intake::alarms("alarm", fields, "clock jumped " + to_rfc3339(house.now()), house.organisation()),
                       std::nullopt, "", std::nullopt, house.organisation(), house.ids, house.now());
    house.outbox_changed.ring();
    return false;
}

}  // namespace

void remind_due(House& house) {
    const Instant now = house.now();
    store::Transaction transaction{house.store.database};
    if (!clock_is_believed(house)) return transaction.commit();
    std::size_t mails = 0;
    if (!house.store.tickets.reminders_due(now, 1).empty()) {
        const auto reminded = intake::remind(house.store, house.rule_set, house.organisation(), house.ids, now);
        mails += reminded.mails;
        if (reminded.tickets > 0)
            log_event(Level::Information, event::reminded, {{"tickets", reminded.tickets}, {"mails", reminded.mails}});
    }
    const rules::Policy* policy = house.rule_set.policy(house.configuration.mailboxes.front().rules.policy);
    if (policy != nullptr) {
        const std::size_t digests = intake::send_digest(house.store, *policy, house.organisation(), house.ids, now);
        mails += digests;
        if (digests > 0) log_event(Level::Information, event::digest_queued, {{"mails", digests}});
    }
    if (mails > 0) crash_point("remind-open");
    transaction.commit();
    if (mails > 0) crash_point("reminded");
    if (mails > 0) house.outbox_changed.ring();
}

// What was put off: held mail that nobody decided on, reports that are acknowledged together.
void do_what_waited(House& house) {
    store::Transaction transaction{house.store.database};
    std::size_t queued = intake::ask_again_about_held(house.store, house.organisation(), house.ids, house.now());
    queued += intake::acknowledge_together(house.store, house.organisation(), house.ids, house.now());
    house.store.budgets.forget_before(house.now() - budgets_kept);
    transaction.commit();
    if (queued > 0) house.outbox_changed.ring();
}

asio::awaitable<void> run_clocks(House& house) {
    while (!house.stopping) {
        remind_due(house);
        do_what_waited(house);
        std::chrono::milliseconds most = longest_sleep;
        // What an untrusted clock calls overdue waits as well.
        const bool held = intake::held_by_clock(house.store.notes).has_value();
        if (const auto next = house.store.tickets.next_reminder(); next && !held)
            most = std::min(most, until(house, *next));
        if (const auto next = intake::next_digest(house.store); next && !held && house.organisation().digest)
            most = std::min(most, until(house, *next));
        for (const auto next : {house.store.held.next(), intake::next_acknowledged_together(house.store)})
            if (next) most = std::min(most, until(house, *next));
        co_await house.clocks_changed.sleep(most);
    }
}

}  // namespace tocsin::daemon
