#include "daemon/mailbox/mailbox_watch.hpp"

#include <algorithm>
#include <functional>

#include "daemon/event_log.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
using transport::Listing;

namespace {

constexpr int most_stalls = 2;  // of a folder beside the inbox

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
