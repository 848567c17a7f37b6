#include "daemon/mailbox_watch.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <set>

#include "daemon/crash_point.hpp"
#include "daemon/event_log.hpp"
#include "daemon/pace.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
using transport::FetchedMessage;
using transport::Listing;

namespace {

constexpr std::uint64_t large_mail = std::uint64_t{1} << 20;  // is journaled in pieces
constexpr int most_stalls = 2;                                // of a folder beside the inbox

// After the first failure, the second, and so on: at once, and then more and more slowly.
constexpr std::array<std::chrono::seconds, 6> suspect_waits{std::chrono::seconds{0},  std::chrono::seconds{30},
                                                            std::chrono::minutes{1},  std::chrono::minutes{5},
                                                            std::chrono::minutes{15}, std::chrono::hours{1}};

store::ImapCursor new_cursor(const std::string& mailbox, const std::string& folder) {
    store::ImapCursor cursor;
    cursor.mailbox = mailbox;
    cursor.folder = folder;
    return cursor;
}

}  // namespace

MailboxWatch::MailboxWatch(House& house, const MailboxConfiguration& configuration, transport::Trust trust)
    : house_{house}, configuration_{configuration}, trust_{std::move(trust)}, interrupted_{house.io.get_executor()} {}

void MailboxWatch::interrupt() {
    interrupt_.raise();
    interrupted_.ring();
}

asio::awaitable<void> MailboxWatch::rest(std::chrono::milliseconds length) { co_await interrupted_.sleep(length); }

std::vector<MailboxWatch::Folder> MailboxWatch::folders() const {
    std::vector<Folder> all;
    // The inbox comes last, so that it is the one that is selected while we wait.
    for (const std::string& name : configuration_.also)
        if (!refused_.contains(name)) all.push_back({name, false, false});
    if (const std::string& name = configuration_.sent; !name.empty() && !refused_.contains(name))
        all.push_back({name, false, true});
    all.push_back({configuration_.inbox, true, false});
    return all;
}

MailboxWatch::Folder MailboxWatch::folder_named(const std::string& name) const {
    return {name, name == configuration_.inbox, name == configuration_.sent};
}

void MailboxWatch::keep(const store::ImapCursor& cursor) {
    store::Transaction transaction{house_.store.database};
    house_.store.cursors.keep(cursor);
    transaction.commit();
}

// The folder was read to its end.
void MailboxWatch::keep_well(store::ImapCursor& cursor) {
    stalled_.erase(cursor.folder);
    cursor.last_contact = house_.now();
    cursor.trouble = selected_.read_only && cursor.folder == configuration_.inbox &&
                             configuration_.after.what != AfterProcessing::What::Keep
                         ? "the server lets us read only: `after` cannot be carried out"
                         : "";
    keep(cursor);
}

// All folders were. A login alone is no sign of that: a server may let us in and then say nothing more.
void MailboxWatch::well() {
    store::Transaction transaction{house_.store.database};
    house_.store.peers.well(peer(), std::nullopt, house_.now());
    transaction.commit();
}

void MailboxWatch::suspect(const Folder& folder, std::uint32_t uid) {
    Suspect& one = suspects_[{folder.name, uid}];
    const std::chrono::milliseconds wait = suspect_waits.at(std::min(one.failures, suspect_waits.size() - 1));
    one.next_try = house_.now() + in_practice(wait);
    ++one.failures;
}

std::optional<Instant> MailboxWatch::owed_at() const {
    std::optional<Instant> next;
    for (const auto& [mail, one] : suspects_)
        if (!next || one.next_try < *next) next = one.next_try;
    return next;
}

