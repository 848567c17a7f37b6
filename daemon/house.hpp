// What the loops share: the configuration, the rules, the store, the examiner, and how they wake one another.
//
// Everything here belongs to the main thread. It outlives the loops.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>

#include "base/clock.hpp"
#include "daemon/configuration/configuration.hpp"
#include "daemon/examiner.hpp"
#include "daemon/keys/keychain.hpp"
#include "daemon/wakeup.hpp"
#include "intake/outgoing/message_ids.hpp"
#include "rules/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::daemon {

// Whether mail can be opened and sealed, and since when it cannot.
struct KeysInOrder {
    bool in_order = true;
    bool renewing = false;
    bool stale = true;  // something was bound since the last generation
    std::optional<Instant> out_since{};
    std::chrono::steady_clock::time_point next_try{};
    Instant next_warning{};  // when the ends of keys are looked at again
    std::string stamp{};     // of the keys in the store, as they were read last
    std::string secrets{};   // those that mail was last opened with
    // Certificates that were looked at, and had nothing new for the one that is kept; and what that bears.
    std::map<Digest, std::vector<std::string>> nothing_new{};
};

struct House {
    House(boost::asio::io_context& io_context, const Configuration& read, rules::RuleSet rules_read,
          store::Store& opened, intake::MessageIds made, const Clock& ticking);

    boost::asio::io_context& io;
    const Configuration& configuration;
    rules::RuleSet rule_set;
    store::Store& store;
    intake::MessageIds ids;
    const Clock& clock;
    std::unique_ptr<Examiner> examiner;
    std::unique_ptr<Keychain> keys;  // nothing: no [openpgp]
    KeysInOrder keys_state;
    bool has_backlog = false;  // more mail waits to be examined than one transaction takes

    Wakeup journal_changed;
    Wakeup outbox_changed;
    Wakeup clocks_changed;
    Wakeup requests_changed;
    Wakeup watched;
    bool stopping = false;
    // Something was asked of a mail server: whoever waits for its news looks at that first.
    std::function<void()> nudge_mailboxes = [] {};
    std::function<void()> close_metrics = [] {};

    const intake::Organisation& organisation() const { return organisation_; }
    Instant now() const { return clock.now(); }
    double chance() { return std::uniform_real_distribution<double>{0.0, 1.0}(random_); }

    Result<void> start_examiner();
    void wake_all();

private:
    friend boost::asio::awaitable<Result<void>> keep_keys(House&);
    intake::Organisation organisation_;  // as configured, and with the keys that were found for it
    std::vector<std::unique_ptr<Examiner>> former_examiners_;  // that somebody still waits for
    std::mt19937_64 random_;
};

// Before mail is opened or sealed: a new generation of keys where something changed, a new agent where it is gone. An
// Error where OpenPGP is out of order, of which the team hears once; mail that needs none goes on.
boost::asio::awaitable<Result<void>> keep_keys(House& house);
void keys_out_of_order(House& house, std::string_view why);
// Where mail could not be opened or sealed: whether that was the mail's own doing, since a signature of ours holds.
// Else OpenPGP is out of order from now on, and the team hears of it.
boost::asio::awaitable<bool> keys_hold(House& house);
// The note that tells `tocsinctl status` of keys about to expire: a line each, fingerprint, instant, whose.
inline constexpr std::string_view keys_that_end = "keys that end";

// What the configuration wants done on the server (`after`) with a mail that is dealt with: kept now, within a
// store::Transaction of the caller, and done later.
void ask_server(House& house, const MailboxConfiguration& mailbox, const store::MailPlace& place);

// How long from now until an instant of the house's clock; never negative.
std::chrono::milliseconds until(const House& house, Instant at);

// Waits before the next try at a server: 5 seconds, doubling to 10 minutes, each up to a third shorter by chance.
class Pause {
public:
    std::chrono::milliseconds next(double chance);
    void reset() { length_ = first; }

private:
    static constexpr std::chrono::milliseconds first{5'000};
    static constexpr std::chrono::milliseconds longest{600'000};
    std::chrono::milliseconds length_ = first;
};

// Our Message-IDs, with their keys: the first is made on the first start and kept beside the database with mode 0600.
// After a year a new one takes its place, and what the older ones made is still understood.
Result<intake::MessageIds> message_ids(const Configuration& configuration, Instant now);
// The same without writing anything; with a key that nobody uses where there is none yet.
Result<intake::MessageIds> message_ids_to_look_at(const Configuration& configuration);

}  // namespace tocsin::daemon
