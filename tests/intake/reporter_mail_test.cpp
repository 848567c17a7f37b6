// What a reporter is told: the shipped words, rendered, and the facts in them.
#include "intake/outgoing/reporter_mail.hpp"

#include "desk.hpp"
#include "intake/promises/promises.hpp"
#include "mail/reading.hpp"

namespace tocsin::intake {
namespace {

using cvd::EventKind;

const Instant monday = instant("2026-03-09T09:00:00Z");

// A report, then what the test lets happen to it, and the mail that tells of it.
class ReporterMailTest : public testing::Test {
protected:
    void SetUp() override { open_ = opened_by({}, friday, shipped_rules()); }

    void happens(EventKind kind, cvd::Detail detail = {}) {
        for (const cvd::Event& event : happen(open_, {kind, monday, "alice@acme.test", std::move(detail)}))
            tidings_.events.push_back(event);
    }
    std::optional<Recipe> told() {
        tidings_.occasion = "journal 7";
        return mail_to_reporter(open_, tidings_, thread_, acme(), monday);
    }
    mail::Reading read(Recipe recipe) {
        recipe.ticket_number = "SEC-2026-0001";
        recipe.fields.set("ticket", "SEC-2026-0001");
        recipe.message_id = "m1@acme.test";
        recipe.date = monday;
        const auto bytes = compose(recipe, std::nullopt, shipped_rules(), {});
        EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().what);
        return bytes ? mail::read(mail::parse(*bytes)) : mail::Reading{};
    }
    std::string text() {
        const auto recipe = told();
        EXPECT_TRUE(recipe);
        return recipe ? read(*recipe).text : std::string{};
    }
    static bool has(const std::string& text, std::string_view words) { return text.find(words) != std::string::npos; }

