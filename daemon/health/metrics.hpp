// Prometheus text at /metrics and health at /healthz, for this machine alone (Boost.Beast, loopback).
//
// Everything is read from the store at the moment of the question. Names and numbers; no addresses, no subjects.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "daemon/house.hpp"

namespace tocsin::daemon {

// The exposition format, version 0.0.4.
std::string metrics_text(const House& house);

// Empty when all is well; else what is wrong, one line each. A trouble that the team was told of is one.
std::string health_complaints(const House& house);

// Serves until the house is stopping; an address that cannot be had is told in the log.
boost::asio::awaitable<void> serve_metrics(House& house);

}  // namespace tocsin::daemon
