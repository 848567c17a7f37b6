#include <algorithm>
#include <map>
#include <span>

#include "daemon/crash_point.hpp"
#include "daemon/event_log.hpp"
#include "daemon/journal/journaled_mail.hpp"
#include "daemon/loops.hpp"
#include "intake/decide/delivered.hpp"
#include "intake/examine/frame.hpp"
#include "intake/outgoing/recipe.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::size_t sealed_together = 24;
constexpr std::size_t sealed_in_distress = 2'000;
constexpr std::size_t kept_together = 1u << 20;  // bytes of composed mail that wait in memory for one transaction
constexpr std::size_t tried_together = 16;       // a small group, so that the team's mail gets in between
constexpr std::chrono::seconds composing_deadline{30};
constexpr std::chrono::seconds idle_connection{20};
constexpr std::chrono::milliseconds until_next_group{2'000};  // at most, while a backlog is examined

// Mails that one examiner process composes: those that show one and the same mail, or any that show none. So
// bytes of a stranger never share a process with a mail that is not about them.
struct Batch {
    std::optional<JournalId> shown;
    std::vector<store::OutboxRow> rows;
};

std::vector<Batch> batches_of(std::vector<store::OutboxRow> rows) {
    std::map<std::int64_t, Batch> by_mail;
    for (store::OutboxRow& row : rows) {
        const auto recipe = intake::recipe_from_json(row.recipe);
        std::optional<JournalId> shown;
        if (recipe && recipe->shows_report) shown = recipe->shown ? recipe->shown : row.cause;
        Batch& batch = by_mail[shown ? shown->value() : 0];
        batch.shown = shown;
        batch.rows.push_back(std::move(row));
    }
    std::vector<Batch> batches;
    for (auto& [mail, batch] : by_mail) batches.push_back(std::move(batch));
    return batches;
}

// A mail of the group, and its final bytes or why there are none.
struct Composed {
    store::OutboxRow row;
    Result<std::string> mail;
};

// In one transaction. How many wait because OpenPGP is out of order.
std::size_t keep_sealed(House& house, const std::vector<Composed>& mails) {
    if (mails.empty()) return 0;
    std::size_t waiting = 0;
    crash_point("composed");
    store::Transaction transaction{house.store.database};
    for (const auto& [row, mail] : mails) {
        if (mail) {
            house.store.outbox.seal(row.id, *mail);
            continue;
        }
        if (intake::is_out_of_order(mail.error())) {
            ++waiting;
            continue;
        }
        intake::settle_uncomposed(house.store, row, mail.error().what, house.rule_set, house.organisation(), house.ids,
                                  house.now());
        log_event(Level::Error, event::mail_not_composed, {{"outbox", row.id.value()}, {"why", mail.error().what}});
    }
    crash_point("seal-open");
    transaction.commit();
    crash_point("sealed");
    log_event(Level::Information, event::mail_sealed, {{"mails", mails.size() - waiting}});
    return waiting;
}

asio::awaitable<Result<void>> told_of_waiting(House& house, std::size_t waiting) {
    if (waiting == 0) co_return Result<void>{};
    (void)co_await keys_hold(house);
    co_return temporary(Code::System, "mail waits to be signed: OpenPGP is out of order");
}

// It is to be encrypted to a key that was bound since the keys were read last: it waits until they are read again.
bool waits_for_its_key(const House& house, const store::OutboxRow& row) {
    if (!house.keys || house.keys_state.stamp == house.store.keys.stamp()) return false;
    const auto recipe = intake::recipe_from_json(row.recipe);
    return recipe && std::ranges::any_of(recipe->encrypt_to, [&](const std::string& fingerprint) {
               return house.keys->keyring().find(fingerprint) == nullptr &&
                      std::ranges::any_of(house.store.keys.with_fingerprint(fingerprint),
                                          [](const auto& key) { return key.state == store::KeyState::Bound; });
           });
}

using ComposedMails = Result<std::vector<Result<std::string>>>;

asio::awaitable<ComposedMails> compose(House& house, const Batch& batch) {
    std::vector<std::string> recipes;
    for (const store::OutboxRow& row : batch.rows) recipes.push_back(row.recipe);
    const intake::Frame request = intake::ask_to_compose(recipes, {}, batch.shown.has_value());
    const auto shown = batch.shown ? house.store.journal.find(*batch.shown) : std::nullopt;
    // A process that dies over a mail dies over it again: then the notice goes out without the report in it.
    for (int tries = 0; tries < 2; ++tries) {
        if (!house.examiner || !house.examiner->alive()) {
            const auto started = house.start_examiner();
            if (!started) co_return tl::unexpected{started.error()};
        }
        std::optional<JournaledMail> mail;
        if (shown) mail.emplace(house.store.journal, *shown);
        Examiner& examiner = *house.examiner;
        const auto answer = co_await examiner.ask(request, composing_deadline, mail ? mail->body() : nullptr);
        if (!answer) {
            if (Examiner::is_not_begun(answer.error())) co_return tl::unexpected{answer.error()};
            if (house.keys) house.keys->mend_agent();
            continue;
        }
        auto mails = intake::mails_in(*answer, batch.rows.size());
        if (mails) co_return mails;
    }
    const intake::Frame without_report = intake::ask_to_compose(recipes, {}, false);
    Examiner& examiner = *house.examiner;
    const auto answer = co_await examiner.ask(without_report, composing_deadline);
    if (!answer) co_return tl::unexpected{answer.error()};
    co_return intake::mails_in(*answer, batch.rows.size());
}

// The next few; whether there were any. A flood is sealed bit by bit, so that what is sealed goes out meanwhile.
asio::awaitable<Result<bool>> seal_group(House& house) {
    // What waits for OpenPGP must not stand before the word to the team that it is out of order.
    auto rows = house.store.outbox.to_seal(house.keys_state.in_order ? sealed_together : sealed_in_distress);
    if (rows.empty()) co_return false;
    const auto waits = [&](const store::OutboxRow& row) { return waits_for_its_key(house, row); };
    Result<bool> all = true;
    if (std::ranges::any_of(rows, waits)) {
        (void)co_await keep_keys(house);
        if (std::erase_if(rows, waits) > 0)
            all = temporary(Code::System, "mail waits for the key that it is encrypted to");
    }
    std::vector<Composed> composed;
    std::size_t bytes = 0;
    std::size_t waiting = 0;
    std::vector<Batch> batches = batches_of(std::move(rows));
    for (Batch& batch : batches) {
        ComposedMails mails = co_await compose(house, batch);
        if (!mails) {
            all = tl::unexpected{mails.error()};
            continue;
        }
        for (std::size_t i = 0; i < mails->size(); ++i) {
            Result<std::string>& mail = (*mails)[i];
            bytes += mail ? mail->size() : 0;
            composed.push_back({std::move(batch.rows[i]), std::move(mail)});
        }
        if (bytes < kept_together) continue;
        waiting += keep_sealed(house, composed);
        composed.clear();
        bytes = 0;
    }
    waiting += keep_sealed(house, composed);
    const auto told = co_await told_of_waiting(house, waiting);
    if (!told) all = tl::unexpected{told.error()};
    co_return all;
}

store::AttemptResult result_of(const transport::Submitted& submitted) {
    const transport::RecipientResult& result = submitted.recipients.front();
    store::AttemptResult attempt;
    attempt.code = result.code;
    attempt.text = result.text;
    switch (result.outcome) {
        case transport::Outcome::Accepted:
            attempt.state = store::OutboxState::Sent;
            break;
        case transport::Outcome::Deferred:
            attempt.state = store::OutboxState::Deferred;
            break;
        case transport::Outcome::Rejected:
            attempt.state = store::OutboxState::Failed;
            break;
        case transport::Outcome::Unknown:
            attempt.state = store::OutboxState::Unknown;
            break;
    }
    return attempt;
}

void log_result(const store::OutboxRow& row, store::OutboxState state, const store::AttemptResult& result) {
    const bool good = state == store::OutboxState::Sent;
    const std::string_view name = good                                   ? event::mail_accepted
                                  : state == store::OutboxState::Failed  ? event::mail_failed
                                  : state == store::OutboxState::Unknown ? event::mail_unknown
                                                                         : event::mail_deferred;
    // The reply's own words may hold an address; its code says enough here, `show` has the rest.
    log_event(
        good ? Level::Information : Level::Warning, name,
        {{"outbox", row.id.value()}, {"template", row.template_name}, {"code", result.code}, {"tries", row.tries + 1}});
}

// What went to somebody outside is filed where the team looks for what was written: in the folder of sent mail of the
// mailbox that the ticket came through.
void file_sent(House& house, const store::OutboxRow& row) {
    if (row.to_team) return;
    const auto ticket = row.ticket ? house.store.tickets.find(*row.ticket) : std::nullopt;
    const MailboxConfiguration* mailbox = ticket ? house.configuration.mailbox(ticket->mailbox) : nullptr;
    if (mailbox == nullptr) mailbox = &house.configuration.mailboxes.front();
    if (!mailbox->sent.empty())
        house.store.server_actions.file(row.id, mailbox->rules.name, mailbox->sent, house.now());
}

// The same result for all of them, in one transaction.
void settle(House& house, std::span<const store::OutboxRow> rows, const store::AttemptResult& result) {
    std::vector<store::OutboxState> states;
    store::Transaction transaction{house.store.database};
    for (const store::OutboxRow& row : rows) {
        states.push_back(intake::settle(house.store, row, result, house.rule_set, house.organisation(), house.ids,
                                        house.now(), house.chance()));
        if (states.back() == store::OutboxState::Sent) file_sent(house, row);
    }
    crash_point("settle-open");
    transaction.commit();
    crash_point("settled");
    for (std::size_t i = 0; i < rows.size(); ++i) log_result(rows[i], states[i], result);
    if (std::ranges::find(states, store::OutboxState::Sent) != states.end()) house.nudge_mailboxes();
    house.clocks_changed.ring();
    // The team is told.
    if (std::ranges::find(states, store::OutboxState::Failed) != states.end()) house.outbox_changed.ring();
}

asio::awaitable<void> send(House& house, SubmissionLine& line, const store::OutboxRow& row) {
    const auto recipient = mail::Address::from(row.recipient);
    if (!recipient) {
        settle(house, {&row, 1}, {store::OutboxState::Failed, 0, "not an address that mail can be sent to"});
        co_return;
    }
    transport::Envelope envelope;
    envelope.reverse_path = house.organisation().address;
    envelope.forward_paths.push_back(*recipient);
    const std::string bytes = house.store.outbox.bytes(row.id);
    const std::function<void()> before_final_dot = [&house, &row] {
        store::Transaction transaction{house.store.database};
        house.store.outbox.at_final_dot(row.id);
        transaction.commit();
        crash_point("at-final-dot");
    };
    const auto submitted = co_await line.submit(envelope, bytes, before_final_dot);
    crash_point("replied");
    settle(house, {&row, 1}, result_of(submitted));
}

void begin_attempts(House& house, const std::vector<store::OutboxRow>& rows) {
    store::Transaction transaction{house.store.database};
    for (const store::OutboxRow& row : rows) house.store.outbox.attempting(row.id, house.now());
    transaction.commit();
    crash_point("attempting");
}

}  // namespace