    OpenTicket open_;
    Tidings tidings_;
    ReporterThread thread_{"a1@lab.test", {"a1@lab.test"}};
};

TEST_F(ReporterMailTest, TriageSaysTheRatingAndAsksForCreditAndSilence) {
    happens(EventKind::Triaged, {{"severity", "high"}});
    const auto recipe = told();
    ASSERT_TRUE(recipe);
    EXPECT_EQ("triaged", recipe->template_name);
    EXPECT_EQ("reporter-updated", recipe->accepted_means);
    EXPECT_FALSE(recipe->by_human);
    const mail::Reading reading = read(*recipe);
    EXPECT_EQ("[SEC-2026-0001] Your report to ACME", reading.subject);
    EXPECT_EQ(std::vector<std::string>{"a1@lab.test"}, reading.in_reply_to);
    EXPECT_EQ(1u, reading.header_values("auto-submitted").size());
    EXPECT_TRUE(has(reading.text, "We rate it as: high."));
    EXPECT_TRUE(has(reading.text, "under which name"));
    EXPECT_TRUE(has(reading.text, "keep it between us"));
    EXPECT_FALSE(has(reading.text, "XSS"));
}

TEST_F(ReporterMailTest, WhatIsAgreedIsNotAskedAgain) {
    happens(EventKind::Credited, {{"credit", "Rae L."}});
    happens(EventKind::EmbargoSet, {{"until", "2026-06-01T00:00:00Z"}});
    happens(EventKind::Triaged);
    const std::string mail = text();
    EXPECT_FALSE(has(mail, "under which name"));
    EXPECT_TRUE(has(mail, "We have noted for the thanks: Rae L."));
    EXPECT_TRUE(has(mail, "it stays between us until Monday, 1 June 2026"));
}

TEST_F(ReporterMailTest, WordsAndWhatTheyCameWithAreOneMail) {
    happens(EventKind::Triaged);
    happens(EventKind::EtaSet, {{"eta", "2026-03-20T16:00:00Z"}});
    tidings_.words = "Nice find.\n\nWe see it too.";
    const auto recipe = told();
    ASSERT_TRUE(recipe);
    EXPECT_EQ("triaged", recipe->template_name);
    const mail::Reading reading = read(*recipe);
    EXPECT_TRUE(reading.header_values("auto-submitted").empty());
    EXPECT_TRUE(has(reading.text, "Hello,\n\nNice find.\n\nWe see it too.\n\n"));
    EXPECT_TRUE(has(reading.text, "fixed by Friday, 20 March 2026, 17:00 CET"));
}

TEST_F(ReporterMailTest, WordsAloneAreARelay) {
    tidings_.words = "Which version is it?";
    tidings_.subject = "Re: XSS in login";
    tidings_.signature = "Alice";
    const auto recipe = told();
    ASSERT_TRUE(recipe);
    EXPECT_EQ("relay", recipe->template_name);
    const mail::Reading reading = read(*recipe);
    EXPECT_EQ("Which version is it?\n\nAlice",
              std::string{reading.text.substr(0, reading.text.find_last_not_of('\n') + 1)});
    EXPECT_EQ("Re: XSS in login", reading.subject);
}

TEST_F(ReporterMailTest, AnewDateSaysTheOldOne) {
    happens(EventKind::EtaSet, {{"eta", "2026-03-20T16:00:00Z"}});
    tidings_.eta_before = instant("2026-03-13T16:00:00Z");
    const std::string mail = text();
    EXPECT_TRUE(has(mail, "a new date"));
    EXPECT_TRUE(has(mail, "Before, it was Friday, 13 March 2026"));
}

TEST_F(ReporterMailTest, TheFixSaysFromWhenSheMayPublish) {
    happens(EventKind::Fixed, {{"version", "4.2"}});
    EXPECT_TRUE(has(text(), "From now on you are free to publish"));
    EXPECT_TRUE(has(text(), "The fix is in version 4.2."));
    happens(EventKind::EmbargoSet, {{"until", "2026-04-01T00:00:00Z"}});
    EXPECT_TRUE(has(text(), "Please keep it between us until Wednesday, 1 April 2026"));
    EXPECT_FALSE(has(text(), "From now on"));
}

TEST_F(ReporterMailTest, EachReasonHasItsOwnWordsAndSpamNone) {
    std::set<std::string> texts;
    for (const char* reason :
         {"fixed", "duplicate", "not-a-vulnerability", "out-of-scope", "obsolete", "other-vendor"}) {
        SetUp();
        tidings_ = {};
        happens(EventKind::Closed, {{"reason", reason}, {"of", "SEC-2026-0099"}});
        for (const char* language : {"en", "de"}) {
            open_.ticket.language = language;
            const auto recipe = told();
            ASSERT_TRUE(recipe) << reason;
            EXPECT_EQ("closed", recipe->template_name);
            const std::string mail = read(*recipe).text;
            EXPECT_FALSE(has(mail, "SEC-2026-0099")) << reason;
            EXPECT_TRUE(texts.insert(mail).second) << reason << language;
            EXPECT_GT(mail.size(), 300u) << mail;
        }
    }
    tidings_ = {};
    happens(EventKind::Closed, {{"reason", "spam"}});
    EXPECT_FALSE(told());
    tidings_.words = "Go away.";
    EXPECT_FALSE(told());
}

TEST_F(ReporterMailTest, WhatDoesNotConcernHerIsNotTold) {
    happens(EventKind::Assigned, {{"owner", "alice@acme.test"}});
    happens(EventKind::Investigated);
    EXPECT_FALSE(told());
    tidings_.words = "Hello.";
    open_.ticket.reporter.clear();
    EXPECT_FALSE(told());
}

TEST_F(ReporterMailTest, StatusTellsStateAndDatesAndNoDetail) {
    happens(EventKind::EtaSet, {{"eta", "2026-03-20T16:00:00Z"}});
    const auto recipe = status_to_reporter(open_, "journal 9", thread_, acme(), monday);
    ASSERT_TRUE(recipe);
    const mail::Reading reading = read(*recipe);
    EXPECT_EQ("[SEC-2026-0001] Your report to ACME", reading.subject);
    EXPECT_TRUE(has(reading.text, "We are working on it."));
    EXPECT_TRUE(has(reading.text, "fixed by Friday, 20 March 2026"));
    EXPECT_FALSE(has(reading.text, "XSS"));
    EXPECT_FALSE(has(reading.text, "alice"));
    EXPECT_FALSE(has(reading.text, "rate it as"));
}

// A date that has passed is no plan, and nothing is promised for a day that is over.
TEST_F(ReporterMailTest, WhatIsOverIsNotPromised) {
    happens(EventKind::EtaSet, {{"eta", to_rfc3339(monday + 24h)}});
    happens(EventKind::EmbargoSet, {{"until", to_rfc3339(monday + 24h)}});
    const auto recipe = status_to_reporter(open_, "journal 9", thread_, acme(), monday + 24h * 300);
    ASSERT_TRUE(recipe);
    const std::string text = read(*recipe).text;
    EXPECT_FALSE(has(text, "stays between us"));
    EXPECT_FALSE(has(text, "We plan to have it fixed"));
    EXPECT_FALSE(has(text, ", by "));
    EXPECT_TRUE(has(text, "We are later with some of it"));
}

TEST_F(ReporterMailTest, ADelayWithoutADateTellsNone) {
    happens(EventKind::EtaSet, {{"eta", to_rfc3339(monday + 24h * 9)}});
    tidings_.events.clear();
    happens(EventKind::Delayed);
    EXPECT_FALSE(has(text(), "Our plan is now"));
}

TEST_F(ReporterMailTest, WhatOneSideWishesIsNotAgreed) {
    happens(EventKind::EmbargoProposed, {{"until", "2026-06-01T00:00:00Z"}, {"by", "team"}});
    const std::string mail = text();
    EXPECT_FALSE(has(mail, "Agreed with you"));
    EXPECT_TRUE(has(mail, "Proposed, and not agreed yet: it stays between us until\nMonday, 1 June 2026"));
}

TEST_F(ReporterMailTest, PublicationEndsTheSilence) {
    happens(EventKind::EmbargoSet, {{"until", "2026-06-01T00:00:00Z"}});
    happens(EventKind::Disclosed);
    EXPECT_TRUE(has(text(), "From now on you are\nfree to publish"));
    EXPECT_FALSE(has(text(), "June 2026"));
}

TEST_F(ReporterMailTest, APlannedPublicationIsNotPublished) {
    happens(EventKind::DisclosurePlanned, {{"at", "2026-06-01T08:00:00Z"}});
    EXPECT_TRUE(has(text(), "Monday, 1 June 2026"));
    const auto status = status_to_reporter(open_, "journal 9", thread_, acme(), monday);
    ASSERT_TRUE(status);
    EXPECT_TRUE(has(read(*status).text, "We are going to publish it on Monday, 1 June 2026"));
    EXPECT_FALSE(has(read(*status).text, "and published"));
}

TEST_F(ReporterMailTest, GermanTicketsAreToldInGerman) {
    open_.ticket.language = "de";
    happens(EventKind::Triaged, {{"severity", "critical"}});
    EXPECT_TRUE(has(text(), "Unsere Einschätzung der Schwere: kritisch."));
}

TEST(StatusRequest, IsTheWordAlone) {
    EXPECT_TRUE(asks_for_status("status"));
    EXPECT_TRUE(asks_for_status("\n Status? \n"));
    EXPECT_TRUE(asks_for_status("/status"));
    EXPECT_FALSE(asks_for_status("What is the status of my report?"));
    EXPECT_FALSE(asks_for_status(""));
}

}  // namespace
}  // namespace tocsin::intake
