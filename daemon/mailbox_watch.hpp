// One configured mailbox: its connection, and bringing what lies there into the journal.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/house.hpp"
#include "daemon/worker.hpp"
#include "store/upkeep.hpp"
#include "transport/imap_source.hpp"

namespace tocsin::daemon {

class MailboxWatch {
public:
    MailboxWatch(House& house, const MailboxConfiguration& configuration, transport::Trust trust);

    const MailboxConfiguration& configuration() const noexcept { return configuration_; }
    bool connected() const noexcept { return session_.has_value(); }

    // Each step that fails drops the connection and tells why, in the log and in `status`.
    boost::asio::awaitable<Result<void>> connect();
    // Everything new in the inbox and the folders beside it, journaled in groups as it comes.
    boost::asio::awaitable<Result<void>> fetch_new();
    // The server's UIDs with the journal's; what is missing is fetched, what cannot be is told.
    boost::asio::awaitable<Result<void>> compare();
    boost::asio::awaitable<Result<void>> compare_hourly();  // folders that were refused are tried again too
    boost::asio::awaitable<Result<transport::Word>> wait(std::chrono::milliseconds most);
    boost::asio::awaitable<void> log_out();

    // Sleeps before the next try at the server.
    boost::asio::awaitable<void> rest(std::chrono::milliseconds length);

    // From the main thread, at any time: ends whatever blocks or rests.
    void interrupt();

private:
    struct Folder {
        std::string name;
        bool acknowledge;
    };
    std::vector<Folder> folders() const;
    boost::asio::awaitable<Result<store::ImapCursor>> enter(const Folder& folder);
    boost::asio::awaitable<Result<void>> fetch_folder(const Folder& folder);
    boost::asio::awaitable<Result<void>> compare_folder(const Folder& folder);
    boost::asio::awaitable<Result<void>> journal_listed(const Folder& folder, store::ImapCursor& cursor,
                                                        const std::vector<transport::Listing>& listed);
    void journal_unfetched(const Folder& folder, const store::ImapCursor& cursor, const transport::Listing& listing);
    void journal_batch(const Folder& folder, store::ImapCursor& cursor,
                       const std::vector<transport::FetchedMessage>& batch, std::uint32_t last_asked);
    store::NewEntry entry_for(const Folder& folder, const store::ImapCursor& cursor, std::uint32_t uid, Instant received) const;
    void keep(const store::ImapCursor& cursor);
    Error lose(Error error, const std::string& folder);

    House& house_;
    const MailboxConfiguration& configuration_;
    transport::Trust trust_;
    transport::Interrupt interrupt_;
    Worker worker_;
    Wakeup interrupted_;
    std::optional<transport::ImapSource> session_;
    std::set<std::string> refused_;  // folders beside the inbox that the server would not select; tried again hourly
};

}  // namespace tocsin::daemon
