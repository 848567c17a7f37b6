// Whom TLS believes: the authorities of a file, or those of the system. Loaded once, shared by all connections.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace tocsin::transport {

// Movable; must outlive every connection made with it.
class Trust {
public:
    // No file: the system's store. A file without a single certificate is an error.
    static Result<Trust> load(const std::optional<std::string>& ca_file);
    Trust(Trust&&) noexcept;
    Trust& operator=(Trust&&) noexcept;
    ~Trust();

    struct State;
    const State& state() const { return *state_; }

private:
    explicit Trust(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tocsin::transport
