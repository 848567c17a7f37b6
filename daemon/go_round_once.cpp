#include "daemon/go_round_once.hpp"

#include <sysexits.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>

#include "daemon/exit_code.hpp"
#include "daemon/loops.hpp"

namespace tocsin::daemon {

namespace asio = boost::asio;

namespace {

// What is to be done on the server because of what was decided and sent. A folder that was missing is made on the
// connection after the one that found it missing.
asio::awaitable<Result<void>> act_once(MailboxWatch& watch) {
    Result<void> done;
    for (int tries = 0; tries < 3 && watch.has_actions(); ++tries) {
        done = co_await watch.connect();
        if (!done) co_return done;
        auto acted = co_await watch.carry_out_actions();
        if (acted) co_return Result<void>{};
        done = tl::unexpected{acted.error()};
    }
    co_return done;
}

asio::awaitable<void> look_once(MailboxWatch& watch, int& code) {
    Result<void> done;
    // Once more for each folder that the server refuses, and for a mail that does not come: the next connection
    // goes without them.
    for (std::size_t tries = 0; tries <= watch.configuration().also.size() + 3; ++tries) {
        done = co_await watch.connect();
        if (!done) break;
        done = co_await watch.compare();
        if (done) break;
    }
    if (!done) code = exit_code_for_server(done.error());
    co_await watch.log_out();
}

}  // namespace

asio::awaitable<void> go_round_once(House& house, const std::vector<std::unique_ptr<MailboxWatch>>& watches,
                                    SubmissionLine& line, int& code) {
    carry_out_requests(house);
    // All mailboxes at once: a server that is silent keeps no other waiting.
    std::size_t looking = watches.size();
    std::exception_ptr failure;
    Wakeup looked{house.io.get_executor()};
    const auto looked_at = [&](const std::exception_ptr& failed) {
        if (failed) failure = failed;
        --looking;
        looked.ring();
    };
    for (const auto& watch : watches) asio::co_spawn(house.io, look_once(*watch, code), looked_at);
    while (looking > 0) co_await looked.sleep(std::nullopt);
    if (failure) std::rethrow_exception(failure);
    auto processed = co_await process_pending(house);
    if (!processed) code = exit_code_of(processed.error());
    remind_due(house);
    do_what_waited(house);
    look_after(house);
    carry_out_requests(house);
    auto delivered = co_await deliver_due(house, line);
    if (!delivered && code == EX_OK) code = exit_code_for_server(delivered.error());
    co_await line.quit();
    for (const auto& watch : watches) {
        if (!watch->has_actions()) continue;
        auto acted = co_await act_once(*watch);
        if (!acted && code == EX_OK) code = exit_code_for_server(acted.error());
        co_await watch->log_out();
    }
    carry_out_requests(house);
}

}  // namespace tocsin::daemon
