#include "daemon/mailbox_watch.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "daemon/event_log.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
using transport::FetchedMessage;
using transport::Listing;

namespace {

store::ImapCursor new_cursor(const std::string& mailbox, const std::string& folder) {
    store::ImapCursor cursor;
    cursor.mailbox = mailbox;
    cursor.folder = folder;
    return cursor;
}

}  // namespace

MailboxWatch::MailboxWatch(House& house, const MailboxConfiguration& configuration, transport::Trust trust)
    : house_{house},
      configuration_{configuration},
      trust_{std::move(trust)},
      interrupted_{house.io.get_executor()} {}

void MailboxWatch::interrupt() {
    interrupt_.raise();
    interrupted_.ring();
}

asio::awaitable<void> MailboxWatch::rest(std::chrono::milliseconds length) { co_await interrupted_.sleep(length); }

std::vector<MailboxWatch::Folder> MailboxWatch::folders() const {
    std::vector<Folder> all;
    // The inbox comes last, so that it is the one that is selected while we wait.
    for (const std::string& name : configuration_.also)
        if (!refused_.contains(name)) all.push_back({name, false});
    all.push_back({configuration_.inbox, true});
    return all;
}

void MailboxWatch::keep(const store::ImapCursor& cursor) {
    store::Transaction transaction{house_.store.database};
    house_.store.cursors.keep(cursor);
    transaction.commit();
}

Error MailboxWatch::lose(Error error, const std::string& folder) {
    session_.reset();
    if (error.code == Code::Interrupted) return error;
    log_event(Level::Warning, event::mailbox_unreachable,
              {{"mailbox", configuration_.rules.name}, {"server", configuration_.server.host}, {"why", error.what}});
    auto cursor = house_.store.cursors.find(configuration_.rules.name, folder);
    if (!cursor) cursor = new_cursor(configuration_.rules.name, folder);
    cursor->trouble = error.what;
    keep(*cursor);
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
    };
    co_await worker_.run(work);
    if (!*made) co_return tl::unexpected{lose(made->error(), configuration_.inbox)};
    session_.emplace(std::move(**made));
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
        if (folder.name != configuration_.inbox && selected->error().permanence == Permanence::Permanent)
            refused_.insert(folder.name);
        co_return tl::unexpected{lose(selected->error(), folder.name)};
    }

    auto cursor = house_.store.cursors.find(configuration_.rules.name, folder.name);
    if (!cursor) cursor = new_cursor(configuration_.rules.name, folder.name);
    if (!cursor->start) {
        // INTERNALDATE knows no fractions: what comes in this very second counts already.
        cursor->start = std::holds_alternative<StartAll>(configuration_.start)  ? Instant{}
                        : std::holds_alternative<Instant>(configuration_.start) ? std::get<Instant>(configuration_.start)
                                                                                : std::chrono::floor<std::chrono::seconds>(house_.now());
    }
    if (cursor->uid_validity != (*selected)->uid_validity) {
        if (cursor->uid_validity != 0)
            log_event(Level::Warning, event::mailbox_renumbered,
                      {{"mailbox", configuration_.rules.name}, {"folder", folder.name}});
        cursor->uid_validity = (*selected)->uid_validity;
        cursor->next_uid = 1;  // everything is looked at again; the journal knows the content
    }
    cursor->last_contact = house_.now();
    cursor->trouble.clear();
    keep(*cursor);
    co_return *cursor;
}

store::NewEntry MailboxWatch::entry_for(const Folder& folder, const store::ImapCursor& cursor, std::uint32_t uid,
                                        Instant received) const {
    return {.place = {configuration_.rules.name, folder.name, cursor.uid_validity, uid},
            .internal_date = std::min(received, house_.now()),
            .baseline = cursor.start && received < *cursor.start,
            .acknowledge = folder.acknowledge};
}