Error MailboxWatch::lose(Error error, const std::string& folder, bool login) {
    session_.reset();
    selected_name_.clear();
    if (error.code == Code::Interrupted) return error;
    log_event(Level::Warning, event::mailbox_unreachable,
              {{"mailbox", configuration_.rules.name}, {"server", configuration_.server.host}, {"why", error.what}});
    auto cursor = house_.store.cursors.find(configuration_.rules.name, folder);
    if (!cursor) cursor = new_cursor(configuration_.rules.name, folder);
    cursor->trouble = error.what;
    store::Transaction transaction{house_.store.database};
    house_.store.cursors.keep(*cursor);
    // A folder beside the inbox that the server refuses is no trouble of the server.
    if (folder == configuration_.inbox)
        house_.store.peers.in_trouble(peer(), error.what,
                                      login && error.code == Code::Refused && error.permanence == Permanence::Permanent,
                                      house_.now());
    transaction.commit();
    return error;
}

asio::awaitable<Result<void>> MailboxWatch::connect() {
    std::optional<Result<transport::ImapSource>> made;
    const std::function<void()> work = [this, &made] {
        auto password = read_password(configuration_.password);
        if (!password) {
            made.emplace(tl::unexpected{password.error()});
            return;
        }
        transport::ImapLimits limits;
        limits.max_message_bytes = house_.configuration.message_bytes;
        const transport::Login login{configuration_.user, std::move(*password), login_method(configuration_.password)};
        made.emplace(transport::ImapSource::connect(configuration_.server, login, trust_, interrupt_, limits));
        if (*made || made->error().code != Code::Refused || !is_token(configuration_.password)) return;
        // A token that was refused may have run out since it was made: asked for again, once.
        password = read_password(configuration_.password);
        if (!password) return;
        const transport::Login again{configuration_.user, std::move(*password), login_method(configuration_.password)};
        made.emplace(transport::ImapSource::connect(configuration_.server, again, trust_, interrupt_, limits));
    };
    co_await worker_.run(work);
    if (!*made) co_return tl::unexpected{lose(made->error(), configuration_.inbox, true)};
    session_.emplace(std::move(**made));
    selected_name_.clear();
    house_.store.peers.shows_certificate(peer(), session_->certificate_expiry(), house_.now());
    log_event(Level::Information, event::mailbox_connected,
              {{"mailbox", configuration_.rules.name}, {"server", configuration_.server.host}});
    co_return Result<void>{};
}

// Selects the folder and says how far it has been read under the UIDVALIDITY that it has now.
asio::awaitable<Result<store::ImapCursor>> MailboxWatch::enter(const Folder& folder) {
    std::optional<Result<transport::Selected>> selected;
    const std::function<void()> work = [this, &folder, &selected] { selected.emplace(session_->select(folder.name)); };
    co_await worker_.run(work);
    if (!*selected) {
        // A folder that is not there keeps nobody from the inbox: the next connection goes without it.
        const bool beside = folder.name != configuration_.inbox && selected->error().code != Code::Interrupted;
        if (beside && (selected->error().permanence == Permanence::Permanent || ++stalled_[folder.name] >= most_stalls))
            refused_.insert(folder.name);
        if (folder.sent) to_make_.insert(folder.name);  // our own mail is to be filed there
        co_return tl::unexpected{lose(selected->error(), folder.name)};
    }
    selected_ = **selected;
    selected_name_ = folder.name;

    auto cursor = house_.store.cursors.find(configuration_.rules.name, folder.name);
    if (!cursor) cursor = new_cursor(configuration_.rules.name, folder.name);
    if (!cursor->start) {
        // INTERNALDATE knows no fractions: what comes in this very second counts already.
        cursor->start = std::holds_alternative<StartAll>(configuration_.start) ? Instant{}
                        : std::holds_alternative<Instant>(configuration_.start)
                            ? std::get<Instant>(configuration_.start)
                            : std::chrono::floor<std::chrono::seconds>(house_.now());
    }
    // RFC 3501 section 2.3.1.1: under one UIDVALIDITY a number never names another mail, and UIDNEXT never falls. A
    // server that was restored from a backup knows of neither.
    const bool falls_back = selected_.uid_next != 0 && selected_.uid_next < cursor->uid_next;
    store::Transaction transaction{house_.store.database};
    if (cursor->uid_validity != selected_.uid_validity || falls_back) {
        if (cursor->uid_validity != 0)
            log_event(Level::Warning, event::mailbox_renumbered,
                      {{"mailbox", configuration_.rules.name}, {"folder", folder.name}});
        house_.store.journal.vacate(configuration_.rules.name, folder.name, selected_.uid_validity);
        cursor->uid_validity = selected_.uid_validity;
        cursor->next_uid = 1;  // everything is looked at again; the journal knows the content
        dated_[folder.name] = house_.now();
    }
    cursor->uid_next = selected_.uid_next;
    house_.store.cursors.keep(*cursor);
    transaction.commit();
    co_return *cursor;
}