asio::awaitable<Result<void>> deliver_due(House& house, SubmissionLine& line) {
    // What cannot be composed now waits alone: the word to the team that something is wrong must not wait behind it.
    Result<bool> sealed = true;
    Result<void> reached;
    Result<void> ready;  // one failure speaks for all that is due now
    while (!house.stopping) {
        if (sealed) sealed = co_await seal_group(house);
        const std::vector<store::OutboxRow> rows = house.store.outbox.due(house.now(), tried_together);
        if (rows.empty() && !sealed.value_or(false)) break;
        if (!rows.empty()) begin_attempts(house, rows);
        std::size_t sent = 0;
        for (; sent < rows.size(); ++sent) {
            if (house.stopping)
                ready = temporary(Code::Interrupted, "stopping");
            else if (ready)
                ready = co_await line.ready();
            if (!ready) break;
            co_await send(house, line, rows[sent]);
        }
        if (sent < rows.size()) {
            settle(house, std::span{rows}.subspan(sent), {store::OutboxState::Deferred, 0, ready.error().what});
            reached = ready;
        }
        if (house.has_backlog) break;  // what has come is read first: more goes out after its next group
    }
    if (!sealed) co_return tl::unexpected{sealed.error()};
    co_return reached;
}

asio::awaitable<void> deliver_outbox(House& house, SubmissionLine& line) {
    Pause pause;
    while (!house.stopping) {
        auto delivered = co_await deliver_due(house, line);
        if (house.stopping) break;
        std::optional<std::chrono::milliseconds> most;
        if (const auto next = house.store.outbox.next_attempt()) most = until(house, *next);
        if (!delivered && house.store.outbox.to_seal(1).size() == 1) {
            // Nothing could be composed: the examiner is what failed.
            const auto rest = pause.next(house.chance());
            most = most ? std::min(*most, rest) : rest;
        } else {
            pause.reset();
        }
        if (house.has_backlog) most = until_next_group;
        if (line.open()) {
            // Kept for a moment, since mails come in company; then closed, so that nothing is held without cause.
            const std::chrono::milliseconds idle = idle_connection;
            if (!most || *most > idle) {
                co_await house.outbox_changed.sleep(idle);
                if (!house.stopping && house.store.outbox.to_seal(1).empty() &&
                    house.store.outbox.due(house.now(), 1).empty())
                    co_await line.quit();
                continue;
            }
        }
        co_await house.outbox_changed.sleep(most);
    }
    co_await line.quit();
}

}  // namespace tocsin::daemon
