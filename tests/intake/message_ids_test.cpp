#include "intake/outgoing/message_ids.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"

namespace tocsin::intake {
namespace {

const MessageIds ours{Secret{std::string(32, 'k')}, "acme.test"};

TEST(OurMessageIds, CarryTheTicketTheyWereMadeFor) {
    const auto id = ours.mint("SEC-2026-0001");
    EXPECT_EQ("SEC-2026-0001", ours.subject_of(id.view()));
    EXPECT_TRUE(id.view().starts_with("SEC-2026-0001."));
    EXPECT_TRUE(id.view().ends_with("@acme.test"));
    EXPECT_EQ("tocsin", ours.subject_of(ours.mint("tocsin").view()));
}

TEST(OurMessageIds, AreNewEachTime) {
    std::set<std::string> seen;
    for (int i = 0; i < 50; ++i) seen.insert(std::string{ours.mint("SEC-2026-0001").view()});
    EXPECT_EQ(50u, seen.size());
}

TEST(OurMessageIds, CannotBeForged) {
    const std::string id{ours.mint("SEC-2026-0001").view()};
    const auto with = [&id](std::string_view from, std::string_view to) {
        std::string other = id;
        return other.replace(other.find(from), from.size(), to);
    };
    EXPECT_FALSE(ours.subject_of(with("0001", "0002")));  // another ticket
    std::string changed = id;
    const std::size_t last = changed.find('@') - 1;
    changed[last] = changed[last] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(ours.subject_of(changed));  // another hash
    changed = id;
    const std::size_t nonce = std::string_view{"SEC-2026-0001."}.size();
    changed[nonce] = changed[nonce] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(ours.subject_of(changed));  // another nonce
    const auto parts = split(std::string_view{id}.substr(0, id.find('@')), '.');
    const std::string number{parts[0]}, middle{parts[1]}, hash{parts[2]};
    EXPECT_TRUE(ours.subject_of(number + "." + middle + "." + hash + "@acme.test"));
    EXPECT_FALSE(ours.subject_of(number + "." + middle + ".@acme.test"));
    EXPECT_FALSE(ours.subject_of(number + "." + middle + "." + hash + ".x@acme.test"));
    EXPECT_FALSE(ours.subject_of(number + "." + middle + "." + hash.substr(1) + "@acme.test"));
    EXPECT_FALSE(ours.subject_of(number + "." + hash + "." + middle + "@acme.test"));
}

TEST(OurMessageIds, AreOursUnderOurDomainAlone) {
    const std::string id{ours.mint("SEC-2026-0001").view()};
    const std::string local = id.substr(0, id.find('@') + 1);
    EXPECT_TRUE(ours.subject_of(local + "ACME.test"));  // servers change the case of domains
    EXPECT_FALSE(ours.subject_of(local + "evil.test"));
    EXPECT_FALSE(ours.subject_of(local + "acme.test.evil.test"));
    EXPECT_FALSE(ours.subject_of(local));
    EXPECT_FALSE(ours.subject_of(id + "@evil.test"));
    EXPECT_FALSE(ours.subject_of(lower(local) + "acme.test"));  // not as we wrote it
}

TEST(OurMessageIds, OfAnotherKeyAreNotOurs) {
    const MessageIds others{Secret{std::string(32, 'o')}, "acme.test"};
    EXPECT_FALSE(ours.subject_of(others.mint("SEC-2026-0001").view()));
}

TEST(OurMessageIds, AnyOtherTextIsNone) {
    for (const char* text : {"", "@", "@acme.test", "a@acme.test", "a.b@acme.test", "a.b.c@acme.test", "..@acme.test",
                             "<SEC-2026-0001.a.b@acme.test>", "SEC-2026-0001"})
        EXPECT_FALSE(ours.subject_of(text)) << text;
    EXPECT_FALSE(ours.subject_of(std::string(1'000'000, '.') + "@acme.test"));
}

}  // namespace
}  // namespace tocsin::intake