store::NewEntry MailboxWatch::entry_for(const Folder& folder, const store::ImapCursor& cursor, std::uint32_t uid,
                                        Instant received) const {
    // What lies there undated when a mailbox is first read came before that, as far as anybody can tell.
    const bool was_there = received == transport::unreadable_date && !cursor.last_compared && cursor.start > Instant{};
    return {.place = {configuration_.rules.name, folder.name, cursor.uid_validity, uid},
            .internal_date = std::min(received, house_.now()),
            .baseline = was_there || (cursor.start && received < *cursor.start),
            .acknowledge = folder.acknowledge,
            .sent = folder.sent};
}

// Content that is known already waits for nobody, so nobody else asks for what becomes of it on the server.
void MailboxWatch::ask_for_after(const store::NewEntry& entry) {
    if (!entry.acknowledge || entry.baseline) return;
    if (configuration_.after.what == AfterProcessing::What::Seen)
        house_.store.server_actions.mark_seen(entry.place, house_.now());
    if (configuration_.after.what == AfterProcessing::What::Move)
        house_.store.server_actions.move(entry.place, configuration_.after.folder, house_.now());
}

void MailboxWatch::journal_batch(const Folder& folder, store::ImapCursor& cursor,
                                 const std::vector<FetchedMessage>& batch, std::uint32_t last_asked) {
    std::size_t journaled = 0;
    std::size_t bytes = 0;
    crash_point("fetched");
    store::Transaction transaction{house_.store.database};
    for (const FetchedMessage& message : batch) {
        const auto entry = entry_for(folder, cursor, message.uid, message.internal_date);
        const auto id = house_.store.journal.append(entry, message.bytes, house_.now());
        if (!id) continue;
        if (house_.store.journal.find(*id)->state == store::EntryState::Duplicate) ask_for_after(entry);
        ++journaled;
        bytes += message.bytes.size();
    }
    cursor.next_uid = std::max(cursor.next_uid, last_asked + 1);
    cursor.last_contact = house_.now();
    house_.store.cursors.keep(cursor);
    crash_point("journal-open");
    transaction.commit();
    crash_point("journaled");
    if (journaled == 0) return;
    progressed_ = true;
    log_event(Level::Information, event::mail_journaled,
              {{"mailbox", configuration_.rules.name}, {"mails", journaled}, {"bytes", bytes}});
    house_.journal_changed.ring();
}

// A mail without a byte, and one that is too large: its place and size are all that there is to keep.
void MailboxWatch::journal_unfetched(const Folder& folder, const store::ImapCursor& cursor, const Listing& listing) {
    const auto entry = entry_for(folder, cursor, listing.uid, listing.internal_date);
    store::Transaction transaction{house_.store.database};
    if (listing.size == 0)
        house_.store.journal.append(entry, {}, house_.now());
    else
        house_.store.journal.append_oversized(entry, listing.size, house_.now());
    transaction.commit();
    log_event(Level::Warning, listing.size == 0 ? event::mail_empty : event::mail_oversized,
              {{"mailbox", configuration_.rules.name}, {"bytes", listing.size}});
    house_.journal_changed.ring();
}

