#include "daemon/worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> call(const std::function<void()>& work) {
    work();
    co_return;
}

}  // namespace

asio::awaitable<void> Worker::run(const std::function<void()>& work) {
    co_await asio::co_spawn(pool_, call(work), asio::use_awaitable);
}

}  // namespace tocsin::daemon
