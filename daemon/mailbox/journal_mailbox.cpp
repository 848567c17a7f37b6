// What lies in a mailbox goes into the journal, in groups as it comes; what the server does not give is asked for
// again, by itself and less often each time.
#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>

#include "daemon/crash_point.hpp"
#include "daemon/event_log.hpp"
#include "daemon/mailbox/mailbox_watch.hpp"
#include "daemon/pace.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
using transport::FetchedMessage;
using transport::Listing;

namespace {

constexpr std::uint64_t large_mail = std::uint64_t{1} << 20;  // is journaled in pieces

// After the first failure, the second, and so on: at once, and then more and more slowly.
constexpr std::array<std::chrono::seconds, 6> suspect_waits{std::chrono::seconds{0},  std::chrono::seconds{30},
                                                            std::chrono::minutes{1},  std::chrono::minutes{5},
                                                            std::chrono::minutes{15}, std::chrono::hours{1}};

}  // namespace

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
    if (entry.acknowledge && !entry.baseline) ask_server(house_, configuration_, entry.place);
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

}  // namespace tocsin::daemon
