#include <sys/inotify.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/event_log.hpp"
#include "daemon/loops.hpp"
#include "daemon/requests/requests.hpp"
#include "store/file.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::size_t carried_together = 100;
// Looked at without having been rung too: a bell that cannot be heard (no inotify left) costs a moment, not an answer.
constexpr std::chrono::seconds between_glances{2};
constexpr std::chrono::hours kept_for{24 * 7};

// Hears `ring_daemon`: somebody who had the lock's file open for writing closed it. In a coroutine of its own, since
// an Asio descriptor and a Wakeup cannot be waited for at once without a lambda in the co_await.
asio::awaitable<void> hear(asio::posix::stream_descriptor& bell, Wakeup& asked) {
    std::array<char, 1024> events;
    for (;;) {
        const auto [error, bytes] =
            co_await bell.async_read_some(asio::buffer(events), asio::as_tuple(asio::use_awaitable));
        if (error || bytes == 0) co_return;
        asked.ring();
    }
}

}  // namespace

void carry_out_requests(House& house) {
    bool any = false;
    for (;;) {
        const auto requests = house.store.requests.asked(carried_together);
        if (requests.empty()) break;
        for (const store::Request& request : requests) {
            RequestContext context{house.store, house.configuration, house.rule_set,
                                   house.ids,   house.now(),         "admin:" + request.asked_by};
            const auto answer = carry_out(context, request);
            log_event(Level::Information, event::request_carried_out,
                      {{"request", request.id.value()}, {"verb", request.verb}, {"done", answer.done ? "yes" : "no"}});
            any = true;
        }
    }
    if (any) house.wake_all();
}

asio::awaitable<void> serve_requests(House& house) {
    asio::posix::stream_descriptor bell{house.io};
    const int listener = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (listener >= 0) {
        bell.assign(listener);
        if (::inotify_add_watch(listener, store::lock_name(house.configuration.store).c_str(), IN_CLOSE_WRITE) >= 0)
            asio::co_spawn(house.io, hear(bell, house.requests_changed), asio::detached);
    }
    house.store.requests.forget_before(house.now() - kept_for);
    while (!house.stopping) {
        carry_out_requests(house);
        co_await house.requests_changed.sleep(between_glances);
    }
    carry_out_requests(house);  // whoever asked meanwhile has an answer
    boost::system::error_code ignored;
    bell.close(ignored);
}

}  // namespace tocsin::daemon
