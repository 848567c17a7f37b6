#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <exception>
#include <optional>

#include "daemon/crash_point.hpp"
#include "daemon/event_log.hpp"
#include "daemon/journal/admit_group.hpp"
#include "daemon/journal/compare_words.hpp"
#include "daemon/journal/examined_mail.hpp"
#include "daemon/loops.hpp"
#include "intake/admit/open_again.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr std::size_t group = 64;  // mails in one transaction
constexpr std::chrono::milliseconds key_watch{5'000};
constexpr std::chrono::milliseconds key_retry{10'000};

// Every second mail from `first` on, one after the other: two such lanes keep two processes busy.
asio::awaitable<void> examine_lane(House& house, std::vector<ExaminedMail>& mails, std::size_t first) {
    for (std::size_t at = first; at < mails.size() && house.examiner->alive(); at += 2)
        if (is_examined(mails[at].entry)) {
            co_await examine(house, mails[at]);
            co_await compare_words(house, mails[at]);
        }
}

// Counted before anything looks at the bytes, so that a mail that takes everything down is not tried for ever.
void count_tries(House& house, const std::vector<ExaminedMail>& mails) {
    store::Transaction transaction{house.store.database};
    for (const ExaminedMail& mail : mails)
        if (is_examined(mail.entry)) house.store.journal.begin_try(mail.entry.id);
    transaction.commit();
}

// We stop on purpose, and live: nothing was the mail's doing, however often we are reloaded.
void take_back_tries(House& house, const std::vector<ExaminedMail>& mails) {
    store::Transaction transaction{house.store.database};
    for (const ExaminedMail& mail : mails)
        if (is_examined(mail.entry)) house.store.journal.take_back_try(mail.entry.id);
    transaction.commit();
}

void open_one_again(House& house, const ExaminedMail& mail) {
    const store::JournalEntry& entry = mail.entry;
    house.store.journal.opened_again(entry.id);
    if (!*mail.examination || !entry.ticket) return;
    const intake::Examination& examination = **mail.examination;
    const auto view = look_up(house, mail, house.now());
    const auto ticket = intake::load_ticket(house.store, *entry.ticket, house.rule_set);
    const auto decision = intake::decide_opened(examination, view, ticket, house.rule_set, house.organisation(),
                                                arrival_of(house, entry), house.now());
    intake::admit_opened(house.store, decision, entry.id, house.organisation(), house.ids, house.now());
    log_event(Level::Information, event::mail_opened_again,
              {{"journal", entry.id.value()},
               {"ticket", ticket.ticket.number},
               {"opened", decision.unopened.empty() ? 1 : 0}});
}

// Mails that could not be opened, once more. One that cannot even be tried keeps none of the others waiting.
asio::awaitable<void> open_again(House& house) {
    for (const store::JournalEntry& entry : house.store.journal.to_open_again(group)) {
        if (!house.keys_state.in_order || house.stopping || !house.examiner->alive()) co_return;
        ExaminedMail mail{entry, {}};
        co_await examine(house, mail);
        if (!mail.examination || was_not_begun(mail)) continue;
        bool keeps_waiting = false;
        if (waits_for_keys(mail)) {
            const bool hold = co_await keys_hold(house);
            if (!hold) co_return;
            store::Transaction counting{house.store.database};
            keeps_waiting = house.store.journal.count_put_off(entry.id) <= most_put_offs;
            counting.commit();
        }
        if (keeps_waiting) continue;
        store::Transaction transaction{house.store.database};
        try {
            store::Savepoint savepoint{house.store.database};
            open_one_again(house, mail);
            savepoint.release();
        } catch (const store::Failure&) {
            throw;
        } catch (const std::exception& bug) {
            house.store.journal.opened_again(entry.id);
            log_event(Level::Warning, event::mail_not_examined,
                      {{"journal", entry.id.value()}, {"why", std::string_view{bug.what()}}});
        }
        transaction.commit();
        house.outbox_changed.ring();
    }
}

Result<void> make_sure_of_examiner(House& house) {
    if (house.examiner && house.examiner->alive()) return {};
    return house.start_examiner();
}

asio::awaitable<Result<void>> process_groups(House& house) {
    while (!house.stopping) {
        std::vector<ExaminedMail> mails;
        for (store::JournalEntry& entry : house.store.journal.pending(group, house.keys_state.in_order))
            mails.push_back({std::move(entry), {}});
        house.has_backlog = mails.size() == group;
        if (mails.empty() && house.store.journal.to_open_again(1).empty()) co_return Result<void>{};
        auto ready = make_sure_of_examiner(house);
        if (!ready) co_return ready;
        (void)co_await keep_keys(house);
        co_await open_again(house);
        if (mails.empty()) co_return Result<void>{};
        count_tries(house, mails);
        crash_point("try-counted");
        co_await (examine_lane(house, mails, 0) && examine_lane(house, mails, 1));
        crash_point("examined");
        if (house.stopping) {
            take_back_tries(house, mails);
            co_return Result<void>{};
        }
        // Asked where mail says that OpenPGP failed it: a mail that breaks the agent breaks it for itself alone.
        bool hold = true;
        if (std::ranges::any_of(mails, waits_for_keys)) hold = co_await keys_hold(house);
        const GroupResult result = admit_group(house, mails, hold);
        if (result.moved == 0 && result.not_begun > 0)
            co_return temporary(Code::Unavailable, "no process could be made for mail; it is tried again later");
        (void)co_await keep_keys(house);  // with what was bound just now, before anything is sealed to it
        house.outbox_changed.ring();
        house.clocks_changed.ring();
        house.nudge_mailboxes();
    }
    co_return Result<void>{};
}

}  // namespace

asio::awaitable<Result<void>> process_pending(House& house) {
    auto processed = co_await process_groups(house);
    house.has_backlog = false;
    co_return processed;
}

asio::awaitable<void> process_journal(House& house) {
    Pause pause;
    while (!house.stopping) {
        auto processed = co_await process_pending(house);
        if (house.stopping) co_return;
        if (processed) {
            pause.reset();
            // The home is looked at for new keys; what waits for OpenPGP is tried again after a while.
            std::optional<std::chrono::milliseconds> most;
            if (house.keys) most = house.keys_state.in_order ? key_watch : key_retry;
            co_await house.journal_changed.sleep(most);
            if (!house.stopping && house.keys && make_sure_of_examiner(house)) (void)co_await keep_keys(house);
        } else {
            log_event(Level::Error, event::examiner_lost, {{"why", processed.error().what}});
            co_await house.journal_changed.sleep(pause.next(house.chance()));
        }
    }
}

}  // namespace tocsin::daemon
