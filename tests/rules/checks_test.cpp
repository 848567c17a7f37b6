// Warnings: what is no mistake, but hardly meant.
#include <gtest/gtest.h>
#include <sys/stat.h>

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

TEST(RuleWarning, TellsOfValuesThatNoMailHas) {
    for (const char* never :
         {"cve == \"CVE-26-1\"", "cve == \"2026-1234\"", "cwe == 79", "cwe == \"CWE-xss\"", "language == english"}) {
        const Lines told = warnings_of(never);
        ASSERT_EQ(1u, told.size()) << never;
        EXPECT_NE(std::string::npos, told[0].find("is never a '")) << told[0];
    }
    for (const char* may : {"cve == \"CVE-2026-1234\"", "cwe == \"CWE-79\"", "cwe == CWE-79", "language == EN"})
        EXPECT_EQ(Lines{}, warnings_of(may)) << may;
}

TEST(RuleWarning, TellsOfCostlyPatternsWhereTheyCount) {
    const auto where = [](const std::string& pattern) {
        RulesFolder folder;
        folder.write("a.toml", "[[rule]]\nid = 'r'\nwhy = 'w'\nscore = 1\nwhen = 'text ~ /" + pattern + "/i'\n");
        const Lines told = folder.mistakes(true);
        if (told.empty()) return std::string{};
        EXPECT_NE(std::string::npos, told[0].find("accepted without this warning")) << told[0];
        return told.size() == 1 ? told[0].substr(0, told[0].find("costly pattern")) : std::string{"more than one"};
    };
    EXPECT_EQ("a.toml:5:26: warning: ", where("(the|and).{0,400}(key|door)"));
    EXPECT_EQ("a.toml:5:18: warning: ", where("a[^x]{300}b"));
    EXPECT_EQ("a.toml:5:20: warning: ", where("key[\\w.]{1,500}"));
    // Where it can be told by counting once, without an automaton, nothing is costly; not so with an open
    // alternative.
    EXPECT_EQ("a.toml:5:23: warning: ", where("(?s)\\A.{0,900}key|door"));
    // \pL is some hundred ranges of bytes, each counted.
    EXPECT_EQ("a.toml:5:22: warning: ", where("door \\pL{1,40}x"));
    for (const char* cheap :
         {"(the|and).{0,200}(key|door)", "[a-z]{1,255}@", "a[.]{1,900}", "a\\.{1,900}", "\\pL+ a{900}",
          "(?s)\\A.{0,900}(key|door)", "(?s)\\A.{1,1000}\\z", "key.*door", "a\\{1,400}"})
        EXPECT_EQ("", where(cheap)) << cheap;
}

TEST(RuleWarning, TellsOfClocksThatCanNeverBeKept) {
    const auto told = [](const std::string& keys) {
        RulesFolder folder;
        folder.write("a.toml", "[[clock]]\nid = 'c'\nwithin = '3 days'\n" + keys);
        return folder.mistakes(true);
    };
    EXPECT_EQ(Lines{"a.toml:5:1: warning: clock 'c' can never end: 'received' comes once, before everything else"},
              told("start = 'received'\nstop = 'received'\n"));
    EXPECT_EQ(Lines{"a.toml:5:1: warning: clock 'c' ends with the event that starts it"},
              told("start = 'triaged'\nstop = 'triaged'\n"));
    EXPECT_EQ(Lines{"a.toml:4:1: warning: clock 'c' never runs: 'closed' ends every clock"},
              told("start = 'closed'\nstop = 'fixed'\n"));
    EXPECT_EQ(Lines{"a.toml:6:1: warning: clock 'c' is never paused: 'resumed' ends a pause; 'waiting' begins one"},
              told("start = 'received'\nstop = 'fixed'\npause = 'resumed'\n"));
    EXPECT_EQ(Lines{}, told("start = 'reporter-updated'\nstop = 'reporter-updated'\npause = 'waiting'\n"));
    EXPECT_EQ(Lines{}, told("start = 'delayed'\nstop = { any = ['delayed', 'fixed'] }\n"));
    EXPECT_EQ(Lines{}, told("start = 'received'\nstop = { all = ['evaluated', 'eta-set'] }\n"));
}

TEST(RuleWarning, TellsOfListsTemplatesAndTestsThatAreMisspelt) {
    RulesFolder folder;
    folder.write("a.toml", "[list]\nbegging = ['gift card']\n");
    folder.write("b.toml", "[list]\nbeging = { words = ['x'], add = true }\n");
    folder.write("templates/acknowledgment.en.eml", "Subject: x\n\ny\n");
    folder.write("templates/acknowledgement.en.eml", "\xEF\xBB\xBFSubject: x\r\n\r\ny\r\n");
    folder.write("c.toml", "[[test]]\nname = 't'\nmail = 'x'\nexpect = {}\n");
    EXPECT_EQ((Lines{"b.toml:2:1: warning: there is no list 'beging' to add to; did you mean 'begging'?",
                     "c.toml:4:1: warning: this test expects nothing, so it never fails",
                     "templates/acknowledgment.en.eml: warning: nothing uses the template 'acknowledgment'; did you "
                     "mean 'acknowledgement'?"}),
              folder.mistakes(true));
}

