// Warnings: what is no mistake, but hardly meant.
#include <gtest/gtest.h>

#include "rules_folder.hpp"

namespace tocsin::rules {
namespace {

using Lines = std::vector<std::string>;

Lines warnings_of(const std::string& when) {
    RulesFolder folder;
    folder.write("a.toml", "[[rule]]\nid = 'r'\nwhy = 'w'\nscore = 1\nwhen = '''" + when + "'''\n");
    return folder.mistakes(true);
}

TEST(RuleWarning, TellsWhatCanNeverHold) {
    for (const char* never :
         {"text ~ /a/ and not text ~ /a/", "language == de and language == en", "cvss.base > 7 and cvss.base < 4",
          "cvss.base > 10", "crypto.encrypted == true and crypto.encrypted == false",
          "kind == report and kind == bounce", "reporter.reports > 2 and reporter.reports < 3",
          "has cvss.base and cvss.base < 0", "crypto.signature == good and not has crypto.signature"})
        EXPECT_EQ(Lines{"a.toml:5:1: warning: rule 'r' can never hold: its tests exclude each other"},
                  warnings_of(never))
            << never;
}

TEST(RuleWarning, TellsWhatAlwaysHolds) {
    for (const char* always :
         {"text ~ /a/ or not text ~ /a/", "language != de or language != en", "reporter.reports >= 0"})
        EXPECT_EQ(Lines{"a.toml:5:1: warning: rule 'r' always holds"}, warnings_of(always)) << always;
}

TEST(RuleWarning, SaysNothingOfWhatMayHold) {
    for (const char* may :
         {"text ~ /a/ and not text ~ /b/", "language == de or language == en", "cvss.base > 4 and cvss.base < 7",
          "cvss.base >= 10", "cve == CVE-2026-1 and cve == CVE-2026-2", "header.x == \"a\" and header.x == \"b\"",
          "sender == \"a@b.test\" and sender == \"c@d.test\"", "reporter.reports > 2 and reporter.reports < 4",
          "not has cvss.base", "kind != report"})
        EXPECT_EQ(Lines{}, warnings_of(may)) << may;
}

TEST(RuleWarning, TellsOfTwoRulesThatAskTheSame) {
    RulesFolder folder;
    folder.write("a.toml", "[[rule]]\nid='a'\nwhy='w'\nscore=1\nwhen='text ~ /a/i'\n");
    folder.write("b.toml", "[[rule]]\nid='b'\nwhy='w'\nscore=1\nwhen='text  ~  /a/i'\n");
    EXPECT_EQ(Lines{"b.toml:5:1: warning: rule 'b' asks the same as rule 'a' at a.toml:5; both count"},
              folder.mistakes(true));
}

TEST(RuleWarning, TellsOfRulesThatNobodyTestsWhenAskedToBeThorough) {
    RulesFolder folder;
    folder.write(
        "a.toml",
        "[[rule]]\nid='a'\nwhy='w'\nscore=1\nwhen='text ~ /a/'\n[[rule]]\nid='b'\nwhy='w'\nscore=1\nwhen='text ~ /b/'\n"
        "[[test]]\nname='t'\nmail={text='a'}\nexpect={rules=['a'], not_rules=['b']}\n");
    EXPECT_EQ(Lines{}, folder.mistakes(true));
    Mistakes mistakes;
    EXPECT_TRUE(RuleSet::load({{folder.path()}, {"en"}, true}, mistakes));
    EXPECT_EQ(Lines{"a.toml:7:1: warning: rule 'b' is never tested: no [[test]] expects it"},
              RulesFolder::lines(mistakes, folder.path(), true));
}

TEST(RuleWarning, TellsOfRulesWithoutAReason) {
    RulesFolder folder;
    folder.write("a.toml", "[[rule]]\nid='a'\nscore=1\nwhen='text ~ /a/'\n");
    EXPECT_EQ(Lines{"a.toml:2:1: warning: rule 'a' does not say why"}, folder.mistakes(true));
}

TEST(RuleWarning, TellsOfExpectationsOfWhatIsNotThere) {
    RulesFolder folder;
    folder.write("a.toml",
                 "[[rule]]\nid='alpha'\nwhy='w'\nscore=1\nwhen='text ~ /a/'\n"
                 "[[test]]\nname='t'\nmail={text='a'}\nexpect={not_rules=['alhpa']}\n");
    EXPECT_EQ(Lines{"a.toml:9:1: warning: unknown rule 'alhpa'; did you mean 'alpha'?"}, folder.mistakes(true));
}

}  // namespace
}  // namespace tocsin::rules
