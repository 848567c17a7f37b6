// SIGHUP for as long as the process lives: between two lives of the loops nobody else listens for it, and its default
// action is the end.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

namespace tocsin::daemon {

class Hangups {
public:
    // Whether one came since this was asked last.
    bool take();

private:
    void look();

    boost::asio::io_context io_{1};
    boost::asio::signal_set set_{io_, SIGHUP};
};

}  // namespace tocsin::daemon
