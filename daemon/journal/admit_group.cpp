#include "daemon/journal/admit_group.hpp"

#include <exception>
#include <optional>

#include "daemon/crash_point.hpp"
#include "daemon/event_log.hpp"
#include "intake/admit/admit.hpp"
#include "intake/admit/reread.hpp"
#include "intake/decide/delivered.hpp"
#include "intake/promises/troubles.hpp"

namespace tocsin::daemon {

namespace {

// What becomes of a mail on the server, once it is admitted: kept with the admission, done later. What was there
// before the start stays as it is, and so does a mail that a human has to read there.
void ask_for_after(House& house, const store::JournalEntry& entry) {
    const MailboxConfiguration* mailbox = house.configuration.mailbox(entry.place.mailbox);
    const auto finished = house.store.journal.find(entry.id);
    if (mailbox == nullptr || entry.place.folder != mailbox->inbox || finished->state != store::EntryState::Done ||
        entry.state == store::EntryState::Oversized)
        return;
    ask_server(house, *mailbox, entry.place);
}

void log_admitted(const store::JournalEntry& entry, const intake::Decision& decision,
                  const intake::Admitted& admitted) {
    log_event(Level::Information, event::mail_admitted,
              {{"journal", entry.id.value()},
               {"kind", decision.kind},
               {"action", intake::to_text(decision.action)},
               {"ticket", admitted.number},
               {"mails", admitted.queued}});
}

// Whether somebody was forgotten because of it.
bool admit_one(House& house, const ExaminedMail& mail, const intake::MailboxRules& mailbox) {
    const store::JournalEntry& entry = mail.entry;
    const intake::Examination& examination = **mail.examination;
    const Instant now = house.now();  // all that it brings is recorded at one moment, by which /undo finds it again
    auto view = look_up(house, mail, now);
    view.leak = mail.leak;
    view.buried = mail.buried;
    view.bares = mail.bares;
    auto decision =
        intake::decide(examination, view, house.rule_set, house.organisation(), mailbox, arrival_of(house, entry), now);
    if (entry.ticket && !entry.alone)  // it was given up, told of, and released
        decision = intake::about_its_ticket(
            std::move(decision), intake::load_ticket(house.store, *entry.ticket, house.rule_set), entry.id, now);
    crash_point("decided");
    const auto becomes =
        entry.state == store::EntryState::Baseline ? store::EntryState::Baseline : store::EntryState::Done;
    const auto admitted =
        intake::admit(house.store, decision, entry.id, becomes, house.organisation(), house.ids, now, &house.rule_set);
    if (decision.returned)
        intake::take_back(house.store, *decision.returned, house.rule_set, house.organisation(), house.ids, now);
    log_admitted(entry, decision, admitted);
    if (intake::take_canary(house.store, house.ids, examination.outer.message_id, now))
        log_event(Level::Information, event::canary_came, {{"journal", entry.id.value()}});
    return admitted.forgot;
}

// A mail that nobody could read still becomes a ticket for a human.
void give_up(House& house, const store::JournalEntry& entry, const intake::MailboxRules& mailbox) {
    const bool oversized = entry.state == store::EntryState::Oversized;
    const std::string why = oversized ? "the mail is larger than the limit (" + std::to_string(entry.size) +
                                            " bytes); it lies in the mailbox"
                                      : "the mail could not be examined; it is kept as it came";
    const auto decision = intake::decide_unread(why, !oversized, house.rule_set, house.organisation(), mailbox,
                                                arrival_of(house, entry), house.now());
    const auto becomes = oversized ? store::EntryState::Done : store::EntryState::Quarantined;
    log_admitted(entry, decision,
                 intake::admit(house.store, decision, entry.id, becomes, house.organisation(), house.ids, house.now(),
                               &house.rule_set));
    if (!oversized) log_event(Level::Error, event::mail_quarantined, {{"journal", entry.id.value()}});
}

// Why the mail was not admitted, if it was not. A bug that one mail brings out costs that mail a try, not the group;
// a disk that fails is everybody's.
std::optional<std::string> admit_alone(House& house, const ExaminedMail& mail, bool& forgot) {
    const intake::MailboxRules& mailbox = mailbox_of(house, mail.entry);
    store::Savepoint savepoint{house.store.database};
    try {
        if (!is_examined(mail.entry))
            give_up(house, mail.entry, mailbox);
        else if (!mail.examination)
            return std::nullopt;  // the examiner went away before its turn: nothing was tried
        else if (!*mail.examination)
            return mail.examination->error().what;
        else
            forgot = admit_one(house, mail, mailbox) || forgot;
    } catch (const store::Failure&) {
        throw;
    } catch (const std::exception& bug) {
        if (!is_examined(mail.entry)) throw;  // even giving up fails: nothing is left to try
        return bug.what();
    }
    ask_for_after(house, mail.entry);
    savepoint.release();
    return std::nullopt;
}

}  // namespace

GroupResult admit_group(House& house, const std::vector<ExaminedMail>& mails, bool hold) {
    bool forgot = false;
    GroupResult result;
    store::Transaction transaction{house.store.database};
    for (const ExaminedMail& mail : mails) {
        if (was_not_begun(mail)) {
            ++result.not_begun;
            continue;
        }
        ++result.moved;
        if (waits_for_keys(mail)) house.store.journal.put_off(mail.entry.id, house.now());
        if (waits_for_keys(mail) && (!hold || house.store.journal.count_put_off(mail.entry.id) <= most_put_offs))
            continue;
        const auto failure = admit_alone(house, mail, forgot);
        if (!failure) continue;
        house.store.journal.count_failure(mail.entry.id);
        log_event(Level::Warning, event::mail_not_examined, {{"journal", mail.entry.id.value()}, {"why", *failure}});
    }
    crash_point("admit-open");
    transaction.commit();
    crash_point("admitted");
    if (forgot) house.store.erasure.empty_log();
    return result;
}

}  // namespace tocsin::daemon
