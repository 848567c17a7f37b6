// The connection to the submission server: one for many mails, closed when it has been idle for a while.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>

#include "daemon/house.hpp"
#include "daemon/worker.hpp"
#include "transport/smtp_sink.hpp"

namespace tocsin::daemon {

class SubmissionLine {
public:
    SubmissionLine(House& house, transport::Trust trust);

    // Connects where there is no usable connection.
    boost::asio::awaitable<Result<void>> ready();
    // Needs `ready`. `before_final_dot` runs on the main thread, while the worker waits for it.
    boost::asio::awaitable<transport::Submitted> submit(const transport::Envelope& envelope, const std::string& bytes,
                                                        const std::function<void()>& before_final_dot);
    boost::asio::awaitable<void> quit();
    bool open() const noexcept { return sink_.has_value(); }

    // From the main thread, at any time: ends whatever blocks.
    void interrupt() { interrupt_.raise(); }

private:
    House& house_;
    transport::Trust trust_;
    transport::Interrupt interrupt_;
    Worker worker_;
    std::optional<transport::SmtpSink> sink_;
};

}  // namespace tocsin::daemon
