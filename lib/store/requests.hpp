// What `tocsinctl` asks the daemon to do: one row each, written by a visitor, answered by the daemon.
//
// A request is carried out and answered in one transaction, so a crash leaves it either asked or answered. Arguments
// and answer are JSON. Whoever has asked rings with `ring_daemon` afterwards: the daemon listens for that.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "store/database.hpp"

namespace tocsin::store {

enum class RequestState { Asked, Done, Refused };

struct Request {
    RequestId id{0};
    std::string verb;
    std::string arguments;
    std::string asked_by;  // the account of the person at the terminal
    Instant asked;
    RequestState state = RequestState::Asked;
    std::string answer{};
};

class Requests {
public:
    explicit Requests(Database& database) : database_{database} {}

    RequestId ask(std::string_view verb, std::string_view arguments, std::string_view asked_by, Instant now);
    std::vector<Request> asked(std::size_t most) const;  // oldest first
    void answer(RequestId id, bool done, std::string_view answer, Instant now);
    std::optional<Request> find(RequestId id) const;
    // False: it was answered meanwhile.
    bool withdraw(RequestId id);
    void forget_before(Instant at);  // answered ones

private:
    Database& database_;
};

// Closes the lock's file once after writing, which a daemon that watches it notices. Never waits.
void ring_daemon(const std::filesystem::path& database) noexcept;

}  // namespace tocsin::store
