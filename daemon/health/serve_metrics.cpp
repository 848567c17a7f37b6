#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "daemon/event_log.hpp"
#include "daemon/health/metrics.hpp"
#include "daemon/loops.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr std::chrono::seconds patience_with_caller{5};
constexpr std::uint32_t largest_head = 16u << 10;
constexpr int most_callers = 16;

using Question = http::request<http::empty_body>;
using Answer = http::response<http::string_body>;

Answer answer_to(const House& house, const Question& question) {
    Answer answer{http::status::ok, question.version()};
    answer.set(http::field::content_type, "text/plain; charset=utf-8");
    answer.set(http::field::cache_control, "no-store");
    const auto target = question.target().substr(0, question.target().find('?'));
    if (question.method() != http::verb::get && question.method() != http::verb::head) {
        answer.result(http::status::method_not_allowed);
        answer.set(http::field::allow, "GET, HEAD");
        answer.body() = "GET and HEAD alone\n";
    } else if (target == "/metrics") {
        answer.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
        answer.body() = metrics_text(house);
    } else if (target == "/healthz") {
        answer.body() = health_complaints(house);
        if (!answer.body().empty()) answer.result(http::status::service_unavailable);
        if (answer.body().empty()) answer.body() = "ok\n";
    } else {
        answer.result(http::status::not_found);
        answer.body() = "/metrics and /healthz\n";
    }
    answer.keep_alive(false);
    const std::size_t length = answer.body().size();
    if (question.method() == http::verb::head) answer.body().clear();
    answer.content_length(length);
    return answer;
}

// Counts a caller for as long as it is served, however that ends.
struct Place {
    explicit Place(int& callers) : taken{callers} { ++taken; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { --taken; }
    int& taken;
};

// One question, one answer, within five seconds.
asio::awaitable<void> answer_caller(House& house, beast::tcp_stream caller, int& callers) {
    const Place place{callers};
    beast::flat_buffer buffer;
    http::request_parser<http::empty_body> parser;
    parser.header_limit(largest_head);
    caller.expires_after(patience_with_caller);
    const auto [unread, bytes] =
        co_await http::async_read_header(caller, buffer, parser, asio::as_tuple(asio::use_awaitable));
    if (!unread && !house.stopping) {
        const Answer answer = answer_to(house, parser.get());
        http::serializer<false, http::string_body, http::fields> serializer{answer};
        const bool head_alone = parser.get().method() == http::verb::head;
        caller.expires_after(patience_with_caller);
        if (head_alone)
            co_await http::async_write_header(caller, serializer, asio::as_tuple(asio::use_awaitable));
        else
            co_await http::async_write(caller, serializer, asio::as_tuple(asio::use_awaitable));
    }
    boost::system::error_code ignored;
    caller.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

boost::system::error_code open_door(tcp::acceptor& door, const MetricsListen& listen) {
    boost::system::error_code error;
    const tcp::endpoint at{asio::ip::make_address(listen.address, error), listen.port};
    if (!error) door.open(at.protocol(), error);
    if (!error) door.set_option(tcp::acceptor::reuse_address{true}, error);
    if (!error) door.bind(at, error);
    if (!error) door.listen(most_callers, error);
    return error;
}

}  // namespace

asio::awaitable<void> serve_metrics(House& house) {
    tcp::acceptor door{house.io};
    const auto failed = open_door(door, *house.configuration.metrics);
    if (failed) {
        log_event(Level::Error, event::metrics_closed, {{"why", failed.message()}});
        co_return;
    }
    house.close_metrics = [&door] {
        boost::system::error_code ignored;
        door.close(ignored);
    };
    int callers = 0;
    while (!house.stopping) {
        auto [error, socket] = co_await door.async_accept(asio::as_tuple(asio::use_awaitable));
        if (error && !door.is_open()) break;
        if (error || callers >= most_callers) continue;
        asio::co_spawn(house.io, answer_caller(house, beast::tcp_stream{std::move(socket)}, callers), asio::detached);
    }
    house.close_metrics = [] {};
    // Who is being answered refers to the count above.
    asio::steady_timer pause{house.io};
    while (callers > 0) {
        pause.expires_after(std::chrono::milliseconds{20});
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

}  // namespace tocsin::daemon
