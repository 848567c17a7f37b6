#include <chrono>

#include "daemon/loops.hpp"
#include "daemon/pace.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

// Beside IDLE we look for ourselves: a server that never speaks up, or a folder that IDLE does not cover.
constexpr std::chrono::minutes between_looks{5};
constexpr std::chrono::hours between_comparisons{1};

// On one connection, until it is lost or we stop.
asio::awaitable<void> watch_connected(House& house, MailboxWatch& watch, Pause& pause) {
    auto compared = co_await watch.compare();  // at start and after every error
    if (!compared) co_return;
    pause.reset();
    Instant last_compared = house.now();
    while (!house.stopping) {
        auto fetched = co_await watch.fetch_new();
        if (!fetched || house.stopping) co_return;
        if (house.now() - last_compared >= in_practice(between_comparisons)) {
            compared = co_await watch.compare_hourly();
            if (!compared) co_return;
            last_compared = house.now();
        }
        watch.heed();
        auto acted = co_await watch.carry_out_actions();
        if (!acted) co_return;
        if (*acted) continue;  // while another folder was selected, mail may have come
        auto word = co_await watch.wait(in_practice(between_looks));
        if (!word) co_return;
    }
}

}  // namespace

asio::awaitable<void> watch_mailbox(House& house, MailboxWatch& watch) {
    Pause pause;
    while (!house.stopping) {
        auto connected = co_await watch.connect();
        if (connected) co_await watch_connected(house, watch, pause);
        if (house.stopping) break;
        co_await watch.rest(pause.next(house.chance()));
    }
    co_await watch.log_out();
}

}  // namespace tocsin::daemon
