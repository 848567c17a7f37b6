// What is shipped in rules/: without a mistake, and every expectation in it holds.
#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "rules_folder.hpp"

namespace tocsin::rules {
namespace {

const std::filesystem::path shipped_folder = std::filesystem::path{TOCSIN_SOURCE_DIR} / "rules";

std::string without_tags(std::string line) {
    for (std::size_t begin = 0; (begin = line.find("{{", begin)) != std::string::npos;) {
        const std::size_t end = line.find("}}", begin);
        if (end == std::string::npos) break;
        line.erase(begin, end + 2 - begin);
    }
    return line;
}

const RuleSet& shipped() {
    static const RuleSet rules = [] {
        Mistakes mistakes;
        auto loaded = RuleSet::load({{shipped_folder}, {"en", "de"}}, mistakes);
        if (!loaded) throw std::runtime_error{mistakes.to_text()};
        return std::move(*loaded);
    }();
    return rules;
}

TEST(ShippedRules, HaveNoMistakeAndNoWarning) {
    Mistakes mistakes;
    EXPECT_TRUE(RuleSet::load({{shipped_folder}, {"en", "de"}, true}, mistakes));
    EXPECT_EQ("", mistakes.to_text());
}

TEST(ShippedRules, ALanguageThatTheyDoNotHaveIsToldOnce) {
    Mistakes mistakes;
    EXPECT_FALSE(RuleSet::load({{shipped_folder}, {"en", "fr"}}, mistakes));
    const std::string told = mistakes.to_text();
    std::size_t times = 0;
    for (std::size_t at = 0; (at = told.find("has no words in 'fr'", at)) != std::string::npos; ++at) ++times;
    EXPECT_EQ(3u, times) << told;
    EXPECT_NE(std::string::npos,
              told.find("texts have no words in 'fr'; take it out of 'languages' in [organisation]"));
}

TEST(ShippedRules, PassTheirOwnTests) {
    const auto results = run_tests(shipped(), [](const RuleTest& test, const Policy& policy) {
        return read_plainly(shipped(), test.mail, policy);
    });
    EXPECT_GE(results.size(), 10u);
    for (const RuleTestResult& result : results)
        for (const std::string& difference : result.differences)
            ADD_FAILURE() << result.test->place.file << ":" << result.test->place.line << ": " << result.test->name
                          << ": " << difference;
}

TEST(ShippedRules, AnUntrueExpectationFails) {
    RulesFolder folder;
    folder.write("a.toml",
                 "[[rule]]\nid='a'\nwhy='w'\nscore=30\nwhen='text ~ /x/'\n"
                 "[[test]]\nname='t'\nmail={text='x'}\nexpect={severity='high', not_rules=['a'], score=1}\n");
    const RuleSet rules = folder.load();
    const auto results = run_tests(
        rules, [&](const RuleTest& test, const Policy& policy) { return read_plainly(rules, test.mail, policy); });
    EXPECT_EQ((std::vector<std::string>{"severity: expected high, found medium", "score: expected 1, found 30",
                                        "not_rules: 'a' hit all the same"}),
              results.at(0).differences);
}

TemplateFields acknowledgement_fields() {
    TemplateFields fields, promise, goal, ask;
    fields.set("ticket", "SEC-2026-0001");
    fields.set("organisation", "ACME");
    fields.set("address", "security@acme.test");
    fields.set("policy_url", "https://acme.test/security");
    fields.set("received", "Sunday, 22 November 2026, 02:50 CET");
    promise.set("promise", "tell you how we rate it");
    promise.set("due", "Wednesday, 25 November 2026, 09:00 CET");
    goal.set("promise", "fix it");
    ask.set("ask", "the steps");
    fields.set("promises", TemplateFields::List{promise});
    fields.set("goals", TemplateFields::List{goal});
    fields.set("missing", TemplateFields::List{ask});
    fields.set("has_promises", true);
    fields.set("has_goals", true);
    fields.set("has_missing", true);
    fields.set("asks_all", false);
    return fields;
}

TEST(ShippedTemplates, AcknowledgementsSayWhatTheyMust) {
    for (const char* language : {"en", "de"}) {
        const auto mail = shipped().templates().render("acknowledgement", language, "en", acknowledgement_fields());
        ASSERT_TRUE(mail) << mail.error().what;
        EXPECT_TRUE(mail->header[0].second.starts_with("[SEC-2026-0001] "));
        for (const char* word :
             {"SEC-2026-0001", "Sunday, 22 November 2026", "tell you how we rate it", "Wednesday, 25 November",
              "fix it", "the steps", "https://acme.test/security", "security@acme.test", "ACME"})
            EXPECT_NE(std::string::npos, mail->body.find(word)) << language << ": " << word;
        EXPECT_EQ(std::string::npos, mail->body.find("{{"));
        EXPECT_EQ(std::string::npos, mail->body.find("\n\n\n")) << mail->body;
        EXPECT_TRUE(mail->body.ends_with("security@acme.test\n"));
    }
}

TEST(ShippedTemplates, WithoutPromisesAndQuestionsTheyLeaveNoGaps) {
    TemplateFields fields = acknowledgement_fields();
    for (const char* list : {"promises", "goals", "missing"}) fields.set(list, TemplateFields::List{});
    for (const char* any : {"has_promises", "has_goals", "has_missing"}) fields.set(any, false);
    fields.set("policy_url", "");
    for (const char* language : {"en", "de"}) {
        const auto mail = shipped().templates().render("acknowledgement", language, "en", fields);
        ASSERT_TRUE(mail);
        EXPECT_EQ(std::string::npos, mail->body.find("\n\n\n")) << mail->body;
        EXPECT_EQ(std::string::npos, mail->body.find("the steps"));
    }
}

TEST(ShippedTemplates, AreThereInEveryShippedLanguage) {
    for (const std::string& name : shipped().templates().names())
        for (const char* language : {"en", "de"})
            EXPECT_TRUE(shipped().templates().has(name, language)) << name << ' ' << language;
    for (const char* name : {"acknowledgement", "notice", "bounced", "alarm"})
        EXPECT_TRUE(shipped().templates().has(name, "en")) << name;
}

TEST(ShippedTemplates, NoLineOfOursIsTooLongForAMail) {
    for (const auto& entry : std::filesystem::directory_iterator{shipped_folder / "templates"}) {
        std::ifstream file{entry.path()};
        // Tags take no place in the mail.
        for (std::string line; std::getline(file, line);)
            EXPECT_LE(columns(without_tags(line)), 100u) << entry.path() << ": " << line;
    }
}

TEST(ShippedPolicies, AreReadAgainFromTheirSource) {
    for (const std::string& name : shipped().policy_names()) {
        const auto again = policy_from_source(shipped().policy(name)->source);
        ASSERT_TRUE(again) << name << ": " << again.error().what;
        EXPECT_EQ(shipped().policy(name)->clocks.size(), again->clocks.size());
    }
}

}  // namespace
}  // namespace tocsin::rules