// Piece by piece from the server to the disk: what is held in memory is one piece, and no transaction waits for the
// server.
asio::awaitable<Result<void>> MailboxWatch::journal_large(const Folder& folder, store::ImapCursor& cursor,
                                                          const Listing& listing) {
    const auto entry = entry_for(folder, cursor, listing.uid, listing.internal_date);
    const JournalId id = house_.store.journal.begin_arrival(entry, house_.now());
    std::string held;
    std::size_t parts = 0;
    std::uint64_t size = 0;
    Sha256 hash;
    // On the worker; the pieces are written on the main thread, for which it waits.
    const std::function<bool()> hand_over = [&] {
        std::promise<bool> written;
        asio::post(house_.io, [&] {
            try {
                if (!house_.stopping) house_.store.journal.add_piece(id, parts, held);
                crash_point("piece-kept");
                written.set_value(!house_.stopping);
            } catch (...) {
                written.set_exception(std::current_exception());
            }
        });
        const bool goes_on = written.get_future().get();
        ++parts;
        held.clear();
        return goes_on;
    };
    const std::function<bool(std::string_view)> take = [&](std::string_view bytes) {
        hash.update(bytes);
        size += bytes.size();
        while (!bytes.empty()) {
            const std::size_t count = std::min(bytes.size(), store::Journal::piece_bytes - held.size());
            held += bytes.substr(0, count);
            bytes.remove_prefix(count);
            if (held.size() == store::Journal::piece_bytes && !hand_over()) return false;
        }
        return true;
    };
    std::optional<Result<bool>> fetched;
    const std::function<void()> work = [&] {
        fetched.emplace(session_->fetch_in_pieces(listing, take));
        if (*fetched && **fetched && !held.empty()) hand_over();
    };
    co_await worker_.run(work);
    if (house_.stopping) co_return Result<void>{};
    const bool is_whole = *fetched && **fetched;
    const bool is_empty = *fetched && !**fetched && listing.size == 0;
    if (!is_whole && !is_empty) suspect(folder, listing.uid);
    if (!*fetched) co_return tl::unexpected{lose(fetched->error(), configuration_.inbox)};
    if (is_empty) {
        suspects_.erase({folder.name, listing.uid});
        journal_unfetched(folder, cursor, listing);
    }
    if (!is_whole) co_return Result<void>{};
    suspects_.erase({folder.name, listing.uid});
    progressed_ = true;
    store::Transaction transaction{house_.store.database};
    crash_point("large-open");
    const auto state = house_.store.journal.finish_arrival(id, entry, hash.finish(), size, house_.now());
    if (state == store::EntryState::Duplicate) ask_for_after(entry);
    cursor.next_uid = std::max(cursor.next_uid, listing.uid + 1);
    cursor.last_contact = house_.now();
    house_.store.cursors.keep(cursor);
    transaction.commit();
    log_event(Level::Information, event::mail_journaled,
              {{"mailbox", configuration_.rules.name}, {"mails", 1}, {"bytes", size}});
    house_.journal_changed.ring();
    co_return Result<void>{};
}

