// Row numbers that cannot be swapped for one another.
#pragma once

#include <compare>
#include <cstdint>

namespace tocsin {

template <class Tag>
class Id {
public:
    explicit constexpr Id(std::int64_t value) noexcept : value_{value} {}
    constexpr std::int64_t value() const noexcept { return value_; }
    friend constexpr auto operator<=>(Id, Id) = default;

private:
    std::int64_t value_;
};

using JournalId = Id<struct JournalTag>;
using TicketId = Id<struct TicketTag>;
using OutboxId = Id<struct OutboxTag>;
using RequestId = Id<struct RequestTag>;

}  // namespace tocsin
