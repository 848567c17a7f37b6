// A password or a token: it cannot be printed, logged or compared by accident, and is wiped when it goes.
#pragma once

#include <string>
#include <utility>

namespace tocsin {

class Secret {
public:
    explicit Secret(std::string value) : value_{std::move(value)} {}
    Secret(const Secret&) = default;
    Secret(Secret&&) noexcept = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) noexcept = default;
    ~Secret();

    const std::string& reveal() const noexcept { return value_; }

private:
    std::string value_;
};

}  // namespace tocsin
