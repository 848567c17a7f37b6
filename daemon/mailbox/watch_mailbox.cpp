#include <chrono>

#include "daemon/loops.hpp"
#include "daemon/pace.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

// Beside IDLE we look for ourselves: a server that never speaks up, or a folder that IDLE does not cover.
constexpr std::chrono::minutes between_looks{5};
constexpr std::chrono::hours between_comparisons{1};
// A server that speaks of news at every turn, and has none, is asked no more often than this.
constexpr std::chrono::milliseconds between_rumours{1'000};
constexpr int most_rumours = 3;
// A connection that lasted so long was a good one: the next is tried soon. One that always ends sooner is not.
constexpr std::chrono::minutes good_connection{1};

bool is_owed(const House& house, const MailboxWatch& watch) {
    const auto owed = watch.owed_at();
    return owed && *owed <= house.now();
}

// On one connection, until it is lost or we stop.
asio::awaitable<void> watch_connected(House& house, MailboxWatch& watch, Pause& pause) {
    auto compared = co_await watch.compare();  // at start and after every error
    if (!compared) co_return;
    Instant last_compared = house.now();
    int rumours = 0;
    while (!house.stopping) {
        auto fetched = co_await watch.fetch_new();
        if (!fetched || house.stopping) co_return;
        if (house.now() - last_compared >= in_practice(between_comparisons)) {
            compared = co_await watch.compare_hourly();
            if (!compared) co_return;
            last_compared = house.now();
        } else if (is_owed(house, watch)) {
            compared = co_await watch.compare();
            if (!compared) co_return;
        }
        watch.heed();
        auto acted = co_await watch.carry_out_actions();
        if (!acted) co_return;
        if (*acted) continue;  // while another folder was selected, mail may have come
        std::chrono::milliseconds most = in_practice(between_looks);
        if (const auto owed = watch.owed_at()) most = std::min(most, until(house, *owed));
        if (watch.take_progress()) {
            pause.reset();
            rumours = 0;
        }
        auto word = co_await watch.wait(most);
        if (!word) co_return;
        rumours = *word == transport::Word::Changed ? rumours + 1 : 0;
        if (rumours > most_rumours) co_await watch.rest(between_rumours);
    }
}

}  // namespace

asio::awaitable<void> watch_mailbox(House& house, MailboxWatch& watch) {
    Pause pause;
    while (!house.stopping) {
        const Instant begun = house.now();
        auto connected = co_await watch.connect();
        if (connected) co_await watch_connected(house, watch, pause);
        if (house.stopping) break;
        const bool was_good = connected && house.now() - begun >= in_practice(good_connection);
        if (watch.take_progress() || was_good) pause.reset();  // it breaks off, and yet it gives
        co_await watch.rest(pause.next(house.chance()));
    }
    co_await watch.log_out();
}

}  // namespace tocsin::daemon
