// What an ImapSource is made of: the wire, our dialogue and libetpan on it, and the budgets of each command.
#pragma once

#include <optional>
#include <string>

#include "base/digest.hpp"
#include "transport/etpan_session.hpp"
#include "transport/imap_dialogue.hpp"
#include "transport/imap_source.hpp"
#include "transport/imap_wire.hpp"

namespace tocsin::transport {

struct ImapSource::Session {
    Session(std::unique_ptr<Connection> connection, const ImapLimits& its_limits)
        : limits{its_limits}, wire{std::move(connection)}, dialogue{wire} {}

    void arm(std::chrono::milliseconds span, const WireBudget& budget = {}) { wire.arm(Deadline::after(span), budget); }

    Result<void> log_in(const Endpoint& endpoint, const Login& login, const Trust& trust);
    Result<std::vector<Listing>> list(const std::vector<std::uint32_t>& uids);

    // One FETCH for all of `wanted`; what came is told by UID, sizes unchecked.
    Result<std::vector<FetchedMessage>> fetch_once(const std::vector<Listing>& wanted);
    Result<std::optional<FetchedMessage>> fetch_alone(const Listing& wanted);

    struct Streamed {
        bool found = false;
        std::uint64_t size = 0;
        Digest digest{};
    };
    Result<Streamed> stream(const Listing& wanted, const std::function<bool(std::string_view)>& take);

    ImapLimits limits;
    ImapWire wire;
    ImapDialogue dialogue;
    std::optional<EtpanSession> etpan;
};

}  // namespace tocsin::transport
