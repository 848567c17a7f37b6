#include "daemon/wakeup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tocsin::daemon {

namespace asio = boost::asio;

void Wakeup::ring() {
    rung_ = true;
    timer_.cancel();
}

asio::awaitable<void> Wakeup::sleep(std::optional<std::chrono::milliseconds> most) {
    if (!rung_) {
        if (most)
            timer_.expires_after(*most);
        else
            timer_.expires_at(asio::steady_timer::time_point::max());
        co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    rung_ = false;
}

}  // namespace tocsin::daemon
