// What a loop sleeps on: until somebody rings, or until a time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>

namespace tocsin::daemon {

// A ring while nobody sleeps is not lost: the next sleep ends at once. One sleeper, on the main thread.
class Wakeup {
public:
    explicit Wakeup(const boost::asio::any_io_executor& executor) : timer_{executor} {}
    void ring();
    boost::asio::awaitable<void> sleep(std::optional<std::chrono::milliseconds> most);

private:
    boost::asio::steady_timer timer_;
    bool rung_ = false;
};

}  // namespace tocsin::daemon
