// The bridge to blocking library calls: one thread for each peer, so that each session is touched by one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>

namespace tocsin::daemon {

class Worker {
public:
    // Runs `work` on the worker's thread and comes back to the caller's executor. `work` is a variable of the
    // caller, never a temporary: GCC 12 destroys what is made inside a co_await expression twice.
    boost::asio::awaitable<void> run(const std::function<void()>& work);

private:
    boost::asio::thread_pool pool_{1};
};

}  // namespace tocsin::daemon
