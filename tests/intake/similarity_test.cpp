// How alike two texts are, and that a notice says so.
#include "intake/examine/similarity.hpp"

#include <algorithm>
#include <set>

#include "desk.hpp"

namespace tocsin::intake {
namespace {

std::string words_from(int first, int count) {
    std::string text;
    for (int i = first; i < first + count; ++i) text += "word" + std::to_string(i) + (i % 7 == 0 ? ".\n" : " ");
    return text;
}

// As the store would find it.
int percent_of(const std::string& a, const std::string& b) {
    const TextSketch one = sketch_of(a);
    const TextSketch other = sketch_of(b);
    const std::set<std::uint64_t> kept{other.lowest.begin(), other.lowest.end()};
    store::SharedShingles shared;
    shared.shared = std::ranges::count_if(one.lowest, [&](std::uint64_t hash) { return kept.contains(hash); });
    shared.shingles = other.shingles;
    const auto similar = similar_tickets(one.shingles, {shared});
    return similar.empty() ? 0 : similar.front().percent;
}

TEST(Similarity, OfTheSameTextIsWhole) {
    EXPECT_EQ(100, percent_of(words_from(1, 20), words_from(1, 20)));
    EXPECT_EQ(100, percent_of(words_from(1, 3'000), words_from(1, 3'000)));
    EXPECT_EQ(100, percent_of("A, b c d e f g h i j k l!", "a b  C d\ne f g h i-j k l"));
}

TEST(Similarity, IsAboutWhatTheShorterTextShares) {
    EXPECT_NEAR(50, percent_of(words_from(1, 400), words_from(201, 400)), 15);
    EXPECT_NEAR(100, percent_of(words_from(1, 100), words_from(1, 1'000)), 40);  // a part of a long one
    EXPECT_NEAR(75, percent_of(words_from(1, 1'000), words_from(251, 1'000)), 15);
}

TEST(Similarity, OfStrangersIsNone) {
    EXPECT_EQ(0, percent_of(words_from(1, 500), words_from(10'000, 500)));
    EXPECT_EQ(0, percent_of("Hello, thank you.", "Hello, thank you."));  // any two greetings are alike
    EXPECT_EQ(0, percent_of("", ""));
}

class SimilarReports : public DeskTest {};

TEST_F(SimilarReports, AreNamedInTheNotice) {
    const std::string text = "There is an XSS in the search. " + words_from(1, 60);
    const auto first = take_in({.text = text, .message_id = "a1@lab.test"});
    take_in({.text = "Something else, an XSS. " + words_from(500, 60), .message_id = "a2@lab.test"});
    const auto copy =
        take_in({.from = "Kim <kim@lab.test>", .subject = "Hi", .text = text, .message_id = "a3@lab.test"});
    EXPECT_TRUE(texts_in(to_team(first.decision).at(0), "similar", "number").empty());
    EXPECT_EQ(std::vector<std::string>{first.admitted.number},
              texts_in(to_team(copy.decision).at(0), "similar", "number"));
    EXPECT_TRUE(to_outside(copy.decision).at(0).fields.values().count("similar") == 0);
}

TEST_F(SimilarReports, AreKeptUnderTheKeyAlone) {
    const std::string text = "There is an XSS in the search. " + words_from(1, 60);
    take_in({.text = text});
    const TextSketch sketch = sketch_of("XSS in login\n" + text);
    std::vector<std::int64_t> bare;
    for (const std::uint64_t hash : sketch.lowest) bare.push_back(static_cast<std::int64_t>(hash));
    EXPECT_TRUE(store_.similar.sharing(bare).empty());
    EXPECT_EQ(1u, store_.similar.sharing(acme_ids().keyed_by_all(sketch.lowest)).size());
}

TEST_F(SimilarReports, OfEncryptedOnesNothingIsKept) {
    EXPECT_TRUE(examined(encrypted_letter("zanzibar")).sketch.lowest.empty());
}

// A word alone brings her state and dates, and nobody of the team is bothered.
TEST_F(SimilarReports, StatusIsAnsweredAtOnce) {
    const auto report = take_in({});
    const auto asked = take_in({.text = "Status?\r\n\r\n> Hello,\r\n> thank you",
                                .message_id = "s1@lab.test",
                                .fields = {"In-Reply-To: <a1@lab.test>"}},
                               friday + 1h);
    EXPECT_EQ(report.admitted.ticket, asked.admitted.ticket);
    ASSERT_EQ(1u, asked.decision.mail.size());
    EXPECT_EQ("progress", asked.decision.mail[0].template_name);
    EXPECT_EQ("rae@lab.test", asked.decision.mail[0].to_address);
    EXPECT_EQ("s1@lab.test", asked.decision.mail[0].in_reply_to);
    EXPECT_TRUE(asked.decision.mail[0].answers_mail);
    const auto stranger = take_in({.from = "Mallory <mallory@evil.test>",
                                   .text = "status",
                                   .message_id = "s2@evil.test",
                                   .fields = {"In-Reply-To: <a1@lab.test>"}},
                                  friday + 2h);
    EXPECT_TRUE(to_outside(stranger.decision).empty());
    EXPECT_EQ(Action::Hold, stranger.decision.action);
}

TEST_F(SimilarReports, HeldMailStandsApartFromTheThread) {
    take_in({});
    const auto stranger = take_in(
        {.from = "Mallory <mallory@evil.test>", .message_id = "s2@evil.test", .fields = {"In-Reply-To: <a1@lab.test>"}},
        friday + 1h);
    const Recipe held = to_team(stranger.decision).at(0);
    EXPECT_TRUE(held.references.empty());
    EXPECT_EQ("Mallory (held) via ACME Security", held.from_name);
    const auto more = take_in({.message_id = "a2@lab.test", .fields = {"In-Reply-To: <a1@lab.test>"}}, friday + 2h);
    const Recipe later = to_team(more.decision).at(0);
    ASSERT_EQ(1u, later.references.size());  // the first notice, and not the held one
    EXPECT_EQ(store_.outbox.by_message_id(later.in_reply_to)->recipient, later.to_address);
    EXPECT_EQ("medium", text_in(later, "subject_severity"));
}

}  // namespace
}  // namespace tocsin::intake
