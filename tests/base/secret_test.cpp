#include "base/secret.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <new>
#include <ostream>
#include <string>
#include <type_traits>

#include "base/id.hpp"
#include "base/result.hpp"

namespace tocsin {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
    out << value;
};
template <class T>
concept Comparable = requires(const T& a, const T& b) {
    a == b;
};

TEST(Secrets, CannotBePrintedComparedOrMadeByAccident) {
    static_assert(!Printable<Secret>);
    static_assert(!fmt::is_formattable<Secret>::value);
    static_assert(!Comparable<Secret>);
    static_assert(!std::is_convertible_v<std::string, Secret>);
    static_assert(!std::is_convertible_v<Secret, std::string>);
    static_assert(!std::is_convertible_v<Secret, std::string_view>);
    EXPECT_EQ("hunter2", Secret{"hunter2"}.reveal());
}

TEST(Secrets, AreCopiedAndMovedWhole) {
    Secret first{std::string(100, 'a')};
    const Secret copy = first;
    const Secret moved = std::move(first);
    EXPECT_EQ(std::string(100, 'a'), copy.reveal());
    EXPECT_EQ(std::string(100, 'a'), moved.reveal());
}

TEST(Secrets, LeaveNothingInMemory) {
    alignas(Secret) unsigned char place[sizeof(Secret)];
    auto* secret = new (place) Secret{std::string{"topsecret"}};  // short enough to stand in the string itself
    const auto holds_it = [&place] {
        const volatile unsigned char* bytes = place;
        std::string seen;
        for (std::size_t i = 0; i < sizeof place; ++i) seen += static_cast<char>(bytes[i]);
        return seen.find("secret") != std::string::npos;
    };
    ASSERT_TRUE(holds_it());
    secret->~Secret();
    EXPECT_FALSE(holds_it());
}

TEST(Ids, OfDifferentRowsAreDifferentTypes) {
    static_assert(!std::is_convertible_v<TicketId, JournalId>);
    static_assert(!std::is_convertible_v<std::int64_t, TicketId>);
    static_assert(!std::is_constructible_v<TicketId, JournalId>);
    EXPECT_EQ(TicketId{7}, TicketId{7});
    EXPECT_LT(TicketId{7}, TicketId{8});
}

TEST(Results, SayWhetherTryingAgainCanHelp) {
    const Result<int> refused = permanent(Code::Refused, "no");
    const Result<int> busy = temporary(Code::Unavailable, "busy");
    ASSERT_FALSE(refused);
    ASSERT_FALSE(busy);
    EXPECT_EQ(Permanence::Permanent, refused.error().permanence);
    EXPECT_EQ(Permanence::Temporary, busy.error().permanence);
    EXPECT_EQ(Code::Unavailable, busy.error().code);
    EXPECT_EQ(3, Result<int>{3}.value());
}

}  // namespace
}  // namespace tocsin
