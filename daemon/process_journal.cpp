#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <exception>
#include <optional>

#include "base/text.hpp"
#include "daemon/crash_point.hpp"
#include "daemon/event_log.hpp"
#include "daemon/journaled_mail.hpp"
#include "daemon/loops.hpp"
#include "intake/admit/admit.hpp"
#include "intake/admit/open_again.hpp"
#include "intake/admit/reread.hpp"
#include "intake/decide/decide.hpp"
#include "intake/decide/delivered.hpp"
#include "intake/decide/known_keys.hpp"
#include "intake/examine/frame.hpp"
#include "intake/promises/troubles.hpp"
#include "intake/team/team_mail.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr std::size_t group = 64;             // mails in one transaction
constexpr int most_failures = 2;              // then it is quarantined, and a human is told
constexpr int most_tries = 50;                // cut off by crashes of ours, which may not be the mail's fault
constexpr std::chrono::seconds deadline{30};  // for one mail
constexpr std::size_t largest_report_of_others = 1u << 20;  // that a member's words are compared with
constexpr int most_put_offs = 3;  // with OpenPGP in order for all other mail; then it is the mail's failing
constexpr std::chrono::milliseconds key_watch{5'000};
constexpr std::chrono::milliseconds key_retry{10'000};

// A mail of the group on its way: an examination, or why there is none.
struct Examined {
    store::JournalEntry entry;
    std::optional<Result<intake::Examination>> examination;  // nothing: it needs none, or is not tried any more
    // Why a member's words may not leave the house; empty when they may. None leaves that was not compared.
    std::string leak = "it was not compared with what only the team has seen; send it again";
    bool buried = false;  // words of hers stand where nothing tells them from a quotation
    bool bares = false;   // it quotes in the clear what came encrypted
};

// A mailbox that is not configured any more leaves its mail to the first one: nothing waits for ever.
const intake::MailboxRules& mailbox_of(const House& house, const store::JournalEntry& entry) {
    const MailboxConfiguration* mailbox = house.configuration.mailbox(entry.place.mailbox);
    return mailbox == nullptr ? house.configuration.mailboxes.front().rules : mailbox->rules;
}

bool is_examined(const store::JournalEntry& entry) {
    return entry.state != store::EntryState::Oversized && entry.failures < most_failures && entry.tries < most_tries;
}

// What is bound to an address is what gpg keeps of a certificate, and it has to be a key that can be used. Of one that
// is known already, what is new is put beside what was there, and replaces nothing.
asio::awaitable<void> inspect_offers(House& house, intake::Examination& examination) {
    constexpr std::size_t most_remembered = 4'096;
    Examiner& examiner = *house.examiner;
    std::vector<intake::OfferedKey> inspected;
    for (intake::OfferedKey& offer : examination.offers) {
        std::string kept;
        for (const store::KnownKey& known : house.store.keys.with_fingerprint(offer.fingerprint))
            if (kept.empty() || known.state == store::KeyState::Bound) kept = known.certificate;
        offer.certificate.insert(0, kept);
        const Digest looked_at = sha256(offer.certificate);
        const auto before = house.keys_state.nothing_new.find(looked_at);
        if (!kept.empty() && before != house.keys_state.nothing_new.end()) {
            offer.certificate = kept;
            offer.addresses = before->second;
            inspected.push_back(std::move(offer));
            continue;
        }
        auto read = co_await house.keys->inspect(examiner, std::move(offer), !kept.empty());
        if (!read) continue;
        read->renews = !kept.empty() && read->certificate != kept;
        if (!kept.empty() && !read->renews) {
            if (house.keys_state.nothing_new.size() >= most_remembered) house.keys_state.nothing_new.clear();
            house.keys_state.nothing_new[looked_at] = read->addresses;
        }
        inspected.push_back(std::move(*read));
    }
    examination.offers = std::move(inspected);
}

asio::awaitable<void> examine(House& house, Examined& mail) {
    const intake::ExamineOptions options{.recipient = house.organisation().address.text(),
                                         .via_list = mailbox_of(house, mail.entry).via_list,
                                         .authserv_id = house.organisation().authserv_id,
                                         .addresses = intake::all_addresses_of(house.organisation()),
                                         .certificates = intake::certificates_of(house.organisation()),
                                         .with_text = false};
    const intake::Frame request = intake::ask_to_examine(options, {});
    const JournaledMail journaled{house.store.journal, mail.entry};
    Examiner& examiner = *house.examiner;
    const auto answer = co_await examiner.ask(request, deadline, journaled.body());
    if (!answer && !Examiner::is_not_begun(answer.error()) && house.keys && house.keys->mend_agent()) {
        // It was the agent that hung or died, and gpg with it.
        mail.examination.emplace(temporary(Code::System, "OpenPGP was out of order"));
        co_return;
    }
    mail.examination.emplace(answer ? intake::examination_in(*answer, house.rule_set)
                                    : Result<intake::Examination>{tl::unexpected{answer.error()}});
    if (*mail.examination && house.keys) co_await inspect_offers(house, **mail.examination);
}

intake::Arrival arrival_of(const House& house, const store::JournalEntry& entry) {
    return {.journal = entry.id,
            .received = std::min(entry.internal_date, house.now()),
            .baseline = entry.state == store::EntryState::Baseline,
            .acknowledge = entry.acknowledge,
            .sent = entry.sent,
            .alone = entry.alone};
}

// The mail of ours that she answers, and what it shows.
void add_answered(const House& house, const intake::Answered& answered, intake::Comparison& comparison,
                  intake::ComparedMails& mails) {
    const auto row = house.store.outbox.find(answered.id);
    const auto recipe =
        row ? intake::recipe_from_json(row->recipe) : Result<intake::Recipe>{permanent(Code::BadInput, "it is gone")};
    if (!recipe) return;
    comparison.answered_recipe = row->recipe;
    const auto shown = recipe->shown ? recipe->shown : row->cause;
    if (recipe->shows_report && shown) mails.answered = house.store.journal.bytes(*shown);
}

// A member's words are compared with what only the team has seen, before anything is decided.
asio::awaitable<void> compare_with_secrets(House& house, Examined& mail) {
    if (!mail.examination || !*mail.examination) co_return;
    const intake::Examination& examination = **mail.examination;
    if (intake::author_in_roster(examination, house.organisation()) == nullptr) co_return;
    const auto view =
        intake::look_up(house.store, examination, house.organisation(), house.ids, house.rule_set, mail.entry.id,
                        house.now(), house.keys ? house.keys->keyring() : openpgp::Keyring{});
    // By the time of its arrival, as when it is decided on: a downtime makes no signature older.
    const auto authority =
        intake::authority_of(examination, view, house.organisation(), arrival_of(house, mail.entry).received);
    const bool relays = authority.is_team() && intake::would_relay(examination, view, authority, house.organisation());
    const bool embeds = authority.proven() && examination.team.embeds_mail && view.answered && view.answered->to_team;
    const bool may_bare =
        authority.is_team() && !examination.crypto.encrypted && view.thread && view.thread->ticket.encrypted;
    if (!relays && !embeds && !may_bare) co_return;
    intake::Comparison comparison;
    if (relays || may_bare)
        comparison = intake::comparison_for(house.store, view.thread->id,
                                            intake::tickets_spoken_of(house.store, examination, house.ids),
                                            authority.member->address.text(), house.now(), view.reporter_has_key);
    intake::ComparedMails mails;
    if (embeds) add_answered(house, *view.answered, comparison, mails);
    if (!house.organisation().team_mail.sign_with_name)
        mails.member_names = {authority.member->name, authority.member->address.text()};
    mails.mail = house.store.journal.bytes(mail.entry.id);
    std::size_t room = intake::largest_request.bytes - mails.mail.size() - mails.answered.size();
    bool incomplete = comparison.incomplete;
    const auto add = [&](std::vector<std::string>& list, const std::vector<JournalId>& entries, std::size_t largest) {
        bool all = true;
        for (const JournalId entry : entries) {
            std::string bytes = house.store.journal.bytes(entry);
            if (bytes.size() > room || bytes.size() > largest) {
                all = false;
                continue;
            }
            room -= bytes.size();
            list.push_back(std::move(bytes));
        }
        return all;
    };
    if (!add(mails.secret, comparison.secret, room)) incomplete = true;
    add(mails.known, comparison.known, room);
    add(mails.relayed, comparison.relayed, room);
    add(mails.secret, comparison.others, largest_report_of_others);
    if (incomplete && relays) {
        mail.leak =
            "more is known of this ticket inside than it could be compared with; tocsinctl show has it all, and a"
            " mail that you write to the reporter yourself, with us in Cc, is recorded";
        co_return;
    }
    const intake::Frame request = intake::ask_to_compare(mails, comparison);
    Examiner& examiner = *house.examiner;
    const auto answer = co_await examiner.ask(request, deadline);
    const auto verdict =
        answer ? intake::relay_verdict_in(*answer) : Result<intake::RelayVerdict>{tl::unexpected{answer.error()}};
    mail.buried = verdict && verdict->buried;
    mail.bares = verdict && verdict->bares;
    if (!verdict)
        mail.leak = "it could not be compared with what only the team has seen; try again";
    else if (verdict->nothing)
        mail.leak = "there are no words of your own in it, only a quotation or what you sign with";
    else if (verdict->too_large)
        mail.leak = "a file in it is larger than 20 MiB, and would not go out whole; send it in pieces, or a link";
    else if (verdict->names_member)
        mail.leak =
            "your name or your address stands in it, and it goes out without; leave it out, or set sign = "
            "\"name\" under [team_mail]";
    else if (verdict->shares)
        mail.leak = "there are 40 characters in a row in it that only the team has seen; say it in your own words";
    else
        mail.leak.clear();
}

// A bug that one mail brings out costs that mail its leave to go on, and nobody else anything.
asio::awaitable<void> compare_words(House& house, Examined& mail) {
    try {
        co_await compare_with_secrets(house, mail);
    } catch (const store::Failure&) {
        throw;
    } catch (const std::exception& bug) {
        mail.leak = "it could not be compared with what only the team has seen; try again";
        log_event(Level::Warning, event::mail_not_examined,
                  {{"journal", mail.entry.id.value()}, {"why", std::string_view{bug.what()}}});
    }
}

// Every second mail from `first` on, one after the other: two such lanes keep two processes busy.
asio::awaitable<void> examine_lane(House& house, std::vector<Examined>& mails, std::size_t first) {
    for (std::size_t at = first; at < mails.size() && house.examiner->alive(); at += 2)
        if (is_examined(mails[at].entry)) {
            co_await examine(house, mails[at]);
            co_await compare_words(house, mails[at]);
        }
}

// What becomes of a mail on the server, once it is admitted: kept with the admission, done later. What was there
// before the start stays as it is, and so does a mail that a human has to read there.
void ask_for_after(House& house, const store::JournalEntry& entry) {
    const MailboxConfiguration* mailbox = house.configuration.mailbox(entry.place.mailbox);
    const auto finished = house.store.journal.find(entry.id);
    if (mailbox == nullptr || entry.place.folder != mailbox->inbox || finished->state != store::EntryState::Done ||
        entry.state == store::EntryState::Oversized)
        return;
    if (mailbox->after.what == AfterProcessing::What::Seen)
        house.store.server_actions.mark_seen(entry.place, house.now());
    if (mailbox->after.what == AfterProcessing::What::Move)
        house.store.server_actions.move(entry.place, mailbox->after.folder, house.now());
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
bool admit_one(House& house, const Examined& mail, const intake::MailboxRules& mailbox) {
    const store::JournalEntry& entry = mail.entry;
    const intake::Examination& examination = **mail.examination;
    const Instant now = house.now();  // all that it brings is recorded at one moment, by which /undo finds it again
    auto view = intake::look_up(house.store, examination, house.organisation(), house.ids, house.rule_set, entry.id,
                                now, house.keys ? house.keys->keyring() : openpgp::Keyring{});
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
std::optional<std::string> admit_alone(House& house, const Examined& mail, bool& forgot) {
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

bool waits_for_keys(const Examined& mail) {
    return mail.examination && !*mail.examination && intake::is_out_of_order(mail.examination->error());
}

bool was_not_begun(const Examined& mail) {
    return mail.examination && !*mail.examination && Examiner::is_not_begun(mail.examination->error());
}

// Of the group: how many are settled, or have failed; and how many were not begun, through no fault of theirs.
struct GroupResult {
    std::size_t moved = 0;
    std::size_t not_begun = 0;
};

// In journal order, all in one transaction, each in a savepoint of its own. `hold`: our keys do (see keys_hold), so
// that a mail which says that OpenPGP is out of order says so of itself.
GroupResult admit_group(House& house, const std::vector<Examined>& mails, bool hold) {
    bool forgot = false;
    GroupResult result;
    store::Transaction transaction{house.store.database};
    for (const Examined& mail : mails) {
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

// Counted before anything looks at the bytes, so that a mail that takes everything down is not tried for ever.
void count_tries(House& house, const std::vector<Examined>& mails) {
    store::Transaction transaction{house.store.database};
    for (const Examined& mail : mails)
        if (is_examined(mail.entry)) house.store.journal.begin_try(mail.entry.id);
    transaction.commit();
}

// We stop on purpose, and live: nothing was the mail's doing, however often we are reloaded.
void take_back_tries(House& house, const std::vector<Examined>& mails) {
    store::Transaction transaction{house.store.database};
    for (const Examined& mail : mails)
        if (is_examined(mail.entry)) house.store.journal.take_back_try(mail.entry.id);
    transaction.commit();
}

void open_one_again(House& house, const Examined& mail) {
    const store::JournalEntry& entry = mail.entry;
    house.store.journal.opened_again(entry.id);
    if (!*mail.examination || !entry.ticket) return;
    const intake::Examination& examination = **mail.examination;
    const auto view = intake::look_up(house.store, examination, house.organisation(), house.ids, house.rule_set,
                                      entry.id, house.now(), house.keys ? house.keys->keyring() : openpgp::Keyring{});
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
        Examined mail{entry, {}};
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
        std::vector<Examined> mails;
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
