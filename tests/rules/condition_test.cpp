// Conditions: what each asks of a mail, what they answer, and how their mistakes are told.
#include "rules/conditions/condition.hpp"

#include <gtest/gtest.h>

#include "rules_folder.hpp"

namespace tocsin::rules {
namespace {

// Whether a rule with this condition hits.
struct Asked {
    std::string when;
    std::string lists =
        "[list]\nbegging = ['any reward', 'kindly  pay']\nfriends = ['rae@lab.test', '*@cert.example']\n"
        "nobody = []\n[assets]\ndomains = ['acme.test']\nproducts = [{ name = 'Acme Portal' }]\n";

    Evaluation of(const MailFacts& facts, const ThreadFacts& thread = {}) const {
        RulesFolder folder;
        folder.write("a.toml", lists + "[[rule]]\nid = 'r'\nwhy = 'w'\nscore = 1\nwhen = '''" + when +
                                   "'''\n"
                                   "[[element]]\nid = 'impact'\nask = { en = 'impact' }\nwhen = 'text ~ /impact/i'\n");
        return evaluate(folder.load(), facts, thread);
    }
    bool hits(const MailFacts& facts, const ThreadFacts& thread = {}) const { return !of(facts, thread).hits.empty(); }
};

bool hits(const std::string& when, const std::string& subject, const std::string& text) {
    const mail::Reading reading = a_mail(subject, text);
    return Asked{when}.hits(MailFacts{reading});
}

TEST(Condition, LooksForPatternsInSubjectAndBody) {
    EXPECT_TRUE(hits("text ~ /remote code/i", "Remote code execution", "x"));
    EXPECT_TRUE(hits("text ~ /remote code/i", "x", "a REMOTE CODE execution"));
    EXPECT_FALSE(hits("text ~ /remote code/", "x", "a REMOTE CODE execution"));
    EXPECT_FALSE(hits("subject ~ /remote/", "x", "remote"));
    EXPECT_FALSE(hits("body ~ /remote/", "remote", "x"));
    EXPECT_TRUE(hits("body !~ /remote/", "remote", "x"));
}

TEST(Condition, ABlankInAPatternIsAnyWhiteSpace) {
    EXPECT_TRUE(hits("text ~ /remote code execution/", "x", "remote\n  code\texecution"));
    EXPECT_TRUE(hits("text ~ /a ?b/", "x", "ab"));
    EXPECT_FALSE(hits("text ~ /a[ ]b/", "x", "a\nb"));
    EXPECT_TRUE(hits("text contains \"kindly pay\"", "x", "Kindly\nPAY me"));
}

TEST(Condition, LineEndsAreWhereAnchorsStand) {
    EXPECT_TRUE(hits("text ~ /^Impact:$/", "x", "first\nImpact:\nlast"));
    EXPECT_FALSE(hits("text ~ /^mpact:$/", "x", "first\nImpact:\nlast"));
}

TEST(Condition, KnowsListsAndPatternsInThem) {
    EXPECT_TRUE(hits("text contains any @begging", "x", "Is there ANY reward?"));
    EXPECT_FALSE(hits("text contains any @begging", "x", "no such thing"));
    EXPECT_FALSE(hits("text contains any @nobody", "x", "anything"));
    EXPECT_TRUE(hits("sender in @friends", "x", "x"));
    EXPECT_FALSE(hits("sender in @nobody", "x", "x"));
    mail::Reading reading = a_mail("x", "x");
    reading.from = {{"", "Team@CERT.example"}};
    EXPECT_TRUE(Asked{"sender in @friends"}.hits(MailFacts{reading}));
    EXPECT_TRUE(Asked{"sender.domain == \"cert.example\""}.hits(MailFacts{reading}));
    reading.from = {{"", "team@cert.example.evil.test"}};
    EXPECT_FALSE(Asked{"sender in @friends"}.hits(MailFacts{reading}));
}

TEST(Condition, JoinsWithAndOrNotAndBrackets) {
    EXPECT_TRUE(hits("text ~ /a/ or text ~ /b/ and text ~ /c/", "x", "a"));
    EXPECT_FALSE(hits("(text ~ /a/ or text ~ /b/) and text ~ /c/", "x", "a"));
    EXPECT_TRUE(hits("not (text ~ /a/ and text ~ /b/)", "x", "a"));
    EXPECT_FALSE(hits("not text ~ /a/", "x", "a"));
    EXPECT_TRUE(hits("text ~ /a/ and not text ~ /b/", "x", "a"));
}

TEST(Condition, AsksForHeaderFieldsByName) {
    mail::Reading reading = a_mail("x", "x");
    reading.header = {{"x-mailer", "Lawn 1.0"}, {"received", "one"}, {"received", "two"}};
    const MailFacts facts{reading};
    EXPECT_TRUE(Asked{"header.X-Mailer ~ /^lawn/i"}.hits(facts));
    EXPECT_TRUE(Asked{"has header.x-mailer"}.hits(facts));
    EXPECT_TRUE(Asked{"header.Received == \"two\""}.hits(facts));
    EXPECT_FALSE(Asked{"has header.List-Id"}.hits(facts));
}

TEST(Condition, AsksForWhatIsKnownBesidesTheText) {
    mail::Reading reading = a_mail("x", "x");
    reading.language = "de";
    reading.quoted = "what we wrote";
    const std::vector<std::string> cve{"CVE-2026-1"}, cwe{"CWE-79"}, urls{"https://www.acme.test/a"},
        vectors{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"};
    MailFacts facts{reading};
    facts.recipient = "security@acme.test";
    facts.encrypted = true;
    facts.signature = "good-other";
    facts.auth_dmarc = "fail";
    facts.cve = &cve;
    facts.cwe = &cwe;
    facts.urls = &urls;
    facts.cvss_base = 9.8;
    facts.cvss_vectors = &vectors;
    for (const char* yes : {"language == de",
                            "quoted ~ /we wrote/",
                            "recipient == \"Security@acme.test\"",
                            "crypto.encrypted == true",
                            "has crypto.encrypted",
                            "crypto.signature == good-other",
                            "crypto.signature != good",
                            "auth.dmarc == fail",
                            "not has auth.dkim",
                            "auth.dkim == none",
                            "has cve",
                            "cve == CVE-2026-1",
                            "cwe == \"cwe-79\"",
                            "url ~ /acme/",
                            "has cvss",
                            "cvss.base >= 9.8",
                            "cvss.base > 9",
                            "cvss.base != 9",
                            "cvss.AV == N",
                            "cvss.version == 3.1",
                            "asset == in-scope",
                            "has subject"})
        EXPECT_TRUE(Asked{yes}.hits(facts)) << yes;
    for (const char* no : {"language == en", "crypto.encrypted == false", "crypto.signature == good",
                           "auth.dmarc != fail", "cve == CVE-2026-2", "cvss.base < 9.8", "cvss.PR == H",
                           "cvss.version == 4.0", "asset == out-of-scope", "has attachment", "has header.x"})
        EXPECT_FALSE(Asked{no}.hits(facts)) << no;
}

TEST(Condition, WithoutAVectorNoComparisonOfItHolds) {
    const mail::Reading reading = a_mail("x", "x");
    for (const char* no : {"cvss.base < 4", "cvss.base >= 0", "has cvss", "has cvss.base"})
        EXPECT_FALSE(Asked{no}.hits(MailFacts{reading})) << no;
}

TEST(Condition, KnowsWhatIsOurs) {
    const mail::Reading reading = a_mail("x", "x"), named = a_mail("x", "In the ACME PORTAL one can"),
                        other = a_mail("x", "acme portals");
    const std::vector<std::string> ours{"https://shop.acme.test:8443/x"}, foreign{"https://acme.test.evil.test/"},
        dressed{"https://acme.test@evil.test/"};
    const auto scope = [](const mail::Reading& mail, const std::vector<std::string>* urls) {
        MailFacts facts{mail};
        facts.urls = urls;
        for (const char* value : {"in-scope", "out-of-scope", "unknown"})
            if (Asked{std::string{"asset == "} + value}.hits(facts)) return std::string{value};
        return std::string{"none"};
    };
    EXPECT_EQ("in-scope", scope(reading, &ours));
    EXPECT_EQ("out-of-scope", scope(reading, &foreign));
    EXPECT_EQ("out-of-scope", scope(reading, &dressed));
    EXPECT_EQ("unknown", scope(reading, nullptr));
    EXPECT_EQ("in-scope", scope(named, &foreign));
    EXPECT_EQ("unknown", scope(other, nullptr));
}

TEST(Condition, KnowsOursByHostAndByIdentifierToo) {
    const std::string lists =
        "[assets]\ndomains=['acme.test']\nproducts=[{name='Acme Portal', cpe='cpe:2.3:a:acme:portal', "
        "purl='pkg:npm/acme-portal'}]\n";
    const auto in_scope = [&](const std::string& text, const std::vector<std::string>& urls = {}) {
        const mail::Reading reading = a_mail("x", text);
        MailFacts facts{reading};
        facts.urls = &urls;
        return Asked{"asset == in-scope", lists}.hits(facts);
    };
    for (const char* ours : {"portal.acme.test is open", "see ACME.test.", "(acme.test)", "acme.test:8080/x",
                             "pkg:npm/Acme-Portal@1.2.3", "cpe:2.3:a:acme:portal:1.2:*:*:*:*:*:*:*"})
        EXPECT_TRUE(in_scope(ours)) << ours;
    for (const char* others : {"write to rae@acme.test", "rae@mail.acme.test", "notacme.test", "acme.test.evil.test",
                               "acme.tests", "pkg:npm/acme-portal-theme", "cpe:2.3:a:acme:portals", "acme"})
        EXPECT_FALSE(in_scope(others)) << others;
    EXPECT_FALSE(in_scope("at https://evil.test/?to=acme.test", {"https://evil.test/?to=acme.test"}));
}

TEST(Condition, AsksEachAttachment) {
    mail::Reading reading = a_mail("x", "x");
    reading.attachments = {{"poc.py", "text/x-python", 120, {}}, {"film.mp4", "video/mp4", 30'000'000, {}}};
    const MailFacts facts{reading};
    for (const char* yes :
         {"any attachment (name ~ /\\.py$/i and size < 1 kB)", "any attachment (size > 20 MB)",
          "any attachment (size > 20MB)", "no attachment (name ~ /\\.exe$/)", "all attachment (size > 100)",
          "any attachment (type == \"video/mp4\")", "has attachment", "not all attachment (name ~ /py/)"})
        EXPECT_TRUE(Asked{yes}.hits(facts)) << yes;
    for (const char* no : {"any attachment (name ~ /\\.py$/ and size > 1 kB)", "all attachment (name ~ /py/)",
                           "no attachment (name ~ /py/)"})
        EXPECT_FALSE(Asked{no}.hits(facts)) << no;
}

TEST(Condition, AsksTheStore) {
    const mail::Reading reading = a_mail("x", "x");
    ThreadFacts thread;
    thread.thread_known = true;
    thread.reporter_reports = 3;
    thread.reporter_valid = 2;
    thread.kind = "report";
    const MailFacts facts{reading};
    EXPECT_TRUE(Asked{"thread.known == true and reporter.reports >= 3 and reporter.valid == 2"}.hits(facts, thread));
    EXPECT_TRUE(Asked{"kind == report and has reporter.valid"}.hits(facts, thread));
    EXPECT_FALSE(Asked{"kind == bounce or thread.known == false or reporter.valid > 2"}.hits(facts, thread));
    EXPECT_FALSE(Asked{"thread.known == true"}.hits(facts));
}

TEST(Condition, AsksForElements) {
    const mail::Reading with = a_mail("x", "the Impact is"), without = a_mail("x", "nothing");
    EXPECT_TRUE(Asked{"element == impact"}.hits(MailFacts{with}));
    EXPECT_FALSE(Asked{"element == \"impact\""}.hits(MailFacts{without}));
    EXPECT_TRUE(Asked{"not has element"}.hits(MailFacts{without}));
}

TEST(Condition, ShowsTheWordsThatHit) {
    const mail::Reading reading = a_mail("x", "so a Remote\nCode Execution it is");
    const Evaluation found =
        Asked{"not subject ~ /zzz/ and (text ~ /buffer/ or text ~ /remote code execution/i)"}.of(MailFacts{reading});
    ASSERT_EQ(1u, found.hits.size());
    EXPECT_EQ("text", found.hits[0].where);
    EXPECT_EQ("Remote Code Execution", found.hits[0].words);
}

TEST(Condition, ShowsAtMostEightyBytesOfTheMail) {
    const mail::Reading reading = a_mail("x", std::string(60, 'a') + std::string(60, 'b'));
    EXPECT_EQ(80u, Asked{"text ~ /a+b+/"}.of(MailFacts{reading}).hits.at(0).words.size());
}

// ---- three answers

std::string answer_when_cut(const std::string& when, const std::string& text) {
    const mail::Reading reading = a_mail("subject", text);
    MailFacts facts{reading};
    facts.limit_hit = true;
    const Evaluation found = Asked{when}.of(facts);
    if (!found.could_not_tell.empty()) return "could not tell";
    return found.hits.empty() ? "no" : "yes";
}

TEST(Condition, CannotTellWhatALimitMayHide) {
    EXPECT_EQ("yes", answer_when_cut("text ~ /here/", "here"));
    EXPECT_EQ("could not tell", answer_when_cut("text ~ /gone/", "here"));
    EXPECT_EQ("could not tell", answer_when_cut("not text ~ /gone/", "here"));
    EXPECT_EQ("no", answer_when_cut("text !~ /here/", "here"));
    EXPECT_EQ("could not tell", answer_when_cut("any attachment (size > 1)", "here"));
    EXPECT_EQ("could not tell", answer_when_cut("has url", "here"));
    EXPECT_EQ("no", answer_when_cut("subject ~ /gone/", "here"));
    EXPECT_EQ("no", answer_when_cut("crypto.encrypted == true", "here"));
}

TEST(Condition, KeepsThreeValuesApartThroughAndOrNot) {
    EXPECT_EQ("no", answer_when_cut("text ~ /gone/ and subject ~ /gone/", "here"));
    EXPECT_EQ("yes", answer_when_cut("text ~ /gone/ or text ~ /here/", "here"));
    EXPECT_EQ("could not tell", answer_when_cut("text ~ /gone/ and text ~ /here/", "here"));
    EXPECT_EQ("could not tell", answer_when_cut("text ~ /gone/ or subject ~ /gone/", "here"));
    EXPECT_EQ("yes", answer_when_cut("not (text ~ /gone/ and subject ~ /gone/)", "here"));
}

TEST(Condition, CannotTellWhatLiesBeyondAMillionBytes) {
    const mail::Reading reading = a_mail("x", std::string(1'100'000, 'a') + " needle");
    EXPECT_EQ(std::vector<std::string>{"r"}, Asked{"text ~ /needle/"}.of(MailFacts{reading}).could_not_tell);
    EXPECT_TRUE(Asked{"text ~ /aaa/"}.hits(MailFacts{reading}));
}

// ---- mistakes

struct BadCondition {
    const char* when;
    const char* told;  // from the column on
};

class ConditionMistake : public testing::TestWithParam<BadCondition> {};

TEST_P(ConditionMistake, IsToldWithItsExactColumn) {
    RulesFolder folder;
    folder.write("a.toml", std::string{"[list]\nbegging = ['x']\n[[rule]]\nid = 'r'\nwhy = 'w'\nscore = 1\nwhen = '"} +
                               GetParam().when +
                               "'\n[[element]]\nid = 'impact'\nask = { en = 'x' }\nwhen = 'text ~ /x/'\n");
    // The condition begins in column 9 of line 7.
    const auto told = folder.mistakes();
    ASSERT_EQ(1u, told.size());
    EXPECT_EQ(std::string{"a.toml:7:"} + GetParam().told, told[0]);
}

INSTANTIATE_TEST_SUITE_P(
    All, ConditionMistake,
    testing::Values(
        BadCondition{"", "9: error: empty condition"},
        BadCondition{"crypto.sgnature == good",
                     "9: error: unknown field 'crypto.sgnature'; did you mean 'crypto.signature'?"},
        BadCondition{"text ~ /x/ and bdy ~ /y/", "24: error: unknown field 'bdy'; did you mean 'body'?"},
        BadCondition{
            "severity == high",
            "9: error: 'severity' follows from the rules and cannot be asked here; a clock has severity = [...]"},
        BadCondition{"text ~ /(?<=x)y/", "17: error: bad pattern: invalid perl operator: (?< (RE2 has no look-around)"},
        BadCondition{"text ~ /a(b/", "17: error: bad pattern: missing ): a(b"},
        BadCondition{"text ~ /a**b/", "18: error: bad pattern: bad repetition operator: **"},
        BadCondition{"text ~ /[z-a]/", "18: error: bad pattern: invalid character class range: z-a"},
        BadCondition{"text ~ //", "17: error: empty pattern: it would match everything"},
        BadCondition{"text ~ /a|/", "17: error: this pattern matches the empty text too, so it always matches"},
        BadCondition{"text ~ /abc", "16: error: this pattern is never closed; it ends with / or /i"},
        BadCondition{"text ~ /abc/g", "21: error: unknown flag 'g'; accepted: i"},
        BadCondition{"text ~ abc", "16: error: expected a pattern such as /words/i"},
        BadCondition{"text contains begging", "23: error: expected a \"text\" or an @list"},
        BadCondition{"text contains any @beging", "27: error: unknown list '@beging'; did you mean 'begging'?"},
        BadCondition{"sender in @zzzzzz", "19: error: unknown list '@zzzzzz'; lists: begging"},
        BadCondition{"text contains \"abc", "23: error: this text is never closed; it ends with \""},
        BadCondition{"text contains \" \"", "23: error: this text is empty: everything contains it"},
        BadCondition{"crypto.signature == valid",
                     "29: error: 'valid' is no value of 'crypto.signature'; accepted: good, good-other, unknown-key, "
                     "expired-key, revoked-key, expired, weak, bad, none"},
        BadCondition{"crypto.signature == expred",
                     "29: error: 'expred' is no value of 'crypto.signature'; did you mean 'expired'?"},
        BadCondition{"kind == reprot", "17: error: 'reprot' is no value of 'kind'; did you mean 'report'?"},
        BadCondition{"element == impct", "20: error: 'impct' is no value of 'element'; did you mean 'impact'?"},
        BadCondition{"cvss.base ~ /9/",
                     "19: error: 'cvss.base' is a number and does not take '~'; accepted: ==, !=, <, <=, >, >="},
        BadCondition{"cvss.base >= high", "22: error: 'cvss.base' is a number; expected one such as 7.5"},
        BadCondition{"cvss.base >= 7.0.1", "22: error: '7.0.1' is no number"},
        BadCondition{"text < 5",
                     "14: error: 'text' is text and does not take '<'; accepted: ~, !~, contains, in, ==, !="},
        BadCondition{"cvss == 7",
                     "9: error: 'cvss' can only be asked for with has; accepted: has cvss, and cvss.base, "
                     "cvss.version, cvss.AV …"},
        BadCondition{"attachment ~ /x/",
                     "9: error: 'attachment' is a collection; accepted: any attachment (…), all …, no "
                     "…, has attachment"},
        BadCondition{"any text (name ~ /x/)", "13: error: 'text' is no collection; accepted: attachment"},
        BadCondition{"any attachment (nme ~ /x/)", "25: error: unknown field 'nme'; did you mean 'name'?"},
        BadCondition{"any attachment name ~ /x/", "24: error: expected '(' and a test of name, type or size"},
        BadCondition{"any attachment (size < 20 GB)", "35: error: unknown unit 'GB'; accepted: kB, MB"},
        BadCondition{"text ~ /x/ text ~ /y/", "20: error: expected 'and', 'or' or the end"},
        BadCondition{"(text ~ /x/ and text ~ /y/", "35: error: expected ')', or 'and' or 'or' with another test"},
        BadCondition{"text ~ /x/ and", "23: error: a test is missing here"},
        BadCondition{"text", "13: error: expected an operator after 'text'; accepted: ~, !~, contains, in, ==, !="},
        BadCondition{"text ~ /x/ & text ~ /y/", "20: error: unexpected '&'; write and instead"},
        BadCondition{"sender in @", "19: error: a list's name is missing after @"},
        BadCondition{"crypto.encrypted == maybe",
                     "29: error: 'maybe' is no value of 'crypto.encrypted'; accepted: true, false"}));

TEST(ConditionMistake, IsToldInALongLiteralToo) {
    RulesFolder folder;
    folder.write("a.toml",
                 "[[rule]]\nid = 'r'\nwhy = 'w'\nscore = 1\nwhen = '''\n  text ~ /ä/\n  and bdy ~ /y/\n'''\n");
    EXPECT_EQ(std::vector<std::string>{"a.toml:7:7: error: unknown field 'bdy'; did you mean 'body'?"},
              folder.mistakes());
}

TEST(ConditionMistake, ADoubleQuotedConditionIsRefused) {
    RulesFolder folder;
    folder.write("a.toml", "[[rule]]\nid = 'r'\nwhy = 'w'\nscore = 1\nwhen = \"text ~ /\\\\bx/\"\n");
    const auto told = folder.mistakes();
    ASSERT_EQ(1u, told.size());
    EXPECT_TRUE(told[0].starts_with("a.toml:5:8: error: write a condition as a literal string"));
}

TEST(ConditionMistake, TooDeepAConditionIsRefused) {
    RulesFolder folder;
    folder.write("a.toml", "[[rule]]\nid = 'r'\nwhy = 'w'\nscore = 1\nwhen = '" + std::string(100'000, '(') +
                               "text ~ /x/" + std::string(100'000, ')') + "'\n");
    EXPECT_EQ(std::vector<std::string>{"a.toml:5:49: error: too deeply nested; at most 40 levels"}, folder.mistakes());
}

TEST(ConditionMistake, NoRowOfWordsIsTooMuchForTheReader) {
    const std::vector<std::string> pieces{
        "text",     "subject", "not",  "and", "or",    "(",    ")",        "any",       "all",      "no", "attachment",
        "name",     "size",    "~",    "!~",  "==",    "<",    "in",       "has",       "@l",       "@",  "/a/i",
        "/(/",      "\"a\"",   "\"",   "20",  "20 MB", "-1",   "has cvss", "cvss.base", "language", "de", "contains",
        "header.x", "/",       "\xff", "\\",  "é",     "kind", "element",  "severity"};
    Vocabulary vocabulary;
    vocabulary.lists["l"] = {"a", "b*"};
    std::uint32_t state = 1;
    int read = 0, told = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::uint32_t words = (state >> 16) % 9; words > 0; --words) {
            state = state * 1664525 + 1013904223;
            text += pieces[(state >> 8) % pieces.size()] + ' ';
        }
        state = state * 1664525 + 1013904223;
        Tests tests;
        int mistakes = 0;
        const auto program = parse_condition(text, vocabulary, tests, [&](std::size_t at, std::string, bool warning) {
            EXPECT_LE(at, text.size());
            mistakes += warning ? 0 : 1;
        });
        EXPECT_EQ(program ? 0 : 1, mistakes) << text;  // read, or one mistake told
        program ? ++read : ++told;
    }
    EXPECT_GT(read, 50);
    EXPECT_GT(told, 10'000);
}

TEST(ConditionMistake, ABoundaryBesideAForeignLetterIsWarnedOf) {
    RulesFolder folder;
    folder.write("a.toml",
                 "[[rule]]\nid = 'r'\nwhy = 'w'\nscore = 1\nwhen = 'text ~ /\\büberlauf/i'\n"
                 "[[test]]\nname = 'x'\nmail = { text = 'x' }\nexpect = { not_rules = ['r'] }\n");
    const auto told = folder.mistakes(true);
    ASSERT_EQ(1u, told.size());
    EXPECT_TRUE(told[0].starts_with("a.toml:5:17: warning: \\b never holds")) << told[0];
}

}  // namespace
}  // namespace tocsin::rules
