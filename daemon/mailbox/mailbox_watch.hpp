// One configured mailbox: its connection, and bringing what lies there into the journal.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
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
    // When to look again for mail that the server names and did not give; nothing: there is none.
    std::optional<Instant> owed_at() const;
    // Whether anything was journaled since the last time that this was asked.
    bool take_progress() { return std::exchange(progressed_, false); }

    // Each step that fails drops the connection and tells why, in the log and in `status`.
    boost::asio::awaitable<Result<void>> connect();
    // Everything new in the inbox and the folders beside it, journaled in groups as it comes.
    boost::asio::awaitable<Result<void>> fetch_new();
    // The server's UIDs with the journal's; what is missing is fetched, what cannot be is told.
    boost::asio::awaitable<Result<void>> compare();
    boost::asio::awaitable<Result<void>> compare_hourly();  // folders that were refused are tried again too
    // Marks, moves and files what the journal and the outbox asked for. Then the inbox is selected again; tells
    // whether there was anything to do.
    boost::asio::awaitable<Result<bool>> carry_out_actions();
    bool has_actions() const;
    boost::asio::awaitable<Result<transport::Word>> wait(std::chrono::milliseconds most);
    boost::asio::awaitable<void> log_out();

    // Sleeps before the next try at the server.
    boost::asio::awaitable<void> rest(std::chrono::milliseconds length);

    // From the main thread, at any time: ends whatever blocks or rests.
    void interrupt();
    // Ends a wait for news, and nothing else.
    void nudge() { interrupt_.nudge(); }
    // What nudged is about to be looked at.
    void heed() { interrupt_.take_nudge_back(); }

private:
    struct Folder {
        std::string name;
        bool acknowledge;
        bool sent;
    };
    // A mail at which the server broke off, or that it names and does not give: it is tried by itself, after all
    // others, and less often each time. UID 0 stands for mails that are counted and not named.
    struct Suspect {
        std::size_t failures = 0;
        Instant next_try{};
    };
    using Suspects = std::map<std::pair<std::string, std::uint32_t>, Suspect>;
    std::vector<Folder> folders() const;
    boost::asio::awaitable<Result<store::ImapCursor>> enter(const Folder& folder);
    boost::asio::awaitable<Result<void>> fetch_folder(const Folder& folder);
    boost::asio::awaitable<Result<void>> compare_folder(const Folder& folder);
    boost::asio::awaitable<Result<void>> journal_listed(const Folder& folder, store::ImapCursor& cursor,
                                                        const std::vector<transport::Listing>& listed);
    boost::asio::awaitable<Result<void>> journal_large(const Folder& folder, store::ImapCursor& cursor,
                                                       const transport::Listing& listing);
    void journal_unfetched(const Folder& folder, const store::ImapCursor& cursor, const transport::Listing& listing);
    void journal_batch(const Folder& folder, store::ImapCursor& cursor,
                       const std::vector<transport::FetchedMessage>& batch, std::uint32_t last_asked);
    store::NewEntry entry_for(const Folder& folder, const store::ImapCursor& cursor, std::uint32_t uid,
                              Instant received) const;
    void suspect(const Folder& folder, std::uint32_t uid);
    boost::asio::awaitable<Result<std::vector<std::uint32_t>>> uids_there(const Folder& folder,
                                                                          store::ImapCursor& cursor);
    std::vector<std::uint32_t> lacking_of(const store::ImapCursor& cursor,
                                          const std::vector<std::uint32_t>& there) const;
    void look_for_others(const store::ImapCursor& cursor, const std::vector<transport::Listing>& listed);
    void keep(const store::ImapCursor& cursor);
    void keep_well(store::ImapCursor& cursor);
    void well();
    std::string peer() const { return "mailbox:" + configuration_.rules.name; }
    Folder folder_named(const std::string& name) const;
    boost::asio::awaitable<Result<void>> go_to(const std::string& folder);
    boost::asio::awaitable<Result<void>> carry_out(const store::ServerAction& action);
    boost::asio::awaitable<Result<void>> file_mail(const store::ServerAction& action);
    boost::asio::awaitable<Result<void>> change_mail(const store::ServerAction& action);
    boost::asio::awaitable<Result<void>> make_missing_folders();
    Result<void> settle_action(const store::ServerAction& action, const Result<void>& done);
    void ask_for_after(const store::NewEntry& entry);
    Error lose(Error error, const std::string& folder, bool login = false);

    House& house_;
    const MailboxConfiguration& configuration_;
    transport::Trust trust_;
    transport::Interrupt interrupt_;
    Worker worker_;
    Wakeup interrupted_;
    std::optional<transport::ImapSource> session_;
    transport::Selected selected_{};
    std::string selected_name_;  // empty: none
    Suspects suspects_;
    bool progressed_ = false;
    std::map<std::string, Instant> dated_;  // when all mails of a folder were held against their dates
    std::set<std::string> to_make_;         // folders that a move or a filing found missing
    std::set<std::string> refused_;  // folders beside the inbox that the server would not select; tried again hourly
    std::map<std::string, int> stalled_;  // those that it did not answer for
};

}  // namespace tocsin::daemon