// What is passed over in silence is a rule less than the administrator thinks she has.
TEST(RulesFiles, ThatAreNoneAreToldAndNotPassedOver) {
    RulesFolder folder;
    std::filesystem::create_directory(folder.path() / "folder.toml");
    std::filesystem::create_symlink("nowhere", folder.path() / "link.toml");
    folder.write("templates/acknowledgement.en.eml", "Subject: x\n\ny\n");
    for (const char* pipe : {"a.toml", "words.txt", "templates/notice.en.eml"})
        ASSERT_EQ(0, ::mkfifo((folder.path() / pipe).c_str(), 0600));
    folder.write("z.toml", "[list]\na = { file = 'words.txt' }\n");
    folder.write("latin.toml", "[list]\nwords = ['f\xFCr']\n");
    folder.write("wide.toml", std::string{"\xFF\xFE[\0l\0", 6});
    const Lines told = folder.mistakes();
    ASSERT_EQ(7u, told.size());
    EXPECT_EQ("a.toml: error: cannot be read: not an ordinary file", told[0]);
    EXPECT_NE(std::string::npos, told[1].find("folder.toml: error: cannot be read")) << told[1];
    EXPECT_EQ("latin.toml:2:12: error: this byte is not UTF-8; save the file as UTF-8", told[2]);
    EXPECT_NE(std::string::npos, told[3].find("link.toml: error: cannot be read")) << told[3];
    EXPECT_EQ("templates/notice.en.eml: error: cannot be read: not an ordinary file", told[4]);
    EXPECT_EQ("wide.toml:1:1: error: this file is UTF-16; save it as UTF-8", told[5]);
    EXPECT_EQ("z.toml:2:14: error: 'words.txt' cannot be read: not an ordinary file", told[6]);
}

