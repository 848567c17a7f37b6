// What tocsinctl asks for, and the answer.
#include "store/requests.hpp"

#include "fixture.hpp"

namespace tocsin::store {
namespace {

using RequestsTest = StoreTest;

TEST_F(RequestsTest, AreAnsweredOnceInTheOrderInWhichTheyCame) {
    Requests& requests = store_->requests;
    const auto first = requests.ask("outbox-hold", R"({"id":1})", "ann", morning);
    const auto second = requests.ask("outbox-drop", R"({"id":2})", "bob", morning + 1s);
    reopen();
    const auto asked = store_->requests.asked(10);
    ASSERT_EQ(2u, asked.size());
    EXPECT_EQ(first, asked[0].id);
    EXPECT_EQ("outbox-hold", asked[0].verb);
    EXPECT_EQ(R"({"id":1})", asked[0].arguments);
    EXPECT_EQ("ann", asked[0].asked_by);
    EXPECT_EQ(morning, asked[0].asked);
    store_->requests.answer(first, true, R"({"words":"done"})", morning + 2s);
    store_->requests.answer(second, false, R"({"words":"no"})", morning + 2s);
    EXPECT_TRUE(store_->requests.asked(10).empty());
    EXPECT_EQ(RequestState::Done, store_->requests.find(first)->state);
    EXPECT_EQ(RequestState::Refused, store_->requests.find(second)->state);
    EXPECT_EQ(R"({"words":"no"})", store_->requests.find(second)->answer);
    EXPECT_THROW(store_->requests.answer(first, true, "{}", morning), std::logic_error);
    store_->requests.forget_before(morning + 3s);
    EXPECT_FALSE(store_->requests.find(first));
}

TEST_F(RequestsTest, CanBeTakenBackUntilTheyAreAnswered) {
    const auto id = store_->requests.ask("outbox-hold", "{}", "ann", morning);
    EXPECT_TRUE(store_->requests.withdraw(id));
    EXPECT_FALSE(store_->requests.find(id));
    const auto other = store_->requests.ask("outbox-hold", "{}", "ann", morning);
    store_->requests.answer(other, true, "{}", morning);
    EXPECT_FALSE(store_->requests.withdraw(other));
}

}  // namespace
}  // namespace tocsin::store