void MailboxWatch::journal_batch(const Folder& folder, store::ImapCursor& cursor, const std::vector<FetchedMessage>& batch,
                                 std::uint32_t last_asked) {
    std::size_t journaled = 0;
    std::size_t bytes = 0;
    store::Transaction transaction{house_.store.database};
    for (const FetchedMessage& message : batch) {
        const auto entry = entry_for(folder, cursor, message.uid, message.internal_date);
        if (!house_.store.journal.append(entry, message.bytes, house_.now())) continue;
        ++journaled;
        bytes += message.bytes.size();
    }
    cursor.next_uid = std::max(cursor.next_uid, last_asked + 1);
    cursor.last_contact = house_.now();
    house_.store.cursors.keep(cursor);
    transaction.commit();
    if (journaled == 0) return;
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

asio::awaitable<Result<void>> MailboxWatch::journal_listed(const Folder& folder, store::ImapCursor& cursor,
                                                           const std::vector<Listing>& listed) {
    std::vector<Listing> wanted;
    for (const Listing& listing : listed) {
        if (house_.store.journal.holds({configuration_.rules.name, folder.name, cursor.uid_validity, listing.uid})) continue;
        if (listing.size > 0 && listing.size <= house_.configuration.message_bytes)
            wanted.push_back(listing);
        else
            journal_unfetched(folder, cursor, listing);
    }
    while (!wanted.empty() && !house_.stopping) {
        std::optional<Result<std::vector<FetchedMessage>>> fetched;
        const std::function<void()> work = [this, &wanted, &fetched] { fetched.emplace(session_->fetch(wanted)); };
        co_await worker_.run(work);
        if (!*fetched) co_return tl::unexpected{lose(fetched->error(), configuration_.inbox)};
        // Nothing came of what was asked for first: it vanished from the server meanwhile.
        const std::uint32_t last = (*fetched)->empty() ? wanted.front().uid : (*fetched)->back().uid;
        journal_batch(folder, cursor, **fetched, last);
        std::erase_if(wanted, [last](const Listing& listing) { return listing.uid <= last; });
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
    const std::function<void()> work = [this, &cursor, &listed] { listed.emplace(session_->list_from(cursor->next_uid)); };
    co_await worker_.run(work);
    if (!*listed) co_return tl::unexpected{lose(listed->error(), configuration_.inbox)};
    // "n:*" gives the last mail even when its UID is below n (RFC 3501 section 6.4.8).
    std::erase_if(**listed, [&](const Listing& listing) { return listing.uid < cursor->next_uid; });
    co_return co_await journal_listed(folder, *cursor, **listed);
}

asio::awaitable<Result<void>> MailboxWatch::fetch_new() {
    for (const Folder& folder : folders()) {
        auto fetched = co_await fetch_folder(folder);
        if (!fetched) co_return fetched;
    }
    co_return Result<void>{};
}

asio::awaitable<Result<void>> MailboxWatch::compare_folder(const Folder& folder) {
    auto cursor = co_await enter(folder);
    if (!cursor) co_return tl::unexpected{cursor.error()};
    std::optional<Result<std::vector<std::uint32_t>>> there;
    const std::function<void()> work = [this, &there] { there.emplace(session_->all_uids()); };
    co_await worker_.run(work);
    if (!*there) co_return tl::unexpected{lose(there->error(), configuration_.inbox)};

    const auto missing = [&] {
        const auto journaled = house_.store.journal.uids(configuration_.rules.name, folder.name, cursor->uid_validity);
        const std::set<std::uint32_t> known{journaled.begin(), journaled.end()};
        std::vector<std::uint32_t> lacking;
        for (const std::uint32_t uid : **there)
            if (!known.contains(uid)) lacking.push_back(uid);
        return lacking;
    };
    if (const auto lacking = missing(); !lacking.empty()) {
        std::optional<Result<std::vector<Listing>>> listed;
        const std::function<void()> list = [this, &lacking, &listed] { listed.emplace(session_->list_from(lacking.front())); };
        co_await worker_.run(list);
        if (!*listed) co_return tl::unexpected{lose(listed->error(), configuration_.inbox)};
        auto fetched = co_await journal_listed(folder, *cursor, **listed);
        if (!fetched) co_return fetched;
    }
    cursor->missing = static_cast<std::int64_t>(missing().size());
    cursor->last_compared = house_.now();
    keep(*cursor);
    if (cursor->missing > 0)
        log_event(Level::Error, event::mailbox_gap,
                  {{"mailbox", configuration_.rules.name}, {"folder", folder.name}, {"mails", cursor->missing}});
    co_return Result<void>{};
}

asio::awaitable<Result<void>> MailboxWatch::compare_hourly() {
    refused_.clear();
    co_return co_await compare();
}

asio::awaitable<Result<void>> MailboxWatch::compare() {
    for (const Folder& folder : folders()) {
        auto compared = co_await compare_folder(folder);
        if (!compared) co_return compared;
    }
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
