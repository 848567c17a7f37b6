// The server's mails held against the journal's: at start, hourly, after errors, and for what is owed to us.
#include <algorithm>
#include <functional>
#include <iterator>

#include "daemon/event_log.hpp"
#include "daemon/mailbox/mailbox_watch.hpp"
#include "daemon/pace.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
using transport::Listing;

namespace {

constexpr std::chrono::hours between_datings{1};

}  // namespace

// All UIDs of the folder that is selected. Others read it too: one that counts more mails than it names is asked once
// more, and what is still not named is owed to us.
asio::awaitable<Result<std::vector<std::uint32_t>>> MailboxWatch::uids_there(const Folder& folder,
                                                                             store::ImapCursor& cursor) {
    std::optional<Result<std::vector<std::uint32_t>>> there;
    const std::function<void()> work = [this, &there] { there.emplace(session_->all_uids()); };
    for (int tries = 0; tries < 2; ++tries) {
        co_await worker_.run(work);
        if (!*there) co_return tl::unexpected{lose(there->error(), configuration_.inbox)};
        if (tries == 1 || (*there)->size() >= selected_.exists) break;
        auto entered = co_await enter(folder);
        if (!entered) co_return tl::unexpected{entered.error()};
        cursor = *entered;
    }
    const bool all_named = (*there)->size() >= selected_.exists;
    std::erase_if(suspects_, [&](const auto& each) {
        const auto& [name, uid] = each.first;
        return name == folder.name && (uid == 0 ? all_named : !std::ranges::binary_search(**there, uid));
    });
    if (!all_named) suspect(folder, 0);
    co_return std::move(**there);
}

std::vector<std::uint32_t> MailboxWatch::lacking_of(const store::ImapCursor& cursor,
                                                    const std::vector<std::uint32_t>& there) const {
    const auto known = house_.store.journal.uids(cursor.mailbox, cursor.folder, cursor.uid_validity);
    std::vector<std::uint32_t> lacking;
    std::ranges::set_difference(there, known, std::back_inserter(lacking));
    return lacking;
}

// A number that names a mail of another date than the journal has for it names another mail.
void MailboxWatch::look_for_others(const store::ImapCursor& cursor, const std::vector<Listing>& listed) {
    store::Transaction transaction{house_.store.database};
    for (const Listing& listing : listed) {
        const store::MailPlace place{cursor.mailbox, cursor.folder, cursor.uid_validity, listing.uid};
        if (house_.store.journal.holds_another(place, listing.internal_date)) house_.store.journal.vacate(place);
    }
    transaction.commit();
    dated_[cursor.folder] = house_.now();
}

asio::awaitable<Result<void>> MailboxWatch::compare_folder(const Folder& folder) {
    auto cursor = co_await enter(folder);
    if (!cursor) co_return tl::unexpected{cursor.error()};
    auto there = co_await uids_there(folder, *cursor);
    if (!there) co_return tl::unexpected{there.error()};

    const auto dated = dated_.find(folder.name);
    const bool by_date = dated == dated_.end() || house_.now() - dated->second >= in_practice(between_datings);
    std::vector<std::uint32_t> lacking = lacking_of(*cursor, *there);
    if (!lacking.empty() || (by_date && !there->empty())) {
        const std::uint32_t first = by_date ? there->front() : lacking.front();
        std::optional<Result<std::vector<Listing>>> listed;
        const std::function<void()> list = [this, first, &listed] { listed.emplace(session_->list_from(first)); };
        co_await worker_.run(list);
        if (!*listed) co_return tl::unexpected{lose(listed->error(), configuration_.inbox)};
        if (by_date) look_for_others(*cursor, **listed);
        auto fetched = co_await journal_listed(folder, *cursor, **listed);
        if (!fetched) co_return fetched;
        if (house_.stopping) co_return Result<void>{};
        lacking = lacking_of(*cursor, *there);
    }
    if (!lacking.empty()) {
        // Somebody may have taken it away meanwhile.
        auto again = co_await uids_there(folder, *cursor);
        if (!again) co_return tl::unexpected{again.error()};
        lacking = lacking_of(*cursor, *again);
        there = std::move(again);
    }
    const auto unnamed = selected_.exists > there->size() ? selected_.exists - there->size() : 0;
    cursor->missing = static_cast<std::int64_t>(lacking.size() + unnamed);
    cursor->missing_since =
        cursor->missing == 0 ? std::nullopt : std::optional{cursor->missing_since.value_or(house_.now())};
    cursor->last_compared = house_.now();
    keep_well(*cursor);
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
    std::vector<Folder> all = folders();
    if (all.size() > 1) all.insert(all.begin(), all.back());
    for (const Folder& folder : all) {
        auto compared = co_await compare_folder(folder);
        if (!compared) co_return compared;
    }
    if (!house_.stopping) well();
    co_return Result<void>{};
}

}  // namespace tocsin::daemon