asio::awaitable<Result<void>> MailboxWatch::journal_listed(const Folder& folder, store::ImapCursor& cursor,
                                                           const std::vector<Listing>& listed) {
    std::vector<Listing> wanted;
    std::vector<Listing> doubtful;
    for (const Listing& listing : listed) {
        if (house_.store.journal.holds({configuration_.rules.name, folder.name, cursor.uid_validity, listing.uid}))
            continue;
        // A size of nothing is not believed unasked: a server whose index is damaged tells it of whole mails.
        if (listing.size > house_.configuration.message_bytes)
            journal_unfetched(folder, cursor, listing);
        else if (listing.size == 0 || suspects_.contains({folder.name, listing.uid}))
            doubtful.push_back(listing);
        else
            wanted.push_back(listing);
    }
    while (!wanted.empty() && !house_.stopping) {
        if (wanted.front().size > large_mail) {
            const Listing large = wanted.front();
            auto journaled = co_await journal_large(folder, cursor, large);
            if (!journaled) co_return journaled;
            wanted.erase(wanted.begin());
            continue;
        }
        const auto next_large =
            std::ranges::find_if(wanted, [](const Listing& each) { return each.size > large_mail; });
        const std::vector<Listing> small{wanted.begin(), next_large};
        std::optional<Result<std::vector<FetchedMessage>>> fetched;
        const std::function<void()> work = [this, &small, &fetched] { fetched.emplace(session_->fetch(small)); };
        co_await worker_.run(work);
        if (!*fetched) {
            // It is one of these that the server stumbles over: from now on each is asked for by itself.
            if (fetched->error().code != Code::Interrupted)
                for (const Listing& each : small) suspect(folder, each.uid);
            co_return tl::unexpected{lose(fetched->error(), configuration_.inbox)};
        }
        // Nothing came of what was asked for first: it vanished from the server meanwhile, or is not given.
        const std::uint32_t last = (*fetched)->empty() ? small.back().uid : (*fetched)->back().uid;
        for (const Listing& each : small)
            if (each.uid <= last && std::ranges::find(**fetched, each.uid, &FetchedMessage::uid) == (*fetched)->end())
                suspect(folder, each.uid);
        journal_batch(folder, cursor, **fetched, last);
        std::erase_if(wanted, [last](const Listing& listing) { return listing.uid <= last; });
    }
    for (const Listing& listing : doubtful) {
        if (house_.stopping) break;
        const Suspects::const_iterator one = suspects_.find({folder.name, listing.uid});
        const bool is_known = one != suspects_.end();
        if (is_known ? one->second.next_try > house_.now() : listing.size > 0) continue;
        auto journaled = co_await journal_large(folder, cursor, listing);
        if (!journaled) co_return journaled;
    }
    if (!listed.empty() && !house_.stopping) {
        cursor.next_uid = std::max(cursor.next_uid, listed.back().uid + 1);
        keep(cursor);
    }
    co_return Result<void>{};
}

asio::awaitable<Result<void>> MailboxWatch::fetch_folder(const Folder& folder) {
    auto cursor = co_await enter(folder);
    if (!cursor) co_return tl::unexpected{cursor.error()};
    std::optional<Result<std::vector<Listing>>> listed;
    const std::function<void()> work = [this, &cursor, &listed] {
        listed.emplace(session_->list_from(cursor->next_uid));
    };
    co_await worker_.run(work);
    if (!*listed) co_return tl::unexpected{lose(listed->error(), configuration_.inbox)};
    // "n:*" gives the last mail even when its UID is below n (RFC 3501 section 6.4.8).
    std::erase_if(**listed, [&](const Listing& listing) { return listing.uid < cursor->next_uid; });
    auto journaled = co_await journal_listed(folder, *cursor, **listed);
    if (journaled && !house_.stopping) keep_well(*cursor);
    co_return journaled;
}

asio::awaitable<Result<void>> MailboxWatch::fetch_new() {
    std::vector<Folder> all = folders();
    // Before those beside it too: of a mail that somebody copied out of the inbox, the one there counts.
    if (all.size() > 1) all.insert(all.begin(), all.back());
    for (const Folder& folder : all) {
        auto fetched = co_await fetch_folder(folder);
        if (!fetched) co_return fetched;
    }
    if (!house_.stopping) well();
    co_return Result<void>{};
}

asio::awaitable<Result<transport::Word>> MailboxWatch::wait(std::chrono::milliseconds most) {
    std::optional<Result<transport::Word>> word;
    const std::function<void()> work = [this, most, &word] { word.emplace(session_->wait(most)); };
    co_await worker_.run(work);
    if (!*word) co_return tl::unexpected{lose(word->error(), configuration_.inbox)};
    co_return **word;
}

asio::awaitable<void> MailboxWatch::log_out() {
    if (!session_) co_return;
    interrupt_.clear();
    const std::function<void()> work = [this] { session_->log_out(); };
    co_await worker_.run(work);
    session_.reset();
}

}  // namespace tocsin::daemon
