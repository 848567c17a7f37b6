// Rule sets: loaded whole or not at all, layered by id, and what they make of a mail.
#include "rules/rule_set.hpp"

#include <gtest/gtest.h>

#include "rules_folder.hpp"

namespace tocsin::rules {
namespace {

using Lines = std::vector<std::string>;

std::string rule(const std::string& id, const std::string& pattern, const std::string& more = "score = 10\n") {
    return "[[rule]]\nid = '" + id + "'\nwhy = 'because'\n" + more + "when = 'text ~ /" + pattern + "/i'\n";
}

Evaluation rate(const RuleSet& rules, const std::string& text, const std::string& policy = "default") {
    const mail::Reading reading = a_mail("x", text);
    return evaluate(rules, MailFacts{reading}, {}, policy);
}

TEST(RuleSet, SumsScoresOfAllRulesThatHit) {
    RulesFolder folder;
    folder.write("a.toml", rule("one", "one", "score = 40\n") + rule("two", "two", "score = 25\n") +
                               rule("less", "less", "score = -30\n"));
    const RuleSet rules = folder.load();
    EXPECT_EQ(65, rate(rules, "one two").score);
    EXPECT_EQ(cvd::Severity::High, rate(rules, "one two").severity);
    EXPECT_EQ(cvd::Severity::Medium, rate(rules, "one two less").severity);
    EXPECT_EQ(cvd::Severity::Low, rate(rules, "nothing").severity);
    EXPECT_EQ((Lines{"one", "less"}), ids(rate(rules, "less, one")));
    EXPECT_EQ("because", rules.why("two"));
    EXPECT_EQ("", rules.why("three"));
}

TEST(RuleSet, FloorsLiftAndCapsHaveTheLastWord) {
    RulesFolder folder;
    folder.write("a.toml", rule("floor", "floor", "floor = 'critical'\n") + rule("cap", "cap", "cap = 'medium'\n"));
    const RuleSet rules = folder.load();
    EXPECT_EQ(cvd::Severity::Critical, rate(rules, "floor").severity);
    EXPECT_EQ(cvd::Severity::Medium, rate(rules, "floor cap").severity);
    EXPECT_EQ(cvd::Severity::Low, rate(rules, "cap").severity);
}

TEST(RuleSet, AVectorRaisesDecidesOrIsIgnored) {
    const auto severity = [](const std::string& cvss, double base, const std::string& text) {
        RulesFolder folder;
        folder.write("a.toml", "[severity]\ncvss = '" + cvss + "'\n" + rule("high", "high", "score = 70\n") +
                                   rule("beg", "beg", "cap = 'low'\n"));
        const RuleSet rules = folder.load();
        const mail::Reading reading = a_mail("x", text);
        MailFacts facts{reading};
        facts.cvss_base = base;
        return evaluate(rules, facts).severity;
    };
    EXPECT_EQ(cvd::Severity::Critical, severity("raise", 9.0, "x"));
    EXPECT_EQ(cvd::Severity::High, severity("raise", 8.9, "x"));
    EXPECT_EQ(cvd::Severity::Medium, severity("raise", 4.0, "x"));
    EXPECT_EQ(cvd::Severity::High, severity("raise", 3.9, "high"));
    EXPECT_EQ(cvd::Severity::Low, severity("decide", 3.9, "high"));
    EXPECT_EQ(cvd::Severity::High, severity("ignore", 9.9, "high"));
    EXPECT_EQ(cvd::Severity::Low, severity("raise", 9.9, "beg"));
}

TEST(RuleSet, RulesSetTagsKindLanguageTemplateAndSilence) {
    RulesFolder folder;
    folder.write("templates/thanks-but.en.eml", "Subject: x\n\nx\n")
        .write("templates/thanks-but.de.eml", "Subject: x\n\nx\n");
    folder.write("a.toml", rule("a", "aaa", "tag = ['x', 'y']\nkind = 'bulk'\n") +
                               rule("b", "bbb", "language = 'de'\ntemplate = 'thanks-but'\nacknowledge = false\n"));
    const RuleSet rules = folder.load({"en", "de"});
    const Evaluation a = rate(rules, "aaa"), b = rate(rules, "bbb");
    EXPECT_EQ((std::set<std::string>{"x", "y"}), a.tags);
    EXPECT_EQ("bulk", a.kind);
    EXPECT_TRUE(a.acknowledge);
    EXPECT_EQ(std::nullopt, a.language);
    EXPECT_EQ("de", b.language);
    EXPECT_EQ("thanks-but", b.acknowledgement);
    EXPECT_FALSE(b.acknowledge);
}

TEST(RuleSet, ElementsAreFoundMissingOrOptional) {
    RulesFolder folder;
    folder.write("a.toml",
                 "[[element]]\nid='steps'\nask={en='steps'}\nwhen='text ~ /steps/'\n"
                 "[[element]]\nid='impact'\nask={en='impact'}\nwhen='text ~ /impact/'\n"
                 "[[element]]\nid='name'\noptional=true\nask={en='name'}\nwhen='text ~ /name/'\n");
    const RuleSet rules = folder.load();
    const Evaluation found = rate(rules, "steps");
    EXPECT_EQ(Lines{"steps"}, found.elements_present);
    EXPECT_EQ(Lines{"impact"}, found.elements_missing);
    EXPECT_EQ((Lines{"impact", "name"}), rate(rules, "impact name").elements_present);

    const mail::Reading reading = a_mail("x", "steps");
    MailFacts cut{reading};
    cut.limit_hit = true;
    EXPECT_EQ(Lines{}, evaluate(rules, cut).elements_missing);  // nobody is asked for what may be there
}

TEST(RuleSet, NotForMailEvaluatesTheAnswersOfOneThatIs) {
    RulesFolder folder;
    folder.write("a.toml", rule("a", "hello"));
    const RuleSet asked = folder.load();
    Mistakes mistakes;
    const auto evaluating = RuleSet::load({.path = {folder.path()}, .for_mail = false}, mistakes);
    ASSERT_TRUE(evaluating) << mistakes.to_text();
    EXPECT_EQ(asked.hash(), evaluating->hash());
    const mail::Reading reading = a_mail("x", "hello");
    const Answers answers = asked.examine(MailFacts{reading});
    EXPECT_EQ(Lines{"a"}, ids(evaluating->evaluate(answers, {}, *evaluating->policy("default"))));
    EXPECT_THROW((void)evaluating->examine(MailFacts{reading}), std::logic_error);
}

TEST(RuleSet, AnswersToAnotherRuleSetAreABug) {
    RulesFolder folder;
    folder.write("a.toml", rule("a", "a"));
    const RuleSet rules = folder.load();
    Answers answers;
    EXPECT_THROW(rules.evaluate(answers, {}, *rules.policy("default")), std::logic_error);
}

// ---- layers

struct TwoPaths {
    RulesFolder shipped, own;
    std::optional<RuleSet> load(Mistakes& mistakes) const {
        return RuleSet::load({{shipped.path(), own.path()}, {"en"}}, mistakes);
    }
};

TEST(RuleSetLayers, ALaterPathAddsAndReplacesById) {
    TwoPaths paths;
    paths.shipped.write("a.toml", rule("a", "aaa") + rule("b", "bbb"));
    paths.own.write("z.toml", rule("c", "ccc") + rule("b", "xxx", "score = 7\noverride = true\n"));
    Mistakes mistakes;
    const auto rules = paths.load(mistakes);
    ASSERT_TRUE(rules) << mistakes.to_text();
    EXPECT_EQ((Lines{"a", "c"}), ids(rate(*rules, "aaa bbb ccc")));
    EXPECT_EQ(7, rate(*rules, "xxx").score);
}

TEST(RuleSetLayers, AnOverrideWithoutAConditionChangesOnlyWhatItSays) {
    TwoPaths paths;
    paths.shipped.write("a.toml", rule("a", "aaa", "score = 10\ntag = 't'\n"));
    paths.own.write("z.toml", "[[rule]]\nid = 'a'\nscore = 99\noverride = true\n");
    Mistakes mistakes;
    const auto rules = paths.load(mistakes);
    ASSERT_TRUE(rules) << mistakes.to_text();
    EXPECT_EQ(99, rate(*rules, "aaa").score);
    EXPECT_EQ(std::set<std::string>{"t"}, rate(*rules, "aaa").tags);
    EXPECT_EQ("because", rules->why("a"));
}

TEST(RuleSetLayers, AKnownIdIsAMistakeUnlessItSaysSo) {
    RulesFolder folder;
    folder.write("a.toml", rule("a", "aaa")).write("b.toml", "\n" + rule("a", "bbb"));
    EXPECT_EQ(Lines{"b.toml:3:1: error: rule 'a' is already at a.toml:2; override = true replaces it"},
              folder.mistakes());
}

TEST(RuleSetLayers, WhatIsDisabledIsGoneWhereverItStands) {
    RulesFolder folder;
    folder.write("a.toml", "disable = ['b', 'zzz']\n" + rule("a", "aaa"));
    folder.write("b.toml", rule("b", "bbb") + "[[test]]\nname='t'\nmail={text='aaa'}\nexpect={rules=['a']}\n");
    EXPECT_EQ(Lines{"a.toml:1:17: warning: there is nothing with the id 'zzz' to disable"}, folder.mistakes(true));
    EXPECT_EQ(Lines{"a"}, ids(rate(folder.load(), "aaa bbb")));
}

TEST(RuleSetLayers, ListsAddOrReplaceAndComeFromFiles) {
    TwoPaths paths;
    paths.shipped.write("a.toml",
                        "[list]\nbad = ['one']\nworse = ['one']\n" +
                            std::string{"[[rule]]\nid='a'\nwhy='w'\nscore=1\nwhen='text contains any @bad'\n"
                                        "[[rule]]\nid='b'\nwhy='w'\nscore=1\nwhen='text contains any @worse'\n"});
    paths.own.write("z.toml",
                    "[list]\nbad = { words = ['two'], add = true }\nworse = { file = 'w.txt', override = true }\n");
    paths.own.write("w.txt", "# a comment\n\n  three  \r\nfour\n");
    Mistakes mistakes;
    const auto rules = paths.load(mistakes);
    ASSERT_TRUE(rules) << mistakes.to_text();
    EXPECT_EQ(Lines{"a"}, ids(rate(*rules, "two")));
    EXPECT_EQ((Lines{"a"}), ids(rate(*rules, "one")));
    EXPECT_EQ(Lines{"b"}, ids(rate(*rules, "three")));
    EXPECT_EQ(Lines{}, ids(rate(*rules, "a comment")));
}

TEST(RuleSetLayers, EditorBackupsAreNotRead) {
    RulesFolder folder;
    folder.write("a.toml", rule("a", "aaa")).write("a.toml~", rule("a", "aaa")).write(".b.toml", rule("a", "aaa"));
    EXPECT_EQ(Lines{}, folder.mistakes());
}

TEST(RuleSetLayers, TheHashFollowsEveryFile) {
    RulesFolder folder;
    folder.write("a.toml", "[list]\nbad = { file = 'w.txt' }\n" + rule("a", "aaa")).write("w.txt", "one\n");
    const std::string first = folder.load().hash();
    EXPECT_EQ(64u, first.size());
    EXPECT_EQ(first, folder.load().hash());
    folder.write("w.txt", "two\n");
    const std::string second = folder.load().hash();
    EXPECT_NE(first, second);
    folder.write("templates/x.en.eml", "Subject: a\n\nb\n");
    EXPECT_NE(second, folder.load().hash());
}

// ---- mistakes in tables

struct BadTable {
    const char* text;
    const char* told;
};

class TableMistake : public testing::TestWithParam<BadTable> {};

TEST_P(TableMistake, IsToldAtItsPlace) {
    RulesFolder folder;
    folder.write("a.toml", GetParam().text);
    const auto told = folder.mistakes();
    ASSERT_EQ(1u, told.size());
    EXPECT_EQ(std::string{"a.toml:"} + GetParam().told, told[0]);
}

const char* const office = "[calendar.office]\nzone='Europe/Berlin'\nhours={mon-fri='09:00-17:00'}\n";

INSTANTIATE_TEST_SUITE_P(
    All, TableMistake,
    testing::Values(
        BadTable{"[[rule]]\nid='a'\nscroe=1\ntag='t'\nwhen='has cve'",
                 "3:1: error: unknown key 'scroe', did you mean 'score'?"},
        BadTable{"[sevrity]\nhigh=1", "1:2: error: unknown key 'sevrity', did you mean 'severity'?"},
        BadTable{"[[rule]]\nscore=1\nwhen='has cve'", "1:1: error: missing key 'id'"},
        BadTable{"[[rule]]\nid='a b'\nscore=1\nwhen='has cve'",
                 "2:1: error: an id is at most 64 letters, digits, '-', '_' and '.', as in 'remote-code-execution'"},
        BadTable{"[[rule]]\nid='a'\nscore=1", "1:1: error: missing key 'when'"},
        BadTable{"[[rule]]\nid='a'\nwhen='has cve'",
                 "1:1: error: this rule does nothing; it needs one of score, floor, cap, tag, kind, language, "
                 "template, acknowledge, signal"},
        BadTable{"[[rule]]\nid='a'\nscore='ten'\nwhen='has cve'", "3:7: error: expected a whole number, found text"},
        BadTable{"[[rule]]\nid='a'\nscore=5000\nwhen='has cve'", "3:1: error: a score lies between -1000 and 1000"},
        BadTable{"[[rule]]\nid='a'\nfloor='hihg'\nwhen='has cve'",
                 "3:7: error: 'hihg' is not known; did you mean 'high'?"},
        BadTable{"[[rule]]\nid='a'\nkind='team-reply'\nwhen='has cve'",
                 "3:6: error: 'team-reply' is not known; accepted: report, auto-reply, bounce, bulk"},
        BadTable{"[[rule]]\nid='a'\nlanguage='fr'\nwhen='has cve'", "3:10: error: 'fr' is not known; accepted: en"},
        BadTable{"[[rule]]\nid='a'\ntemplate='none'\nwhen='has cve'", "3:10: error: there is no template 'none.en.eml'"},
        BadTable{"[[rule]]\nid='a'\nfloor='high'\ncap='low'\nwhen='has cve'",
                 "4:1: error: the cap lies below the floor"},
        BadTable{"[rule]\nid='a'", "1:1: error: expected a list of tables, written as [[rule]]"},
        BadTable{"[[element]]\nid='a'\nask={de='x'}\nwhen='has cve'",
                 "3:1: error: 'ask' has no words in 'en', one of the configured languages"},
        BadTable{"[[element]]\nid='a'\nwhen='has cve'", "1:1: error: missing key 'ask'"},
        BadTable{"[[element]]\nid='a'\nask={en='x'}\nwhen='element == a'",
                 "4:7: error: an element cannot ask for elements"},
        BadTable{"[list]\na={}", "2:3: error: a list needs words = […] or file = \"…\""},
        BadTable{"[list]\na=['x', 3]", "2:9: error: expected text in quotes, found a whole number"},
        BadTable{"[assets]\ndomains=['https://acme.test']",
                 "2:10: error: 'https://acme.test' is no domain name, as in acme.test"},
        BadTable{"[severity]\nhigh='many'",
                 "2:6: error: expected a whole number, or \"none\" where there is no such level"},
        BadTable{"[severity]\nhigh=10",
                 "2:1: error: each level needs a higher score than the one below it: high begins at 10, medium at 25"},
        BadTable{"[severity]\ncvss='maybe'", "2:6: error: 'maybe' is not known; accepted: raise, decide, ignore"},
        BadTable{"[calendar.x]\nhours={mon='09:00-17:00'}", "1:1: error: missing key 'zone'"},
        BadTable{"[calendar.x]\nzone='UTC'", "1:1: error: missing key 'hours'"},
        BadTable{"[calendar.x]\nzone='UTC'\nhours={mon='09:00-17:00'}\nclosed=['24.12.']",
                 "4:9: error: expected a day such as \"2026-12-24\", or \"12-24\" for every year"},
        BadTable{"[[clock]]\nid='a'\nstop='triaged'\nwithin='1 day'", "1:1: error: missing key 'start'"},
        BadTable{"[[clock]]\nid='a'\nstart='received'\nwithin='1 day'", "1:1: error: missing key 'stop'"},
        BadTable{"[[clock]]\nid='a'\nstart='received'\nstop='triaged'", "1:1: error: missing key 'within'"},
        BadTable{"[[clock]]\nid='a'\nstart='recieved'\nstop='triaged'\nwithin='1 day'",
                 "3:7: error: 'recieved' is not known; did you mean 'received'?"},
        BadTable{"[[clock]]\nid='a'\nstart='received'\nstop={all=[]}\nwithin='1 day'",
                 "4:11: error: at least one event is needed"},
        BadTable{"[[clock]]\nid='a'\nstart='received'\nstop='triaged'\nwithin='3 business days'",
                 "5:1: error: business time needs calendar = \"NAME\"; calendars: none"},
        BadTable{"[[clock]]\nid='a'\nstart='received'\nstop='triaged'\nwithin='1 day'\ngoal=true",
                 "6:1: error: a goal is told in words; it needs promise = { … }"},
        BadTable{"[[clock]]\nid='a'\nstart='received'\nstop='triaged'\nwithin='1 day'\nto=['nobody']",
                 "6:5: error: 'nobody' is not known; accepted: owner, team, role:NAME, an address"},
        BadTable{"[[clock]]\nid='a'\nstart='received'\nstop='triaged'\nwithin='1 day'\nseverity=['urgent']",
                 "6:11: error: 'urgent' is not known; accepted: low, medium, high, critical"},
        BadTable{"[[guard]]\nevent='disclosed'\nafter=['fixd']\nwhy='x'",
                 "3:8: error: 'fixd' is not known; did you mean 'fixed'?"},
        BadTable{"[[test]]\nname='a'\nexpect={}", "1:1: error: missing key 'mail'"},
        BadTable{"[[test]]\nname='a'\nmail={text='x'}\nexpect={sevrity='low'}",
                 "4:9: error: unknown key 'sevrity', did you mean 'severity'?"},
        BadTable{"[[test]]\nname='a'\npolicy='strict'\nmail={text='x'}\nexpect={}",
                 "3:1: error: there is no policy 'strict'"},
        BadTable{"promise={en='x'}", "1:1: error: a promise stands in a policy: policies/NAME.toml"}));

TEST(TableMistake, AnUnknownCalendarIsToldWithTheNearest) {
    RulesFolder folder;
    folder.write("a.toml",
                 std::string{office} +
                     "[[clock]]\nid='a'\nstart='received'\nstop='triaged'\nwithin='1 day'\ncalendar='ofice'\n");
    EXPECT_EQ(Lines{"a.toml:9:10: error: calendar 'ofice' is not known; did you mean 'office'?"}, folder.mistakes());
}

TEST(TableMistake, AFolderThatIsNotThereIsOne) {
    Mistakes mistakes;
    EXPECT_FALSE(RuleSet::load({{"/nonexistent/rules"}, {"en"}}, mistakes));
    EXPECT_EQ("/nonexistent/rules: error: there is no such folder of rules", mistakes.all().at(0).in_one_line());
}

TEST(TableMistake, EveryMistakeIsToldAtOnce) {
    RulesFolder folder;
    folder.write("a.toml", "[[rule]]\nid='a'\nscore=1\nwhen='bdy ~ /x/'\n")
        .write("b.toml", "[[rule]]\nid='b'\nscore='x'\nwhen='has cve'\n");
    EXPECT_EQ(2u, folder.mistakes().size());
}

}  // namespace
}  // namespace tocsin::rules