// Shipped files are not edited: the one to change is told, and once.
TEST(RulesFiles, AClockOfEveryPolicyThatAPolicyHasIsToldWhereItStands) {
    RulesFolder folder;
    const std::string clock = "[[clock]]\nid = 'c'\nstart = 'received'\nstop = 'triaged'\nwithin = '1 day'\n";
    folder.write("shipped/policies/p.toml", clock).write("shipped/policies/q.toml", clock).write("own/a.toml", clock);
    Mistakes told;
    EXPECT_FALSE(RuleSet::load({{folder.path() / "shipped", folder.path() / "own"}, {"en"}, false}, told));
    EXPECT_EQ(
        Lines{"own/a.toml:2:1: error: clock 'c' belongs to every policy, and 'p' has one of that id at "
              "shipped/policies/p.toml:2; choose another id, or put it into policies/p.toml with override = true"},
        RulesFolder::lines(told, folder.path(), true));
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

// ---- what a thorough reading looks for

Lines thorough(const RulesFolder& folder) {
    Mistakes mistakes;
    EXPECT_TRUE(RuleSet::load({{folder.path()}, {"en"}, true}, mistakes)) << mistakes.to_text();
    Lines lines = RulesFolder::lines(mistakes, folder.path(), true);
    std::erase_if(lines, [](const std::string& line) { return line.find("is never tested") != std::string::npos; });
    return lines;
}

std::string rule_text(const std::string& id, const std::string& does, const std::string& when) {
    return "[[rule]]\nid='" + id + "'\nwhy='w'\n" + does + "\nwhen='" + when + "'\n";
}

TEST(RuleWarning, TellsOfARuleInTheShadowOfAnother) {
    RulesFolder folder;
    folder.write("a.toml", rule_text("wide", "cap='low'", "text ~ /a/") +
                               rule_text("narrow", "cap='medium'", "text ~ /a/ and text ~ /b/"));
    EXPECT_EQ(Lines{"a.toml:10:1: warning: rule 'narrow' stands in the shadow of rule 'wide' at a.toml:5, which holds "
                    "wherever it does and says the same"},
              thorough(folder));
    // A lower cap, a score, or a condition that reaches further has a say of its own.
    for (const auto& [does, when] : {std::pair{"cap='low'\nscore=-1", "text ~ /a/ and text ~ /b/"},
                                     std::pair{"cap='low'", "text ~ /a/ or text ~ /b/"},
                                     std::pair{"cap='low'", "text ~ /b/"}, std::pair{"floor='low'", "text ~ /a/"}}) {
        RulesFolder other;
        other.write("a.toml", rule_text("wide", "cap='low'\nscore=1", "text ~ /a/") + rule_text("x", does, when));
        for (const std::string& line : thorough(other)) EXPECT_EQ(std::string::npos, line.find("shadow")) << line;
    }
}

TEST(RuleWarning, TellsOfTwoRulesThatAskTheSameInOtherWords) {
    RulesFolder folder;
    folder.write("a.toml", rule_text("a", "score=1", "text ~ /a/ or subject ~ /b/") +
                               rule_text("b", "score=1", "subject ~ /b/ or text ~ /a/"));
    EXPECT_EQ(Lines{"a.toml:10:1: warning: rule 'b' asks the same as rule 'a' at a.toml:5; both count"},
              thorough(folder));
}

TEST(RuleWarning, TellsOfWhatIsNamedInVain) {
    RulesFolder folder;
    folder.write("a.toml", rule_text("first", "kind='bulk'\nscore=1", "text ~ /a/ and text ~ /b/") +
                               rule_text("later", "kind='bounce'\nscore=1", "text ~ /a/"));
    EXPECT_EQ(Lines{"a.toml:4:1: warning: rule 'later' holds wherever 'first' does, is read later and names another "
                    "kind"},
              thorough(folder));
}

TEST(RuleWarning, TellsOfATestThatASwitchedOffRuleBreaks) {
    RulesFolder folder;
    folder.write("a.toml", "disable=['off']\n" + rule_text("off", "score=1", "text ~ /a/") +
                               "[[test]]\nname='t'\nmail={text='a'}\nexpect={rules=['off']}\n");
    EXPECT_EQ(Lines{"a.toml:10:1: warning: rule 'off' is switched off, so this test fails; disable = [\"t\"] switches "
                    "the test off too"},
              thorough(folder));
}

TEST(RuleWarning, TellsOfAnAttachmentThatCanNeverBe) {
    EXPECT_EQ(Lines{"a.toml:5:1: warning: rule 'r' asks for an attachment that can never be"},
              warnings_of("any attachment (size < 1 MB and size > 2 MB)"));
    EXPECT_EQ(Lines{}, warnings_of("any attachment (size > 1 MB and size < 2 MB)"));
}

TEST(RuleWarning, TellsOfAListWithoutAnEntry) {
    RulesFolder folder;
    folder.write("a.toml", "[list]\nnobody=[]\n" + rule_text("r", "score=1", "sender in @nobody"));
    EXPECT_EQ(Lines{"a.toml:7:17: warning: list '@nobody' has no entry, so this never holds"}, folder.mistakes(true));
}

TEST(RuleWarning, TellsOfABoundaryBesideALetterThatRe2DoesNotKnow) {
    for (const char* blind : {R"(\büber)", R"(grü\b)", R"(\b(x|über)\b)", R"(\b(x|(?:y|ämter))\b)", R"(\b[aä]mt)",
                              R"(\b(un)?ähnlich)", R"((x|menü)\b)", R"((?i:über)\b|\bé)",
                              R"(\b(öffentlich|public) known\b)", R"(x \b(über|y))", R"([a-z]\büber)"})
        EXPECT_EQ(1u, warnings_of(std::string{"text ~ /"} + blind + "/i").size()) << blind;
    for (const char* sound :
         {R"(\bgrüße\b)", R"(\b(x|lücke)\b)", R"(\b[^ä]mt)", R"(über x\b)", R"(\bx ?– y\b)", R"(\b(grüße|menüs)\b)",
          R"(ü\\b)", R"((^|\P{L})über(\P{L}|$))", R"(„\bx\b“)", R"(\b(a|b)\b[^.]{0,40}(c|ö))"})
        EXPECT_EQ(Lines{}, warnings_of(std::string{"text ~ /"} + sound + "/i")) << sound;
}

TEST(ClockWarning, TellsOfAMarkBeforeItsStart) {
    RulesFolder folder;
    folder.write("a.toml",
                 "[[clock]]\nid='c'\nstart='received'\nstop='triaged'\nwithin='2 days'\n"
                 "remind=['1 day before', '48 hours before', 'due']\n");
    EXPECT_EQ(
        Lines{"a.toml:6:1: warning: '48 hours before' lies before the start of a clock of 2 days: it never speaks"},
        folder.mistakes(true));
}

TEST(ClockWarning, TellsOfALevelThatItsPolicyDoesNotKnow) {
    RulesFolder folder;
    folder.write("policies/p.toml",
                 "[severity]\ncritical='none'\n[[clock]]\nid='c'\nstart='received'\nstop='triaged'\nwithin='2 days'\n"
                 "severity=['critical']\n");
    EXPECT_EQ(Lines{"policies/p.toml:8:1: warning: clock 'c' never binds: the policy has no such level"},
              folder.mistakes(true));
}

TEST(DisableWarning, NamesTheNearestId) {
    RulesFolder folder;
    folder.write("a.toml", "disable=['alhpa']\n" + rule_text("alpha", "score=1", "text ~ /a/"));
    EXPECT_EQ(Lines{"a.toml:1:10: warning: there is nothing with the id 'alhpa' to disable; did you mean 'alpha'?"},
              folder.mistakes(true));
}

}  // namespace
}  // namespace tocsin::rules
